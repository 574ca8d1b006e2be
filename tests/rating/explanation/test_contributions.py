"""Contributions: exact where the score is a weighted sum, and adding up everywhere."""

import numpy as np
import pandas as pd
import pytest
from planted_metros import planted_metro

from holdfast.errors import DataMissing, UnknownName
from holdfast.rating.explanation.contributions import EXPLANATIONS, contributions, explain_cells
from holdfast.rating.explanation.level_score import RefitScore, Seen, level_score, refit_scores, seen_by
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.aims import Aims, meant, pull
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.rating.model.people import correlations
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells

METRO = planted_metro("additive", 300, 101)
DIRECTIONS = {name: RULES[name].direction for name in METRO.features}
NEAR = grid_neighbours(METRO.cells)
PEOPLE = pd.Series(np.random.default_rng(5).integers(10, 900, len(METRO.cells)).astype(float), METRO.features.index)
AIMS = Aims({name: RULES[name].pillar for name in METRO.features}, of_pillars={"robustness": 2.0})


def rated(method, **settings):
    given = {"network": NetworkSettings(epochs=40, refine_epochs=20), **settings}
    options = FitOptions(method, 3, settings=given, aims=AIMS, certainty=CertaintyOptions(draws=0))
    return rate_cells(METRO.features, DIRECTIONS, touching=NEAR, facts=CellFacts(PEOPLE), options=options, seed=1)


def test_contributions_of_the_default_are_its_weights():
    """Origin: weights of the sum, worked out here from the aims and the correlations of the features."""
    rating = rated("holdfast")
    found = explain_cells(rating.model, METRO.features, people=PEOPLE)
    scaled, people = rating.scaled.to_numpy(), PEOPLE.to_numpy()
    weights = pull(meant(list(rating.scaled), AIMS), correlations(scaled, people))
    mean = np.average(scaled, axis=0, weights=people)
    assert found.exact
    assert np.allclose(found.table, (scaled - mean) * weights, atol=1e-10)
    assert np.allclose(found.table.sum(axis=1), found.score - np.average(found.score, weights=PEOPLE), atol=1e-10)
    assert np.allclose(np.average(found.table, axis=0, weights=PEOPLE), 0, atol=1e-10)


def test_what_is_seen_of_neighbours_counts_for_the_feature():
    rating = rated("graded", neighbour_weight=0.4)
    found = explain_cells(rating.model, METRO.features, touching=NEAR, people=PEOPLE)
    assert np.allclose(found.table.sum(axis=1), found.score - np.average(found.score, weights=PEOPLE), atol=1e-10)
    alone = explain_cells(rating.model, METRO.features, people=PEOPLE)
    assert not np.allclose(found.table, alone.table, atol=0.01)


@pytest.mark.parametrize("explanation", ["integrated_gradients", "relevance"])
@pytest.mark.parametrize(
    "method",
    [
        "kmeans",
        "neighbour_kmeans",
        "gaussian_mixture",
        pytest.param("resilinet", marks=pytest.mark.deep),
        pytest.param("graph_autoencoder", marks=pytest.mark.deep),
    ],
)
def test_contributions_add_up_to_the_difference_of_scores(method, explanation):
    rating = rated(method)
    seen = seen_by(rating.model, rating.scaled, NEAR, rating.people)
    scores = refit_scores(rating.model, seen)
    change = level_score(scores, seen.values) - level_score(scores, seen.middle[None])
    gap = np.abs(contributions(scores, seen, explanation).sum(axis=1) - change)
    # relevance takes no steps through a network; gradients step over rectifiers that switch
    assert np.median(gap) < (0.01 if explanation == "integrated_gradients" else 0.001)
    assert gap.max() < 0.1


@pytest.mark.parametrize("explanation", EXPLANATIONS)
def test_what_a_score_does_not_see_contributes_nothing(explanation):
    """Two features that count alike and are alike share; the third has no weight."""
    rng = np.random.default_rng(0)
    weights = np.concatenate([np.array([[1.0, -2.0], [1.0, -2.0], [0.0, 0.0]]), np.zeros((3, 2))])
    score = RefitScore(
        ((weights, np.array([0.3, 0.1])), (np.array([[1.0], [0.7]]), np.zeros(1))),
        {"centroids": np.array([[-1.0], [2.0]])},
        np.array([1.0, 5.0]),
    )
    values = np.repeat(rng.normal(size=(50, 1)), 6, axis=1)
    found = contributions((score,), Seen(values, np.ones(50)), explanation)
    assert np.allclose(found[:, 0], found[:, 1], atol=1e-9)
    assert np.allclose(found[:, 2], 0, atol=1e-12)
    assert np.abs(found[:, 0]).max() > 0.5


def test_what_cannot_be_explained_is_refused():
    rating = rated("graded")
    with pytest.raises(UnknownName, match="integrated_gradients"):
        explain_cells(rating.model, METRO.features, explanation="lime")
    with pytest.raises(DataMissing, match="poverty"):
        explain_cells(rating.model, METRO.features.drop(columns="poverty"))
