"""Laws and goldens of the shares of variance.

Origin of the goldens: closed forms. Ishigami with a = 7, b = 0.1 (Ishigami & Homma 1990): variance a^2/8 + b pi^4/5 +
b^2 pi^8/18 + 1/2. Sobol g-function (Saltelli & Sobol 1995): V_i = (1/3) / (1 + a_i)^2, V = product (1 + V_i) - 1,
total_i = V_i product over others (1 + V_j) / V.
"""

import numpy as np
import pytest
from variance_shares import between, factor, saltelli_design, variance_shares

from holdfast.errors import TableError


def shares(function, groups, base=4096, seed=3):
    design = saltelli_design(groups, base, seed)
    return variance_shares(function(design.levels), design, 100, np.random.default_rng(seed))


def test_ishigami():
    a, b = 7.0, 0.1

    def ishigami(u):
        x = np.pi * (2 * u - 1)
        return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])

    found = shares(ishigami, {"x1": 1, "x2": 1, "x3": 1})
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    alone = 0.5 * (1 + b * np.pi**4 / 5) ** 2 / variance
    joint = b**2 * np.pi**8 * (1 / 18 - 1 / 50) / variance
    np.testing.assert_allclose(found["first"], [alone, a**2 / 8 / variance, 0.0], atol=0.02)
    np.testing.assert_allclose(found["total"], [alone + joint, a**2 / 8 / variance, joint], atol=0.02)


def test_g_function_by_groups():
    """Two inputs in one group: the share of the group is that of the product of its parts."""
    a = np.array([0.0, 1.0, 4.5, 9.0])
    part = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + part) - 1
    found = shares(lambda u: np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1), {"ab": 2, "c": 1, "d": 1})
    groups = [(0, 1), (2,), (3,)]
    main = [np.prod([1 + part[i] for i in g]) - 1 for g in groups]
    rest = [np.prod([1 + part[i] for i in range(4) if i not in g]) for g in groups]
    np.testing.assert_allclose(found["first"], np.array(main) / variance, atol=0.02)
    np.testing.assert_allclose(found["total"], np.array(main) * rest / variance, atol=0.02)


def test_an_input_without_influence_has_exactly_no_total_share():
    found = shares(lambda u: u[:, 0] ** 2, {"one": 1, "other": 1}, base=64)
    assert found.loc["other", "total"] == 0.0
    assert found.loc["one", "first"] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_the_errors_say_how_far_off_a_small_design_is(seed):
    """A sum of two equal inputs: half each; within 4 bootstrap errors even of few runs."""
    found = shares(lambda u: u[:, 0] + u[:, 1], {"one": 1, "other": 1}, base=32, seed=seed)
    assert (abs(found["total"] - 0.5) < 4 * found["total_error"] + 0.02).all()
    assert (abs(found["first"] - 0.5) < 4 * found["first_error"] + 0.02).all()


def test_unit_and_offset_of_the_result_do_not_matter():
    design = saltelli_design({"a": 1, "b": 1}, 64, 1)
    value = design.levels[:, 0] + design.levels[:, 0] * design.levels[:, 1]
    tables = [variance_shares(v, design, 20, np.random.default_rng(0)) for v in (value, 1e6 * value - 3)]
    np.testing.assert_allclose(tables[0], tables[1], rtol=1e-6, atol=1e-9)


def test_bad_designs_and_results_are_refused():
    with pytest.raises(TableError, match="power of 2"):
        saltelli_design({"a": 1}, 12, 1)
    with pytest.raises(TableError, match="at least 1"):
        saltelli_design({"a": 0}, 16, 1)
    design = saltelli_design({"a": 1}, 16, 1)
    for value, words in ((np.zeros(48), "equal"), (np.full(48, np.nan), "finite"), (np.ones(3), "3 results")):
        with pytest.raises(TableError, match=words):
            variance_shares(value, design, 10, np.random.default_rng(0))


def test_ranges():
    assert between(np.array([1.0]), np.array([2.0]), np.array([4.0]), 0.25).tolist() == [1.5]
    assert factor(0.25, 4.0) == pytest.approx(0.5)
