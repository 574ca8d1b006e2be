"""The archive of EP: anchors, monotonicity, interpolation, and figures computed by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from holdfast.data import packaged
from holdfast.errors import TableError
from holdfast.training.assumed_response import NETWORKS, archive, elasticity, response, service_levels
from holdfast.training.production import FT2, floor_areas, matching, productivity_per_area

RESIDUALS = packaged("production_residuals").pivot_table(index="group", columns="network", values="residual")[
    list(NETWORKS)
]
ARCHIVE = packaged("productivity")


def test_anchors_and_monotonicity_on_100_000_random_service_vectors():
    rng = np.random.default_rng(0)
    services = rng.uniform(0, 1, (100_000, 5))
    services[rng.uniform(size=services.shape) < 0.2] = 0.0
    services[rng.uniform(size=services.shape) < 0.2] = 1.0
    residuals = RESIDUALS.to_numpy()[rng.integers(0, len(RESIDUALS), len(services))]
    for shape in (1.0, 0.5, 2.0):
        share = 1 - (1 - residuals) * (1 - services**shape)
        made = response(services, residuals, shape)
        np.testing.assert_allclose(made, share.prod(axis=1), rtol=1e-12)
        assert (made >= residuals.prod(axis=1) - 1e-12).all()
        assert (made <= 1).all()
        assert (made[(services == 1).all(axis=1)] == 1).all()
        for k in range(5):
            more = services.copy()
            more[:, k] = np.minimum(1, more[:, k] + rng.uniform(0, 1, len(services)))
            assert (response(more, residuals, shape) >= made).all()
            alone = np.ones_like(services)
            alone[:, k] = 0.0
            np.testing.assert_allclose(response(alone, residuals, shape), residuals[:, k], rtol=1e-12)


def test_the_packaged_archive_interpolates_to_the_response():
    """Multilinear interpolation over the levels 0 and 1 is exact: scipy's interpolator is the independent truth."""
    rng = np.random.default_rng(1)
    groups = packaged("production_groups").set_index("occupancy")["group"]
    points = rng.uniform(0, 1, (200, 5))
    for occupancy in ("COM4", "IND3", "EDU1"):
        rows = ARCHIVE[ARCHIVE["occupancy"] == occupancy]
        full = rows["productivity_per_area"].max()
        grid = rows["productivity_per_area"].to_numpy().reshape((2,) * 5)
        made = RegularGridInterpolator(([0, 1],) * 5, grid)(points)
        expected = full * response(points, RESIDUALS.loc[groups[occupancy]].to_numpy())
        np.testing.assert_allclose(made, expected, atol=1e-6)


def test_the_packaged_archive_by_hand():
    """Origin: hospitals 486,155 M$ (BEA 2017) over 2,374 M ft2 (CBECS 2012) and 365 days, times 0.3 without power."""
    rows = ARCHIVE.set_index(["occupancy", *NETWORKS])
    full = 486_155 / (2_374 * FT2) / 365
    assert rows.loc[("COM6", 1, 1, 1, 1, 1), "productivity_per_area"] == pytest.approx(full, abs=5e-4)
    assert rows.loc[("COM6", 0, 1, 1, 1, 1), "productivity_per_area"] == pytest.approx(0.3 * full, abs=2e-4)
    assert rows.loc[("RES1", 1, 1, 1, 1, 1), "productivity_per_area"] == 0


def test_the_packaged_archive_is_a_full_grid_with_ordered_bounds():
    assert len(ARCHIVE) == 28 * 32
    assert (ARCHIVE["low"] <= ARCHIVE["productivity_per_area"] + 1e-9).all()
    assert (ARCHIVE["productivity_per_area"] <= ARCHIVE["high"] + 1e-9).all()
    for _, rows in ARCHIVE.groupby("occupancy"):
        assert (rows[list(NETWORKS)].to_numpy() == service_levels((0, 1))).all()


def test_residuals_have_ranges_and_say_what_is_assumed():
    table = packaged("production_residuals")
    assert (table["low"] <= table["residual"]).all()
    assert (table["residual"] <= table["high"]).all()
    assert table["basis"].str.contains("assumed|published").all()
    assert (table[table["basis"].str.startswith("assumed")]["source"].str.startswith("assumed")).all()
    assert set(packaged("production_groups")["group"]) - {""} == set(table["group"])


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0.1, 5))
def test_elasticity_is_the_slope_at_full_service(residual, shape):
    step = 1e-6
    services = np.array([[1.0], [1.0 - step]])
    high, low = response(services, np.array([residual]), shape)
    assert (high - low) / step == pytest.approx(elasticity(np.array([residual]), shape)[0], abs=1e-4)


def test_floor_areas_by_hand():
    """Origin: 10 in 2012 and 8 in 2003, so 10 x 1.25^(5/9) = 11.319797 in 2017."""
    table = pd.DataFrame(
        {"activity": ["a", "a"], "year": [2012, 2003], "floor_area": [10.0, 8.0], "base": ["yes", "no"]}
    )
    base, low, high = np.array(floor_areas(table, "a")) / FT2 / 1e6
    assert (base, low, high) == pytest.approx((10, 8, 11.319797), rel=1e-6)
    with pytest.raises(TableError, match="b: needs two surveys"):
        floor_areas(table, "a+b")


def test_doubling_value_added_doubles_productivity():
    groups, floor = packaged("production_groups"), packaged("floor_area")
    codes = sorted({c for text in groups["industries"] if text for c in text.replace("*", "1").split("+")})
    added = pd.Series(np.arange(1.0, len(codes) + 1) * 1e4, index=codes)
    use = pd.DataFrame([0.4 * added, added], index=["V003", "Total Value Added"])
    once, twice = (productivity_per_area(k * added, use, groups, floor) for k in (1, 2))
    made = groups.set_index("occupancy")["industries"] != ""
    np.testing.assert_allclose(twice[made]["productivity_per_area"], 2 * once[made]["productivity_per_area"], atol=2e-3)
    assert (once[made]["operating_surplus_share"] == 0.4).all()


def test_a_use_table_without_surplus_is_named():
    added = pd.Series({"441": 1.0})
    with pytest.raises(TableError, match=r'(?s)no row "V003".*column 441'):
        productivity_per_area(
            added, pd.DataFrame(index=["Total Value Added"]), packaged("production_groups"), pd.DataFrame()
        )


def test_a_group_without_residuals_and_an_unknown_industry_are_named():
    base = pd.DataFrame(
        {"productivity_per_area": [1.0], "low": [1.0], "high": [1.0], "group": ["mint"], "source": ["x"]},
        index=pd.Index(["COM1"], name="occupancy"),
    )
    with pytest.raises(TableError, match="mint: needs one row for each of power"):
        archive(base, packaged("production_residuals"))
    with pytest.raises(TableError, match='"99\\*" fits no industry'):
        matching(pd.Index(["11"]), "11+99*")
