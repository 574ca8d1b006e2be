"""Builders of a city: by hand, in money, over time.

By hand: one home of 100 m2 worth 100,000; its repair takes 10, 20 and 40 days and costs .25, .5 and 1 of it (moderate,
extensive, complete), so that a crew-day costs 175,000 / 70 = 2,500. 1,000 residents of whom each buys construction of which
5 a day is value added, half of the output, make an output of 10,000 a day, 8,000 in buildings: 3.2 crews.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import parameters, shops

from holdfast.errors import TableError
from holdfast.recovery.damage.rebuilding.builders import crew_day_price, normal_crews, with_builders
from holdfast.recovery.settings.run_settings import Aid, Resources

FIGURES = {"production_share": 0.04, "building_share": 0.8, "diverted_share": 0.5, "growth": 1.0, "growth_days": 60.0}


def tables(**changes):
    figures = pd.DataFrame({"figure": list(FIGURES), "value": list(FIGURES.values())})
    sectors = pd.DataFrame({"sector": ["construction"], "site_value_added_per_head": [5.0], "value_added_share": [0.5]})
    return parameters(**{"sectors": sectors, "rebuilding_figures": figures, **changes})


@pytest.fixture
def town():
    return home(1000.0)


def home(residents):
    city = shops([100.0], [0], ["RES1"])
    return replace(city, buildings=city.buildings.assign(residents=residents, replacement_cost=1e5))


def test_by_hand(town):
    means = Resources({"power": 1})
    assert crew_day_price(town, tables(), means) == pytest.approx(2500.0)
    assert normal_crews(town, tables(), means) == pytest.approx(3.2)


def test_what_crews_earn_is_the_output_of_the_builders(town):
    """Work and money agree: crews x price of a crew-day = output in buildings, whatever a building costs."""
    dear = replace(town, buildings=town.buildings.assign(replacement_cost=7e5))
    for city in (town, dear):
        means = Resources({})
        assert normal_crews(city, tables(), means) * crew_day_price(city, tables(), means) == pytest.approx(8000.0)


def test_twice_the_city_has_twice_the_builders(town):
    double = replace(town, buildings=pd.concat([town.buildings, town.buildings]))
    assert normal_crews(double, tables(), Resources({})) == pytest.approx(2 * 3.2)


def test_crews_follow_the_curve(town):
    large = replace(town, buildings=town.buildings.assign(residents=1e6))
    found = with_builders(large, tables(), Resources({"power": 1}, aid=[Aid("building", 5, 7)]))
    assert found.crews == {"building": 1600, "power": 1}
    assert found.aid[0] == Aid("building", 5, 7)
    for day in (30, 60, 600):
        there = 1600 + sum(a.crews for a in found.aid[1:] if a.day <= day)
        assert there == pytest.approx(3200 * (0.5 + 1 - np.exp(-day / 60)), abs=0.5)


def test_named_crews_stay(town):
    means = Resources({"building": 9})
    assert with_builders(town, parameters(), means) is means


def test_a_hamlet_has_one_crew():
    assert with_builders(home(3.0), tables(), Resources({})).crews["building"] == 1


def test_without_people_crews_must_be_named():
    with pytest.raises(TableError, match=r"crews\.building: not named, and builders are counted by residents"):
        with_builders(home(0.0), tables(), Resources({}))


def test_a_missing_figure_is_named(town):
    none = pd.DataFrame({"figure": ["growth"], "value": [1.0]})
    with pytest.raises(TableError, match='"production_share" stands in none'):
        with_builders(town, tables(rebuilding_figures=none), Resources({}))
