"""Lost pressure: by hand, against a flow problem with pressures, conservation, off as before.

By hand: a source that gives 1.5 feeds a and b, which want 0.6 and 0.4, along s-a-b. With 1.0 lost on a-b everything
together takes 1.5 / (1 + 1) = 0.75 of it; in steps of 0.1 that is 0.7. With a-b broken and 1.0 lost at its two ends, a is
left with 0.5 of it: 1.5 / (0.6 + 0.5) is more than 1, so a has all and b none. Storage of 24 h, 24 x 60 x 1.0, lasts
1440 / (1 + 1 - 1.5) = 2880 minutes.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from holdfast.recovery.networks.graph import flat_graph
from holdfast.recovery.networks.network_state import intact
from holdfast.recovery.networks.pressure import (
    Pressure,
    drained_at,
    no_pressure,
    pipe_losses,
    pressure_of,
    served_share,
)
from holdfast.recovery.networks.service import open_affected, solve_service
from holdfast.types import Network

LEAKY = Pressure(np.array([True]), np.array([0.0, 0.6, 0.4]), np.array([1.5, 0.0, 0.0]), np.array([1440.0]), 0.1)


def line(pressure=LEAKY):
    ends = np.array([[0, 1], [1, 2]])
    source = np.array([True, False, False])
    flat = flat_graph(ends, source, np.empty((0, 3), np.int64), np.zeros((1, 1), np.int64), [(3, 2)])
    return flat._replace(pressure=pressure)


def service(leak, works=(True, True), now=0, drained=0, pressure=LEAKY):
    flat = line(pressure)
    state = intact(flat)._replace(edge_intact=np.array(works), leak=np.array(leak, dtype=float))
    state.drained[0] = drained
    open_affected(flat, state)
    assert solve_service(now, -1, 0.5, flat, state) == -1
    return state.satisfaction.round(9).tolist()


def test_by_hand():
    assert service([0.0, 1.0]) == [0.7, 0.7, 0.7]
    assert service([0.0, 1.0], works=(True, False)) == [1.0, 1.0, 0.0]
    assert service([0.0, 0.5]) == [1.0, 1.0, 1.0]  # 1.5 for 1.5: just enough
    assert drained_at(0, 1.5, 1.0, 1.0, LEAKY) == 2880


def test_storage_makes_up_until_it_has_run_out():
    assert service([0.0, 1.0], now=2879, drained=2880) == [1.0, 1.0, 1.0]
    assert service([0.0, 1.0], now=2880, drained=2880) == [0.7, 0.7, 0.7]


def test_off_is_connection():
    assert service([0.0, 9.0], pressure=no_pressure(1, 3)) == [1.0, 1.0, 1.0]


def test_nothing_left_is_no_service_and_ends():
    """Two sources of one part that both find nothing must not fill the stack twice."""
    flat = line(LEAKY._replace(supply=np.array([1.5, 0.0, 0.1])))
    flat.source[2] = True
    state = intact(flat)
    state.leak[:] = 50.0
    open_affected(flat, state)
    assert solve_service(0, -1, 0.5, flat, state) == -1
    assert state.satisfaction.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("lost", [0.0, 0.2, 0.7, 3.0, 40.0])
def test_share_is_that_of_one_pressure_for_taps_and_leaks(lost):
    """Origin: the pressure p at which W sqrt(p / p_r) + L sqrt(p / p_r) = G, found by bisection, p at most p_r."""
    given, wanted, enough = 1.5, 1.2, 14.06

    def missing(p):
        return (wanted + lost) * np.sqrt(p / enough) - given

    p = enough if missing(enough) <= 0 else brentq(missing, 0.0, enough)
    assert served_share(given, wanted, lost, 1e-9) == pytest.approx(np.sqrt(p / enough), abs=1e-6)


def test_loss_of_a_main_by_hand():
    """150 mm: bore 0.017671 m2; sqrt(2 x 9.81 x 14.06) = 16.609 m/s; leak 0.6 x 0.01, break 0.6 x 0.2 of it."""
    leak, burst = pipe_losses(pd.DataFrame({"diameter_m": [0.15, None]}))
    assert leak == pytest.approx([0.017671 * 16.609 * 0.006] * 2, rel=1e-4)  # no diameter: the usual one, 150 mm
    assert burst == pytest.approx([0.017671 * 16.609 * 0.12] * 2, rel=1e-4)


def water(supply, demand=(0.0, 0.6, 0.4), name="water"):
    nodes = pd.DataFrame(
        {"source": [True, False, False], "demand": demand, "supply": [supply, None, None]}, index=list("sab")
    )
    edges = pd.DataFrame({"from_node": ["s", "a"], "to_node": ["a", "b"]}, index=["sa", "ab"])
    return {name: Network(name, nodes, edges, pd.DataFrame(), True)}


def test_sources_suffice_for_the_undamaged_network():
    assert pressure_of(water(2.0)).supply.tolist() == [2.0, 0.0, 0.0]
    assert pressure_of(water(0.1)).supply.tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert pressure_of(water(None)).supply.tolist() == pytest.approx([1.5, 0.0, 0.0])


def test_other_networks_and_models_and_unknown_wants_are_left_alone():
    assert not pressure_of(water(2.0, name="gas")).leaky.any()
    assert not pressure_of(water(2.0), {"water"}).leaky.any()
    assert not pressure_of(water(2.0, demand=(0.0, 0.0, 0.0))).leaky.any()
