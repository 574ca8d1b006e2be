"""Cells of a region: pieces of shapes in them, who touches whom, streets, what is within reach."""

from holdfast.rating.grid.accessibility import within_reach
from holdfast.rating.grid.region import grid, squares
from holdfast.rating.grid.streets import street_segments

__all__ = ["grid", "squares", "street_segments", "within_reach"]
