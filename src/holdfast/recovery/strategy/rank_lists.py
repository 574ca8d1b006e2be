"""Lists fixed before the event: where every asset of a city stands in a list of ranks."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
import scipy.sparse

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.strategy.orders import Inspected, RankList
from holdfast.types import Floats, Ints

OTHERS = "*"
COST = "repair_cost"
DISTANCE = "distance_to_source"
AMOUNTS = {"persons": ["residents", "workers"], "residents": ["residents"], "floor_area": ["floor_area_m2"]}
"""Columns of buildings whose sum decides within a rank, the largest first."""


class Ranking(NamedTuple):
    """Where every asset stands: ``rank`` (asset,), least first; ``key`` (asset,), least first within a rank.

    ``by_cost``: the key is the cost of repair instead, known after the event only.
    """

    rank: Floats
    key: Floats
    by_cost: bool


def packaged_list(name: str) -> RankList:
    """Read one list of the packaged table ``priorities``, each row of which names its source.

    Examples
    --------
    >>> packaged_list("homes_first").then_by
    'residents'
    """
    table = packaged("priorities")
    own = table[table["list"] == name]
    if own.empty:
        raise UnknownName("list of ranks", name, table["list"].unique())
    return RankList(own.set_index("occupancy")["rank"].to_dict(), str(own["then_by"].iloc[0]))


def rank_assets(ranks: RankList, buildings: pd.DataFrame, graph: Graph, site: Floats) -> Ranking:
    """Find where every asset of a city, by its places `site` (m, shape (asset, 2)), stands in a list.

    A node or edge takes the best rank, and the sum of the persons, residents or floor area, of the buildings that it
    serves. Not specified in the paper.

    Raises
    ------
    TableError
        If the list has no rank for "*", goes by an unknown key, or the buildings lack a column.
    """
    known = (*AMOUNTS, DISTANCE, COST)
    if OTHERS not in ranks.ranks or ranks.then_by not in known:
        text = f'a list needs a rank for occupancy "{OTHERS}" and a key among {", ".join(known)}'
        raise TableError("list of ranks", [Problem(text, column="then_by")])
    columns = AMOUNTS.get(ranks.then_by, [])
    lacking = [c for c in ("occupancy", *columns) if c not in buildings]
    if lacking:
        raise TableError("buildings", [Problem("the list of ranks needs this column", column=c) for c in lacking])
    last = float(ranks.ranks[OTHERS])
    rank = buildings["occupancy"].astype(str).map(dict(ranks.ranks)).fillna(last).to_numpy(np.float64)
    amount = buildings[columns].to_numpy(np.float64).sum(axis=1)
    first, served, distance = _networks(graph, site, rank, amount, last)
    every = np.concatenate([rank, first])
    if ranks.then_by == DISTANCE:
        # a building is as far from a source as the node that serves it in the first network
        home = distance[graph.serving[:, 0]] if graph.serving.shape[1] else np.zeros(rank.size)
        return Ranking(every, np.concatenate([home, distance]), by_cost=False)
    return Ranking(every, -np.concatenate([amount, served]), by_cost=ranks.then_by == COST)


def _networks(graph: Graph, site: Floats, rank: Floats, amount: Floats, last: float) -> tuple[Floats, Floats, Floats]:
    """Best rank and amount of the buildings behind each node and edge, and its distance to a source, m."""
    nodes = graph.source.size
    place = site[rank.size : rank.size + nodes]
    if nodes == 0:
        return np.empty(0), np.empty(0), np.empty(0)
    a, b = graph.ends[:, 0], graph.ends[:, 1]
    # a sparse matrix has no entry for a length of zero: two nodes at one spot are a hair apart
    length = np.maximum(np.hypot(*(place[a] - place[b]).T), np.finfo(np.float32).eps)
    ways = scipy.sparse.csr_array((length, (a, b)), shape=(nodes, nodes))
    ways.sum_duplicates()
    far, before, _ = scipy.sparse.csgraph.dijkstra(
        ways, directed=False, indices=np.flatnonzero(graph.source), return_predecessors=True, min_only=True
    )
    first, served = np.full(nodes, np.inf), np.zeros(nodes)  # of the buildings at the node itself
    for n in range(graph.serving.shape[1]):
        np.minimum.at(first, graph.serving[:, n], rank)
        np.add.at(served, graph.serving[:, n], amount)
    # what a node serves lies behind it on the shortest ways from the sources before the event
    _add_up(np.argsort(-far, kind="stable"), before, first, served)
    first = np.where(np.isfinite(first), first, last)  # nodes that serve nobody come with the others
    # an edge on a shortest way serves what its far end serves
    down = np.where(before[b] == a, b, np.where(before[a] == b, a, -1))
    used = down >= 0
    return (
        np.concatenate([first, np.where(used, first[down], last)]),
        np.concatenate([served, np.where(used, served[down], 0.0)]),
        # an edge is as far as its middle
        np.concatenate([far, np.minimum(far[a], far[b]) + length / 2]),
    )


@numba.njit(cache=True)
def _add_up(farthest: Ints, before: Ints, first: Floats, served: Floats) -> None:
    """Hand rank and amount of every node to the one before it on the way from the source, the farthest node first."""
    for v in farthest:
        p = before[v]
        if p >= 0:
            served[p] += served[v]
            first[p] = min(first[p], first[v])


def by_ranking(ranking: Ranking, assets: Ints, inspected: Inspected, _: np.random.Generator) -> Ints:
    """Put tasks into the order of a list; ties keep the order of the assets.

    Examples
    --------
    >>> ranking = Ranking(np.array([2.0, 1.0, 2.0, 9.0]), np.array([0.0, 0.0, -5.0, 0.0]), by_cost=False)
    >>> by_ranking(ranking, np.arange(4), Inspected(*[np.ones(4)] * 4), np.random.default_rng()).tolist()
    [1, 2, 0, 3]
    """
    key = inspected.cost[assets] if ranking.by_cost else ranking.key[assets]
    return assets[np.lexsort((key, ranking.rank[assets]))]
