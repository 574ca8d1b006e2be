"""Metros side by side."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from holdfast.errors import TableError
from holdfast.rating.model.pool import Metro, side_by_side


def test_metros_that_count_otherwise_are_refused():
    """Cells of 4 million m2 beside cells of 400 homes would be all that counts."""
    features = pd.DataFrame({"a": [0.1, 0.2], "b": [0.9, 0.8]}, index=["x", "y"])
    pair = sparse.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    here, there = (
        Metro(features, pd.Series("", index=["x", "y"]), pair, 2000.0, pd.Series(people, index=["x", "y"]), unit)
        for people, unit in ((400.0, "housing_units"), (4e6, "region_m2"))
    )
    with pytest.raises(TableError, match="some metros count housing_units and others region_m2"):
        side_by_side({"Here": here, "There": there})
