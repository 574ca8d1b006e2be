"""The exact optimum: the programme against brute force, and the engine against both."""

import numpy as np
import pytest
from cities import parameters
from exact_optimum import Case, case_of, exhausted, loss_of, minimal_cuts, solve, terms_of
from plans import changed
from small_cities import small_city

from holdfast.errors import TableError
from holdfast.recovery.simulation.draw import draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.recovery.strategy import STRATEGIES
from holdfast.recovery.strategy.valuation import corners_of, marginal_value

SEED = draw_seeds(1, 1)[0][0]


def random_case(seed):
    """Two trades, releases, crews, and terms that need several tasks or one of several."""
    rng = np.random.default_rng(seed)
    count, pools = int(rng.integers(2, 7)), rng.integers(1, 4, 2)
    trade = rng.integers(0, 2, count)
    terms = {
        tuple(sorted({tuple(sorted(set(rng.integers(0, count, rng.integers(1, 3)).tolist()))) for _ in range(2)}))
        for _ in range(count + 2)
    }
    crews = np.minimum(rng.integers(1, 3, count), pools[trade])
    amount = rng.random(len(terms))
    return Case(rng.integers(0, 6, count), rng.integers(1, 9, count), crews, trade, pools, amount, tuple(terms))


@pytest.mark.parametrize("seed", range(30))
def test_programme_against_brute_force(seed):
    case = random_case(seed)
    truth = exhausted(case)
    known = truth.start + case.duration if seed % 2 else None
    best = solve(case, 30, known)
    assert best.proved
    assert best.loss == pytest.approx(truth.loss, rel=1e-6)
    assert loss_of(case, best.start + case.duration) == pytest.approx(best.loss)


def test_bound_at_a_time_limit_is_a_bound():
    rng = np.random.default_rng(1)
    count = 40
    amount = rng.random(count)
    terms = tuple(((i,), (int((i + 1) % count), int((i + 7) % count))) for i in range(count))
    nought = np.zeros(count, np.int64)
    case = Case(nought, rng.integers(1, 20, count), nought + 1, nought, np.array([2]), amount, terms)
    order = np.cumsum(case.duration)
    best = solve(case, 1.0, order)
    assert best.bound <= best.loss <= loss_of(case, order)


def test_too_few_crews_are_named():
    case = random_case(0)
    with pytest.raises(TableError, match="more crews than its trade has"):
        solve(case._replace(crews=case.crews + 9))


def test_minimal_cuts_of_a_bridge():
    """Two ways to a node, a or b, both behind c: out of service while c is undone, or a and b are."""
    undone = np.array([[s >> i & 1 for i in range(3)] for s in range(8)], dtype=bool)
    out = undone[:, 2] | (undone[:, 0] & undone[:, 1])
    assert sorted(minimal_cuts(out, np.array([5, 6, 7]))) == [(5, 6), (7,)]


def test_terms_add_up_to_the_function_of_a_building():
    """Half usable; response 1/4 without power, 1/2 without water, 1/8 without both: all 16 states by hand."""
    corners = np.array([[[0.125, 0.5, 0.25, 1.0]]])  # neither, water, power, both
    amount, clauses = terms_of(np.array([0.5]), np.array([0]), np.ones((1, 1)), corners, [[((1,),), ((2,),)]])
    for done in range(8):
        repaired, power, water = (done >> i & 1 for i in range(3))
        back = sum(
            a for a, term in zip(amount, clauses, strict=True) if all(any(done >> t & 1 for t in c) for c in term)
        )
        function = (0.5 + 0.5 * repaired) * corners[0, 0, 2 * power + water]
        assert function == pytest.approx(0.5 * 0.125 + back)


def as_case(small):
    """The city of the engine as a case, and the asset of each task."""
    inputs = prepare(small.city, small.scenario, *small.options, small.parameters)
    drawn, people = draw(inputs, SEED), inputs.repair.city.people
    share, corners = marginal_value(people, small.options.recovery.weight), corners_of(people)
    return case_of(
        inputs.repair.city.graph, share, corners, drawn.tasks.usable, drawn.tasks.asset, inputs.damage.table.pools
    )


def engine_loss(small, **changes):
    """Weighted loss as the engine reports it, days of the whole city, and the day each asset is done."""
    options = changed(small.options, **changes)
    inputs = prepare(small.city, small.scenario, *options, small.parameters)
    _, out = simulate_draw(inputs, SEED)
    money = (out.normal[0] - out.curves.production).sum() / out.normal[0]
    return 0.5 * money + 0.5 * out.curves.gap.sum() / small.city.zones["residents"].sum(), out.finished


@pytest.mark.parametrize("seed", range(6))
def test_engine_and_case_agree_and_no_strategy_beats_the_optimum(seed):
    """The same schedule loses the same in the engine, day by day, and in the case, in closed form."""
    small = small_city(seed, 8, parameters())
    case, asset = as_case(small)
    best = solve(case, 60)
    assert best.proved
    for name in STRATEGIES:
        loss, finished = engine_loss(small, strategy=name)
        assert loss == pytest.approx(loss_of(case, finished[asset]), rel=1e-9)
        if not name.startswith("fully"):
            assert loss >= best.loss * (1 - 1e-6)


def test_gap_of_ten_cities():
    """benchmarks/optimality_gap.py in small: the semi-flexible strategy against the exact optimum."""
    gaps = []
    for seed in range(20, 30):
        small = small_city(seed, 10, parameters())
        case, asset = as_case(small)
        loss, finished = engine_loss(small)
        best = solve(case, 60, finished[asset])
        assert best.proved
        gaps.append(loss / best.loss - 1)
    assert np.median(gaps) < 0.05
    assert np.quantile(gaps, 0.95) < 0.15


def test_more_crews_of_forty_cities():
    """benchmarks/more_crews.py in small: the mean must not rise; the crews that a task takes are kept the same."""
    change = []
    for seed in range(40):
        small = small_city(seed, 10, parameters())
        crews = {trade: n + 1 for trade, n in small.options.resources.crews.items()}
        few, _ = engine_loss(small, most_crews_per_building=1)
        more, _ = engine_loss(small, most_crews_per_building=1, crews=crews)
        change.append(more - few)
    error = np.std(change, ddof=1) / np.sqrt(len(change))
    assert np.mean(change) + 2 * error < 0
