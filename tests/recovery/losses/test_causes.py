"""A power cut stops a pump, and the hospital loses water when its tank is empty: worked out by hand.

    power   P (plant, source) --- S3 (substation, destroyed) --- F (feeder)
    water   W (pump, source; needs F, no backup)     T (tank of the hospital, source; needs W, full for 60 hours)

    hospital  COM6, 40 m2 x 3 = 120 $/day, 5 workers     power from P, water from T
    home      RES1, 10 residents                         power from F, water from W

S3 waits 1 day for its inspection and takes 4: it works again on day 5. F and W are out of service on days 0-4. T runs dry 60
hours after the event, at noon of day 2. Residuals: care without water 0; home .5 (power) x .25 (water) = .125.

Service capacity: of the 10 residents .79 count at home, 7.9, and .21 by day, 2.1, all in the hospital, where r_SS is 1 with
water and 0 without. After 3 days without services all but .125 of the people of the home leave: H = 1.25; of the 8.75 a
tenth stays, and .6 of the others look for hosts, but there are 1.25 places to be a guest at.

    day   water of the hospital   EP    SC                                                  occupants with water
    0-1   1                       120   7.9 x 1.125 + 2.1 x 2                  = 13.0875    5/15
    2     1 until noon, then 0    60    7.9 x 1.125 + 2.1 x 1.5                = 12.0375    2.5/15
    3-4   0                       0     .79 (1.25 x 1.125 + 1.25) + 2.1        = 4.1984375  0
    5     1                       120   7.9 x 2 + 2.1 x 2                      = 20         1

Missing: (20 - SC) / 2. Without any place: 10 - 1.25 - 1.25 = 7.5 on days 3 and 4; without services, of which the
hospital is all there is: 0, 0, 5, 10, 10. Unmet need 1/2 (15 + 25) = 20 person-days; lost production 300 $.

Who is to blame. S3 for all: power 10 persons x 5 days; water 10 x 5 and 5 x 2.5: 112.5 person-days without service, 50 of power and 62.5 of water.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import CRS, network, parameters
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import plan
from shapely.geometry import box

from holdfast.recovery.city import City
from holdfast.recovery.hazard import uniform
from holdfast.recovery.losses.causes import causes, chain, outages
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.networks.network_state import intact
from holdfast.recovery.networks.service import open_affected, solve_service, update_backups
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds

SCENARIO = uniform({"PGA": 1.0})
OPTIONS = plan(damage="given", crews={"building": 1, "power": 1, "water": 1})
NODES = ("P", "S3", "F", "W", "T")
DAY = 24 * 60


def hospital() -> City:
    rows = [("b1", "COM6", 40.0, 0.0, 5.0, "P", "T", 1.0), ("b2", "RES1", 100.0, 10.0, 0.0, "F", "W", 2.0)]
    names = ["building_id", "occupancy", "floor_area_m2", "residents", "workers", "power_node", "water_node", "x"]
    frame = pd.DataFrame(rows, columns=names).set_index("building_id")
    frame = frame.assign(asset_class="tough", replacement_cost=1.0, damage_state=0, zone_id="z")
    power = network(
        "power",
        {"P": (0, 0, True, None), "S3": (1, 0, False, "broken"), "F": (2, 0, False, None)},
        [("line", "P", "S3", None), ("feeder", "S3", "F", None)],
    )
    water = network(
        "water",
        {"W": (2, 1, True, None), "T": (1, 1, True, None)},
        needs=[("W", "power", "F", 0.0), ("T", "water", "W", 60.0)],
    )
    zones = gpd.GeoDataFrame(
        {"residents": [10.0]}, index=pd.Index(["z"], name="zone_id"), geometry=[box(0, 0, 9, 9)], crs=CRS
    )
    buildings = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame.pop("x"), np.ones(2)), crs=CRS)
    return City("Hospital", CRS, "USD", 2017, buildings, {"power": power, "water": water}, zones)


@pytest.fixture(scope="module")
def played():
    inputs = prepare(hospital(), SCENARIO, *OPTIONS, parameters())
    return inputs, simulate_draw(inputs, draw_seeds(1, 1)[0][0])


def test_day_by_day(played):
    _, (_, out) = played
    exactly = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(out.curves.production, [120, 120, 60, 0, 0, 120], **exactly)
    np.testing.assert_allclose(out.curves.capacity, [13.0875, 13.0875, 12.0375, 4.1984375, 4.1984375, 20], **exactly)
    np.testing.assert_allclose(out.curves.gap, (20 - out.curves.capacity) / 2, **exactly)
    np.testing.assert_allclose(out.curves.homeless, [0, 0, 0, 7.5, 7.5, 0], **exactly)
    np.testing.assert_allclose(out.curves.unserved, [0, 0, 5, 10, 10, 0], **exactly)
    np.testing.assert_allclose(out.curves.service[:, 0], [1 / 3] * 5 + [1], **exactly)
    np.testing.assert_allclose(out.curves.service[:, 1], [1 / 3, 1 / 3, 1 / 6, 0, 0, 1], **exactly)
    assert (out.normal[0] - out.curves.production).sum() == pytest.approx(300)
    assert out.unmet_days.tolist() == [pytest.approx(20)]
    assert out.restored.tolist() == [0, 5, 5, 5, 5]


def settled(hours: float):
    """The networks some hours after the event, with S3 out."""
    city = hospital()
    flat = graph(city.buildings, city.networks)
    state = intact(flat)
    state.node_intact[1] = False
    for minute in (0, int(hours * 60)):  # the tank is counted from the moment of the event
        state.update.changed[:] = True
        open_affected(flat, state)
        solve_service(minute, -1, 1.0, flat, state)
        update_backups(minute, 1.0, flat, state)
    return flat, state, causes(int(hours * 60), 1.0, flat, state)


def test_the_chain_of_causes_names_the_substation():
    flat, state, found = settled(60)
    named = [(what, NODES[place]) for what, place in chain(4, flat, state, found)]
    assert named == [("stopped", "T"), ("stopped", "W"), ("node", "S3")]
    assert [NODES[r] if r >= 0 else "" for r in found.root] == ["", "S3", "S3", "S3", "S3"]


def test_nobody_is_to_blame_where_there_is_water():
    flat, state, found = settled(59)
    assert chain(4, flat, state, found) == []
    assert found.root[4] == -1


def test_person_days_and_spells(played):
    inputs, (_, out) = played
    count = inputs.assets.buildings
    down = np.array([False, True, False, False, False, False, False])
    persons = inputs.repair.city.occupants / inputs.repair.city.people.person_unit
    found = outages(
        inputs.repair.city.graph, persons, down, out.finished[count:], 9, OPTIONS.recovery.least_service, 99
    )
    np.testing.assert_allclose(found.by_network, [[0, 50, 0, 0, 0, 0, 0], [0, 62.5, 0, 0, 0, 0, 0]])
    spells = [[NODES[v], begin / DAY, end / DAY, NODES[root]] for v, begin, end, root in found.spells]
    assert spells == [["S3", 0, 5, "S3"], ["F", 0, 5, "S3"], ["W", 0, 5, "S3"], ["T", 2.5, 5, "S3"]]


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=17, max_size=17))
def test_every_node_out_of_service_has_a_broken_root_and_no_other_has(broken):
    """A ladder of five nodes with a source at each end; law: a root for nodes out of service, for these alone, and it is damaged."""
    names = "abcdefghi"
    pairs = [(names[i], names[i + 1]) for i in range(8)]
    nodes = {v: (i, 0, v in "ai", "net") for i, v in enumerate(names)}
    city = hospital()
    city.networks["power"] = network("power", nodes, [(f"e{i}", a, b, "net") for i, (a, b) in enumerate(pairs)])
    city.networks.pop("water")
    city.buildings["power_node"] = "c"
    flat = graph(city.buildings, city.networks)
    state = intact(flat)
    state.node_intact[:], state.edge_intact[:] = ~np.array(broken[:9]), ~np.array(broken[9:])
    open_affected(flat, state)
    solve_service(0, -1, 1.0, flat, state)
    found = causes(0, 1.0, flat, state)
    assert ((found.root >= 0) == (state.satisfaction == 0)).all()
    assert all(broken[r] for r in found.root if r >= 0)
    for v in np.flatnonzero(found.root >= 0):
        what, place = chain(int(v), flat, state, found)[-1]
        assert found.root[v] == (place if what == "node" else 9 + place)
