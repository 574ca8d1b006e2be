"""Class of a pipe: every material of the published map, the rule for unknown ones, refusals."""

import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.damage.pipes import pipe_classes


@pytest.mark.parametrize(
    ("material", "diameter", "year", "expected"),
    [
        ("CI", 0.3, 1990, "PWP.B"),
        ("DI", 0.3, 1920, "PWP.D"),
        ("AC", 0.3, None, "PWP.B"),
        ("PVC", 0.3, None, "PWP.D"),
        ("ST", 0.3, 1934, "PWP.B"),
        ("ST", 0.3, 1935, "PWP.D"),
        ("ST", 0.3, None, "PWP.B"),
        (None, 20 * 0.0254, 1960, "PWP.B"),  # up to 20 inches: cast iron, whatever its year
        (None, 0.6, 1960, "PWP.D"),  # larger: steel, ductile from 1935 on
        ("", 0.6, None, "PWP.B"),
    ],
)
def test_rule(material, diameter, year, expected):
    """Origin: the rule in words of simcenter-dlml 3.2, water_network/portfolio/Hazus v6.1."""
    years = pd.Series([year], dtype="float64")
    assert pipe_classes(pd.Series([material], dtype=object), pd.Series([diameter]), years).tolist() == [expected]


def test_gas_pipes_and_index():
    got = pipe_classes(pd.Series({"g7": "BS"}), pd.Series({"g7": 0.2}), prefix="NGP")
    assert got.to_dict() == {"g7": "NGP.B"}


def test_refusals():
    with pytest.raises(TableError, match=r'(?s)pipe 0: neither material nor diameter.*pipe 1: "wood" is no known'):
        pipe_classes(pd.Series([None, "wood"], dtype=object), pd.Series([None, 0.2], dtype="float64"))
