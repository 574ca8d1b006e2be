"""Which assumption matters most: shares of the variance of a result by groups of uncertain inputs."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.stats.qmc

from holdfast.errors import Problem, TableError


class Design(NamedTuple):
    """Runs of a Saltelli design.

    ``groups``: names in order; ``levels`` (run, column): uniform inputs 0..1, one column per uncertain input;
    ``base``: rows of each of the two independent samples. Runs come in blocks of ``base``: sample A, sample B,
    then A with the columns of each group taken from B.
    """

    groups: tuple[str, ...]
    levels: np.ndarray
    base: int


def saltelli_design(groups: dict[str, int], base: int, seed: int) -> Design:
    """Lay out the runs that tell the influence of groups of inputs apart.

    Parameters
    ----------
    groups : dict
        Group to its number of uncertain inputs.
    base : int
        Rows of each independent sample, a power of 2 of at least 8; base x (groups + 2) runs in all.
    seed : int
        Of the scrambling of the Sobol sequence.

    Returns
    -------
    Design
        Levels between 0 and 1.

    Raises
    ------
    TableError
        If `base` is no power of 2, or a group has no input.

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181:259-270, radial sampling; Sobol sequence scrambled
    after Owen.

    Examples
    --------
    >>> design = saltelli_design({"fragility": 1, "crews": 2}, 8, 1)
    >>> design.levels.shape
    (32, 3)
    """
    problems = [] if base >= 8 and base & (base - 1) == 0 else [Problem(f"base is {base}; take a power of 2 from 8 on")]
    problems += [
        Problem(f"group {name} has {count} inputs; it needs at least 1") for name, count in groups.items() if count < 1
    ]
    if problems or not groups:
        raise TableError("design", problems or [Problem("there are no groups; name at least one")])
    columns = sum(groups.values())
    points = scipy.stats.qmc.Sobol(2 * columns, scramble=True, rng=np.random.default_rng(seed)).random(base)
    first, second = points[:, :columns], points[:, columns:]
    blocks, start = [first, second], 0
    for count in groups.values():
        mixed = first.copy()
        mixed[:, start : start + count] = second[:, start : start + count]
        blocks.append(mixed)
        start += count
    return Design(tuple(groups), np.concatenate(blocks), base)


def variance_shares(value: np.ndarray, design: Design, resamples: int, rng: np.random.Generator) -> pd.DataFrame:
    """First-order and total share of the variance of a result by group.

    Parameters
    ----------
    value : ndarray
        Result of each run, shape (run,), in the order of the design.
    design : Design
        From `saltelli_design`.
    resamples : int
        Bootstrap resamples of the base rows for the errors.
    rng : Generator
        Source of the resamples.

    Returns
    -------
    DataFrame
        Index ``group``: ``first`` (what would vanish if the group were known), ``total`` (what would remain if all
        but the group were known), each 0..1 up to sampling error, ``first_error`` and ``total_error`` (bootstrap
        standard errors), ``total_low`` and ``total_high`` (5th and 95th percentile).

    Raises
    ------
    TableError
        If the number of results is not that of the design, one is not finite, or all are equal.

    References
    ----------
    First order: Saltelli et al. (2010), table 2 (b), on centred values; total: Jansen (1999), table 2 (f).
    """
    wanted = design.base * (len(design.groups) + 2)
    problems = [] if value.shape == (wanted,) else [Problem(f"{value.size} results for {wanted} runs")]
    problems += [] if np.isfinite(value).all() else [Problem("a result is not finite; look at that run")]
    if not problems and np.ptp(value) == 0:
        problems = [Problem("all results are equal; no input has any influence")]
    if problems:
        raise TableError("results", problems)
    blocks = value.reshape(len(design.groups) + 2, design.base)
    central = _shares(blocks)
    drawn = np.stack([_shares(blocks[:, rng.integers(0, design.base, design.base)]) for _ in range(resamples)])
    spread = drawn.std(axis=0, ddof=1)
    low, high = np.percentile(drawn[:, 1], [5, 95], axis=0)
    table = {
        "first": central[0],
        "first_error": spread[0],
        "total": central[1],
        "total_error": spread[1],
        "total_low": low,
        "total_high": high,
    }
    return pd.DataFrame(table, index=pd.Index(design.groups, name="group"))


def _shares(blocks: np.ndarray) -> np.ndarray:
    """First-order and total shares, shape (2, group)."""
    first, second, mixed = blocks[0], blocks[1], blocks[2:]
    together = np.concatenate([first, second])
    variance = together.var()
    if variance == 0:
        return np.zeros((2, len(mixed)))
    middle = together.mean()
    main = ((second - middle) * (mixed - first)).mean(axis=1)
    total = 0.5 * ((first - mixed) ** 2).mean(axis=1)
    return np.asarray(np.stack([main, total]) / variance)


def between(low: np.ndarray, central: np.ndarray, high: np.ndarray, level: float) -> np.ndarray:
    """Value at a level of an uncertain range: low at 0, central at 1/2, high at 1, straight lines between.

    Parameters
    ----------
    low, central, high : ndarray
        Range of an assumption, any one shape.
    level : float
        0..1.

    Returns
    -------
    ndarray
        Of the same shape.

    Examples
    --------
    >>> between(np.array([0.0]), np.array([0.5]), np.array([1.0]), 0.75).tolist()
    [0.75]
    """
    lower = low + (central - low) * min(2 * level, 1.0)
    return np.asarray(lower + (high - central) * max(2 * level - 1, 0.0))


def factor(level: float, spread: float) -> float:
    """Factor at a level of a range that is symmetric in the logarithm: 1 / spread at 0, 1 at 1/2, spread at 1.

    Parameters
    ----------
    level : float
        0..1.
    spread : float
        1 or more.

    Examples
    --------
    >>> [factor(level, 2.0) for level in (0.0, 0.5, 1.0)]
    [0.5, 1.0, 2.0]
    """
    return float(spread ** (2 * level - 1))
