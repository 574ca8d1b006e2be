"""The published function, written out again from its coefficients."""

import math

import numpy as np
import pytest

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.dislocation import dislocation_probability


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("one", [True, False])
def test_the_published_function(loss, one):
    """Origin: logit = -0.42523 + 0.02480 x percent lost - 0.50166 single family - 0.01826 % Black - 0.01198 % Hispanic."""
    published = {"dislocation_black": -0.01826, "dislocation_hispanic": -0.01198}
    for black, hispanic in ((0.0, 0.0), (0.4, 0.2)):
        logit = -0.42523 + 0.0248 * 100 * loss - 0.50166 * one - 0.01826 * 100 * black - 0.01198 * 100 * hispanic
        p = dislocation_probability(np.array([loss]), np.array([one]), agent_figures(published), black, hispanic)
        assert p[0] == pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-12)


def test_nobody_leaves_an_undamaged_home_and_race_is_left_out():
    figures = agent_figures({})
    assert dislocation_probability(np.zeros(2), np.array([True, False]), figures).tolist() == [0.0, 0.0]
    loss, one = np.array([0.3]), np.array([True])
    assert dislocation_probability(loss, one, figures, 1.0, 1.0) == dislocation_probability(loss, one, figures)


def test_figures_that_make_no_sense_are_refused():
    with pytest.raises(UnknownName, match="leave_share"):
        agent_figures({"leave": 0.5})
    with pytest.raises(TableError, match=r"agent_figures\.leave_share: 1\.5 is no share"):
        agent_figures({"leave_share": 1.5})
    with pytest.raises(TableError, match="-1 is no amount"):
        agent_figures({"return_notice": -1})
