"""A feature and a method added from outside the package, and used through the public way: a study."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering

import holdfast
from holdfast.rating.features.catalog import FEATURES
from holdfast.rating.features.rules import RULES, FeatureRule
from holdfast.rating.model.fitting import Fitted, RefitData
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.neighbours import own


def nearest_hospital(cells: gpd.GeoDataFrame, hospitals: gpd.GeoDataFrame, *, reach: float = 10_000.0) -> pd.Series:
    """Distance from the centre of each cell to the nearest hospital, m, at most `reach`."""
    found = cells.geometry.centroid.apply(lambda centre: hospitals.distance(centre).min())
    return found.clip(upper=reach)


def hierarchical(data: RefitData, *, linkage: str = "ward") -> Fitted:
    """Hierarchical clustering; a cell goes to the nearest mean."""
    groups = []
    for rows in data.samples:
        cells = data.scaled[rows]
        labels = AgglomerativeClustering(5, linkage=linkage).fit_predict(cells)
        groups.append({"centroids": np.stack([cells[labels == k].mean(axis=0) for k in range(5)])})
    return Fitted(own(data.scaled.shape[1]), (), tuple(groups))


@pytest.fixture
def added(monkeypatch):
    """One line of each dict, as a package of its own would write it."""
    monkeypatch.setitem(FEATURES, "nearest_hospital", nearest_hospital)
    needs = (("hospitals",),)
    rule = FeatureRule("redundancy", "facilities", "m", -1, "none", "unrated", needs, description="way to a hospital")
    monkeypatch.setitem(RULES, "nearest_hospital", rule)
    monkeypatch.setitem(METHODS, "hierarchical", hierarchical)


@pytest.mark.usefixtures("added")
def test_a_feature_from_outside_is_rated_by(study):
    keys = {"rating.also": ["nearest_hospital"], "rating.reach": 3000.0}
    rated = holdfast.rate(study, overrides=keys)
    summary = rated.attrs["summary"]
    used = {row["feature"]: row for row in summary["features_used"]}["nearest_hospital"]
    assert (used["pillar"], used["unit"], used["direction"]) == ("redundancy", "m", -1)
    assert rated["nearest_hospital"].max() == 3000.0
    assert rated.attrs["units"]["nearest_hospital"] == "m"
    assert "nearest_hospital" in {row["feature"] for row in summary["weights"]["features"]}
    assert holdfast.check(study, overrides=keys)["rating"]["features"][-1] == "nearest_hospital"
    turned = holdfast.rate(study, directions={"nearest_hospital": 1}, overrides=keys)
    assert not turned["level"].equals(rated["level"])


@pytest.mark.usefixtures("added")
def test_a_feature_from_outside_may_be_left_out_refused_and_reported(study, tmp_path):
    with pytest.raises(holdfast.UnknownName, match="nearest_hospital"):
        holdfast.rate(study, overrides={"rating.also": ["nearest_hospitals"]})
    out = tmp_path / "out"
    holdfast.rate(study, out=out, overrides={"rating.also": ["nearest_hospital"]})
    assert "Nearest hospital" in (out / "report.html").read_text()
    assert "nearest_hospital" in pd.read_parquet(out / "cells.parquet", columns=["nearest_hospital"])


@pytest.mark.usefixtures("added")
def test_a_method_from_outside_rates_and_can_be_applied_again(study, tmp_path):
    out = tmp_path / "out"
    rated = holdfast.rate(study, out=out, overrides={"rating.method": "hierarchical"})
    assert rated.attrs["summary"]["method"]["name"] == "hierarchical"
    again = holdfast.rate(study, overrides={"rating.model": str(out)})
    assert again["level"].equals(rated["level"])
    rng = np.random.default_rng(0)
    own_frame = pd.DataFrame(rng.normal(size=(90, 2)), columns=["a", "b"])
    options = holdfast.rating.FitOptions("hierarchical", refits=3, settings={"linkage": "average"})
    assert holdfast.rating.rate_frame(own_frame, {"a": 1, "b": 1}, options=options)["level"].notna().all()
