"""Draws of damage: closed forms, independence of order and threads, pipes, correlation, delays."""

import numpy as np
import pandas as pd
import pytest
from cities import five_buildings, parameters, town
from scipy.stats import multivariate_normal, norm

from holdfast.errors import TableError
from holdfast.recovery.damage.assets import Assets, assets, consequences
from holdfast.recovery.damage.damage import draw_block, draw_damage
from holdfast.recovery.damage.delays import delay
from holdfast.recovery.damage.fragility import exceedance, fragilities
from holdfast.recovery.settings.parameters import load_parameters

CREWS = {"building": 9, "power": 1, "water": 1, "telecom": 1}


@pytest.fixture(scope="module")
def real():
    return load_parameters()


def alone(classes, repair_class="COM1", length=0.0, cost=1000.0, tables=None, delays="none"):
    """Assets without a city, all alike but for their class, with their consequences."""
    count = len(classes)
    nothing = np.zeros(count)
    listed = Assets(
        asset_class=pd.Series(classes),
        repair_class=pd.Series([repair_class] * count),
        site=np.zeros((count, 2)),
        replacement_cost=np.full(count, cost),
        floor_area=nothing,
        length=np.full(count, length),
        block=np.zeros(count, dtype=int),
        trade=np.zeros(count, dtype=int),
        trades=("building",),
        buildings=count if repair_class == "COM1" else 0,
        nodes=0,
    )
    return listed, consequences(listed, tables, {"building": 9}, delays)


def test_a_hundred_classes_follow_the_closed_form(real):
    """Origin: 1 - prod(1 - Phi(ln(IM / median) / beta)), scipy; 1e6 draws of each class, four standard errors."""
    count, rng = 1_000_000, np.random.default_rng(11)
    known = sorted(set(real.fragility["asset_class"]))
    names = rng.choice(known, 100, replace=False)
    functions = fragilities(real, pd.Series(names), ["PGA", "SA1.0", "PGD"])
    _, table = alone(["W1.high_code"] * count, tables=real)
    for kind in range(1, 101):
        shaking = {"PGA": rng.uniform(0.05, 1.5), "SA1.0": rng.uniform(0.05, 1.5), "PGD": rng.uniform(1.0, 60.0)}
        one = functions._replace(kind=np.full(count, kind, dtype=np.int32), group=np.full(count, -1, dtype=np.int32))
        states = draw_damage({m: np.full(count, v) for m, v in shaking.items()}, one, table, None, rng).damage_state
        expected = exceedance(functions, kind, shaking)
        share = np.array([(states >= d).mean() for d in range(1, 5)])
        error = np.sqrt(expected * (1 - expected) / count)
        assert (np.abs(share - expected) <= 4 * error + 3 / count).all(), functions.classes[kind]


def test_a_draw_depends_on_its_seed_alone():
    city = town(400)
    listed = assets(city)
    table = consequences(listed, parameters(), CREWS, "drawn")
    functions = fragilities(parameters(), listed.asset_class, ["PGA"], listed.block, 0.4)
    seeds = np.random.SeedSequence(5).spawn(21)
    pga = np.random.default_rng(1).uniform(0.1, 0.9, (21, len(listed.asset_class)))
    whole = draw_block({"PGA": pga}, functions, table, None, seeds)
    threads = draw_block({"PGA": pga}, functions, table, None, seeds, threads=3)
    part = draw_block({"PGA": pga[7:9]}, functions, table, None, seeds[7:9])
    single = draw_damage({"PGA": pga[8]}, functions, table, None, np.random.default_rng(seeds[8]))
    for a, b, c, d in zip(whole, threads, part, single, strict=True):
        assert np.array_equal(a, b)
        assert np.array_equal(a[7:9], c)
        assert np.array_equal(a[8], d)
    assert len(np.unique(whole.damage_state, axis=0)) == 21


