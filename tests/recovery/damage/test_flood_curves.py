"""Depth-damage functions against their sources at all nodes, and sampled losses against closed forms.

Worked by hand: JRC residential Europe has 0.25 at 0.5 m and 0.40 at 1 m, so that 0.8 m takes 0.25 + 0.6 x 0.15 = 0.34.
"""

import json
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from holdfast.data import packaged
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.damage.flood_curves import (
    LEVELS,
    PARTS,
    SETS,
    WATERS,
    chosen_curves,
    flood_curves,
    level_of,
    mean_loss,
    share_lost,
)

FOOT = 0.3048
NAMES = tuple(packaged("flood_curves")["curve"].drop_duplicates())
CURVES = flood_curves(NAMES)
DATA = Path(os.environ.get("HOLDFAST_DATA", Path(__file__).parents[3] / "../shared/data")) / "flood"
SOURCES = pytest.mark.skipif(not DATA.exists(), reason="the sources of the figures are not here")


def test_by_hand():
    curve = NAMES.index("jrc.Residential.Europe")
    assert mean_loss(CURVES, curve, np.array([0.8]))[0] == pytest.approx(0.34)


def test_every_function_of_hazus_at_all_nodes():
    """Origin: loss_repair.csv of simcenter-dlml 3.2, read here by itself; the table keeps no points that repeat the ends."""
    spec = find_spec("dlml")
    assert spec is not None, "simcenter-dlml is a development dependency"
    file = Path(spec.submodule_search_locations[0]) / "data/flood/building/portfolio/Hazus v6.1/loss_repair.csv"
    stored = pd.read_csv(file).set_index("ID")["LossFunction-Theta_0"]
    mine = [n for n in NAMES if f"{n}-Cost" in stored.index]
    assert len(mine) > 80
    for name in mine:
        ratio, depth = (np.array(side.split(","), dtype=float) for side in stored[f"{name}-Cost"].split("|"))
        found = mean_loss(CURVES, NAMES.index(name), depth * FOOT)
        np.testing.assert_allclose(found, ratio, atol=2e-6, err_msg=name)


@SOURCES
def test_every_function_of_usace_at_all_nodes():
    """Origin: the JSON of go-consequences; means of normal, triangular and counted distributions by their formulas.

    A normal distribution that reaches beyond 0 or 1 is cut there, which moves its mean by less than its deviation.
    """
    types = json.loads((DATA / "usace_go_consequences_occupancy_types.json").read_text())["occupancytypes"]
    known = {t["name"]: t["componentdamagefunctions"] for t in (types if isinstance(types, list) else types.values())}
    checked = 0
    for name in (n for n in NAMES if n.startswith("usace.")):
        _, part, kind, words = name.split(".")
        functions = known[kind][part]["damagefunctions"]
        (own,) = [f for n, f in functions.items() if "+".join(sorted(w.strip() for w in n.split(","))) == words]
        for depth, spread in zip(
            own["damagefunction"]["xvalues"], own["damagefunction"]["ydistributions"], strict=True
        ):
            figures = spread["parameters"]
            slack = 1e-4
            if spread["type"] == "DeterministicDistribution":
                mean = figures["value"]
            elif spread["type"] == "NormalDistribution":
                mean, slack = figures["mean"], slack + figures["standarddeviation"] / 100
            elif spread["type"] == "TriangularDistribution":
                mean = (figures["min"] + figures["mostlikely"] + figures["max"]) / 3
            else:
                centres = np.array(figures["binstarts"]) + figures["binwidth"] / 2
                mean = np.average(centres, weights=figures["bincounts"])
            found = mean_loss(CURVES, NAMES.index(name), np.array([depth * FOOT]))[0]
            # where distributions of two depths cross, the deeper one is raised to the shallower one
            assert -slack <= found - mean / 100 <= max(slack, 0.003), (name, depth)
            checked += 1
    assert checked > 1000


@SOURCES
def test_every_function_of_jrc_at_all_nodes():
    items = json.loads((DATA / "jrc_global_depth_damage.json").read_text())["items"]
    for item in (i for i in items if i["impact_mean"]):
        name = f"jrc.{item['asset_type'].split('/')[1]}.{item['location'].replace(' ', '_')}"
        found = mean_loss(CURVES, NAMES.index(name), np.array(item["intensity"]))
        np.testing.assert_allclose(found, item["impact_mean"], atol=2e-3, err_msg=name)


