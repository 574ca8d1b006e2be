"""From a file's own columns to Holdfast's."""

from pathlib import Path

import pandas as pd

from holdfast.config import TableOptions
from holdfast.sources.tidy import tidy


def test_one_column_of_a_file_may_be_two_of_ours():
    raw = pd.DataFrame({"poor": [0.1, 0.4], "svi": [7.0, 9.0], "own_svi": [1.0, 2.0]})
    columns = {"poverty_share": "poor", "own_poor": "poor", "own_svi": "svi", "own_again": "svi"}
    kept, _ = tidy(raw, TableOptions(source="polygons", path="tracts.csv", columns=columns), Path("tracts.csv"))
    assert kept["poverty_share"].tolist() == kept["own_poor"].tolist() == [0.1, 0.4]
    assert kept["own_svi"].tolist() == kept["own_again"].tolist() == [7.0, 9.0]
