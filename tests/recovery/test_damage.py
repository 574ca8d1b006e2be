"""Consequences: cost, days, crews, and refusals."""

from dataclasses import replace

import numpy as np
import pytest
from cities import five_buildings, parameters, shops

from holdfast.config import RecoveryOptions
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.damage import assets, consequences, damage, given_states

CREWS = {"building": 9, "power": 1, "water": 1}


def of(city, **options):
    return consequences(assets(city), parameters(), RecoveryOptions(**{"crews": CREWS, **options}))


def test_assets_stand_in_order():
    listed = assets(five_buildings())
    assert listed.asset_class.index.tolist() == ["b1", "b2", "b3", "b4", "b5", "p1", "p2", "w1", "e1"]
    assert listed.trade.tolist() == [0] * 5 + [1, 1, 2, 1]
    assert listed.site[-1].tolist() == [350, 0]  # midway between the ends


def test_cost_and_days_of_each_state():
    table = of(five_buildings())
    assert table.cost[0].tolist() == [0, 10_000, 25_000, 50_000, 100_000]
    assert table.days[0].tolist() == [0, 1, 10, 20, 40]
    assert table.delay[0].tolist() == [0, 4, 4, 4, 4]
    assert table.delay[-1].tolist() == [0, 1, 1, 1, 1]
    hurt = damage(np.array([2, 0, 3, 0, 1, 0, 0, 0, 3]), table)
    assert hurt.repair_cost.sum() == 74_050


@pytest.mark.parametrize(("area", "crews"), [(1.0, 1), (500.0, 1), (501.0, 2), (3000.0, 6), (1e5, 7)])
def test_crews_follow_floor_area_up_to_the_caps(area, crews):
    city = shops([area], [1])
    assert of(city, most_crews_per_building=7, crews={"building": 9, "power": 1}).crews[0] == crews
    assert of(city, crews={"building": 5, "power": 1}).crews[0] == min(crews, 5)


def test_a_building_larger_than_the_pool_takes_the_whole_pool():
    assert of(shops([1e5], [1]), crews={"building": 3, "power": 1}).crews[0] == 3


def test_fractions_of_a_day_count_as_a_day():
    tables = parameters()
    tables.repair["repair_days"] = tables.repair["repair_days"] * 0.31  # .31, 3.1, 6.2, 12.4
    table = consequences(assets(five_buildings()), tables, RecoveryOptions(crews=CREWS))
    assert table.days[0].tolist() == [0, 1, 4, 7, 13]


def test_bad_crews():
    with pytest.raises(TableError, match=r"recovery.crews.power: -2 crews; a trade needs at least 1"):
        of(five_buildings(), crews={"building": 1, "power": -2, "water": 1})
    with pytest.raises(TableError, match=r"recovery.crews.water: has no crews"):
        of(five_buildings(), crews={"building": 1, "power": 1})
    with pytest.raises(UnknownName, match='"plumbers" is not a known trade'):
        of(five_buildings(), crews={**CREWS, "plumbers": 1})


def test_missing_rows_are_named():
    tables = parameters()
    with pytest.raises(TableError, match='"RES1" has no complete'):
        consequences(
            assets(five_buildings()),
            parameters(repair=tables.repair.query("asset_class != 'RES1'")),
            RecoveryOptions(crews=CREWS),
        )
    with pytest.raises(TableError, match='no row for "moderate"'):
        consequences(
            assets(five_buildings()),
            parameters(usability=tables.usability.query("damage_state != 'moderate'")),
            RecoveryOptions(crews=CREWS),
        )


def test_given_states():
    city = five_buildings()
    assert given_states(city).tolist() == [2, 0, 3, 0, 1]
    without = replace(city, buildings=city.buildings.drop(columns="damage_state"))
    with pytest.raises(TableError, match=r'column damage_state: missing, but recovery\.damage is "given"'):
        given_states(without)
    city.buildings["damage_state"] = city.buildings["damage_state"].astype("float64")
    city.buildings.loc["b4", "damage_state"] = np.nan
    with pytest.raises(TableError, match="building b4: empty"):
        given_states(city)


def test_a_city_that_was_not_assembled():
    city = five_buildings()
    with pytest.raises(TableError, match="column asset_class: missing; assemble the city first"):
        assets(replace(city, buildings=city.buildings.drop(columns="asset_class")))
    city.buildings.loc["b3", "asset_class"] = None
    with pytest.raises(TableError, match="building b3: has no class"):
        assets(city)