def test_sampled_losses_are_the_closed_forms():
    """100 random functions and depths, 20,000 draws each, within 4 standard errors."""
    rng = np.random.default_rng(19)
    for _ in range(100):
        curve, depth = int(rng.integers(len(NAMES))), float(rng.uniform(-1.5, 8.0))
        levels = np.minimum((rng.random(20_000) * LEVELS).astype(int), LEVELS - 1)
        of_level = [
            share_lost(CURVES.start, CURVES.depth, CURVES.loss, curve, depth, k, k % 9)[0] for k in range(LEVELS)
        ]
        drawn = np.array(of_level)[levels]
        expected = mean_loss(CURVES, curve, np.array([depth]))[0]
        assert abs(drawn.mean() - expected) <= 4 * drawn.std() / np.sqrt(len(drawn)) + 1e-12, (NAMES[curve], depth)


def test_level_of_a_residual_is_its_part_of_the_probability():
    """Origin: the normal distribution of SciPy, at 20,000 residuals and just beside every edge."""
    edges = stats.norm.ppf(np.arange(1, LEVELS) / LEVELS)
    z = np.concatenate([np.random.default_rng(2).normal(size=20_000), edges - 1e-9, edges + 1e-9, [-40.0, 40.0]])
    expected = np.minimum((stats.norm.cdf(z) * LEVELS).astype(int), LEVELS - 1)
    assert [level_of(value) for value in z] == expected.tolist()


def test_spread_of_a_source_is_kept():
    """Origin: USACE, one story without basement, 4 ft: mean 47.1 %, deviation 1.9 %; parts of 1/64 lose little of it."""
    curve = NAMES.index("usace.structure.RES1-1SNB.depth")
    node = CURVES.start[curve] + int(
        np.argmin(abs(CURVES.depth[CURVES.start[curve] : CURVES.start[curve + 1]] - 4 * FOOT))
    )
    assert CURVES.loss[node].mean() == pytest.approx(0.471, abs=1e-3)
    assert CURVES.loss[node].std() == pytest.approx(0.019, rel=0.03)


@pytest.mark.parametrize("name", SETS)
def test_every_building_has_functions(name):
    """Over all occupancies, heights, basements and waters; deeper is never cheaper in any part of the probability."""
    occupancies = packaged("contents")["occupancy"]
    homes = pd.DataFrame([(o, s) for o in occupancies for s in (1.0, 2.0, 5.0)], columns=["occupancy", "stories"])
    for water in WATERS:
        for basement in (False, True):
            found = chosen_curves(homes, np.full(len(homes), basement), name, water, "Asia")
            assert (found[["structure", "contents"]] != "").all().all()
            assert set(found.to_numpy().ravel()) - {""} <= set(NAMES)
    assert list(found) == list(PARTS)
    for k in range(len(NAMES)):
        assert (np.diff(CURVES.loss[CURVES.start[k] : CURVES.start[k + 1]], axis=0) >= 0).all()
    assert (np.diff(CURVES.loss, axis=1) >= -1e-12).all()
    assert CURVES.loss.min() >= 0
    assert CURVES.loss.max() <= 1


def test_what_is_not_known_is_refused():
    home = pd.DataFrame({"occupancy": ["RES1"], "stories": [1.0]})
    dry = np.array([False])
    for words in (("ours", "river", ""), ("hazus", "milk", ""), ("jrc", "river", "Atlantis")):
        with pytest.raises(UnknownName):
            chosen_curves(home, dry, *words)
    with pytest.raises(TableError, match="RES9"):
        chosen_curves(home.assign(occupancy="RES9"), dry, "hazus", "river", "")
    with pytest.raises(UnknownName):
        flood_curves(("nothing",))


def test_spread_of_the_jrc_is_kept():
    """Origin: JRC, homes of North America under 1 m: mean 0.582755, deviation 0.137452, a beta by moments."""
    curve = NAMES.index("jrc.Residential.North_America")
    nodes = slice(CURVES.start[curve], CURVES.start[curve + 1])
    levels = CURVES.loss[nodes][CURVES.depth[nodes] == 1.0][0]
    assert levels.mean() == pytest.approx(0.582755, abs=1e-3)
    assert levels.std() == pytest.approx(0.137452, rel=0.03)
