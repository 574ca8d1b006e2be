"""Assets and consequence tables: order, crews, trades, and refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import five_buildings, parameters, shops

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.damage.assets import assets, by_state, consequences, given_states

CREWS = {"building": 9, "power": 1, "water": 1}


def of(city, tables=None, **options):
    chosen = {"crews": CREWS, **options}
    return consequences(assets(city, chosen["crews"]), tables or parameters(), **chosen)


def test_assets_stand_in_order():
    listed = assets(five_buildings())
    assert listed.asset_class.index.tolist() == ["b1", "b2", "b3", "b4", "b5", "p1", "p2", "w1", "e1"]
    assert listed.trade.tolist() == [0] * 5 + [1, 1, 2, 1]
    assert listed.site[-1].tolist() == [350, 0]  # midway between the ends
    assert listed.block.tolist() == [0, 1, 0, 1, 1, -1, -1, -1, -1]
    assert listed.length.tolist() == [0] * 8 + [100]


def test_cost_and_days_of_each_state():
    table = of(five_buildings())
    assert (table.ratio[table.kind[0]] * table.replacement_cost[0]).tolist() == [0, 10_000, 25_000, 50_000, 100_000]
    assert table.days[table.kind[0]].tolist() == [0, 1, 10, 20, 40]
    assert table.delays.fixed.tolist() == [[0, 4, 4, 4, 4], [0, 1, 1, 1, 1]]
    assert table.side.tolist() == [0] * 5 + [1] * 4


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
    table = of(five_buildings(), tables)
    assert table.days[table.kind[0]].tolist() == [0, 1, 4, 7, 13]


def test_a_trade_with_crews_takes_the_buildings_of_its_structures():
    city = five_buildings()
    city.buildings["structure"] = ["W1", "URM", "C1", "W2", "S5"]
    listed = assets(city, {**CREWS, "timber": 3, "masonry": 2})
    assert listed.trades == ("building", "power", "water", "timber", "masonry")
    assert listed.trade.tolist() == [3, 4, 0, 3, 4, 1, 1, 2, 1]
    table = of(city, crews={**CREWS, "timber": 3, "masonry": 2})
    assert table.pools.tolist() == [9, 1, 1, 3, 2]


def test_bad_crews():
    with pytest.raises(TableError, match=r"crews.power: -2 crews; a trade needs at least 1"):
        of(five_buildings(), crews={"building": 1, "power": -2, "water": 1})
    with pytest.raises(TableError, match=r"crews.water: has no crews"):
        of(five_buildings(), crews={"building": 1, "power": 1})
    with pytest.raises(UnknownName, match='"plumbers" is not a known trade'):
        of(five_buildings(), crews={**CREWS, "plumbers": 1})


def test_missing_rows_are_named():
    tables = parameters()
    with pytest.raises(TableError, match='"RES1" has no complete'):
        of(five_buildings(), parameters(repair=tables.repair.query("asset_class != 'RES1'")))
    with pytest.raises(TableError, match='"RES1" needs a row for each damage state'):
        of(five_buildings(), parameters(usability=tables.usability.query("damage_state != 'moderate'")))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("repair_cost_ratio", 35.0, r"RES1, moderate: 35 lies outside 0 to 1"),
        ("repair_cost_ratio", 0.01, r"RES1: moderate lies below slight"),
        ("repair_days", -3.0, r"RES1, moderate: -3 lies outside 0 to inf"),
    ],
)
def test_bad_consequences_are_named(column, value, message):
    table = parameters().repair
    row = (table["asset_class"] == "RES1") & (table["damage_state"] == "moderate")
    table[column] = table[column].astype(float).where(~row, value)
    with pytest.raises(TableError, match=message):
        of(five_buildings(), parameters(repair=table))


def test_a_pipe_needs_both_repairs():
    city = five_buildings()
    city.networks["power"].edges["asset_class"] = "pipe"
    costs = pd.DataFrame([("pipe", "leak", 2.0, 0.5)], columns=["asset_class", "repair", "new_pipe_m", "crew_days"])
    with pytest.raises(TableError, match="pipe: needs a row for leak and one for break"):
        of(city, parameters(pipe_repair=costs))


def test_given_states():
    city = five_buildings()
    assert given_states(city).tolist() == [2, 0, 3, 0, 1]
    without = replace(city, buildings=city.buildings.drop(columns="damage_state"))
    with pytest.raises(TableError, match=r'column damage_state: missing, but recovery\.damage is "given"'):
        given_states(without)
    city.buildings["damage_state"] = city.buildings["damage_state"].astype("float64")
    city.buildings.loc["b4", "damage_state"] = np.nan
    city.buildings.loc["b1", "damage_state"] = 5
    city.buildings.loc["b2", "damage_state"] = 1.5
    with pytest.raises(
        TableError, match=r"(?s)3 errors.*building b4: empty.*building b1: 5 is no damage state.*b2: 1.5"
    ):
        given_states(city)


def test_a_city_that_was_not_assembled():
    city = five_buildings()
    with pytest.raises(TableError, match="column asset_class: missing; assemble the city first"):
        assets(replace(city, buildings=city.buildings.drop(columns="asset_class")))
    city.buildings.loc["b3", "asset_class"] = None
    with pytest.raises(TableError, match="building b3: has no class"):
        assets(city)


def test_shares_that_rise_with_damage_are_refused():
    usability = parameters().usability
    worse = (usability["occupancy"] == "COM1") & (usability["damage_state"] == "complete")
    rising = usability.assign(functional_share=usability["functional_share"].mask(worse, 0.1))
    with pytest.raises(TableError, match="COM1: rises with damage"):
        of(five_buildings(), parameters(usability=rising))


def test_a_class_without_rows_costs_nothing_by_state():
    """Pipes: their repairs are counted along their length."""
    repair = parameters().repair
    assert by_state(repair, "repair_cost_ratio", np.array(["net", "pipe"])).tolist() == [
        [0, 0.1, 0.25, 0.5, 1],
        [0] * 5,
    ]
