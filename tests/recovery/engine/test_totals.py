"""Totals that follow single buildings, against sums over all buildings; people who leave a home without services."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import CRS, block_of, five_buildings, parameters, town
from plans import plan
from shapely.geometry import box

from holdfast.recovery.engine.initial import initial_state
from holdfast.recovery.engine.records import FUNCTION_UNIT
from holdfast.recovery.engine.totals import set_usable
from holdfast.recovery.function.service_capacity import Households
from holdfast.recovery.hazard import uniform
from holdfast.recovery.simulation.draw import draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds


def test_what_hangs_on_a_node_is_the_function_of_the_buildings_that_it_serves():
    options = plan(crews={"building": 12, "power": 3, "water": 3, "telecom": 3})
    inputs = prepare(town(60), uniform({"PGA": 0.4}), *options, parameters())
    drawn, own = draw(inputs, draw_seeds(1, 1)[0][0]), inputs.repair
    city = own.city
    pools = (inputs.damage.table.pools, own.materials.stock)
    state = initial_state(city, own.baseline, drawn.tasks, own.calendar, pools, 10, 0)
    rng = np.random.default_rng(7)
    for b in rng.integers(60, size=200):
        set_usable(b, rng.choice([0.0, 0.5, 1.0]), rng.choice([0.0, 0.25, 1.0]), city, state)
    building = state.functions.building
    shares = np.stack([building["usable"], building["reoccupied"]], axis=1)
    expected = np.zeros(city.graph.source.size)
    np.add.at(expected, city.graph.serving, (city.dependent * shares[:, None, :]).sum(axis=2))
    assert (state.functions.dependent / FUNCTION_UNIT).tolist() == pytest.approx(expected.tolist(), abs=1e-9)


@pytest.mark.parametrize("residents", [0.5, 1.0, 4.0])
def test_even_one_person_leaves_a_home_without_power(residents):
    """By hand: no power for 80 days, then no water: .5 x .25 = 1 in 8 can live there, the others leave after 3 days."""
    city, tables = five_buildings(), parameters()
    zones = gpd.GeoDataFrame(
        {"residents": [residents]}, index=pd.Index(["z1"], name="zone_id"), geometry=[box(0, 0, 500, 500)], crs=CRS
    )
    city = replace(city, buildings=city.buildings.loc[["b1"]].assign(residents=residents, damage_state=0), zones=zones)
    city.networks["power"].nodes["asset_class"] = "broken"
    slow = replace(tables, repair=tables.repair.assign(repair_days=tables.repair["repair_days"] * 20))
    households = Households(time_at_home=0.79, patience_days=3.0, stay_share=0.0, host_share=0.0)
    crews = {"building": 1, "power": 1, "water": 1}
    options = plan(damage="given", crews=crews, households=households, delays="none")
    curves = block_of(city, slow, uniform({"PGA": 1.0}), options, draw_seeds(1, 1)[0]).curves
    assert curves.displaced[0, 1] == 0
    assert curves.displaced[0, 5] == pytest.approx(residents * 7 / 8)
