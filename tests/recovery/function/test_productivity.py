"""EP: value added by floor area and use, and refusals."""

import numpy as np
import pytest
from cities import five_buildings, parameters

from holdfast.data import figure, packaged
from holdfast.errors import TableError
from holdfast.recovery.function.productivity import (
    by_occupancy,
    full_service,
    normal_production,
    not_recaptured,
    production,
)


def test_normal_production_of_five_buildings():
    assert normal_production(five_buildings().buildings, parameters().productivity).tolist() == [0, 0, 100, 100, 120]


def test_index_is_kept_and_nothing_changes():
    city, table = five_buildings(), parameters().productivity
    before = city.buildings.copy()
    assert normal_production(city.buildings, table).index.equals(before.index)
    assert city.buildings.equals(before)


def test_scaling_floor_area_scales_production():
    buildings = five_buildings().buildings
    double = buildings.assign(floor_area_m2=2 * buildings["floor_area_m2"])
    table = parameters().productivity
    assert (normal_production(double, table) == 2 * normal_production(buildings, table)).all()


def test_production_of_a_part():
    assert production(np.array([100.0, 50.0]), np.array([0.5, 1.0])).tolist() == [50, 50]


def test_missing_occupancy_is_named():
    with pytest.raises(TableError, match='no row for "COM4"'):
        by_occupancy(five_buildings().buildings, parameters().occupancies.query("occupancy != 'COM4'"), "category")


def test_an_occupancy_without_full_service_is_named():
    table = parameters().productivity
    no_power = table[(table["occupancy"] != "COM1") | (table["power"] == 0)]
    assert set(full_service(no_power)) == {0.0, 3.0, 4.0}
    with pytest.raises(TableError, match='no row for "COM1"'):
        normal_production(five_buildings().buildings, no_power)


def test_recapture_is_greatest_for_short_interruptions():
    """Origin: 87 % of a shop's loss is made up at once (Hazus); after the fade nothing is."""
    shares = packaged("occupancies").set_index("occupancy")["recapture_share"]
    days = np.array([0.0, figure("recapture_fade") / 2, figure("recapture_fade"), 1000.0])
    left = not_recaptured(np.full(4, 100.0), np.full(4, shares["COM1"]), days, figure("recapture_fade"))
    np.testing.assert_allclose(left, [13.0, 56.5, 100.0, 100.0])
    assert (np.diff(left) >= 0).all()
