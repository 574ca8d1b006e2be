"""Charts of a set of scenarios, where the axis has no extent of its own."""

from xml.etree import ElementTree

import pandas as pd
import pytest

from holdfast.pages.scenarios_report import exceedance_chart


@pytest.mark.parametrize("rates", [(0.01, 0.01), (0.1, 0.0), (0.03, 0.002), (0.0, 0.0)])
def test_every_place_in_the_chart_is_a_number(rates):
    """One event with one draw has one rate; a power of ten is both ends of the axis."""
    curve = {"loss": "repair_cost", "unit": "USD_2017", "threshold": [0.0, 5.0], "annual_rate": list(rates)}
    chart = exceedance_chart(pd.DataFrame(curve | {"mean_error": 0.0}))
    assert ElementTree.fromstring(chart).tag == "svg"
    assert "nan" not in chart
    assert "inf" not in chart
