"""From features to levels: scaling, methods, refits, orderings, and the model they leave behind."""

from holdfast.rating.model.clustering import CLUSTERINGS
from holdfast.rating.model.fitting import Fitted, RefitData
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.orderings import ORDERINGS
from holdfast.rating.model.result import Rating
from holdfast.rating.model.transforms import TRANSFORMS

__all__ = ["CLUSTERINGS", "METHODS", "ORDERINGS", "TRANSFORMS", "Fitted", "Rating", "RefitData"]
