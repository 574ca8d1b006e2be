"""Casualties in whole persons, and what a few draws can say of the rare."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import pdtr

ENDS = (0.05, 0.5, 0.95)
SURELY = 40.0  # standard deviations above the mean, beyond which nobody is left


def whole_persons(expected: ArrayLike) -> tuple[int, int, int]:
    """P5, P50 and P95 of how many persons are killed or injured, from the number that is expected in each draw.

    Given the damage of a draw, the number of casualties is taken for Poisson. Not specified in the paper, which gives rates:
    people in one building are not injured independently, so that the interval is somewhat too narrow.

    Parameters
    ----------
    expected : array_like
        Persons expected given the damage, one per draw; draws weigh alike.

    Returns
    -------
    tuple of int
        Least numbers of persons that are not exceeded with 5, 50 and 95 % probability.

    Examples
    --------
    >>> whole_persons([0.83]), whole_persons([0.0, 0.0])
    ((0, 1, 3), (0, 0, 0))
    """
    means = np.asarray(expected, dtype=np.float64)
    low, middle, high = (_least(means, share) for share in ENDS)
    return low, middle, high


def _least(means: NDArray[np.float64], share: float) -> int:
    """Least count that the mixture of Poisson numbers does not exceed with a probability, by bisection."""
    below, enough = -1, int(np.ceil(means.max() + SURELY * np.sqrt(means.max() + 1)))
    while enough - below > 1:
        middle = (below + enough) // 2
        if pdtr(middle, means).mean() >= share:
            enough = middle
        else:
            below = middle
    return enough


def chance_of_none_worse(draws: int, share: float = 0.05) -> float:
    """Probability that none of so many draws lies among the worst `share` of all outcomes.

    Examples
    --------
    >>> round(chance_of_none_worse(20), 2)
    0.36
    """
    return float((1 - share) ** draws)


def labels(names: Sequence[str]) -> dict[str, object]:
    """Attributes of a coordinate of numbers 1, 2, 3 that says in the terms of CF what each stands for.

    Examples
    --------
    >>> labels(["first aid", "killed"])["flag_meanings"]
    'first_aid killed'
    """
    return {
        "flag_values": np.arange(1, len(names) + 1, dtype=np.int32),
        "flag_meanings": " ".join(name.replace(" ", "_") for name in names),
    }
