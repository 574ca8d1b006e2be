"""The verdict. Origin of the figures: by hand on a town of a hundred equal buildings of 100 m2."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import five_buildings

from holdfast.recovery.city.plausibility import plausibility
from holdfast.recovery.city.verdict import verdict

PER_HEAD = ["quantity", "city", "nation", "unit", "ratio", "country", "source"]


@pytest.fixture
def town():
    """The five buildings of `cities`, with all four attributes, none inferred, and nothing odd about it."""
    made = five_buildings()
    table = made.buildings.assign(
        stories=2.0, year_built=1950.0, structure="W1", night_occupants=1.0, day_occupants=1.0
    )
    return replace(made, buildings=table)


def graded(city, rules=(), ratio=1.0):
    """Verdict with marks (attribute, rule, share of the floor area), all checks in range, and one figure per head."""
    found = plausibility(city)
    marks = pd.DataFrame(list(rules), columns=["attribute", "rule", "floor_area_share"])
    beside = pd.DataFrame([["product", ratio, 1.0, "USD_2017/person/year", ratio, "FI", "x"]], columns=PER_HEAD)
    fine = found.checks.assign(plausible=True)
    return verdict(city, replace(found, inferred=marks, per_head=beside, checks=fine))


def test_a_known_town_is_good(town):
    found = graded(town)
    assert (found.grade, found.observed, found.traced, found.assumed) == ("good", 1.0, 0.0, 0.0)
    assert found.first.startswith("Verdict: good. 0% of what decides")
    assert "beside FI: product 1.00 of the published" in found.first
    assert not found.odd


def test_shares_by_hand(town):
    """Stories all from heights (traced 1/4), years all drawn (assumed 1/4), half of the uses from a land use (traced 1/8)."""
    found = graded(
        town, [("stories", "height", 1.0), ("year_built", "stock_mix", 1.0), ("occupancy", "osm_land_use", 0.5)]
    )
    assert (found.traced, found.assumed, found.observed) == (0.375, 0.25, 0.375)
    assert found.grade == "good"


def test_a_bare_map(town):
    drawn = [(a, "stock_mix", 1.0) for a in ("stories", "year_built", "structure")]
    assert graded(town, [*drawn, ("occupancy", "stock_mix", 0.6)]).grade == "doubtful"  # 0.4 / 4 = 10 % are known
    assert graded(town, [*drawn, ("occupancy", "stock_mix", 0.7)]).grade == "bare map"  # 7.5 %
    assert graded(town, [("replacement_cost", "unit_cost", 1.0)]).grade == "good"  # does not decide


def test_far_from_published_figures_is_odd(town):
    assert graded(town, ratio=1.9).grade == "good"
    found = graded(town, ratio=2.1)
    assert found.grade == "doubtful"
    assert found.odd == ["product per resident is 2.1 times that of FI"] or found.odd[0].startswith(
        "product per resident"
    )


@pytest.mark.parametrize(("alike", "grade"), [(0.89, "good"), (0.93, "doubtful")])
def test_one_class_that_rules_is_named(town, alike, grade):
    """Of a hundred buildings 89 (93) have the class W1; the other attributes vary."""
    count = 100
    base = town.buildings.iloc[np.zeros(count, dtype=int)].set_axis([f"b{i}" for i in range(count)])
    table = base.assign(
        structure=np.where(np.arange(count) < 100 * alike, "W1", "C1"),
        stories=np.arange(count) % 3 + 1.0,
        year_built=1900.0 + np.arange(count),
        occupancy=np.where(np.arange(count) % 2, "RES1", "COM1"),
    )
    found = graded(replace(town, buildings=table))
    assert found.grade == grade
    assert ("one structural class, W1, rules: 93% of the buildings" in found.first) == (grade == "doubtful")
