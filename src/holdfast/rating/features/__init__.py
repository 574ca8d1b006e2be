"""The features of a cell: one function each, one module per pillar."""

from holdfast.rating.features.catalog import FEATURES
from holdfast.rating.features.rules import RULES, FeatureRule

__all__ = ["FEATURES", "RULES", "FeatureRule"]
