"""Mean flood losses of own buildings: beside the source tables read once more, beside draws of the kernel, and laws.

By hand: the JRC curve of European homes is 0.25 at 0.5 m and 0.4 at 1 m from the ground, so 0.325 at 0.75 m.
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.errors import TableError, UnknownName
from holdfast.recovery import flood_losses
from holdfast.recovery.damage.storm import apply_storm, storm
from holdfast.recovery.settings.run_settings import StormSettings

HOMES = pd.DataFrame(
    {
        "occupancy": ["RES1", "RES1", "COM1", "RES1"],
        "stories": [1.0, 2.0, 1.0, 1.0],
        "foundation": ["slab", "basement", "slab", "pier"],
        "structure": "W1",
        "replacement_cost": 1e5,
        "floor_area_m2": 100.0,
    },
    index=list("abcd"),
)


def depths(*values):
    return pd.Series(values, index=HOMES.index, dtype=float)


def test_by_hand():
    lost = flood_losses(HOMES, depths(0.75, 0.5, 0.0, 9.0), curves="jrc", continent="Europe")
    assert lost["structure"].tolist() == pytest.approx([0.325, 0.25, 0.0, 1.0])
    assert lost["stock"].isna().all()


def test_first_floors_count():
    """The table of the source at 2 ft above each first floor: 1 ft of slab, 5 ft of pier, the same function."""
    foot = 0.3048
    lost = flood_losses(HOMES.iloc[[0, 3]], pd.Series({"a": 3 * foot, "d": 7 * foot}), curves="usace")
    rules = packaged("flood_rules")
    own = rules[(rules["set"] == "usace") & (rules["occupancy"] == "RES1") & (rules["part"] == "structure")]
    name = own[
        (own["stories_from"] <= 1) & own["water"].isin(["*", "river"]) & own["basement"].astype(str).isin(["*", "0"])
    ]
    table = packaged("flood_curves").set_index("curve").loc[name["curve"].iloc[0]].sort_values("depth_m")
    expected = np.interp(2 * foot, table["depth_m"], table["ratio"])
    assert lost["structure"].tolist() == pytest.approx([expected] * 2, abs=0.01)


@pytest.mark.parametrize("curves", ["hazus", "usace", "jrc"])
def test_draws_of_the_simulation_have_these_means(curves):
    """2,000 draws of the compiled kernel, within 4 standard errors; contents are money there."""
    depth = depths(0.4, 0.9, 1.6, 2.3)
    lost = flood_losses(HOMES, depth, curves=curves, continent="Europe")
    of = storm(HOMES, ("depth",), StormSettings(curves, "river", "Europe"), packaged("contents"))
    drawn = [apply_storm(of, {"depth": depth.to_numpy()}, np.random.default_rng(k)) for k in range(2000)]
    ratio, contents = (np.stack([getattr(d, n) for d in drawn]) for n in ("ratio", "contents_loss"))
    money = (lost[["contents", "stock"]].fillna(0).to_numpy() * of.value[1:].T).sum(axis=1)
    for found, expected in ((ratio, lost["structure"].to_numpy()), (contents, money)):
        error = found.std(axis=0) / np.sqrt(len(found))
        assert (abs(found.mean(axis=0) - expected) <= 4 * error + 1e-9 * (1 + expected)).all()


def test_deeper_is_never_cheaper_and_a_raised_floor_never_dearer():
    rows = HOMES.loc[["a"] * 80].reset_index(drop=True)
    depth = pd.Series(np.linspace(0, 8, 80))
    lost = flood_losses(rows, depth)["structure"]
    raised = flood_losses(rows.assign(first_floor_m=1.5), depth)["structure"]
    assert lost.iloc[0] == 0
    assert (lost.diff().dropna() >= -1e-12).all()
    assert (raised <= lost + 1e-12).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(TableError, match=r"building b.*below 0"):
        flood_losses(HOMES, depths(1, -1, 1, 1))
    with pytest.raises(TableError, match=r"align it"):
        flood_losses(HOMES, pd.Series([1.0, 1, 1, 1]))
    with pytest.raises(TableError, match=r"stories.*is missing"):
        flood_losses(HOMES.drop(columns="stories"), depths(1, 1, 1, 1))
    with pytest.raises(UnknownName, match="Atlantis"):
        flood_losses(HOMES, depths(1, 1, 1, 1), curves="jrc", continent="Atlantis")
