"""Recovery strategies: the seam `STRATEGIES`, and the order that a strategy gives to the tasks of a city."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from holdfast.errors import UnknownName
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.strategy.orders import Inspected, Order, RankList, at_random, by_value
from holdfast.recovery.strategy.rank_lists import by_ranking, packaged_list, rank_assets
from holdfast.types import Floats, Ints


@dataclass(frozen=True)
class Strategy:
    """How free crews find their next task; the engine knows no more of a strategy than this.

    Parameters
    ----------
    order : Order or RankList
        In which the tasks of a trade are offered to its free crews: the first that fits starts.
    replans : bool
        Whether crews are assigned by plan whenever something changes, before the order fills what is left: where few
        tasks are left by a schedule, else by the knapsack; in networks by branches of the spanning tree. Meant for
        the order `by_value`.
    moves_crews : bool
        Whether crews may be taken off a task that is not done, day by day.
    sees_durations : bool
        Whether the drawn durations are known from the start; else their expected values alone.
    """

    order: Order | RankList
    replans: bool = False
    moves_crews: bool = False
    sees_durations: bool = False


CityOrder = Callable[[Ints, Inspected, np.random.Generator], Ints]
"""(assets with a task of one trade, what is known of all assets, generator of the draw) -> the assets, first to last."""


def strategy(name: str) -> Strategy:
    """Look a recovery strategy up.

    Raises
    ------
    UnknownName
        If ``STRATEGIES`` has no such key.

    Examples
    --------
    >>> strategy("fully_flexible").moves_crews
    True
    """
    if name not in STRATEGIES:
        raise UnknownName("strategy", name, STRATEGIES)
    return STRATEGIES[name]


def city_order(chosen: Strategy, buildings: pd.DataFrame, graph: Graph, site: Floats) -> CityOrder:
    """Prepare the order of a strategy for a city; the ranks of a list are found once, not in every draw.

    Parameters
    ----------
    buildings : DataFrame
        Needs ``occupancy``, ``residents``, ``workers``, ``floor_area_m2`` if the order is a list.
    site : ndarray
        Places of all assets, buildings, nodes, edges, m, shape (asset, 2).

    Raises
    ------
    TableError
        If a list lacks the rank "*" or goes by an unknown key.
    """
    if isinstance(chosen.order, RankList):
        return partial(by_ranking, rank_assets(chosen.order, buildings, graph, site))
    return partial(_by_rule, chosen.order)


def _by_rule(order: Order, assets: Ints, inspected: Inspected, rng: np.random.Generator) -> Ints:
    """Order by what is known of the tasks alone."""
    return assets[order(inspected.of(assets), rng)]


STRATEGIES: dict[str, Strategy] = {
    "semi_flexible": Strategy(by_value, replans=True),
    "random": Strategy(at_random),
    "largest_first": Strategy(packaged_list("largest_first")),
    "critical_first": Strategy(packaged_list("critical_first")),
    "homes_first": Strategy(packaged_list("homes_first")),
    "cheapest_first": Strategy(packaged_list("cheapest_first")),
    "nearest_source_first": Strategy(packaged_list("nearest_source_first")),
    "fully_flexible": Strategy(by_value, replans=True, moves_crews=True, sees_durations=True),
    "fully_flexible_uninformed": Strategy(by_value, replans=True, moves_crews=True),
}
