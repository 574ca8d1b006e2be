"""Supplies: crews, materials, roads and actions that a study adds, as arrays for the loop."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.spatial

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import Assets
from holdfast.recovery.engine import CONVERT, MOVE, SHELTER, Calendar, Sites
from holdfast.recovery.function import shelter_places
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.settings.run_settings import Action, Resources
from holdfast.types import Ints

KINDS = {"convert": CONVERT, "shelter": SHELTER, "move": MOVE}
WANTED = {"convert": ("building",), "shelter": ("zone",), "move": ()}
"""Places that an action of each kind must name."""
MOST_ARRIVALS = 3
"""People who come from outside, times the residents: persons are counted in units that leave room for so many."""
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
    >>> from holdfast.recovery.settings.run_settings import Material
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
        If the crews of a trade would fall below 0 or end at 0, an action lacks its place or amount, or more people come
        than three times the residents.
    """
    names = list(resources.materials)
    aid = [(a.day, _place(a.trade, trades), a.crews) for a in resources.aid]
    coming = []
    for d in resources.deliveries:
        if d.material not in names:
            raise UnknownName("material", d.material, names)
        coming.append((d.day, names.index(d.material), round(d.amount * PER_UNIT)))
    _check_pools(aid, trades, resources)
    _check_actions(city, resources.actions)
    opening = [_with_places(city, a) for a in resources.actions]
    actions = sorted([*opening, *map(_closing, _closed_by_date(opening))], key=lambda a: a.day)
    places = sorted({_site_of(a) for a in actions if a.kind != "move"}, key=str)
    return Calendar(
        aid=_rows(aid),
        deliveries=_rows(coming),
        actions=_action_rows(city, actions, places),
        persons=np.array([a.amount for a in actions], dtype=np.float64),
        sites=_sites(city, places, {_site_of(a) for a in _closed_by_date(resources.actions)}),
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


def _check_actions(city: City, actions: Sequence[Action]) -> None:
    """Refuse actions whose places the city lacks, whose days or amounts make no sense, and moves from nowhere to nowhere."""
    problems = []
    known = {"building": city.buildings.index, "zone": city.zones.index, "to_zone": city.zones.index}
    for number, a in enumerate(actions):
        if a.kind not in KINDS:
            raise UnknownName("kind of action", a.kind, KINDS)
        found = []
        for column, index in known.items():
            key = getattr(a, column)
            if key is None and column in WANTED[a.kind]:
                found.append((f"a {a.kind} needs it", column))
            elif key is not None and key not in index:
                found.append((f'"{key}" is not in the city', column))
        if a.kind == "move" and a.zone is None and a.to_zone is None:
            found.append(("a move needs it, or to_zone for people who come from outside", "zone"))
        if a.amount is None and a.kind != "convert":
            found.append((f"a {a.kind} needs it: persons", "amount"))
        if (a.amount or 0.0) < 0 and a.kind != "shelter":
            found.append((f"{a.amount:g} persons; give 0 or more", "amount"))
        if a.until_day is not None and (a.kind == "move" or a.until_day <= a.day):
            found.append(("only places close, on a day after they open", "until_day"))
        problems += [Problem(f"action {number + 1}: {text}", column=f"actions.{column}") for text, column in found]
    coming = sum(a.amount or 0.0 for a in actions if a.kind == "move" and a.zone is None)
    if coming > MOST_ARRIVALS * city.buildings["residents"].sum():
        text = f"{coming:g} persons come, more than {MOST_ARRIVALS} times the residents; give fewer"
        problems.append(Problem(text, column="actions.amount"))
    if problems:
        raise TableError("recovery", problems)


def _with_places(city: City, action: Action) -> Action:
    """An action with its persons: a building that is converted for an unstated number takes what its floor holds."""
    if action.amount is not None:
        return action
    own = city.buildings.loc[[action.building]]
    places = shelter_places(own["floor_area_m2"].to_numpy(), own["occupancy"].to_numpy(), packaged("shelters"))
    return action._replace(amount=float(places[0]))


def _closed_by_date(actions: Sequence[Action]) -> list[Action]:
    """Shelters and conversions that say until when."""
    return [a for a in actions if a.until_day is not None]


def _closing(opening: Action) -> Action:
    """What closes on its day what an action opens: a shelter loses its places, a building returns to its use."""
    assert opening.until_day is not None
    assert opening.amount is not None
    amount = -opening.amount if opening.kind == "shelter" else 0.0
    return opening._replace(day=opening.until_day, amount=amount, until_day=None)


def _site_of(action: Action) -> tuple[str, str]:
    """What an action opens or closes: a building, or the shelters of a zone."""
    column = "building" if action.kind == "convert" else "zone"
    return column, str(getattr(action, column))


def _action_rows(city: City, actions: Sequence[Action], places: list[tuple[str, str]]) -> Ints:
    """Day, kind, site, zone and to_zone of every action; -1 where there is none."""

    def zone(key: str | None) -> int:
        return -1 if key is None else int(city.zones.index.get_loc(key))

    rows = [
        (a.day, KINDS[a.kind], -1 if a.kind == "move" else places.index(_site_of(a)), zone(a.zone), zone(a.to_zone))
        for a in actions
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 5)


def _sites(city: City, places: list[tuple[str, str]], fixed: set[tuple[str, str]]) -> Sites:
    """The shelters of a city, and who is near which: from the middle of a zone to the building or the zone's middle."""
    middle = city.zones.geometry.centroid
    at = {"building": city.buildings.geometry, "zone": middle}
    points = [at[kind].loc[key] for kind, key in places]
    apart = scipy.spatial.distance.cdist(
        np.column_stack([middle.x, middle.y]), np.array([(p.x, p.y) for p in points]).reshape(-1, 2)
    )
    zone, site = np.unravel_index(np.argsort(apart, axis=None, kind="stable"), apart.shape)
    building = [int(city.buildings.index.get_loc(key)) if kind == "building" else -1 for kind, key in places]
    return Sites(
        building=np.array(building, dtype=np.int64),
        fixed=np.array([place in fixed for place in places], dtype=np.bool_),
        nearest=np.column_stack([zone, site]).astype(np.int64),
    )


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
