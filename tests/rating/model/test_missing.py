"""Policies for missing values."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import DataMissing, UnknownName
from holdfast.rating.model.missing import fill


def test_policies_for_missing_values():
    features = pd.DataFrame({"poverty": [0.1, np.nan, 0.3, np.nan]}, index=list("abcd"))
    homes = pd.Series([1.0, 5.0, 2.0, 0.0], index=list("abcd"))
    _, reasons, _ = fill(features, homes, {"poverty": "unrated"})
    assert reasons.tolist() == ["", "unknown: poverty", "", "no housing units"]
    filled, reasons, flags = fill(features, homes, {"poverty": "median"})
    assert filled["poverty"].iloc[1] == pytest.approx(0.2)
    assert reasons.tolist() == ["", "", "", "no housing units"]
    assert flags["poverty_imputed"].tolist() == [False, True, False, False]
    with pytest.raises(DataMissing, match="poverty is unknown in 1"):
        fill(features, homes, {"poverty": "refuse"})
    with pytest.raises(UnknownName, match="policy"):
        fill(features, homes, {"poverty": "guess"})
