"""EP: value added by floor area and use, and refusals."""

import numpy as np
import pytest
from cities import five_buildings, parameters

from holdfast.errors import TableError
from holdfast.recovery.productivity import by_occupancy, normal_production, production


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
