"""The draws behind the certainty, against closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from holdfast.errors import TableError
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions, Drawn, draw_levels

CELLS = 4001
SCORE = norm.ppf((np.arange(CELLS) + 0.5) / CELLS)[:, None]
CUTS = norm.ppf([[0.2, 0.4, 0.6, 0.8]])
FIXED = Aims(spread=0.0)


def drawn(options, seen=(SCORE,), names=("a",), known=None, aims=FIXED, seed=1):
    inputs = Drawn(tuple(names), tuple(seen), None, np.ones(CELLS), CUTS)
    return draw_levels(
        inputs, aims, options, np.eye(len(names)) if known is None else known, np.random.default_rng(seed)
    )


def test_errors_against_the_normal_distribution():
    """Closed form: z plus an error of deviation s, over the root of 1 + s2, is above a cut c with P(N > (c r - z) / s).

    By hand, for z = 0 and s = 0.5: r = 1.118, P(level 3) = 2 F(0.2533 x 1.118 / 0.5) - 1 = 2 F(0.5665) - 1 = 0.429.
    """
    draws = 3000
    levels, ranks = drawn(CertaintyOptions(draws, error=0.5, left_out=0.0))
    middle = CELLS // 2
    assert levels[middle, 2] == pytest.approx(0.429, abs=4 * np.sqrt(0.429 * 0.571 / draws))
    ratio = np.sqrt(1.25)
    for cell in (300, 1500, 3900):
        below = norm.cdf((np.concatenate([[-np.inf], CUTS[0], [np.inf]]) * ratio - SCORE[cell]) / 0.5)
        assert levels[cell] == pytest.approx(np.diff(below), abs=4 * 0.5 / np.sqrt(draws))
        end = norm.cdf((SCORE[cell, 0] + norm.ppf(0.9) * 0.5) / ratio)
        assert ranks[cell, 2] == pytest.approx(end, abs=0.02)


def test_without_errors_nothing_is_uncertain():
    levels, ranks = drawn(CertaintyOptions(5, error=0.0, left_out=0.0))
    assert set(levels.ravel()) == {0.0, 1.0}
    assert np.ptp(ranks, axis=1).max() < 1e-6


def test_a_direction_in_doubt_turns_a_share_of_the_draws():
    draws = 2000
    levels, _ = drawn(CertaintyOptions(draws, error=0.0, left_out=0.0, doubts={"a": 0.25}))
    assert levels[10, 4] == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / draws))
    assert levels[10, 0] + levels[10, 4] == pytest.approx(1)


def test_absent_features_are_free_beyond_what_ties_them():
    """Closed form: with one of two independent features known, score (x + y) / root 2, y drawn: P(level 5) at x = 0.

    By hand: the score is y / 1.414 with y standard normal, and P(y / 1.414 > 0.8416) = P(y > 1.190) = 0.117.
    """
    draws = 3000
    options = CertaintyOptions(draws, error=0.0, left_out=0.0, expected=("a", "b"))
    assert drawn(options, known=np.eye(2))[0][CELLS // 2, 4] == pytest.approx(0.117, abs=4 * 0.33 / np.sqrt(draws))
    tied = np.array([[1.0, 0.999], [0.999, 1.0]])
    sure, _ = drawn(options, known=tied)
    assert sure.max(axis=1).mean() > 0.95


def test_another_grid_is_half_of_the_draws():
    levels, _ = drawn(CertaintyOptions(400, error=0.0, left_out=0.0), seen=(SCORE, -SCORE))
    assert levels[10].tolist() == [0.5, 0, 0, 0, 0.5]


def test_numbers_out_of_range_are_refused():
    with pytest.raises(TableError, match="no chance") as refused:
        CertaintyOptions(error=-1.0, left_out=2.0, doubts={"a": float("nan")})
    assert len(refused.value.problems) == 3
