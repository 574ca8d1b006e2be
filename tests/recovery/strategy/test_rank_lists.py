"""Rigid lists: where each asset stands, by hand on a city of four buildings.

p --e1-- a --e2-- b     hospital (COM6) and a large shop hang on b, a home on a, a second home on c
p --e3-- c              p is the source; a and b are 1 and 2 km away, c 500 m
"""

import numpy as np
import pytest
from cities import network, shops

from holdfast.data import packaged
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.strategy import STRATEGIES, Inspected, RankList, Strategy, city_order
from holdfast.recovery.strategy.rank_lists import packaged_list

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


def order(city, chosen):
    flat = graph(city.buildings, city.networks)
    nodes = city.networks["power"].nodes.geometry
    place = np.column_stack([nodes.x, nodes.y])
    site = np.concatenate([np.zeros((4, 2)), place, np.zeros((3, 2))])
    ordered = city_order(STRATEGIES[chosen] if isinstance(chosen, str) else chosen, city.buildings, flat, site)
    inspected = Inspected(np.zeros(11), np.ones(11, np.int64), np.zeros(11), -np.arange(11.0))
    groups = [np.arange(4), np.arange(4, 8), np.arange(8, 11)]
    return [[NAMES[i] for i in ordered(own, inspected, np.random.default_rng(1))] for own in groups]


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


def test_a_list_of_ones_own(city):
    """Offices, which the city lacks, then shops, by persons; the rest by persons too."""
    own = Strategy(RankList({"COM4": 1, "COM1": 2, "*": 3}, then_by="persons"))
    assert order(city, own) == [["shop b", "care b", "home c", "home a"], ["p", "a", "b", "c"], ["e1", "e2", "e3"]]


@pytest.mark.parametrize("own", [RankList({"COM1": 1}, "persons"), RankList({"*": 1}, "beauty")])
def test_a_list_that_cannot_be_followed_is_refused(city, own):
    with pytest.raises(TableError, match=r'needs a rank for occupancy "\*" and a key among persons, residents'):
        order(city, Strategy(own))


def test_what_a_list_needs_is_named(city):
    bare = city.buildings.drop(columns="workers")
    with pytest.raises(TableError, match="column workers: the list of ranks needs this column"):
        city_order(STRATEGIES["critical_first"], bare, graph(city.buildings, city.networks), np.zeros((11, 2)))


def test_unknown_list():
    with pytest.raises(UnknownName, match="cheapest_first, critical_first"):
        packaged_list("dearest_first")
