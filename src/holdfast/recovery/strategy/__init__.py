"""Recovery strategies: which task the free crews take next.

The seam is a record of traits and one dict, `STRATEGIES`. What is fixed before the loop, a list of ranks, a rule or a
random order, each trade walks through, giving its crews to the first tasks that fit. A strategy that re-plans decides
again whenever something changes: for a trade that works on buildings and has few tasks left by a schedule on expected
days (`best_schedule`), else by the exact 0/1 `knapsack` where few wait, and by value per crew; for a network by `branches` of a
spanning tree, the `best_branch` first. What a task gives back stands in `valuation`.
"""

from holdfast.recovery.strategy.branches import best_branch, branches
from holdfast.recovery.strategy.knapsack import knapsack
from holdfast.recovery.strategy.orders import Inspected, Order, RankList, at_random, by_value
from holdfast.recovery.strategy.schedule import Upcoming, best_schedule
from holdfast.recovery.strategy.spanning_tree import Tree, repair_tree, spanning_tree
from holdfast.recovery.strategy.strategies import STRATEGIES, CityOrder, Strategy, city_order, strategy
from holdfast.recovery.strategy.valuation import marginal_value

__all__ = [
    "STRATEGIES",
    "CityOrder",
    "Inspected",
    "Order",
    "RankList",
    "Strategy",
    "Tree",
    "Upcoming",
    "at_random",
    "best_branch",
    "best_schedule",
    "branches",
    "by_value",
    "city_order",
    "knapsack",
    "marginal_value",
    "repair_tree",
    "spanning_tree",
    "strategy",
]
