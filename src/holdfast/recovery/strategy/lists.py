"""Orders that are fixed before repair starts: rigid lists as planners write them, and the random one."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
import scipy.sparse

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.networks.reachability import Graph

ANY = "*"
"""Occupancy of the row that holds for all others, networks too."""
COST = "repair_cost"
DISTANCE = "distance_to_source"
KEYS = ("persons", "residents", "floor_area", DISTANCE, COST)
"""What a list can go by within a rank; the first three largest first, the others smallest first."""
RANDOM = 1


class Listing(NamedTuple):
    """Where every asset stands in a written list: ``rank`` (asset,), 1 first; ``key`` (asset,), smallest first.

    ``by_cost``: the key is the cost of repair, known after the event only.
    """

    rank: np.ndarray
    key: np.ndarray
    by_cost: bool


class Repairs(NamedTuple):
    """What inspection finds: ``value`` (1/day), ``crews``, ``size`` and ``cost`` (money), all (asset,)."""

    value: np.ndarray
    crews: np.ndarray
    size: np.ndarray
    cost: np.ndarray


def listing(name: str, buildings: pd.DataFrame, graph: Graph, site: np.ndarray) -> Listing:
    """Look up where each asset stands in a list of the packaged table ``priorities``.

    A node or edge of a network takes the best rank, and the sum of the persons, residents or floor area,
    of the buildings that it serves along the shortest ways from the sources before the event; an edge on
    no such way comes last. A building is as far from a source as the node that serves it in the first
    network. A name that is no list gives every asset the same place.

    Parameters
    ----------
    name : str
        Such as ``critical_first``.
    buildings : DataFrame
        Needs ``occupancy``, ``residents``, ``workers``, ``floor_area_m2``.
    graph : Graph
        The networks.
    site : ndarray
        Places of all assets, m, shape (asset, 2).

    Returns
    -------
    Listing
        In the order of the assets: buildings, nodes, edges.

    Raises
    ------
    TableError
        If the table gives a list no row for "*", or an unknown key.
    """
    count = len(site)
    table = packaged("priorities")
    own = table[table["list"] == name]
    if own.empty:
        return Listing(np.ones(count), np.zeros(count), by_cost=False)
    key = str(own["then_by"].iloc[0])
    ranks = own.set_index("occupancy")["rank"]
    if ANY not in ranks.index or key not in KEYS:
        text = f'list "{name}" needs a row for occupancy "*" and a key among {", ".join(KEYS)}'
        raise TableError("priorities", [Problem(text, column="then_by")])
    rank = buildings["occupancy"].astype(str).map(ranks).fillna(ranks[ANY]).to_numpy(np.float64)
    amount = _amount(buildings, key)
    first, behind, distance = _behind(graph, site, rank, amount, float(ranks[ANY]))
    if key == DISTANCE:
        home = distance[graph.serving[:, 0]] if graph.serving.shape[1] else np.zeros(rank.size)
        return Listing(np.concatenate([rank, first]), np.concatenate([home, distance]), by_cost=False)
    size = np.concatenate([amount, behind])
    return Listing(np.concatenate([rank, first]), -size, by_cost=key == COST)


def _amount(buildings: pd.DataFrame, key: str) -> np.ndarray:
    """Persons, residents or floor area of each building; zeros for the other keys."""
    columns = {"persons": ["residents", "workers"], "residents": ["residents"], "floor_area": ["floor_area_m2"]}
    wanted = columns.get(key)
    return buildings[wanted].to_numpy(np.float64).sum(axis=1) if wanted else np.zeros(len(buildings))


def _behind(
    graph: Graph, site: np.ndarray, rank: np.ndarray, amount: np.ndarray, last: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best rank and amount of the buildings behind each node and edge, and its distance to a source."""
    nodes, edges = graph.source.size, len(graph.ends)
    place = site[rank.size : rank.size + nodes]
    if nodes == 0:
        return np.empty(0), np.empty(0), np.empty(0)
    a, b = graph.ends[:, 0], graph.ends[:, 1]
    length = np.maximum(np.hypot(*(place[a] - place[b]).T), np.finfo(np.float32).eps)
    ways = scipy.sparse.csr_array((length, (a, b)), shape=(nodes, nodes))
    ways.sum_duplicates()
    far, before, _ = scipy.sparse.csgraph.dijkstra(
        ways, directed=False, indices=np.flatnonzero(graph.source), return_predecessors=True, min_only=True
    )
    first, behind = np.full(nodes, np.inf), np.zeros(nodes)
    for n in range(graph.serving.shape[1]):
        np.minimum.at(first, graph.serving[:, n], rank)
        np.add.at(behind, graph.serving[:, n], amount)
    _add_up(np.argsort(-far, kind="stable"), before, first, behind)
    first = np.where(np.isfinite(first), first, last)
    down = np.where(before[b] == a, b, np.where(before[a] == b, a, -1))
    used = down >= 0
    return (
        np.concatenate([first, np.where(used, first[down], last)]),
        np.concatenate([behind, np.where(used, behind[down], 0.0)]),
        np.concatenate([far, np.minimum(far[a], far[b]) + (length / 2 if edges else length)]),
    )


@numba.njit(cache=True)
def _add_up(farthest: np.ndarray, before: np.ndarray, first: np.ndarray, behind: np.ndarray) -> None:
    """Hand the rank and the amount of every node to the one before it on the way from the source."""
    for v in farthest:
        p = before[v]
        if p >= 0:
            behind[p] += behind[v]
            first[p] = min(first[p], first[v])


def priority(code: int, own: np.ndarray, listing: Listing, repairs: Repairs, rng: np.random.Generator) -> np.ndarray:
    """Order in which the tasks of a trade are offered to its free crews.

    Rigid lists: by rank, then by key; random; all others by value per crew, then tasks without gain by
    size. The value of a task is its gain in functionality over its expected duration in days.

    Parameters
    ----------
    code : int
        Strategy.
    own : ndarray of int
        Assets with a task of this trade.
    listing : Listing
        The written list.
    repairs : Repairs
        What inspection finds of all assets; ``size``: floor area, m2, or for networks crew-days.
    rng : Generator
        For the random strategy.

    Returns
    -------
    ndarray of int
        The assets, first to last; ties keep the order of the ids.

    Examples
    --------
    >>> rng, own, one = np.random.default_rng(1), np.arange(4), np.ones(4)
    >>> repairs = Repairs(np.array([0.0, 1.0, 4.0, 0.0]), np.array([1, 1, 8, 1]), np.arange(4.0), np.arange(4.0))
    >>> priority(0, own, Listing(one, one, by_cost=False), repairs, rng).tolist()
    [1, 2, 3, 0]
    >>> priority(3, own, Listing(np.array([2, 1, 2, 9]), np.array([0, 0, -5, 0]), by_cost=False), repairs, rng).tolist()
    [1, 2, 0, 3]
    """
    keys = rng.random(own.size)
    if code == RANDOM:
        order = np.argsort(keys, kind="stable")
    elif code in RIGID:
        key = repairs.cost[own] if listing.by_cost else listing.key[own]
        order = np.lexsort((key, listing.rank[own]))
    else:
        order = np.lexsort((-repairs.size[own], -repairs.value[own] / repairs.crews[own]))
    return own[order]


RIGID = (2, 3, 4, 5, 6)
"""Codes of the rigid lists."""
