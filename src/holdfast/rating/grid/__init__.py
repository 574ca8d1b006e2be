"""The ground of a rating: cells, pieces of shapes in cells, streets, reach."""

from holdfast.rating.grid.accessibility import within_reach
from holdfast.rating.grid.region import grid, squares
from holdfast.rating.grid.streets import street_segments

__all__ = ["grid", "squares", "street_segments", "within_reach"]
