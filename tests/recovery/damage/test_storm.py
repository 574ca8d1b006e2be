"""What water and wind do to buildings: laws over a million combinations, the rule that joins both, days and delays.

Worked by hand: a house of 100,000 that wind takes 0.3 and water 0.5 of loses 1 - 0.7 x 0.5 = 0.65 of it, 65,000.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.recovery.damage.assets import Consequences
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.flood_curves import SETS, WATERS, mean_loss
from holdfast.recovery.damage.storm import _between, after_storm, apply_storm, storm
from holdfast.recovery.settings.run_settings import StormSettings

CONTENTS = packaged("contents")
BOTH = ("depth", "gust")


def town(count: int, seed: int = 3) -> pd.DataFrame:
    """Random buildings of all occupancies."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "occupancy": rng.choice(CONTENTS["occupancy"], count),
            "structure": rng.choice(["W1", "URM", "RM1", "C1", "S1", "S3"], count),
            "stories": rng.integers(1, 12, count).astype(float),
            "year_built": rng.integers(1900, 2020, count).astype(float),
            "floor_area_m2": rng.uniform(50, 5000, count),
            "replacement_cost": rng.uniform(5e4, 5e7, count),
            "foundation": rng.choice(["slab", "crawlspace", "basement", "pier"], count),
        }
    )


def applied(of, depth, gust, seed=1):
    return apply_storm(of, {"depth": depth, "gust": gust}, np.random.default_rng(seed))


@pytest.mark.parametrize("count", [8_400, pytest.param(84_000, marks=pytest.mark.slow)])
def test_laws_over_many_combinations(count):
    """No loss above replacement; deeper never cheaper; no water and no wind, no loss: in 12 settings, a million with `slow`."""
    rng, tried = np.random.default_rng(5), 0
    for number, (curves, water) in enumerate((c, w) for c in SETS for w in WATERS):
        homes = town(count, number)
        of = storm(homes, BOTH, StormSettings(curves, water, "Asia"), CONTENTS)
        depth, gust = rng.uniform(-1, 9, len(homes)).clip(0), rng.uniform(0, 110, len(homes))
        one = applied(of, depth, gust)
        tried += len(homes)
        assert one.ratio.min() >= 0
        assert one.ratio.max() <= 1
        assert (one.contents_loss <= of.value[1:].sum(axis=0) * (1 + 1e-12)).all()
        deeper, gustier = applied(of, depth + 0.4 * (depth > 0), gust), applied(of, depth, gust * 1.1)
        assert (deeper.ratio >= one.ratio - 1e-12).all()
        assert (deeper.contents_loss >= one.contents_loss - 1e-9).all()
        assert (deeper.state >= one.state).all()
        assert (gustier.ratio >= one.ratio - 1e-12).all()
        calm = applied(of, np.zeros(len(homes)), np.full(len(homes), 10.0))
        assert not calm.ratio.any()
        assert not calm.contents_loss.any()
        assert not calm.state.any()
    assert tried > 11.9 * count


@pytest.mark.parametrize("curves", ["hazus", "usace"])
def test_a_raised_floor_is_never_dearer(curves):
    homes = town(20_000)
    depth, none = np.random.default_rng(1).uniform(0, 5, len(homes)), np.zeros(len(homes))
    low, high = (
        applied(storm(homes.assign(first_floor_m=h), ("depth",), StormSettings(curves), CONTENTS), depth, none)
        for h in (0.3, 1.3)
    )
    assert (high.ratio <= low.ratio + 1e-12).all()
    assert (high.contents_loss <= low.contents_loss + 1e-9).all()
    assert high.ratio.sum() < 0.9 * low.ratio.sum()


@pytest.mark.parametrize("curves", SETS)
def test_floodproofing_keeps_water_out_until_it_is_overtopped(curves):
    """Kept dry to 1 m: water up to there takes nothing, deeper water takes what it takes without; wind is as before."""
    homes, none = town(500), np.zeros(500)
    depth = np.linspace(0.0, 2.0, 500)
    bare, proofed = (storm(h, BOTH, StormSettings(curves), CONTENTS) for h in (homes, homes.assign(floodproofed_m=1.0)))
    before, after = applied(bare, depth, none), applied(proofed, depth, none)
    dry = depth <= 1.0
    assert before.ratio[dry].sum() > 0
    assert not after.ratio[dry].any()
    assert not after.contents_loss[dry].any()
    assert not after.state[dry].any()
    for name in ("ratio", "contents_loss", "state"):
        assert (getattr(after, name)[~dry] == getattr(before, name)[~dry]).all()
    gust = np.full(500, 60.0)
    assert (applied(proofed, none, gust).ratio == applied(bare, none, gust).ratio).all()