def test_no_shaking_no_damage_and_no_class_no_damage():
    city = town(50)
    listed = assets(city)
    table = consequences(listed, parameters(), CREWS, "drawn")
    functions = fragilities(parameters(), listed.asset_class, ["PGA"])
    size = len(listed.asset_class)
    calm = draw_damage({"PGA": np.zeros(size)}, functions, table, None, np.random.default_rng(1))
    for name, values in calm._asdict().items():
        assert (values == (1 if name in ("functional_share", "reoccupied_share") else 0)).all(), name
    wild = draw_damage({"PGA": np.full(size, 50.0)}, functions, table, None, np.random.default_rng(1))
    assert (wild.damage_state[functions.kind == 0] == 0).all()
    assert (wild.damage_state[functions.kind > 0] == 4).all()


def test_more_shaking_never_helps():
    listed = assets(town(300))
    table = consequences(listed, parameters(), CREWS)
    functions = fragilities(parameters(), listed.asset_class, ["PGA"], listed.block, 0.3)
    before = np.zeros(len(listed.asset_class))
    for pga in (0.0, 0.1, 0.3, 0.31, 0.9, 3.0):
        damage = draw_damage({"PGA": np.full(before.size, pga)}, functions, table, None, np.random.default_rng(4))
        assert (damage.damage_state >= before).all()
        before = damage.damage_state


def test_crossing_functions_give_the_worst_state_reached():
    rows = (
        parameters().fragility.query("asset_class == 'weak'").assign(median=[0.2, 0.4, 0.4, 0.4], beta=[0.1, 1, 1, 1])
    )
    tables = parameters(fragility=rows)
    count = 20_000
    _, table = alone(["weak"] * count, tables=tables)
    functions = fragilities(tables, pd.Series(["weak"] * count), ["PGA"])
    states = draw_damage({"PGA": np.full(count, 0.15)}, functions, table, None, np.random.default_rng(1)).damage_state
    share = norm.cdf(np.log(0.15 / 0.4))
    assert abs((states == 4).mean() - share) < 4 * np.sqrt(share * (1 - share) / count)
    assert (states[states > 0] == 4).all()


def test_given_states_are_kept_and_networks_still_drawn():
    city = five_buildings()
    listed = assets(city)
    table = consequences(listed, parameters(), {"building": 9, "power": 1, "water": 1})
    functions = fragilities(parameters(), listed.asset_class, ["PGA"])
    states = np.array([2, 0, 3, 0, 1], dtype=np.int8)
    damage = draw_damage({"PGA": np.full(9, 1.0)}, functions, table, states, np.random.default_rng(1))
    assert damage.damage_state[:5].tolist() == states.tolist()
    assert damage.damage_state[-1] == 3  # the class "broken" at 1 g
    assert damage.repair_cost.sum() == 74_050
    assert damage.repair_days[:5].tolist() == [10, 0, 40, 0, 1]
    assert damage.repair_work.tolist() == (damage.repair_days * table.crews).tolist()
    assert damage.delay.tolist() == [4, 0, 4, 0, 4, 0, 0, 0, 1]
    assert damage.functional_share[:5].tolist() == damage.reoccupied_share[:5].tolist() == [0.5, 1, 0, 1, 1]


