"""Recovery strategies: which task the free crews take next.

The seam is a record of traits and one dict, `STRATEGIES`. What is fixed before the loop, a list of ranks, a rule or a
random order, each trade walks through, giving its crews to the first tasks that fit. A strategy that re-plans decides
again whenever something changes: for a trade that works on buildings and has few tasks left by a schedule on expected
days (`plan`), else by the exact 0/1 `knapsack` where few wait, and by value per crew; for a network by `branches` of a
spanning tree, the `best_branch` first. What a task is worth stands in `valuation`.
"""

from holdfast.recovery.strategy.branches import best_branch, branches
from holdfast.recovery.strategy.knapsack import best_set, knapsack, packed
from holdfast.recovery.strategy.orders import Inspected, Order, RankList, at_random, by_value
from holdfast.recovery.strategy.plan import Ahead, plan
from holdfast.recovery.strategy.strategies import STRATEGIES, CityOrder, Strategy, city_order, strategy
from holdfast.recovery.strategy.tree import Tree, spanning_tree
from holdfast.recovery.strategy.valuation import worth

__all__ = [
    "STRATEGIES",
    "Ahead",
    "CityOrder",
    "Inspected",
    "Order",
    "RankList",
    "Strategy",
    "Tree",
    "at_random",
    "best_branch",
    "best_set",
    "branches",
    "by_value",
    "city_order",
    "knapsack",
    "packed",
    "plan",
    "spanning_tree",
    "strategy",
    "worth",
]
