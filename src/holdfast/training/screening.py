"""Which features matter: Student's t, analysis of variance and Kruskal-Wallis, with effect sizes and Holm's correction."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.stats

SMALLEST_GROUP = 5
"""Rows that a level needs to take part in a test."""
COLUMNS = ["feature", "test", "groups", "statistic", "p", "effect", "effect_size", "p_holm", "passed"]


class Limits(NamedTuple):
    """When a test counts: greatest corrected p, and the least effect of each kind (Cohen: small)."""

    significance: float = 0.01
    cohen_d: float = 0.2
    eta_squared: float = 0.01
    epsilon_squared: float = 0.01


SMALL = Limits()
"""Effects that Cohen calls small."""


def effective_number(weight: np.ndarray) -> float:
    """Rows of equal weight that would say as much: (sum w)^2 / sum w^2 of survey weights w.

    References
    ----------
    Kish (1965), Survey Sampling.

    Examples
    --------
    >>> effective_number(np.array([2.0, 2.0, 2.0])), round(effective_number(np.array([1.0, 3.0])), 2)
    (3.0, 1.6)
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def student_t(value: np.ndarray, first: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    """Student's t between two groups, two-sided p, and Cohen's d (first less second, over the pooled deviation).

    References
    ----------
    Student (1908); Cohen (1988). With equal weights exactly ``scipy.stats.ttest_ind``.
    """
    parts = [(value[side], weight[side]) for side in (first, ~first)]
    # each group counts with its effective number of rows: unequal survey weights say less than as many equal ones
    size = [effective_number(w) for _, w in parts]
    mean = [np.average(v, weights=w) for v, w in parts]
    square = [n * np.average((v - m) ** 2, weights=w) for (v, w), m, n in zip(parts, mean, size, strict=True)]
    freedom = sum(size) - 2
    pooled = np.sqrt(sum(square) / freedom)
    if pooled == 0:
        return 0.0, 1.0, 0.0
    effect = (mean[0] - mean[1]) / pooled
    t = effect / np.sqrt(1 / size[0] + 1 / size[1])
    return float(t), float(2 * scipy.stats.t.sf(abs(t), freedom)), float(effect)


def variance_analysis(value: np.ndarray, group: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    """One-way analysis of variance: F, p, eta squared (share of the variance between the groups).

    References
    ----------
    Fisher (1925). With equal weights exactly ``scipy.stats.f_oneway``.
    """
    # scaled to sum to the effective number of rows, which stands for the number of rows in the degrees of freedom
    scaled = weight / weight.sum() * effective_number(weight)
    total = np.bincount(group, weights=scaled)
    present = total > 0
    mean = np.bincount(group, weights=scaled * value)[present] / total[present]
    overall = np.average(value, weights=weight)
    between = float((total[present] * (mean - overall) ** 2).sum())
    everything = float((scaled * (value - overall) ** 2).sum())
    within = everything - between
    free = (int(present.sum()) - 1, scaled.sum() - present.sum())
    if within <= 0 or free[0] < 1:
        return 0.0, 1.0, 0.0
    f = between / free[0] / (within / free[1])
    return float(f), float(scipy.stats.f.sf(f, *free)), between / everything


def kruskal_wallis(value: np.ndarray, group: np.ndarray) -> tuple[float, float, float]:
    """Kruskal-Wallis test on ranks: H, p, epsilon squared = H / (rows - 1).

    References
    ----------
    Kruskal & Wallis (1952); Tomczak & Tomczak (2014) for epsilon squared.
    """
    # not weighted: a rank test has no survey weights
    h, p = scipy.stats.kruskal(*[value[group == g] for g in np.unique(group)])
    return float(h), float(p), float(h) / (value.size - 1)


def holm(p: np.ndarray) -> np.ndarray:
    """Corrected p of many tests, so that the chance of any false finding stays below the level; in the order given.

    References
    ----------
    Holm (1979), step-down Bonferroni, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    # the smallest p is held against all tests, the next against one fewer; a larger p is never corrected to a smaller
    # one
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    corrected = np.empty(p.size)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def screen(features: pd.DataFrame, value: np.ndarray, weight: np.ndarray, limits: Limits = SMALL) -> pd.DataFrame:
    """Test every feature, without nulls, against a value (row,); take logarithms of consumption.

    Returns
    -------
    DataFrame
        One row per feature and test: ``statistic``, ``p``, ``effect`` (its name), ``effect_size``, ``p_holm``
        (over all rows of the table) and ``passed`` (significant, and no smaller than the least effect).
    """
    rows = []
    for name in features.columns:
        group, halves = _groups(features[name])
        count = int(np.unique(group).size)
        if count < 2:
            continue
        found = (
            ("Student t", 2, student_t(value, halves, weight), "Cohen d"),
            ("ANOVA", count, variance_analysis(value, group, weight), "eta squared"),
            ("Kruskal-Wallis", count, kruskal_wallis(value, group), "epsilon squared"),
        )
        rows += [(name, test, groups, s, p, effect, size) for test, groups, (s, p, size), effect in found]
    table = pd.DataFrame(rows, columns=COLUMNS[:7])
    table["p_holm"] = holm(table["p"].to_numpy(np.float64))
    return table.assign(passed=_passed(table, limits))


def _passed(table: pd.DataFrame, limits: Limits) -> pd.Series:
    """Which tests count."""
    least = {
        "Cohen d": limits.cohen_d,
        "eta squared": limits.eta_squared,
        "epsilon squared": limits.epsilon_squared,
    }
    strong = table["effect_size"].abs() >= table["effect"].map(least).astype("float64")
    return (table["p_holm"] < limits.significance) & strong


def kept(tests: pd.DataFrame) -> list[str]:
    """Features for which at least one test counts, in the order of the tests."""
    return list(dict.fromkeys(tests.loc[tests["passed"], "feature"]))


def _groups(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Group of each row, and the two halves for Student's t."""
    # numbers are cut at their quartiles, and at the median for Student's t; text and truth values group rows as they
    # are, and Student's t holds the most frequent word against all others
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(np.float64)
        edges = np.unique(np.quantile(numbers, [0.25, 0.5, 0.75]))
        group = np.searchsorted(edges, numbers, side="right")
        halves = numbers > np.median(numbers)
    else:
        codes, words = pd.factorize(values.astype("string"), sort=True)
        counts = np.bincount(codes, minlength=len(words))
        rare = counts < SMALLEST_GROUP
        # rare words join the most frequent one, so that no group is too small for a test
        group = np.where(rare[codes], int(counts.argmax()), codes)
        halves = codes == int(counts.argmax())
    # a number that is the same for most rows has no half above its median
    if halves.all() or not halves.any():
        halves = group == group.min()
    return np.unique(group, return_inverse=True)[1], halves
