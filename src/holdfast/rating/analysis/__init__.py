"""What helps to read a rating: additive index, spatial pattern, sensitivity, effective weights."""

from holdfast.rating.analysis.additive import additive_index
from holdfast.rating.analysis.joins import join_counts
from holdfast.rating.analysis.moran import morans_i
from holdfast.rating.analysis.weights import relative_weights

__all__ = ["additive_index", "join_counts", "morans_i", "relative_weights"]
