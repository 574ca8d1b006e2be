"""What measures are worth: present values, budgets, fairness, and ratings beside losses; pure functions over tables and arrays."""

from holdfast.appraisal.association import RankAssociation, rank_association
from holdfast.appraisal.fairness import concentration_index, equity_weights, group_amounts
from holdfast.appraisal.futures import chance_of_paying_back
from holdfast.appraisal.present_value import Terms, appraised, present_factor, shares_in_place
from holdfast.appraisal.programme import Programme, best_set, greedy_set, value_of
from holdfast.appraisal.regret import largest_regrets
from holdfast.appraisal.sets import Outlay, outlay, pair_interactions, present_benefit

__all__ = [
    "Outlay",
    "Programme",
    "RankAssociation",
    "Terms",
    "appraised",
    "best_set",
    "chance_of_paying_back",
    "concentration_index",
    "equity_weights",
    "greedy_set",
    "group_amounts",
    "largest_regrets",
    "outlay",
    "pair_interactions",
    "present_benefit",
    "present_factor",
    "rank_association",
    "shares_in_place",
    "value_of",
]
