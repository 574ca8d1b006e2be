"""Relevance propagation against a network worked out by hand."""

import numpy as np
import pytest

from holdfast.rating.explanation.level_score import RefitScore
from holdfast.rating.explanation.relevance import relevance


def test_a_small_network_by_hand():
    """Origin: by hand. Two inputs x = (2, 1) against (0, 0); hidden h1 = x1 + x2 - 1, h2 = x1 - 3 x2, rectified; output 2 h1 + 5 h2.

    At x: h = (2, -1), rectified (2, 0); at the middle (-1, 0), rectified (0, 0). The output rises by 2 x 2 = 4, all of it through
    h1. Before the rectifier h1 rises by 3: 2 of it through x1, 1 through x2. So x1 has 4 x 2/3, x2 4 x 1/3.
    """
    first = np.array([[1.0, 1.0], [1.0, -3.0]])
    layers = (
        (np.vstack([first, np.zeros((2, 2))]), np.array([-1.0, 0.0])),
        (np.array([[2.0], [5.0]]), np.array([9.0])),
    )
    score = RefitScore(layers, {"cuts": np.zeros(4)}, np.arange(1.0, 6.0))
    found = relevance(score, np.array([[2.0, 1.0, 0.0, 0.0]]), np.zeros(4))
    assert found.ravel().tolist() == pytest.approx([8 / 3, 4 / 3, 0, 0], abs=1e-6)