def test_repairs_of_a_pipe_are_poisson_with_the_published_rate(real):
    """Origin: 1e-4 PGV^2.25 repairs per km at 60 cm/s, (PGD/2.54)^0.56 at 5 cm, by hand, 400 m of brittle main.

    Leaks .8 x 1.00198 x .4 + .2 x 1.46129 x .4 = .43754, breaks .2 x 1.00198 x .4 + .8 x 1.46129 x .4 = .54777.
    """
    count = 200_000
    _, table = alone(["PWP.B"] * count, repair_class="PWP.B", length=400.0, cost=400_000.0, tables=real)
    functions = fragilities(real, pd.Series(["PWP.B"] * count), ["PGV", "PGD"])
    shaking = {"PGV": np.full(count, 60.0), "PGD": np.full(count, 5.0)}
    damage = draw_damage(shaking, functions, table, None, np.random.default_rng(3))
    for drawn, mean in ((damage.leaks, 0.43754), (damage.breaks, 0.54777)):
        assert abs(drawn.mean() - mean) < 4 * np.sqrt(mean / count)
        assert drawn.var() == pytest.approx(mean, rel=0.02)
    assert abs(np.corrcoef(damage.leaks, damage.breaks)[0, 1]) < 4 / np.sqrt(count)
    assert np.array_equal(damage.damage_state, np.where(damage.breaks > 0, 4, np.where(damage.leaks > 0, 1, 0)))
    assert damage.repair_cost == pytest.approx(1000.0 * (2 * damage.leaks + 5 * damage.breaks))
    assert np.array_equal(damage.repair_days, np.ceil(0.5 * damage.leaks + damage.breaks))
    twice = table._replace(length=table.length * 2)
    assert draw_damage(shaking, functions, twice, None, np.random.default_rng(3)).leaks.sum() > damage.leaks.sum()


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_correlation_keeps_every_building_and_ties_its_neighbours(correlation):
    """Origin: scipy's bivariate normal distribution at the median of the class: P(both) from the correlation."""
    draws, count = 4000, 40
    tables = parameters()
    _, table = alone(["weak"] * count, tables=tables)
    block = np.repeat(np.arange(count // 2), 2)
    functions = fragilities(tables, pd.Series(["weak"] * count), ["PGA"], block, correlation)
    seeds = np.random.SeedSequence(8).spawn(draws)
    hit = draw_block({"PGA": np.full(count, 0.4)}, functions, table, None, seeds).damage_state >= 2  # at its median
    blocks = hit.reshape(draws, -1, 2)
    size = blocks.shape[0] * blocks.shape[1]
    assert abs(hit.mean() - 0.5) < 4 * np.sqrt(0.5 / size)
    covariance = [[1, min(correlation, 1 - 1e-9)], [min(correlation, 1 - 1e-9), 1]]
    both = multivariate_normal.cdf([0, 0], cov=covariance)
    assert abs(blocks.all(axis=2).mean() - both) < 4 * np.sqrt(both * (1 - both) / size)
    apart = (hit[:, 0] & hit[:, 2]).mean()  # two blocks are independent
    assert abs(apart - 0.25) < 4 * np.sqrt(0.25 * 0.75 / draws)


def test_drawn_delays_follow_the_lognormal_and_hold_the_steps_of_a_building_together(real):
    """Origin: lognormal median and deviation of the inspection; bivariate correlation of two chains by scipy."""
    count = 100_000
    table = parameters().delays.assign(dispersion=0.5)
    table["median_days"] = table["step"].map(
        {"inspection": 1e5, "financing": 0, "engineering": 0, "permit": 0, "contractor": 0}
    )
    _, meaning = alone(["weak"] * count, tables=parameters(delays=table), delays="drawn")
    functions = fragilities(parameters(), pd.Series(["weak"] * count), ["PGA"])
    wild = {"PGA": np.full(count, 50.0)}
    days = draw_damage(wild, functions, meaning, None, np.random.default_rng(1)).delay
    logs = np.log(days / 1e5)
    assert abs(logs.mean()) < 4 * 0.5 / np.sqrt(count)
    assert logs.std() == pytest.approx(0.5, rel=0.01)
    table["median_days"] = table["step"].map(
        {"inspection": 0, "financing": 1e5, "engineering": 0, "permit": 0, "contractor": 1e5}
    )
    _, meaning = alone(["weak"] * count, tables=parameters(delays=table), delays="drawn")
    days = draw_damage(wild, functions, meaning, None, np.random.default_rng(1)).delay
    below = multivariate_normal.cdf([0, 0], cov=[[1, 0.5], [0.5, 1]])  # both chains under their median
    assert abs((days <= 1e5).mean() - below) < 4 * np.sqrt(below * (1 - below) / count)


def test_drawn_delays_of_a_complete_building_against_numpy(real):
    """Origin: the same chains drawn with numpy, log steps correlated 0.5: mean and standard deviation."""
    count, rng = 200_000, np.random.default_rng(2)
    rows = real.delays[real.delays["damage_state"] == "complete"].set_index("step")
    common = rng.standard_normal(count)
    step = {
        k: r.median_days * np.exp(r.dispersion * (common + rng.standard_normal(count)) / np.sqrt(2))
        for k, r in rows.iterrows()
    }
    chains = [step["financing"], step["engineering"] + step["permit"], step["contractor"]]
    expected = np.ceil(step["inspection"] + np.max(chains, axis=0))
    _, meaning = alone(["URML.pre_code"] * count, tables=real, delays="drawn")
    functions = fragilities(real, pd.Series(["URML.pre_code"] * count), ["PGA"])
    days = draw_damage({"PGA": np.full(count, 90.0)}, functions, meaning, None, np.random.default_rng(1)).delay
    assert abs(days.mean() - expected.mean()) < 4 * expected.std() * np.sqrt(2 / count)
    assert days.std() == pytest.approx(expected.std(), rel=0.02)


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1])
def test_bad_intensities_are_refused(value):
    _, table = alone(["weak"] * 3, tables=parameters())
    functions = fragilities(parameters(), pd.Series(["weak"] * 3), ["PGA"])
    with pytest.raises(TableError, match="PGA: 1 of 3 values are missing, infinite or negative"):
        draw_damage({"PGA": np.array([0.2, value, 0.2])}, functions, table, None, np.random.default_rng(1))


