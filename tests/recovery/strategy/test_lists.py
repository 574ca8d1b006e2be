"""Rigid lists: where each asset stands, by hand on a city of four buildings.

p --e1-- a --e2-- b     hospital (COM6) and a large shop hang on b, a home on a, a second home on c
p --e3-- c              p is the source; a and b are 1 and 2 km away, c 500 m
"""

import numpy as np
import pandas as pd
import pytest
from cities import network, shops

from holdfast.data import packaged
from holdfast.recovery.networks.reachability import graph
from holdfast.recovery.strategy import STRATEGIES, Listing, Repairs, listing, priority

RIGID = ["largest_first", "critical_first", "homes_first", "cheapest_first", "nearest_source_first"]
NAMES = ["home a", "shop b", "care b", "home c", "p", "a", "b", "c", "e1", "e2", "e3"]


@pytest.fixture(scope="module")
def city():
    city = shops([100.0, 900.0, 300.0, 200.0], [2, 2, 2, 2], ["RES1", "COM1", "COM6", "RES1"])
    nodes = {
        "p": (0, 0, True, None),
        "a": (1000, 0, False, None),
        "b": (2000, 0, False, None),
        "c": (0, 500, False, None),
    }
    edges = [("e1", "p", "a", None), ("e2", "a", "b", None), ("e3", "p", "c", None)]
    city.networks["power"] = network("power", nodes, edges)
    city.buildings["power_node"] = ["a", "b", "b", "c"]
    city.buildings["residents"] = [3.0, 0.0, 0.0, 5.0]
    city.buildings["workers"] = [0.0, 20.0, 10.0, 0.0]
    return city


def order(city, name):
    flat = graph(city)
    nodes = city.networks["power"].nodes.geometry
    place = np.column_stack([nodes.x, nodes.y])
    site = np.concatenate([np.zeros((4, 2)), place, np.zeros((3, 2))])
    where = listing(name, city.buildings, flat, site)
    repairs = Repairs(np.zeros(11), np.ones(11, np.int64), np.zeros(11), -np.arange(11.0))
    groups = [np.arange(4), np.arange(4, 8), np.arange(8, 11)]
    return [[NAMES[i] for i in priority(STRATEGIES[name], g, where, repairs, np.random.default_rng(1))] for g in groups]


def test_critical_first(city):
    """The hospital, then by persons; what leads to the hospital first: p, a, b, then c."""
    assert order(city, "critical_first") == [
        ["care b", "shop b", "home c", "home a"],
        ["p", "a", "b", "c"],
        ["e1", "e2", "e3"],
    ]


def test_homes_first(city):
    """Homes by residents: 5 on c, 3 on a; b leads to no home."""
    assert order(city, "homes_first")[0] == ["home c", "home a", "shop b", "care b"]
    assert order(city, "homes_first")[1:] == [["p", "c", "a", "b"], ["e3", "e1", "e2"]]


def test_largest_first(city):
    """Behind a: 1,300 m2, behind b 1,200, behind c 200."""
    assert order(city, "largest_first") == [
        ["shop b", "care b", "home c", "home a"],
        ["p", "a", "b", "c"],
        ["e1", "e2", "e3"],
    ]


def test_nearest_source_first(city):
    assert order(city, "nearest_source_first") == [
        ["home c", "home a", "shop b", "care b"],
        ["p", "c", "a", "b"],
        ["e3", "e1", "e2"],
    ]


def test_cheapest_first(city):
    assert order(city, "cheapest_first")[0] == ["home c", "care b", "shop b", "home a"]


def test_every_list_is_written_down_with_its_source():
    table = packaged("priorities")
    assert sorted(table["list"].unique()) == sorted(RIGID)
    assert set(RIGID) < set(STRATEGIES)
    assert (table["source"] != "").all()
    assert table.groupby("list")["then_by"].nunique().eq(1).all()
    assert table.loc[table["occupancy"] == "*", "list"].tolist() == table["list"].unique().tolist()


@pytest.mark.parametrize("name", STRATEGIES)
def test_contract(name):
    """Every task once; the same for the same seed; nothing is changed."""
    rng = np.random.default_rng(1)
    facts = [rng.random(30), rng.integers(1, 5, 30), rng.random(30), rng.random(30)]
    repairs, own = Repairs(*facts), np.sort(rng.permutation(30)[:20])
    where = Listing(rng.integers(1, 4, 30).astype(float), rng.random(30), by_cost=False)
    before = pd.DataFrame(np.column_stack([*facts, where.rank, where.key]))
    first = priority(STRATEGIES[name], own, where, repairs, np.random.default_rng(2))
    again = priority(STRATEGIES[name], own, where, repairs, np.random.default_rng(2))
    assert sorted(first) == own.tolist()
    assert first.tolist() == again.tolist()
    assert before.equals(pd.DataFrame(np.column_stack([*facts, where.rank, where.key])))