def test_shallow_water_in_a_basement_is_not_lost():
    """By hand: 0.5 m above the ground lie 0.7192 m below a first floor at 1.2192 m; Hazus has 0 at 3 ft and 0.14 at 2 ft below."""
    home = town(1).assign(occupancy="RES1", stories=1.0, foundation="basement")
    of = storm(home, ("depth",), StormSettings(), CONTENTS)
    wet = applied(of, np.array([0.5]), np.zeros(1))
    assert wet.ratio[0] == pytest.approx(0.14 * (0.9144 - 0.7192) / 0.3048)
    assert wet.state[0] >= 1
    slab = storm(home.assign(foundation="pier"), ("depth",), StormSettings(), CONTENTS)
    assert applied(slab, np.array([0.5]), np.zeros(1)).ratio[0] == 0


def test_sampled_losses_are_the_means_of_the_functions():
    """2,000 draws of USACE's spreads for 50 buildings, within 4 standard errors; neighbours share a part of it."""
    homes = town(50)
    of = storm(homes, ("depth",), StormSettings("usace", "coast"), CONTENTS, np.zeros(50, dtype=np.int64), 0.3)
    depth = np.random.default_rng(2).uniform(0.1, 4, 50)
    drawn = np.array([applied(of, depth, np.zeros(50), seed).ratio for seed in range(2000)])
    height = of.meaning.datum
    expected = [mean_loss(of.curves, of.curve[0, i], depth[i : i + 1] - height[i])[0] for i in range(50)]
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - expected) <= 4 * error + 1e-9).all()
    assert (drawn.std(axis=0) > 0).sum() > 5


def test_water_and_wind_together_by_the_rule_of_hazus():
    """Origin: combine_wind_flood.csv of simcenter-dlml 3.2: 1 - (1 - wind)(1 - water), but for two cells of its table."""
    folder = Path(find_spec("dlml").submodule_search_locations[0]) / "data/hurricane/building/portfolio"
    table = pd.read_csv(folder / "Hazus v5.1 coupled/combine_wind_flood.csv", header=None)
    steps = np.arange(11) / 10
    # the first row is that without wind, the first column that without water
    rule = 1 - np.outer(1 - steps, 1 - steps)
    other = np.argwhere(np.abs(table.to_numpy() - rule) > 1e-9)
    assert other.tolist() == [[1, 2], [5, 6]]
    homes = town(3000)
    depth, gust = np.full(3000, 1.5), np.full(3000, 60.0)
    of = storm(homes, BOTH, StormSettings(), CONTENTS)
    wet, windy, all_ = (applied(of, d, g).ratio for d, g in ((depth, 0 * gust), (0 * depth, gust), (depth, gust)))
    np.testing.assert_allclose(all_, 1 - (1 - wet) * (1 - windy), atol=1e-12)


def test_water_and_wind_draw_by_themselves():
    """Losses to wind and to water are drawn by themselves: rank correlation over 20,000 houses alike below 4 / sqrt(n)."""
    homes = town(1).assign(occupancy="RES1", stories=1.0, foundation="slab")
    homes = homes.loc[[0] * 20_000].reset_index(drop=True)
    of = storm(homes, BOTH, StormSettings("usace"), CONTENTS)
    still, dry = np.full(len(homes), 0.0), np.full(len(homes), 1.5)
    wet, windy = applied(of, dry, still).ratio, applied(of, still, np.full(len(homes), 65.0)).ratio
    assert wet.std() > 0
    assert windy.std() > 0
    assert abs(pd.Series(wet).corr(pd.Series(windy), method="spearman")) < 4 / np.sqrt(len(homes))


