"""Whether a simulated recovery resembles an observed one: scores, times, order of areas, honest baselines; a forecast that learns."""

from holdfast.recovery.validation.judge import Verdict, validate
from holdfast.recovery.validation.loss_agreement import loss_agreement
from holdfast.recovery.validation.match import Matched, matched
from holdfast.recovery.validation.weighted_draws import Discrepancy, Nowcast, forecast, nowcast

__all__ = [
    "Discrepancy",
    "Matched",
    "Nowcast",
    "Verdict",
    "forecast",
    "loss_agreement",
    "matched",
    "nowcast",
    "validate",
]
