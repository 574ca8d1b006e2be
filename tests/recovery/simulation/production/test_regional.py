"""The daily input-output model: a textbook example, equations written out again, balances and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.settings.run_settings import ProductionSettings
from holdfast.recovery.simulation.production.accounts import city_economy, sectors_of
from holdfast.recovery.simulation.production.regional import Behaviour, Economy, follow

PARAMETERS = load_parameters()
SECTORS = sectors_of(PARAMETERS.sectors)


def city(seed=0, residents=50_000.0, **settings_of):
    """A random city on the packaged coefficients."""
    rng = np.random.default_rng(seed)
    added = rng.uniform(1e4, 1e6, len(SECTORS)) * (rng.random(len(SECTORS)) < 0.8)
    added[SECTORS.index("construction")] += 3e5
    return city_economy(added, residents, PARAMETERS, ProductionSettings(**settings_of))


def still(economy, days):
    """Capacity, late orders, rebuilding and presence of normal days."""
    return (
        np.tile(economy.output, (days, 1)),
        np.zeros((days, economy.output.size)),
        np.zeros(days),
        np.ones(days),
    )


def shocked(economy, days, seed):
    """A capacity that falls and comes back, late orders, rebuilding, people who leave and return."""
    rng, sectors = np.random.default_rng(seed), economy.output.size
    end = days // 2
    left = np.minimum(1.0, rng.uniform(0, 1, sectors) + np.arange(days)[:, None] / end)
    late = np.where(np.arange(days)[:, None] > end, 0.0, rng.uniform(0, 0.1, sectors) * economy.output)
    spent = np.where(np.arange(days) < end, rng.uniform(0, 2) * economy.output.sum(), 0.0)
    return economy.output * left, late, spent, np.minimum(1.0, 0.7 + np.arange(days) / end)


def written_out(economy, capacity, late, spent, here):
    """The equations of the module's head once more, in whole matrices."""
    b, x0, a, r = economy.behaviour, economy.output, economy.direct, economy.local
    orders, stock = a * x0, a * x0 * b.input_days
    alpha, scarcity, u = np.ones(x0.size), np.zeros(x0.size), np.full(x0.size, b.outside)
    lands = np.arange(x0.size) == economy.builder
    made = []
    for t in range(len(capacity)):
        price = 1 + b.price_rise * scarcity
        wanted = r * (orders.sum(axis=1) + economy.final * here[t] * price**-b.elasticity)
        wanted = wanted + economy.exports + late[t]
        every = wanted + spent[t] * lands
        best = np.minimum(alpha * capacity[t] + late[t], every)
        need = b.inventory_share * b.input_days * a * best
        x = best * np.where(need > 0, np.minimum(stock / np.where(need > 0, need, 1), 1), 1).min(axis=0)
        served = np.where(wanted > 0, np.minimum(x / np.where(wanted > 0, wanted, 1), 1), 1)
        lack = np.where(every > 0, 1 - x / np.where(every > 0, every, 1), 0)
        scarcity = 1 - served
        come = (served * r + (1 - r) + u * scarcity * r)[:, None] * orders
        stock = stock + come - a * x
        orders = np.maximum(a * x + (b.input_days * a * best - stock) / b.restock_days, 0)
        alpha = alpha + np.where(lack > 0, (b.most - alpha) * lack, 1 - alpha) / b.overproduction_days
        u = u + (np.where(scarcity > 0, 1.0, b.outside) - u) / b.adaptation_days
        made.append(x)
    return np.array(made)


def test_the_kernel_is_its_equations():
    """Truth: `written_out`, which shares no code with it."""
    economy = city(1)
    shock = shocked(economy, 900, 2)
    np.testing.assert_allclose(follow(economy, *shock, 900).output, written_out(economy, *shock), rtol=1e-8)


def test_an_undisturbed_economy_stands_still():
    economy = city(2)
    flows = follow(economy, *still(economy, 3000), 3000)
    np.testing.assert_allclose(flows.output, np.tile(economy.output, (3000, 1)), rtol=1e-9)
    assert (flows.output == economy.output).all()
    assert len(follow(economy, *still(economy, 3000), 0).output) == 1  # and is known to be normal at once


def textbook(final, **changes):
    """Two sectors, all inputs from the city; Miller & Blair (2009), section 2.3."""
    behaviour = Behaviour(np.full(2, 20.0), np.full(2, 1.25), 30.0, 0.8, 30.0, 0.0, 180.0, 0.0, 0.0)
    direct = np.array([[0.15, 0.25], [0.20, 0.05]])
    return Economy(
        np.array([1000.0, 2000.0]), direct, np.ones(2), np.array(final), np.zeros(2), -1, behaviour._replace(**changes)
    )


