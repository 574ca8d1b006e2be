"""The number behind a level: its slope against differences and against torch, its order against the levels."""

from dataclasses import replace

import numpy as np
import pytest
from planted_metros import planted_metro
from scipy.stats import spearmanr

from holdfast.keywords import keywords_of
from holdfast.rating.explanation.level_score import level_score, refit_scores, seen_by, value_and_slope
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.stages import rate_cells

METRO = planted_metro("archetypes", 300, 101)
NEAR = grid_neighbours(METRO.cells)
QUICK = FitOptions(
    refits=2,
    settings={"network": NetworkSettings(epochs=40, refine_epochs=20)},
    certainty=CertaintyOptions(draws=0),
)
DEEP = [name for name, fit in METHODS.items() if "network" in keywords_of(fit)]
ALL = [pytest.param(name, marks=pytest.mark.deep if name in DEEP else ()) for name in METHODS]


def seen_and_scores(method, metro=METRO):
    directions = {name: RULES[name].direction for name in metro.features}
    rating = rate_cells(metro.features, directions, touching=NEAR, options=replace(QUICK, method=method), seed=1)
    seen = seen_by(rating.model, rating.scaled, NEAR, rating.people)
    return rating, seen, refit_scores(rating.model, seen)


@pytest.mark.parametrize("method", ALL)
def test_the_slope_is_that_of_small_differences(method):
    """Origin: central differences of the score itself."""
    _, seen, scores = seen_and_scores(method)
    values, step = seen.values[:40], 1e-5
    for score in scores:
        _, slope = value_and_slope(score, values)
        for column in range(0, values.shape[1], 5):
            up, down = values.copy(), values.copy()
            up[:, column] += step
            down[:, column] -= step
            change = (level_score((score,), up) - level_score((score,), down)) / (2 * step)
            # a rectifier that switches inside the step has two slopes there
            assert np.quantile(np.abs(change - slope[:, column]), 0.95) < 1e-5


@pytest.mark.parametrize("method", ALL)
def test_the_score_goes_with_the_level(method):
    rating, seen, scores = seen_and_scores(method)
    assert spearmanr(level_score(scores, seen.values), rating.levels.astype(float)).statistic > 0.8


@pytest.mark.deep
def test_the_slope_through_a_network_is_that_of_torch():
    """Origin: automatic differentiation of the same network written in torch."""
    torch = pytest.importorskip("torch")
    _, seen, (score, *_) = seen_and_scores("resilinet")
    inputs = torch.tensor(seen.values, requires_grad=True)
    (first, one), (second, other) = ((torch.tensor(w), torch.tensor(b)) for w, b in score.layers)
    code = torch.relu(inputs @ first + one) @ second + other
    gaps = ((code[:, None] - torch.tensor(score.groups["centroids"])) ** 2).sum(dim=2)
    level = torch.softmax(-gaps / (2 * score.width), dim=1) @ torch.tensor(score.levels)
    level.sum().backward()
    value, slope = value_and_slope(score, seen.values)
    assert np.allclose(value, level.detach().numpy(), atol=1e-10)
    assert np.allclose(slope, inputs.grad.numpy(), atol=1e-8)
