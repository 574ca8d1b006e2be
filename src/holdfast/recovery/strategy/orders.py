"""Orders: which task of a trade is offered to its free crews first, by a rule or by a written list of ranks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from holdfast.types import Floats, Ints


class Inspected(NamedTuple):
    """What inspection finds of damaged assets, all (asset,).

    ``value``: functionality that a repair gives back per expected day of work, 1/day, 0 in networks; ``crews`` it takes;
    ``size``: floor area, m2, in networks crew-days; ``cost``: money.
    """

    value: Floats
    crews: Ints
    size: Floats
    cost: Floats

    def of(self, assets: Ints) -> "Inspected":
        """The rows of some assets."""
        return Inspected(self.value[assets], self.crews[assets], self.size[assets], self.cost[assets])


Order = Callable[[Inspected, np.random.Generator], Ints]
"""(what is known of the tasks of a trade, generator of the draw) -> their positions, first to last."""


@dataclass(frozen=True)
class RankList:
    """A list as planners write it: a rank for each occupancy, and what decides within a rank.

    Parameters
    ----------
    ranks : mapping of str to float
        Rank of each occupancy, 1 first; ``"*"`` stands for all others and for networks, and must be there.
    then_by : str
        ``persons``, ``residents`` or ``floor_area``, the largest first; ``distance_to_source`` or ``repair_cost``, the
        smallest first. A node or edge of a network counts what it serves.

    Examples
    --------
    >>> RankList({"COM6": 1, "*": 2}, then_by="persons").then_by
    'persons'
    """

    ranks: Mapping[str, float]
    then_by: str


def by_value(tasks: Inspected, _: np.random.Generator) -> Ints:
    """Most value per crew first (Smith's rule); tasks without gain last, the largest first.

    Examples
    --------
    >>> tasks = Inspected(np.array([0.0, 1.0, 4.0, 0.0]), np.array([1, 1, 8, 1]), np.arange(4.0), np.arange(4.0))
    >>> by_value(tasks, np.random.default_rng()).tolist()
    [1, 2, 3, 0]

    References
    ----------
    Smith (1956), Various optimizers for single-stage production, Naval Research Logistics Quarterly 3.
    """
    # the last key is the first to sort by
    return np.lexsort((-tasks.size, -tasks.value / tasks.crews))


def at_random(tasks: Inspected, rng: np.random.Generator) -> Ints:
    """Every order equally likely, drawn once per draw and trade."""
    return np.argsort(rng.random(tasks.value.size), kind="stable")
