"""Claims beside our functions: planted losses are found again, and what cannot be compared is left out with its reason."""

import numpy as np
import pandas as pd
import pytest
from flood_claims import FIRST_FLOOR, claims, compared

from holdfast.recovery import flood_losses


@pytest.fixture
def planted(tmp_path):
    """300 houses, in FEMA's columns, that lose what the functions of the Corps of Engineers say, give or take 2 %."""
    rng = np.random.default_rng(8)
    feet, floors, basement = rng.integers(1, 9, 300), rng.integers(1, 3, 300), rng.choice([-1, 2], 300)
    foundation = np.where(basement == 2, "basement", "slab")
    homes = pd.DataFrame({"occupancy": "RES1", "stories": floors.astype(float), "foundation": foundation})
    homes["first_floor_m"] = FIRST_FLOOR
    depth = pd.Series(feet * 0.3048 + FIRST_FLOOR)
    share = (flood_losses(homes, depth, curves="usace")["structure"] + rng.normal(0, 0.02, 300)).clip(0.001, 1)
    table = pd.DataFrame({"yearOfLoss": 2005, "occupancyType": 1, "waterDepth": feet, "buildingReplacementCost": 2e5})
    table["numberOfFloorsInTheInsuredBuilding"], table["basementEnclosureCrawlspaceType"] = floors, basement
    table["buildingDamageAmount"] = share * 2e5
    other = pd.concat([table.iloc[:1].assign(occupancyType=4), table.iloc[:2].assign(waterDepth=0)])
    pd.concat([table, other]).to_csv(tmp_path / "claims.csv", index=False)
    return tmp_path / "claims.csv"


def test_planted_losses_are_found_again(planted, capsys):
    kept = claims(planted)
    assert len(kept) == 300
    told = capsys.readouterr().out
    assert "1 without a home of one to four families" in told
    assert "2 without a depth above 0" in told
    found = compared(kept, "ft")
    assert found["mean_absolute_error"].idxmin() == "usace"
    assert found.loc["usace", "mean_absolute_error"] == pytest.approx(0.02 * np.sqrt(2 / np.pi), rel=0.2)
    assert abs(found.loc["usace", "bias"]) < 0.005
    assert found.loc["usace", "more_low"] > 0
    assert np.isnan(found.loc["depth", "bias"])


def test_a_wrong_unit_shows_in_the_bias(planted):
    assert compared(claims(planted), "in").loc["usace", "bias_high"] < -0.1
