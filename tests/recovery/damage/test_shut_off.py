"""Gas that is shut off and restored, streets under debris: by hand on a line of pipes, and laws.

By hand: regulator r, then a, b, c along pipes of 1 km. A leak on a-b shuts that pipe, so b and c lose gas; one repair on
3 km is 0.33 per km, above 0.1, so that the whole district is shut off and a, with customers, is restored too. With 50, 10 and
0 customers at a, b and c and 20 restored per crew and day, a takes 3 days, b 1, and nobody goes to c.
"""

import numpy as np
import pytest
from cities import five_buildings, network

from holdfast.recovery.damage.assets import assets
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.shut_off import Debris, Gas, ShutOff, shut_off_of, with_shut_off

NODES, EDGES = slice(2, 6), slice(6, 9)
ENDS = np.array([[0, 1], [1, 2], [2, 3]])
SOURCE = np.array([True, False, False, False])
DAYS = np.array([0, 3, 1, 0])


def gas(kilometres=3.0):
    return Gas(NODES, EDGES, ENDS, SOURCE, np.zeros(4, np.int64), np.array([kilometres]), DAYS)


def drawn(leaks=(0, 0, 0), buildings=(0, 0)):
    state = np.zeros(9, dtype=np.int8)
    state[:2] = buildings
    state[EDGES] = np.array(leaks) > 0
    counts = np.zeros(9, dtype=np.int32)
    counts[EDGES] = leaks
    days = np.where(state > 0, 1, 0)
    known = {"damage_state": state, "repair_days": days, "repair_work": days.astype(float), "leaks": counts}
    return Damage(**{f: known.get(f, np.zeros(9)) for f in Damage._fields})


def test_district_by_hand():
    found = with_shut_off(drawn((0, 1, 0)), ShutOff(gas(), None), np.random.default_rng(1))
    assert found.damage_state[NODES].tolist() == [0, 2, 2, 0]
    assert found.repair_days[NODES].tolist() == [0, 3, 1, 0]
    assert found.damage_state[EDGES].tolist() == [0, 2, 0]  # a leak is shut off like a break


def test_few_leaks_shut_off_what_lies_behind_them():
    found = with_shut_off(drawn((0, 1, 0)), ShutOff(gas(30.0), None), np.random.default_rng(1))
    assert found.repair_days[NODES].tolist() == [0, 0, 1, 0]


def test_no_damage_no_change():
    before = drawn()
    found = with_shut_off(before, ShutOff(gas(), None), np.random.default_rng(1))
    assert np.array_equal(found.damage_state, before.damage_state)
    assert with_shut_off(before, ShutOff(None, None), np.random.default_rng(1)) is before


def test_the_damage_given_is_not_changed():
    before = drawn((0, 2, 0), (4, 4))
    with_shut_off(before, ShutOff(gas(), Debris(np.array([6, 6]), np.full(2, 900.0))), np.random.default_rng(1))
    assert before.repair_days[NODES].sum() == 0
    assert before.damage_state[6] == 0


def test_debris_by_hand_and_share():
    """Two collapsed buildings of 900 m2 on one street: 2 days; each falls on it with probability 0.3."""
    parts = ShutOff(None, Debris(np.array([6, 6]), np.full(2, 900.0)))
    days = [with_shut_off(drawn(buildings=(4, 4)), parts, np.random.default_rng(i)).repair_days[6] for i in range(2000)]
    assert set(days) == {0, 1, 2}
    assert np.mean(np.array(days) == 2) == pytest.approx(0.09, abs=4 * np.sqrt(0.09 * 0.91 / 2000))
    standing = with_shut_off(drawn(buildings=(3, 3)), parts, np.random.default_rng(1))
    assert standing.repair_days[6] == 0


def test_what_water_took_still_stands():
    """With probability .3 a collapsed building falls on its street; one that is lost to water never does."""
    parts = ShutOff(None, Debris(np.array([6, 6]), np.full(2, 900.0)))
    wet = drawn(buildings=(4, 4))
    wet.water_depth[:2] = 2.0
    assert max(with_shut_off(wet, parts, np.random.default_rng(i)).repair_days[6] for i in range(200)) == 0


def test_kilometres_of_a_district_are_those_of_its_pipes():
    """Three pipes of 100 m behind one regulator."""
    city = five_buildings()
    nodes = {n: (i, 0, n == "r", None) for i, n in enumerate("rabc")}
    pipes = [(f"p{i}", a, b, None) for i, (a, b) in enumerate(zip("rab", "abc", strict=True))]
    city.networks["gas"] = network("gas", nodes, pipes)
    city.buildings["gas_node"] = "a"
    found = shut_off_of(city, assets(city))
    assert found.gas.kilometres.tolist() == pytest.approx([0.3])
