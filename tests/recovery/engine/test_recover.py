"""The engine on plain tables: by hand, against all orders, with strategies and models of one's own, and misused."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.engine import recover
from holdfast.recovery.networks import NETWORK_MODELS
from holdfast.recovery.strategy import STRATEGIES, RankList, Strategy

NODES = pd.DataFrame({"source": [True, False, False]}, index=["p", "a", "b"])
LINES = pd.DataFrame({"from_node": ["p", "a"], "to_node": ["a", "b"], "repair_days": [2, 3]}, index=["pa", "ab"])


def mill_and_shop():
    """The shop hangs on a, the mill behind it on b; the mill does a quarter of its work without power."""
    return pd.DataFrame(
        {
            "function_per_day": [10.0, 100.0],
            "repair_days": [4, 0],
            "power_node": ["a", "b"],
            "power_left": [0.0, 0.25],
        },
        index=["shop", "mill"],
    )


def test_by_hand():
    """Line pa until day 2, ab until day 5, the shop until day 4; a first, since b is reached through it.

    Days 0-3: the mill gives 25, the shop nothing; day 4: the shop 10 too; from day 5 on 110. Lost: 4 x 85 + 75.
    """
    out = recover(mill_and_shop(), {"building": 1, "power": 1}, {"power": (NODES, LINES)})
    assert out.assets["finished_day"].to_dict() == {
        "building:shop": 4,
        "building:mill": 0,
        "power:p": 0,
        "power:a": 0,
        "power:b": 0,
        "power:pa": 2,
        "power:ab": 5,
    }
    assert out.assets.loc["power:ab", "began_day"] == 2
    np.testing.assert_allclose(out.days["function"], [25, 25, 25, 25, 35, 110])
    np.testing.assert_allclose(out.days["power"], [0, 0, 0.5, 0.5, 0.5, 1])
    assert out.lost_function == pytest.approx(4 * 85 + 75)


def test_the_function_that_damage_takes_decides_who_is_first():
    """By hand: a tenth of 10 back after one day is 1 a day, all of 10 after five days 2 a day; one crew."""
    table = pd.DataFrame({"function_per_day": [10.0, 10.0], "repair_days": [1, 5], "usable_share": [0.9, 0.0]})
    out = recover(table, {"building": 1})
    assert out.assets["finished_day"].tolist() == [6, 5]


def test_crews_that_may_move_stay_a_day_at_most():
    """By hand: the crew begins the slow task on day 0, leaves it on day 1 for the one released then, and ends on day 12."""
    table = pd.DataFrame({"function_per_day": [1.0, 100.0], "repair_days": [10, 2], "release_day": [0, 1]})
    out = recover(table, {"building": 1}, strategy="fully_flexible")
    assert out.assets["finished_day"].tolist() == [12, 3]


def test_gain_per_day_of_a_single_day():
    """By hand: 10 a day for one day of work come before 15 a day for two."""
    table = pd.DataFrame({"function_per_day": [15.0, 10.0], "repair_days": [2, 1]})
    assert recover(table, {"building": 1}).assets["finished_day"].tolist() == [3, 1]


def test_what_takes_no_time_keeps_its_crew_until_tomorrow():
    table = pd.DataFrame({"function_per_day": [2.0, 1.0], "repair_days": [1, 1], "actual_days": [0, 0]})
    assert recover(table, {"building": 1}).assets["finished_day"].tolist() == [1, 2]


def test_the_source_of_the_first_of_two_networks_comes_back():
    """By hand: two days without power, none without water; what is repaired marks its own network and no other."""
    power = pd.DataFrame({"source": [True, False], "repair_days": [2, 0]}, index=["p", "a"])
    water = pd.DataFrame({"source": [True, False]}, index=["w", "x"])
    lines = {n: pd.DataFrame({"from_node": [i], "to_node": [j]}) for n, i, j in (("power", *"pa"), ("water", *"wx"))}
    table = pd.DataFrame({"function_per_day": [8.0], "repair_days": [0], "power_node": "a", "water_node": "x"})
    networks = {"power": (power, lines["power"]), "water": (water, lines["water"])}
    out = recover(table, {"building": 1, "power": 1}, networks)
    np.testing.assert_allclose(out.days["power"], [0, 0, 1])
    np.testing.assert_allclose(out.days["water"], [1, 1, 1])
    assert out.lost_function == pytest.approx(16)


def test_what_lacks_something_when_the_horizon_comes():
    """By hand: 0.5 x 0.25 of 8 until power is back on day 2, 0.25 of it on the four days to the horizon: 2 x 7 + 4 x 6."""
    power = pd.DataFrame({"source": [True], "repair_days": [2]}, index=["p"])
    water = pd.DataFrame({"source": [True], "repair_days": [90]}, index=["w"])
    none = pd.DataFrame({"from_node": [], "to_node": []})
    table = pd.DataFrame(
        {
            "function_per_day": [8.0],
            "repair_days": [0],
            "power_node": "p",
            "water_node": "w",
            "power_left": 0.5,
            "water_left": 0.25,
        }
    )
    crews = {"building": 1, "power": 1, "water": 1}
    out = recover(table, crews, {"power": (power, none), "water": (water, none)}, horizon_days=5)
    assert out.lost_function == pytest.approx(2 * 7 + 4 * 6)


def test_the_horizon_leaves_nulls():
    out = recover(mill_and_shop(), {"building": 1, "power": 1}, {"power": (NODES, LINES)}, horizon_days=3)
    assert out.assets.loc["power:ab"].isna().tolist() == [False, True]
    assert len(out.days) == 4


@pytest.mark.parametrize("seed", range(5))
def test_one_crew_finds_the_best_of_all_orders(seed):
    """Smith's rule, against brute force."""
    rng = np.random.default_rng(seed)
    count = 6
    days, gain = rng.integers(1, 30, count), rng.integers(1, 50, count).astype(float)
    out = recover(pd.DataFrame({"function_per_day": gain, "repair_days": days}), {"building": 1})
    best = min((gain[list(p)] * np.cumsum(days[list(p)])).sum() for p in permutations(range(count)))
    assert out.lost_function == pytest.approx(best)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_runs_on_plain_tables(name):
    buildings = mill_and_shop().assign(occupancy="COM1", residents=0.0, workers=[5.0, 9.0], floor_area_m2=100.0)
    out = recover(buildings, {"building": 1, "power": 1}, {"power": (NODES, LINES)}, strategy=name)
    assert out.assets["finished_day"].notna().all()


