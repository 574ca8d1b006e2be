"""Features of a risk from tables, on two cells worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from holdfast.rating.features.rules import RULES
from holdfast.rating.overlay.risk_features import PILLARS, RISK_RULES, RiskRule, measure_risk

CELLS = gpd.GeoDataFrame({"region_m2": [4e6, 2e6]}, index=pd.Index(["a", "b"], name="cell_id"))
# two areas in the first cell, one in the second; the last has no homes, so nobody is flooded there
AREAS = pd.DataFrame(
    {
        "cell_id": ["a", "a", "b"],
        "share": [0.5, 1.0, 1.0],
        "piece_m2": [1e6, 3e6, 2e6],
        "housing_units": [40.0, 60.0, 0.0],
        "own_flood": [0.2, 0.6, 0.9],
    }
)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("homes", [(0.2 * 20 + 0.6 * 60) / 80, np.nan]),  # 20 of the first area's homes lie in the cell
        ("area", [(0.2 * 20 + 0.6 * 60) / 80 * 0 + (0.2 * 1e6 + 0.6 * 3e6) / 4e6, 0.9]),
    ],
)
def test_own_columns_are_means_by_homes_or_ground(measure, expected):
    table, _ = measure_risk(
        CELLS, {"areas": AREAS}, {"flood": RiskRule("hazard", "1", 1, measure, ("areas.own_flood",))}
    )
    assert np.allclose(table["flood"], expected, equal_nan=True)


def test_homes_per_area_and_flooded_ground():
    zones = pd.DataFrame({"cell_id": ["a"], "piece_m2": [1e6]})
    rules = {n: RISK_RULES[n] for n in ("homes_density", "flood_exposure")}
    table, absent = measure_risk(CELLS, {"areas": AREAS, "flood_zones": zones}, rules)
    assert table["homes_density"].tolist() == [80 / 4, 0.0]
    assert table["flood_exposure"].tolist() == [0.25, 0.0]
    assert absent == {}


def test_the_schema_speaks_of_known_pillars_and_hazard_has_left_resilience():
    assert {rule.pillar for rule in RISK_RULES.values()} == set(PILLARS)
    assert "flood_exposure" not in RULES
    cells = {n.partition(".")[2] for r in RISK_RULES.values() for n in r.needs if n.startswith("cells.")}
    assert cells - {"housing_units"} <= set(RULES)
