"""Response to services, needs, catchments, refusals."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import CRS, five_buildings, parameters
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.function.productivity import by_occupancy, normal_production
from holdfast.recovery.function.response import from_residuals, respond
from holdfast.recovery.function.service_capacity import (
    People,
    baseline_places,
    capacity_at_home,
    people,
    services,
    without_services,
)


def who(city, tables=None) -> People:
    tables = tables or parameters()
    category = by_occupancy(city.buildings, tables.occupancies, "category")
    normal = normal_production(city.buildings, tables.productivity)
    return people(city.buildings, city.zones, normal, category, services(tables.services, tuple(city.networks)))


shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(np.array)


@given(satisfaction=shares, residual=shares, more=shares)
def test_response_is_a_share_and_never_falls_with_service(satisfaction, residual, more):
    table = from_residuals(residual[None])
    value = respond(table.share[0], table.levels, satisfaction)
    assert value == pytest.approx(np.prod(1 - (1 - residual) * (1 - satisfaction)), abs=1e-12)  # the product itself
    assert respond(table.share[0], table.levels, np.maximum(satisfaction, more)) >= value - 1e-15
    assert respond(table.share[0], table.levels, np.ones(3)) == 1.0  # exactly
    assert table.corner[0, -1] == 1.0
    assert table.corner[0, 0] == pytest.approx(residual.prod(), abs=1e-12)


def test_catchments_weights_and_daytime():
    needs = who(five_buildings())
    names = sorted(parameters().services["category"])
    shop, care, home = (names.index(c) for c in ("shop", "care", "home"))
    assert needs.catchment[:, shop].tolist() == [0, 0]
    assert needs.catchment[:, care].tolist() == [1, 1]
    assert needs.catchment[:, home].tolist() == [0, 1]
    assert needs.weight.sum() == pytest.approx(1)
    assert needs.building["daytime"].tolist() == [4, 6, 4, 2, 5]  # residents at home, workers elsewhere


def test_the_nearest_zone_serves():
    city = five_buildings()
    empty = gpd.GeoDataFrame(
        {"residents": [0.0, 0.0]},
        index=pd.Index(["z0", "z3"], name="zone_id"),
        geometry=[box(-500, 0, 0, 500), box(1000, 0, 1500, 500)],
        crs=CRS,
    )
    far = replace(city, zones=pd.concat([empty[:1], city.zones, empty[1:]]))
    care = sorted(parameters().services["category"]).index("care")
    assert who(far).catchment[:, care].tolist() == [2, 2, 2, 2]
    home = sorted(parameters().services["category"]).index("home")
    assert who(far).catchment[:, home].tolist() == [1, 1, 2, 2]


def test_a_category_that_the_city_lacks_is_left_out():
    city = five_buildings()
    city.buildings.loc["b5", "occupancy"] = "COM4"
    needs = who(city)
    care = sorted(parameters().services["category"]).index("care")
    assert (needs.catchment[:, care] == -1).all()
    assert needs.weight[care] == 0
    assert needs.weight.sum() == pytest.approx(1)


@given(
    residents=st.lists(st.integers(0, 500), min_size=1, max_size=8),
    workers=st.lists(st.integers(0, 500), min_size=8, max_size=8),
    at_home=st.floats(0, 1),
)
def test_every_resident_counts_once(residents, workers, at_home):
    homes = np.array(residents, dtype=float)
    home, day = baseline_places(homes, np.array(workers[: homes.size], dtype=float), at_home)
    assert home.sum() + day.sum() == pytest.approx(homes.sum())
    assert (home >= 0).all() and (day >= 0).all()


def test_need_without_any_service_category_is_none():
    city = five_buildings()
    city.buildings["occupancy"] = "RES1"
    needs = who(city)
    nothing = np.zeros_like(needs.counted_daytime)
    assert [without_services(z, r, nothing, needs) for z, r in enumerate(needs.counted_residents)] == [0, 0]


@pytest.mark.parametrize(
    ("residents", "habitable", "supplied", "capacity"),
    [
        (10, 10, 10, 20.0),  # a normal day: places and all services
        (10, 6, 3, 9.0),  # six places, half of their services
        (10, 0, 0, 0.0),
        (5, 10, 5, 7.5),  # five of ten places in use, each with r_SS = 1/2
        (0, 10, 10, 0.0),
    ],
)
def test_a_place_that_nobody_uses_gives_nothing(residents, habitable, supplied, capacity):
    assert capacity_at_home(residents, habitable, supplied) == capacity


def test_refusals():
    tables = parameters()
    with pytest.raises(UnknownName, match="known: power, telecom, water"):
        services(tables.services, ("power", "gas"))
    city = five_buildings()
    city.buildings.loc["b3", "zone_id"] = "z9"
    with pytest.raises(TableError, match='b3: zone "z9" is not in the zone table'):
        who(city)
    part = parameters(services=tables.services.query("category != 'shop'"))
    with pytest.raises(TableError, match='no row for "shop"'):
        who(five_buildings(), part)