def test_a_strategy_of_ones_own():
    buildings = pd.DataFrame(
        {"function_per_day": [1.0, 9.0], "repair_days": 10, "occupancy": ["COM6", "COM1"], "residents": 0.0}
    )
    clinics = Strategy(RankList({"COM6": 1, "*": 2}, then_by="residents"))
    assert recover(buildings, {"building": 1}).assets["finished_day"].tolist() == [20, 10]
    assert recover(buildings, {"building": 1}, strategy=clinics).assets["finished_day"].tolist() == [10, 20]


def test_a_network_model_of_ones_own(monkeypatch):
    """Half of the service while any line is broken, all of it after."""
    monkeypatch.setitem(
        NETWORK_MODELS, "half", lambda net: lambda nodes, edges: np.full(nodes.size, 1.0 if edges.all() else 0.5)
    )
    tables = {"power": (NODES, LINES)}
    out = recover(mill_and_shop(), {"building": 1, "power": 1}, tables, models={"power": "half"})
    np.testing.assert_allclose(out.days["power"], [0.5] * 5 + [1])
    np.testing.assert_allclose(out.days["function"], [62.5] * 4 + [67.5, 110])


def test_dependencies_and_durations_that_come_out_otherwise():
    """The pump at w needs b; the line ab takes a day longer than expected."""
    lines = LINES.assign(actual_days=[2, 4])
    water = pd.DataFrame({"source": [True]}, index=["w"])
    no_pipes = pd.DataFrame({"from_node": [], "to_node": []})
    needs = pd.DataFrame({"node_id": ["w"], "on_network": ["power"], "on_node": ["b"], "backup_hours": [24.0]})
    buildings = mill_and_shop().assign(water_node="w")
    networks = {"power": (NODES, lines), "water": (water, no_pipes, needs)}
    out = recover(buildings, {"building": 1, "power": 1}, networks)
    np.testing.assert_allclose(out.days["water"], [1, 0, 0, 0, 0, 0, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"function_per_day": [1.0, -2.0]}, "column function_per_day: building mill: is below 0 or no number"),
        ({"function_per_day": ["much", "more"]}, "column function_per_day: building shop: is below 0"),
        ({"repair_days": [1.5, 0]}, "column repair_days: building shop: is no whole number"),
        ({"usable_share": [1.5, 1]}, "column usable_share: building shop: is above 1"),
        ({"power_left": [0.5, 2.0]}, "column power_left: building mill: is above 1"),
        ({"crews": [3, 1]}, "column crews: building shop: takes 3 crews, there are 1"),
        ({"power_node": ["a", "nowhere"]}, 'building mill: node "nowhere" is not in the power network'),
    ],
)
def test_misuse_is_named(change, message):
    with pytest.raises(TableError, match=message):
        recover(mill_and_shop().assign(**change), {"building": 1, "power": 1}, {"power": (NODES, LINES)})


def test_a_day_of_work_also_fits_the_crews_there_are():
    table = pd.DataFrame({"function_per_day": [1.0], "repair_days": [1], "crews": [3]})
    with pytest.raises(TableError, match="takes 3 crews, there are 2"):
        recover(table, {"building": 2})


def test_more_misuse_is_named():
    buildings, crews, networks = mill_and_shop(), {"building": 1, "power": 1}, {"power": (NODES, LINES)}
    with pytest.raises(TableError, match="column repair_days: the buildings need this column"):
        recover(buildings.drop(columns="repair_days"), crews, networks)
    with pytest.raises(TableError, match="power pa: takes 1 crews, there are 0"):
        recover(buildings, {"building": 1}, networks)
    with pytest.raises(TableError, match=r"column power: give \(nodes, edges\) or"):
        recover(buildings, crews, {"power": (NODES,)})
    with pytest.raises(TableError, match="column source: the nodes need this column"):
        recover(buildings, crews, {"power": (NODES.drop(columns="source"), LINES)})
    with pytest.raises(TableError, match="at least 1 day to simulate"):
        recover(buildings, crews, networks, horizon_days=0)
    with pytest.raises(UnknownName, match='"plumbers" is not a known trade; known: building, power'):
        recover(buildings, {"plumbers": 1}, networks)
    with pytest.raises(UnknownName, match="strategy"):
        recover(buildings, crews, networks, strategy="best_first")
    with pytest.raises(UnknownName, match="network model"):
        recover(buildings, crews, networks, models={"power": "magic"})
    with pytest.raises(TableError, match="no power source reaches its node"):
        recover(buildings, crews, {"power": (NODES, LINES.iloc[:1])})