def test_in_the_long_run_the_textbook_example():
    """Origin: Miller & Blair (2009), section 2.3: f = (350, 1700) has x = (1000, 2000), f = (600, 1500) needs (1247.5, 1841.6)."""
    before, after = textbook([350.0, 1700.0]), textbook([600.0, 1500.0])
    np.testing.assert_allclose(follow(before, *still(before, 500), 500).output[-1], [1000, 2000], rtol=1e-12)
    room = np.full((3000, 2), 5000.0)
    flows = follow(after, room, np.zeros((3000, 2)), np.zeros(3000), np.ones(3000), 3000)
    np.testing.assert_allclose(flows.output[-1], [1247.5, 1841.6], atol=0.06)


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_in_the_long_run_the_static_inverse(seed):
    """Truth: x = (I - r A)^-1 (r f + e), where capacity is ample and final demand has changed for good."""
    rng, economy = np.random.default_rng(seed), city(seed)
    changed = economy._replace(final=economy.final * rng.uniform(0.5, 1.5, economy.final.size))
    static = np.linalg.solve(
        np.eye(economy.output.size) - economy.local[:, None] * economy.direct,
        economy.local * changed.final + economy.exports,
    )
    days = 4000
    ample = np.tile(3 * economy.output + 1, (days, 1))
    flows = follow(changed, ample, np.zeros_like(ample), np.zeros(days), np.ones(days), days)
    np.testing.assert_allclose(flows.output[-1], static, rtol=1e-6, atol=1e-3)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_every_day_what_is_made_and_bought_is_used_stored_or_sold(seed):
    """Truth: of every product, output + bought outside = used by firms + change of stores + sold to all others."""
    economy = city(seed)
    capacity, late, spent, here = shocked(economy, 500, seed)
    flows = follow(economy, capacity, late, spent, here, 500)
    before = np.vstack(
        [(economy.direct * economy.output * economy.behaviour.input_days).sum(axis=1), flows.inventory[:-1]]
    )
    used = flows.output @ economy.direct.T
    lands = np.arange(economy.output.size) == economy.builder
    usual = flows.demand - spent[:, None] * lands
    served = np.minimum(1, np.divide(flows.output, usual, out=np.ones_like(usual), where=usual > 0))
    scarcity = np.vstack([np.zeros(served.shape[1]), 1 - served[:-1]])
    price = (1 + economy.behaviour.price_rise * scarcity) ** -economy.behaviour.elasticity
    to_others = economy.local * economy.final * here[:, None] * price + economy.exports + late
    rebuilt = np.where(lands, np.maximum(flows.output - usual, 0), 0)
    left = flows.output + flows.outside - used - (flows.inventory - before) - served * to_others - rebuilt
    assert np.abs(left).max() <= 1e-9 * economy.output.sum()
    assert flows.inventory.min() >= -1e-9
    assert (flows.output <= flows.demand * (1 + 1e-11)).all()
    most = economy.behaviour.most * capacity + late
    assert (flows.output <= most * (1 + 1e-12)).all()


def test_twice_the_economy_makes_twice_as_much():
    economy = city(5)
    twice = economy._replace(**{k: 2 * getattr(economy, k) for k in ("output", "final", "exports")})
    capacity, late, spent, here = shocked(economy, 400, 5)
    np.testing.assert_allclose(
        follow(twice, 2 * capacity, 2 * late, 2 * spent, here, 400).output,
        2 * follow(economy, capacity, late, spent, here, 400).output,
        rtol=1e-9,
    )


def test_rebuilding_is_work_for_builders_and_for_those_they_buy_from():
    """By hand: on the first day builders make what they can, which is no more than on a normal day; the others as ever."""
    economy = city(3)
    capacity, late, spent, here = still(economy, 1500)
    spent[:400] = economy.output.sum()
    made = follow(economy, capacity, late, spent, here, 1500).output
    np.testing.assert_allclose(made[0], economy.output, rtol=1e-12)
    more = made[399] / np.where(economy.output > 0, economy.output, 1) - (economy.output > 0)
    assert 0.05 < more[economy.builder] < 0.25
    assert more[SECTORS.index("manufacturing")] >= 0
    np.testing.assert_allclose(made[-1], economy.output, rtol=1e-6)


def test_less_is_made_where_a_supplier_fails_and_nobody_else_delivers():
    """A law: a shock to one sector lowers the others, the more the less is bought outside."""
    economy = city(4)
    office = SECTORS.index("office")
    capacity, late, spent, here = still(economy, 300)
    capacity[:, office] *= 0.2
    lost = []
    for outside in (0.0, 0.5, 1.0):
        behaviour = economy.behaviour._replace(outside=outside, adaptation_days=1e9, most=np.ones(len(SECTORS)))
        made = follow(economy._replace(behaviour=behaviour), capacity, late, spent, here, 300).output
        lost.append(np.delete(economy.output - made, office, axis=1).sum())
    assert lost[0] > lost[1] > lost[2]
    assert lost[2] == pytest.approx(np.delete(economy.output - made, office, axis=1).sum())
