"""Recovery strategies: which task the free crews take next.

The seam is a name and a code inside the compiled loop (`STRATEGIES`). Rigid lists and the random order
are fixed before the loop (`listing`, `priority`) and walked, each trade giving its crews to the first tasks
that fit. Semi-flexible decides anew at each epoch (`engine.assign`): for a trade that works on buildings and has
few tasks left by a schedule on expected days (`plan`, called from `engine.ahead`), else by the exact 0/1
`knapsack` where few wait, and by value per crew; for a network by `branches` of a spanning tree, the
`best_branch` first. Fully flexible may also take crews off running work, and knows the drawn durations; its
uninformed twin knows the expected ones alone. What a task is worth stands in `valuation`.
"""

from holdfast.errors import UnknownName
from holdfast.recovery.strategy.branches import best_branch, branches
from holdfast.recovery.strategy.knapsack import best_set, knapsack, packed
from holdfast.recovery.strategy.lists import Listing, Repairs, listing, priority
from holdfast.recovery.strategy.plan import Ahead, plan
from holdfast.recovery.strategy.tree import Tree, spanning_tree
from holdfast.recovery.strategy.valuation import worth

STRATEGIES: dict[str, int] = {
    "semi_flexible": 0,
    "random": 1,
    "largest_first": 2,
    "critical_first": 3,
    "homes_first": 4,
    "cheapest_first": 5,
    "nearest_source_first": 6,
    "fully_flexible": 7,
    "fully_flexible_uninformed": 8,
}
"""Codes of the strategies inside the compiled loop."""
SEMI_FLEXIBLE, RANDOM = 0, 1
FULLY_FLEXIBLE, UNINFORMED = 7, 8


def strategy(name: str) -> int:
    """Code of a recovery strategy.

    Parameters
    ----------
    name : str
        Key of ``STRATEGIES``.

    Raises
    ------
    UnknownName
        If there is no such strategy.

    Examples
    --------
    >>> strategy("largest_first")
    2
    """
    if name not in STRATEGIES:
        raise UnknownName("strategy", name, STRATEGIES)
    return STRATEGIES[name]


__all__ = [
    "FULLY_FLEXIBLE",
    "RANDOM",
    "SEMI_FLEXIBLE",
    "STRATEGIES",
    "UNINFORMED",
    "Ahead",
    "Listing",
    "Repairs",
    "Tree",
    "best_branch",
    "best_set",
    "branches",
    "knapsack",
    "listing",
    "packed",
    "plan",
    "priority",
    "spanning_tree",
    "strategy",
    "worth",
]
