"""Contract of the clusterings, and a golden value."""

import numpy as np
import pandas as pd
import pytest
from planted_metros import planted_metro
from sklearn.mixture import GaussianMixture

from holdfast.rating.model.clustering import CLUSTERINGS, assign, gaussian_mixture
from holdfast.rating.model.consensus import agreement_between
from holdfast.rating.model.levels import order


@pytest.fixture
def groups():
    """Five synthetic, well separated groups of cells along one line, and their true order."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(1, 6), 40)
    scaled = pd.DataFrame(truth[:, None] * 2.0 + rng.normal(0, 0.2, (200, 4)), columns=list("abcd"))
    return (scaled - scaled.mean()) / scaled.std(ddof=0), truth


@pytest.mark.parametrize("name", CLUSTERINGS)
def test_a_clustering_finds_planted_groups_and_keeps_its_contract(name, groups):
    scaled, truth = groups
    codes = scaled.to_numpy()
    before = codes.copy()
    found = assign(CLUSTERINGS[name](codes, 5, np.random.default_rng(0)), codes)
    assert found.shape == truth.shape
    assert agreement_between(np.stack([found, truth])) == pytest.approx(1)
    assert np.array_equal(assign(CLUSTERINGS[name](codes, 5, np.random.default_rng(0)), codes), found)
    assert np.array_equal(codes, before)
    assert order(found, codes.mean(axis=1, keepdims=True))[found].tolist() == truth.tolist()


METRO = planted_metro("archetypes", 700, 101)


def test_mixture_groups_against_scikit_learn():
    """Origin: predictions of the fitted GaussianMixture itself."""
    cells = METRO.features.rank(pct=True).to_numpy()[:, :4] * 3
    ours = assign(gaussian_mixture(cells, 4, np.random.default_rng(3)), cells)
    seed = int(np.random.default_rng(3).integers(2**31))
    theirs = GaussianMixture(4, reg_covar=1e-4, max_iter=500, random_state=seed).fit_predict(cells)
    assert np.array_equal(ours, theirs)
