"""Supplies: crews, materials, roads and actions that a study adds, as arrays for the loop."""

from typing import NamedTuple

import numpy as np
import scipy.spatial

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import Assets
from holdfast.recovery.engine import CONVERT, MOVE, SHELTER, Calendar
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.settings import Resources

KINDS = {"convert": CONVERT, "shelter": SHELTER, "move": MOVE}
PER_UNIT = 1000
"""Materials are counted in thousandths of their unit, in whole numbers."""
ROADS = "transport"


class Materials(NamedTuple):
    """Materials in thousandths of their units.

    ``stock`` (material,); ``of_trade`` (trade,): material, -1 if none; ``per_crew_day`` (trade,).
    """

    stock: np.ndarray
    of_trade: np.ndarray
    per_crew_day: np.ndarray


def materials(trades: tuple[str, ...], resources: Resources) -> Materials:
    """Materials that the tasks of each trade need, in the order of `resources`.

    Raises
    ------
    UnknownName
        If a material names an unknown trade.
    TableError
        If a trade would need two materials.

    Examples
    --------
    >>> from holdfast.recovery.settings import Material
    >>> given = Resources({"building": 5, "water": 2}, materials={"pipe": Material(5, 2, ["water"])})
    >>> materials(("building", "water"), given).of_trade.tolist()
    [-1, 0]
    """
    of_trade, rate = np.full(len(trades), -1), np.zeros(len(trades))
    for m, (name, material) in enumerate(resources.materials.items()):
        for trade in material.trades:
            place = _place(trade, trades)
            if of_trade[place] >= 0:
                text = f'"{trade}" needs more than one; name it once'
                raise TableError("recovery", [Problem(text, column=f"materials.{name}.trades")])
            of_trade[place], rate[place] = m, material.per_crew_day * PER_UNIT
    # whole numbers, so that what is taken and delivered adds up exactly
    stock = np.array([round(m.stock * PER_UNIT) for m in resources.materials.values()], dtype=np.int64)
    return Materials(stock, of_trade.astype(np.int64), rate)


def calendar(city: City, trades: tuple[str, ...], resources: Resources) -> Calendar:
    """Aid, deliveries and actions, sorted by day; of one day in the order given.

    Raises
    ------
    UnknownName
        If a trade or material is unknown.
    TableError
        If the crews of a trade would fall below 0 or end at 0, or an action lacks its building or zone.
    """
    names = list(resources.materials)
    aid = [(a.day, _place(a.trade, trades), a.crews) for a in resources.aid]
    coming = []
    for d in resources.deliveries:
        if d.material not in names:
            raise UnknownName("material", d.material, names)
        coming.append((d.day, names.index(d.material), round(d.amount * PER_UNIT)))
    # the same stable order as in `_actions`, so that persons stand beside their rows
    actions = sorted(resources.actions, key=lambda a: a.day)
    _check_pools(aid, trades, resources)
    return Calendar(
        aid=_rows(aid),
        deliveries=_rows(coming),
        actions=_actions(city, resources).reshape(-1, 5),
        persons=np.array([a.amount for a in actions], dtype=np.float64),
    )


def _place(trade: str, trades: tuple[str, ...]) -> int:
    """Position of a trade."""
    if trade not in trades:
        raise UnknownName("trade", trade, trades)
    return trades.index(trade)


def _rows(rows: list[tuple[int, int, int]]) -> np.ndarray:
    """Rows of three numbers, by day."""
    return np.array(sorted(rows, key=lambda r: r[0]), dtype=np.int64).reshape(-1, 3)


def _check_pools(aid: list[tuple[int, int, int]], trades: tuple[str, ...], resources: Resources) -> None:
    """Refuse pools that fall below nothing, or that no crew is left in at the end."""
    problems = []
    rows = _rows(aid)  # in the order in which the loop takes them: crews may leave on the day on which others come
    for t, name in enumerate(trades):
        level = np.cumsum([resources.crews.get(name, 0), *rows[rows[:, 1] == t, 2]])
        if level.min() < 0 or level[-1] < 1:
            text = f"the {name} crews fall to {level.min()} and end at {level[-1]}; keep them at 0 or more, and 1 at the end"
            problems.append(Problem(text, column="aid"))
    if problems:
        raise TableError("recovery", problems)


def _actions(city: City, resources: Resources) -> np.ndarray:
    """Day, kind, building, zone and to_zone of every action; -1 where there is none."""
    problems, rows = [], []
    for number, a in enumerate(resources.actions):
        if a.kind not in KINDS:
            raise UnknownName("kind of action", a.kind, KINDS)
        wanted = {"convert": {"building"}, "shelter": {"zone"}, "move": {"zone"}}[a.kind]
        place = {}
        for column, index in (
            ("building", city.buildings.index),
            ("zone", city.zones.index),
            ("to_zone", city.zones.index),
        ):
            key = getattr(a, column)
            # -1 is both "not stated" and "not there": the key itself says which.
            place[column] = -1 if key is None else int(index.get_indexer([key])[0])
            if (key is None and column in wanted) or (key is not None and place[column] < 0):
                text = f'"{key}" is not in the city' if key else f"a {a.kind} needs it"
                problems.append(Problem(f"action {number + 1}: {text}", column=f"actions.{column}"))
        if a.amount < 0 and a.kind != "shelter":
            problems.append(
                Problem(f"action {number + 1}: {a.amount:g} persons; give 0 or more", column="actions.amount")
            )
        rows.append((a.day, KINDS[a.kind], place["building"], place["zone"], place["to_zone"]))
    if problems:
        raise TableError("recovery", problems)
    return np.array(sorted(rows, key=lambda r: r[0]), dtype=np.int64).reshape(-1, 5)


def access(city: City, listed: Assets, graph: Graph, reached: np.ndarray) -> np.ndarray:
    """Node of the roads from which each asset is repaired, shape (asset,); -1 for none. Not specified in the paper.

    `reached` are the nodes that a source reaches before the event, shape (node,).
    """
    found = np.full(len(listed.site), -1, dtype=np.int64)
    names = list(city.networks)
    if ROADS not in names:
        return found
    n, low = names.index(ROADS), listed.buildings
    # of a building the node that serves it, of a node or edge of another network the nearest; the roads need none
    found[:low] = graph.serving[:, n]
    nodes = np.arange(graph.node_start[n], graph.node_start[n + 1])
    nodes = nodes[reached[nodes]]
    others = low + np.flatnonzero(np.concatenate([graph.network, graph.edge_network]) != n)
    if nodes.size and others.size:
        place = listed.site[low : low + listed.nodes]
        found[others] = nodes[scipy.spatial.cKDTree(place[nodes]).query(listed.site[others])[1]]
    # what no road reaches even before the event is repaired all the same
    return np.where((found >= 0) & reached[found], found, -1)
