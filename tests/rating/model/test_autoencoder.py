"""Autoencoders: refits in one batch, known dimensions, divergence."""

import numpy as np
import pytest

pytest.importorskip("torch")

from holdfast.errors import NotConverged
from holdfast.rating.model.autoencoder import code, train
from holdfast.rating.model.network_settings import NetworkSettings

pytestmark = pytest.mark.deep


def generators(*seeds):
    return [np.random.default_rng(seed) for seed in seeds]


def test_refits_in_one_batch_equal_refits_alone():
    cells = np.random.default_rng(0).normal(size=(80, 5))
    settings, batch = NetworkSettings(epochs=50), np.stack([cells] * 3)
    network = train(batch, settings, generators(1, 2, 3))
    for k, seed in enumerate((1, 2, 3)):
        alone = train(cells[None], settings, generators(seed))
        assert np.allclose(code(network, batch)[k], code(alone, cells[None])[0], atol=1e-4)
        assert network.errors[k] == pytest.approx(alone.errors[0], rel=1e-4)


def test_a_wide_autoencoder_recovers_a_low_dimension():
    """Origin: cells that lie on a plane need two numbers; principal components rebuild them exactly."""
    rng = np.random.default_rng(1)
    cells = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 6))
    cells = (cells - cells.mean(0)) / cells.std(0)
    network = train(cells[None], NetworkSettings(latent=2, hidden=32, epochs=1500), [rng])
    assert network.errors[0] < 0.02


def test_a_diverging_autoencoder_is_refused():
    with pytest.raises(NotConverged, match="learning_rate"):
        train(np.full((1, 60, 2), 1e30), NetworkSettings(epochs=5), generators(0))
