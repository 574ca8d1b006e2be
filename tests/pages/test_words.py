"""Numbers and events in words, at the borders where words change."""

import pytest

from holdfast.pages.words import amount, shaking

PGA = {"hazard": "uniform", "intensity_measure": "PGA", "value": 0.4, "unit": "g", "values": {}}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (999_999.0, "$1 M"),
        (999_400.0, "$999 k"),
        (9.996e8, "$1 bn"),
        (-999_999.0, "-$1 M"),
        (999.0, "$999"),
        (0.0, "$0"),
    ],
)
def test_the_scale_of_money_is_that_of_the_number_shown(value, words):
    assert amount(value, "USD_2017") == words


def test_every_measure_of_a_uniform_event_is_named():
    assert shaking(PGA).startswith("Median shaking 0.4 g (PGA) everywhere;")
    both = shaking(PGA | {"values": {"PGV": 30.0}})
    assert both.startswith("Median shaking 0.4 g (PGA), 30 cm/s (PGV) everywhere;")
    water = {"hazard": "storm", "flood": {"depth_m": 1.5}, "wind": {"track": "path"}}
    assert shaking(water) == 'Water 1.5 m deep everywhere and gusts from the table "path"; no return period stated.'
    assert shaking({"hazard": "wind", "wind": {"gust_m_s": 40}}).startswith("Gusts of 40 m/s everywhere;")
    other = shaking(PGA | {"value": None, "unit": None, "values": {"SA0.3": 0.5}})
    assert other.startswith("Median shaking 0.5 g (SA0.3) everywhere;")
