"""Synthetic small cities: seeded, complete, as many damaged assets as asked for."""

import numpy as np
import pytest
from cities import parameters
from small_cities import small_city

from holdfast.recovery.simulation.draw import draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds


@pytest.mark.parametrize(("seed", "assets"), [(0, 10), (1, 10), (2, 20), (3, 30)])
def test_as_many_damaged_assets_as_asked_for(seed, assets):
    small = small_city(seed, assets, parameters())
    inputs = prepare(small.city, small.scenario, *small.options, small.parameters)
    tasks = draw(inputs, draw_seeds(7, 1)[0][0]).tasks.asset
    assert abs(tasks["damaged"].sum() - assets) <= 2  # a small network may have fewer assets than are to break
    again = draw(inputs, draw_seeds(8, 1)[0][0]).tasks.asset
    assert np.array_equal(tasks, again)


def test_same_seed_same_city():
    one, two, other = (small_city(s, 10, parameters()) for s in (4, 4, 5))
    assert one.city.buildings.equals(two.city.buildings)
    assert one.options == two.options
    assert not one.city.buildings.equals(other.city.buildings)


def test_named_synthetic():
    small = small_city(0, 10, parameters())
    assert "Synthetic" in small.city.name
    assert all(n.synthetic for n in small.city.networks.values())
