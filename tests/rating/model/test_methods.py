"""The dict of the methods."""

import pytest

from holdfast.errors import TableError, UnknownName
from holdfast.rating.model.methods import METHODS, method
from holdfast.rating.model.refitting import FitOptions


def test_unknown_method():
    with pytest.raises(UnknownName, match="known: additive"):
        method("kmean")
    with pytest.raises(UnknownName, match="known: additive"):
        FitOptions("kmean")
    assert method("graded") is METHODS["graded"]


def test_fits_that_cannot_be_made_are_refused():
    with pytest.raises(TableError, match="refits: at least one") as refused:
        FitOptions(refits=0, subsample=1.5, most_cells=10)
    assert len(refused.value.problems) == 3
    with pytest.raises(UnknownName, match="neighbour_weight"):
        FitOptions(settings={"neighbor_weight": 0.5})
