"""What damaged pipes lose, through one draw by hand: storage runs out, the break is shut off, all are served again.

By hand: source w gives 1.5 l/s and feeds v, which wants 1, along a sound pipe; a broken 150 mm main leads from w to u, which
serves nobody. A break loses 35.217 l/s at its two ends, 17.609 of them at w. Storage of 24 h x 1 l/s lasts
1440 / (1 + 35.217 - 1.5) = 41.47, so 41 minutes; then v has 1.5 / (1 + 17.609) = 0.08, less than one step of 0.2: nothing,
until the break is shut off on the morning of its day.
"""

import numpy as np
import pytest
from cities import network, parameters, shops
from plans import plan

from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.engine import TASK
from holdfast.recovery.hazard import uniform
from holdfast.recovery.simulation.draw import draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.leaks import PipeLosses, with_losses
from holdfast.recovery.simulation.simulate_draws import draw_seeds

CREWS = {"building": 1, "power": 1, "water": 1}
WATER = 1


def prepared(models=None, **keys):
    city = shops([100.0], [0])
    pipes = [("sound", "w", "v", None), ("burst", "w", "u", "broken")]
    water = network("water", {"w": (0, 0, True, None), "v": (1, 0, False, None), "u": (2, 0, False, None)}, pipes)
    water.nodes["demand"], water.nodes["supply"] = [0.0, 0.001, 0.0], [0.0015, np.nan, np.nan]
    water.edges["diameter_m"] = 0.15
    city.networks["water"] = water
    city.buildings["water_node"] = "v"
    options = plan(delays="none", damage="given", crews=CREWS, network_models=models or {}, **keys)
    return prepare(city, uniform({"PGA": 1.0}), *options, parameters())


def water_by_day(inputs):
    return simulate_draw(inputs, draw_seeds(1, 1)[0][0])[1].curves.service[:, WATER]


def test_a_draw_by_hand():
    inputs = prepared()
    shut = draw(inputs, draw_seeds(1, 1)[0][0]).tasks.isolation
    assert shut[:, 1].tolist() == [1]  # the second edge alone
    service, day = water_by_day(inputs), min(int(shut[0, 0]), 4)  # the repair takes 4 days
    assert service[0] == pytest.approx(41 / 1440)
    assert service[1:day].tolist() == [0.0] * (day - 1)
    assert (service[day:] == 1.0).all()


def test_off_nothing_is_lost():
    assert (water_by_day(prepared(lost_pressure=False)) == 1.0).all()


def test_a_model_outside_takes_the_leak():
    """Capacity: v and the leak at w share 1.5 l/s for 1 + 17.609 until it is shut off; no storage."""
    assert water_by_day(prepared({"water": "capacity"}))[0] == pytest.approx(1.5 / 18.609, abs=1e-3)
    named = water_by_day(prepared({"water": "connectivity"}))
    assert named.tolist() == water_by_day(prepared()).tolist()


def test_losses_by_count_and_by_state():
    """Edges 1 to 3 of four assets: two leaks and a break; a given state of 4 without counts; a given state of 1."""
    counts = {"damage_state": [0, 4, 4, 1], "leaks": [0, 2, 0, 0], "breaks": [0, 1, 0, 0]}
    known = {k: np.array(v) for k, v in counts.items()}
    damage = Damage(**{f: known.get(f, np.zeros(4)) for f in Damage._fields})
    asset = np.zeros(4, dtype=TASK)
    losses = PipeLosses(np.full(3, 0.5), np.full(3, 7.0), 1.0)
    shut = with_losses(asset, damage, losses, np.random.default_rng(1))
    assert asset["leak"].tolist() == [0.0, 1.0, 0.0, 0.5]
    assert asset["spill"].tolist() == [0.0, 7.0, 7.0, 0.0]
    assert sorted(shut[:, 1]) == [0, 1]
    assert (np.diff(shut[:, 0]) >= 0).all()
    assert (shut[:, 0] >= 1).all()