def test_deep_water_costs_every_building_something():
    """Also those whose function stands first in the table of functions."""
    for k in range(20):
        of = storm(town(1, k), ("depth",), StormSettings("jrc", "river", "Asia"), CONTENTS)
        assert of.curve[0, 0] == 0
        assert applied(of, np.array([5.0]), np.zeros(1)).ratio[0] > 0


def test_days_between_the_states():
    """By hand: half-way to slight damage takes half of its days, half-way on to moderate the mean of both."""
    ratio, days = np.array([0, 0.1, 0.3, 0.7, 1.0]), np.array([0.0, 10, 100, 200, 300])
    assert [_between(share, ratio, days) for share in (0.0, 0.05, 0.1, 0.2, 1.0)] == pytest.approx([0, 5, 10, 55, 300])


def test_a_building_has_its_numbers_whatever_others_there_are():
    homes = town(200)
    few, many = (storm(h, BOTH, StormSettings("usace"), CONTENTS) for h in (homes.iloc[:50], homes))
    depth, gust = np.full(200, 1.0), np.full(200, 55.0)
    np.testing.assert_array_equal(applied(few, depth[:50], gust[:50]).ratio, applied(many, depth, gust).ratio[:50])


def test_warning_moves_contents_and_leaves_the_structure():
    """Origin: packaged table warning_time, by hand: half-way from 12 to 24 hours 0.26 is moved."""
    homes, depth, none = town(100), np.full(100, 2.0), np.zeros(100)
    late, warned = (
        applied(storm(homes, ("depth",), StormSettings(warning_hours=h), CONTENTS), depth, none) for h in (0.0, 18.0)
    )
    np.testing.assert_array_equal(late.ratio, warned.ratio)
    np.testing.assert_allclose(warned.contents_loss, 0.74 * late.contents_loss)


def test_cost_days_and_delays_after_a_storm():
    """By hand: half of a house that takes 0, 10, 100, 200, 300 days at ratios 0, 0.1, 0.3, 0.7, 1 takes 150 days."""
    home = town(1).assign(occupancy="RES1", stories=1.0, foundation="slab", replacement_cost=1e5)
    of = storm(home, BOTH, StormSettings(water_days=3.0), CONTENTS)
    one = applied(of, np.array([1.0]), np.zeros(1))._replace(ratio=np.array([0.5]), state=np.array([3], dtype=np.int8))
    zero = np.zeros(2)
    before = Damage(
        np.array([3, 0], dtype=np.int8), zero, np.zeros(2, dtype=np.int64), zero, np.array([10, 0]), *[zero] * 6
    )
    ratio, days = np.array([[0, 0.1, 0.3, 0.7, 1.0]]), np.array([[0, 10, 100, 200, 300]])
    table = Consequences(*[None] * len(Consequences._fields))
    table = table._replace(kind=np.zeros(2, dtype=np.int32), ratio=ratio, days=days, crews=np.array([2, 1]))
    found = after_storm(before, one, of, table)
    assert found.repair_cost.tolist() == [5e4, 0.0]
    assert found.repair_days.tolist() == [150, 0]
    assert found.repair_work.tolist() == [300, 0]
    # 10 days of delay, 3 under water, 30 of drying
    assert found.delay.tolist() == [43, 0]
    assert found.contents_loss[0] == one.contents_loss[0] > 0
    assert found.water_depth.tolist() == [1.0, 0.0]


def test_shutters_change_what_wind_does_and_not_what_neighbours_share():
    """The residual that buildings of a zone share stays the same with and without a measure, or savings would hold chance."""
    homes = town(300).assign(occupancy="RES1", structure="W1", stories=1.0)
    block = np.zeros(len(homes), dtype=np.int64)
    plain, shut = (storm(homes.assign(shutters=s), BOTH, StormSettings(), CONTENTS, block, 0.9) for s in (False, True))
    assert plain.wind.names != shut.wind.names
    assert np.array_equal(plain.group_key[plain.group], shut.group_key[shut.group])
    gust = np.full(len(homes), 50.0)
    for seed in range(20):
        # by state: of the published classes a shuttered house can cost more in the same state
        less = applied(shut, np.zeros(len(homes)), gust, seed).state
        assert (less <= applied(plain, np.zeros(len(homes)), gust, seed).state).all()
