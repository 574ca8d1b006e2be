"""Layer-wise relevance propagation through the encoder of a rating."""

import numpy as np

from holdfast.rating.explanation.level_score import RefitScore, integrated, of_code, stages
from holdfast.types import Floats

EPSILON = 1e-9  # keeps a layer that hardly differs from dividing by nothing


def relevance(score: RefitScore, values: Floats, middle: Floats) -> Floats:
    """What each number seen of a cell has to do with its level score, layer by layer from the score down.

    Takes what is seen of the cells, (cell, 2 feature), and of the middle, (2 feature,), as
    `holdfast.rating.explanation.level_score.Seen` holds them; the result has the shape of the first. Its sum over a cell is the
    score of the cell less that of the middle, but for what the epsilon takes.

    References
    ----------
    Bach et al. (2015), PLOS ONE 10(7), eq. 58: the epsilon rule. Departs from it in passing on differences from the middle, so
    that biases cancel and nothing is lost to them (Shrikumar, Greenside & Kundaje 2017, the rescale rule; Ancona et al.
    2018 on how the two are kin), and in the memberships of the groups, which are no layer: their share is integrated
    along the straight way between the two codes.

    Examples
    --------
    >>> layers = ((np.array([[1.0], [0.5]]), np.array([7.0])),)
    >>> score = RefitScore(layers, {"cuts": np.zeros(4)}, np.arange(1.0, 6.0))
    >>> relevance(score, np.array([[3.0, 2.0]]), np.array([1.0, 1.0])).round(6).tolist()
    [[2.0, 0.5]]
    """
    passed, reference = stages(score, values), stages(score, middle[None])
    shares = integrated(lambda code: of_code(score, code), reference[-1], passed[-1])
    for number in reversed(range(len(score.layers))):
        weights = score.layers[number][0]
        change = passed[number] - reference[number]
        after = change @ weights
        # a rectifier hands its relevance down as it stands: it has one number in and one out
        shares = change * ((shares / (after + np.where(after < 0, -EPSILON, EPSILON))) @ weights.T)
    return np.asarray(shares)