def test_drawn_delays_of_networks_are_inspections_alone(real):
    late = delay("drawn")(real.delays)
    assert late.drawn
    assert (late.median[1, :, 1:] == 0).all()
    assert np.array_equal(late.median[1, 1:, 0], late.median[0, 1:, 0])


@pytest.mark.parametrize("intensity", [0.05, 0.6, 5.0, 500.0])
@pytest.mark.parametrize("length", [0.5, 30.0, 5000.0])
@pytest.mark.parametrize("kind", ["PWP.B", "PWP.D", "W1.high_code", "URML.pre_code"])
def test_no_asset_costs_more_than_a_new_one(kind, length, intensity, real):
    """Law, whatever the shaking: of pipes with more breaks than metres, as of buildings of every state."""
    count, pipe = 2000, kind.startswith("PWP")
    _, table = alone(
        [kind] * count, kind if pipe else "COM1", length=length if pipe else 0.0, cost=1000 * length, tables=real
    )
    functions = fragilities(real, pd.Series([kind] * count), ["PGA", "PGV", "PGD", "SA1.0"])
    shaking = {m: np.full(count, intensity * s) for m, s in {"PGA": 1, "PGV": 100, "PGD": 50, "SA1.0": 1}.items()}
    found = draw_damage(shaking, functions, table, None, np.random.default_rng(2))
    assert (found.repair_cost >= 0).all()
    assert (found.repair_cost <= 1000 * length * (1 + 1e-12)).all()
    if intensity >= 500:
        assert found.repair_cost.max() == pytest.approx(1000 * length), "and a lost one as much"
    sound = found.damage_state == 0
    assert (found.repair_cost[sound] == 0).all()


def test_no_asset_of_a_city_costs_more_than_a_new_one(real):
    """Law, for buildings, nodes and edges of a town with pipes of every length, twenty draws."""
    city = town(300)
    listed = assets(city, CREWS)
    tables = consequences(listed, parameters(), CREWS, "none")
    functions = fragilities(parameters(), listed.asset_class, ["PGA"], listed.block, 0.4)
    shaking = {"PGA": np.random.default_rng(3).uniform(0.01, 9.0, (20, len(listed.asset_class)))}
    cost = draw_block(shaking, functions, tables, None, np.random.SeedSequence(4).spawn(20)).repair_cost
    assert (cost <= listed.replacement_cost[None] * (1 + 1e-12)).all()
    assert (cost.max(axis=0) > 0.5 * listed.replacement_cost).sum() > 100
