"""Which households leave a damaged home: the published logistic model of Lin (2009)."""

from collections.abc import Mapping

import numpy as np

from holdfast.types import Bools, Floats


def dislocation_probability(
    loss: Floats,
    single_family: Bools,
    figures: Mapping[str, float],
    black: Floats | float = 0.0,
    hispanic: Floats | float = 0.0,
) -> Floats:
    """Probability that the household of a damaged home leaves it.

    p = 1 / (1 + exp(-(b0 + b1 loss + b2 single_family + b3 black + b4 hispanic))); 0 where nothing is lost.

    Parameters
    ----------
    loss, single_family : ndarray
        Share of the value of the building that is lost, 0..1; whether the home is of one household; shape (household,).
    figures : mapping of str to float
        As from `holdfast.recovery.people.agent_figures.agent_figures`; b3 and b4 are 0 unless a study states them.
    black, hispanic : ndarray or float
        Share of the residents around the home, 0..1.

    Returns
    -------
    ndarray
        0..1, shape (household,).

    References
    ----------
    Lin (2009), dissertation, Texas A&M University, with the coefficients and the 0 of undamaged homes of IN-CORE. Departs
    from it in the terms of race, which are 0 by default: they describe one place and year.

    Examples
    --------
    >>> from holdfast.recovery.people.agent_figures import agent_figures
    >>> dislocation_probability(np.array([0.0, 0.5, 1.0]), np.array([True, True, False]), agent_figures({})).round(3).tolist()
    [0.0, 0.578, 0.886]
    """
    b = [figures[f"dislocation_{of}"] for of in ("constant", "loss", "single_family", "black", "hispanic")]
    logit = b[0] + b[1] * 100.0 * loss + b[2] * single_family + b[3] * 100.0 * black + b[4] * 100.0 * hispanic
    return np.where(loss > 0, 1.0 / (1.0 + np.exp(-logit)), 0.0)
