"""Risk rated by the same machine on features of its own, and laid over resilience."""

from holdfast.rating.overlay.matrix import bivariate_class, crossed
from holdfast.rating.overlay.risk_levels import RISK_LEVELS, RISK_NAMES, rate_risk

__all__ = ["RISK_LEVELS", "RISK_NAMES", "bivariate_class", "crossed", "rate_risk"]
