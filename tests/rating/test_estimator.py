"""The estimator keeps scikit-learn's contract."""

from unittest import SkipTest

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from holdfast.errors import UnknownName
from holdfast.rating.estimator import EmbeddedClustering


@pytest.mark.deep
@parametrize_with_checks(
    [EmbeddedClustering(3, refinement=r, epochs=30, random_state=0) for r in ("none", "dec", "idec")]
)
def test_scikit_learns_estimator_checks(estimator, check):
    try:
        check(estimator)
    except SkipTest as reason:  # one check is for an experimental setting of scipy alone
        assert "SCIPY_ARRAY_API" in str(reason)


def test_unknown_refinement():
    with pytest.raises(UnknownName, match="refinement"):
        EmbeddedClustering(refinement="more").fit(np.eye(9))
