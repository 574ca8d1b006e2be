"""The network methods as an estimator that follows scikit-learn's interface."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from holdfast.errors import UnknownName
from holdfast.extras import require
from holdfast.rating.model.fitting import encoded
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.types import Floats, Ints

REFINEMENTS = ("none", "dec", "idec")


class EmbeddedClustering(TransformerMixin, ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Autoencoder and k-means on its code, refined by DEC or IDEC or not at all.

    Parameters
    ----------
    n_clusters : int
        Groups to find, at least one.
    refinement : str
        ``none``, ``dec`` or ``idec``.
    hidden, latent, epochs : int
        Sizes and length of the training, as in `holdfast.rating.model.network_settings.NetworkSettings`.
    random_state : int or None
        Seed; None draws one.

    Attributes
    ----------
    cluster_centers_ : ndarray
        Shape (group, latent), in the space of the code.
    labels_ : ndarray of int
        Shape (sample,), group of each training sample.
    layers_ : tuple
        Weights and biases of the encoder.
    n_features_in_ : int
        Number of features seen by `fit`.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 4)) + np.repeat([[-3.0], [3.0]], 30, axis=0)
    >>> labels = EmbeddedClustering(2, epochs=50, random_state=0).fit_predict(X)
    >>> sorted(np.bincount(labels).tolist())
    [30, 30]
    """

    def __init__(
        self,
        n_clusters: int = 5,
        *,
        refinement: str = "idec",
        hidden: int = 16,
        latent: int = 4,
        epochs: int = 300,
        random_state: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.refinement = refinement
        self.hidden = hidden
        self.latent = latent
        self.epochs = epochs
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002, N803 (scikit-learn's names)
        """Fit encoder and groups.

        Parameters
        ----------
        X : array-like
            Shape (sample, feature), standardised.

        Raises
        ------
        UnknownName
            If `refinement` is unknown.
        """
        if self.refinement not in REFINEMENTS:
            raise UnknownName("refinement", self.refinement, REFINEMENTS)
        require("torch", "deep", "embedded clustering")
        from holdfast.rating.model.autoencoder import encoder_layers, grouped, train
        from holdfast.rating.model.embedded import refine

        values = validate_data(self, X, dtype=np.float64, ensure_min_samples=self.n_clusters)
        generators = [np.random.default_rng(self.random_state)]
        settings = NetworkSettings(self.hidden, self.latent, self.epochs)
        # one refit alone, in the place of the batch that the rating trains
        network = train(values[None], settings, generators)
        centroids = grouped(network, values[None], generators, self.n_clusters)
        if self.refinement != "none":
            centroids = refine(network, values[None], centroids, settings, rebuild=self.refinement == "idec")
        self.layers_ = encoder_layers(network)
        self.cluster_centers_ = centroids[0]
        self.labels_ = self._nearest(values)
        return self

    def transform(self, X: Any) -> Floats:  # noqa: N803 (scikit-learn's name)
        """Code of each sample.

        Parameters
        ----------
        X : array-like
            Shape (sample, feature), standardised as for `fit`.

        Returns
        -------
        ndarray
            Shape (sample, latent).
        """
        check_is_fitted(self)
        return encoded(self.layers_, 0, validate_data(self, X, dtype=np.float64, reset=False))

    def predict(self, X: Any) -> Ints:  # noqa: N803 (scikit-learn's name)
        """Group of each sample, by the nearest centroid of its code.

        Parameters
        ----------
        X : array-like
            Shape (sample, feature), standardised as for `fit`.

        Returns
        -------
        ndarray of int
            Shape (sample,), from 0.
        """
        check_is_fitted(self)
        return self._nearest(validate_data(self, X, dtype=np.float64, reset=False))

    def _nearest(self, values: Floats) -> Ints:
        """Nearest centroid of checked samples; differences, not products, so that rows do not touch one another."""
        gap = encoded(self.layers_, 0, values)[:, None, :] - self.cluster_centers_
        return np.asarray(np.argmin((gap**2).sum(axis=2), axis=1))
