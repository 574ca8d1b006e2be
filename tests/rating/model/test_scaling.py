"""Scales are free of units and can be frozen."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError, UnknownName
from holdfast.rating.model.scaling import apply_scaler, fit_scaler
from holdfast.rating.model.transforms import TRANSFORMS


def scale(features, transforms, directions):
    return apply_scaler(fit_scaler(features, transforms, directions), features)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_scaling_is_free_of_units(name):
    values = pd.DataFrame({"x": np.random.default_rng(1).uniform(1, 90, 50)})
    one = scale(values, {"x": name}, {"x": 1})
    assert one["x"].mean() == pytest.approx(0, abs=1e-12)
    assert one["x"].std(ddof=0) == pytest.approx(1)
    assert np.allclose(scale(values, {"x": name}, {"x": -1}), -one)
    if name != "log":
        assert np.allclose(scale(values * 1000, {"x": name}, {"x": 1}), one)


def test_scaling_refuses_the_logarithm_of_a_code():
    with pytest.raises(TableError, match="code for unknown"):
        scale(pd.DataFrame({"x": [-999.0, 3.0]}), {"x": "log"}, {"x": 1})
    with pytest.raises(UnknownName, match="transform"):
        scale(pd.DataFrame({"x": [1.0, 3.0]}), {"x": "root"}, {"x": 1})


def test_a_scaler_keeps_order_and_clamps_beyond_its_cells():
    features = pd.DataFrame({"x": np.random.default_rng(7).exponential(size=3000)})
    scaler = fit_scaler(features, {"x": "normal"}, {"x": 1})
    scaled = apply_scaler(scaler, features)["x"]
    assert scaled.mean() == pytest.approx(0, abs=1e-9)
    assert scaled.rank().corr(features["x"].rank()) > 0.9999
    beyond = apply_scaler(scaler, pd.DataFrame({"x": [features["x"].max() * 9]}))["x"]
    assert beyond.iloc[0] == pytest.approx(scaled.max())
