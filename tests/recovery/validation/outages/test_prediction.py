"""Laws of a predicted restoration: it starts where the record ends, never falls, knows nothing of the future, and is
faster where the record fell faster. The storm is synthetic.
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.validation.outages import known_part, predict_outages, predicted_table
from holdfast.recovery.validation.outages.practice import draw_practice
from holdfast.recovery.validation.outages.prediction import draw_weights, simulate_outages, workforce
from holdfast.tables import check

CUSTOMERS = {"north": 120_000, "south": 40_000, "hills": 900, "islet": 12, "spared": 5_000}
WORST = {"north": 0.5, "south": 0.7, "hills": 0.9, "islet": 1.0, "spared": 0.0}


def storm(days_to_a_tenth=6.0, hours=200):
    rows = [
        (area, h, round(customers * WORST[area] * 10 ** (-h / 24 / days_to_a_tenth)), customers)
        for area, customers in CUSTOMERS.items()
        for h in range(hours)
    ]
    return pd.DataFrame(rows, columns=["area", "hour", "customers_out", "customers"])


@pytest.fixture(scope="module")
def ensemble():
    return predict_outages(known_part(storm()), draws=16, seed=1, horizon_days=8)


def test_it_starts_where_the_record_ends(ensemble):
    assert list(ensemble.areas) == sorted(CUSTOMERS)
    known = storm().query("hour == 24").sort_values("area")
    with_power = 1 - known["customers_out"].to_numpy() / known["customers"].to_numpy()
    np.testing.assert_allclose(ensemble.share[:, :, 0], np.tile(with_power, (16, 1)))
    assert ensemble.days[[0, -1]].tolist() == [1.0, 9.0]
    total = 1 - known["customers_out"].sum() / known["customers"].sum()
    np.testing.assert_allclose(ensemble.total[:, 0], total)


def test_power_that_is_back_stays(ensemble):
    for share in (ensemble.share, ensemble.total):
        assert (np.diff(share, axis=-1) >= -1e-12).all()
        assert ((share >= 0) & (share <= 1)).all()


def test_where_nobody_is_out_nobody_goes_out(ensemble):
    assert (ensemble.share[:, list(ensemble.areas).index("spared")] == 1).all()


def test_the_same_seed_gives_the_same_draws_and_the_future_changes_nothing(ensemble):
    changed = storm()
    changed.loc[changed["hour"] > 24, "customers_out"] //= 3
    again = predict_outages(known_part(changed), draws=16, seed=1, horizon_days=8)
    np.testing.assert_array_equal(again.share, ensemble.share)
    other = predict_outages(known_part(storm()), draws=16, seed=2, horizon_days=8)
    assert not np.array_equal(other.share, ensemble.share)


def test_the_order_of_the_rows_changes_nothing(ensemble):
    shuffled = known_part(storm()).sample(frac=1, random_state=1)
    np.testing.assert_array_equal(predict_outages(shuffled, draws=16, seed=1, horizon_days=8).share, ensemble.share)


def test_a_record_that_fell_fast_tells_of_a_short_restoration():
    """The workforce of the draws that count is planned for fewer days."""
    planned = []
    for days in (2.0, 20.0):
        known = known_part(storm(days))
        simulated = simulate_outages(known, draws=24, seed=1, horizon_days=2, step_hours=24)
        event, area = draw_weights(simulated)
        assert area.shape == (24, len(CUSTOMERS))
        planned.append(np.average([p.target_days for p in simulated.practices], weights=event))
    assert planned[0] < planned[1]


def test_the_table_keeps_its_schema(ensemble):
    table = predicted_table(ensemble, "synthetic storm")
    checked = check(table, "predicted")
    assert len(checked) == 16 * len(CUSTOMERS) * 9
    assert set(checked["fitted"]) == {"no"}


def test_a_calm_day_is_refused():
    with pytest.raises(TableError, match="nobody is without power"):
        predict_outages(storm().assign(customers_out=0).query("hour <= 24"), draws=2)


def test_the_workforce_fills_and_then_grows():
    practice = draw_practice(np.random.default_rng(1))._replace(
        initial_crews=0.4, ramp_days=2.0, reinforcement=3.0, target_days=10.0
    )
    days = np.array([0.0, 1.0, 2.0, 6.0, 10.0, 50.0])
    np.testing.assert_allclose(workforce(days, practice), [0.4, 0.7, 1.0, 2.0, 3.0, 3.0])
