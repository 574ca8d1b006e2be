"""Planted metros: synthetic cells whose true levels are known, to measure methods on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter
from scipy.special import expit

from holdfast.errors import UnknownName
from holdfast.rating.model.levels import LEVELS
from holdfast.tables import schema_rows

TUNING_SEEDS = range(100, 120)  # methods are tuned on these ...
FINAL_SEEDS = range(20)  # ... and judged on these
HELD_OUT = ("diminishing_returns", "regimes")  # families never looked at while tuning

LEVEL_SHARES = (0.12, 0.22, 0.32, 0.22, 0.12)  # of the cells, from level 1
RANGE_CELLS = 4.0  # standard deviation of the kernel behind the smooth fields, cells
NUGGET = 0.15  # share of a feature's true variance that is new in every cell
NOISE = 0.35  # standard deviation of the measurement error, in true standard deviations
CONTRAST = 0.9  # spread of an archetype's profile around its mean
WITHIN = 0.5  # standard deviation of the cells of an archetype around its profile
BALANCING_ROUNDS = 5
SYNERGY = 1.0  # weight of the product of two pillars
CURVATURE = 1.0  # how fast returns diminish
SWITCH = 2.0  # how sharply regimes change with density
SYSTEM_WEIGHTS = {"facilities": 0.25, "infrastructure": 0.45, "society": 0.30}

Score = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class PlantedMetro:
    """A synthetic metro and its truth.

    Parameters
    ----------
    cells : DataFrame
        Index ``cell_id``; ``column`` and ``row`` in the grid.
    features : DataFrame
        Index ``cell_id``; the features of schema ``features`` with a row in
        ``planted_features.csv``, in their own units, with measurement error.
    truth : Series
        Index ``cell_id``; true level, 1 (least) to 5 (most resilient).
    score : Series
        Index ``cell_id``; the number behind the level, without unit.
    """

    cells: pd.DataFrame
    features: pd.DataFrame
    truth: pd.Series
    score: pd.Series


def _rules() -> pd.DataFrame:
    """Pillar, system, direction and synthetic distribution of every planted feature."""
    schema = pd.DataFrame(schema_rows("features")).set_index("column")[["pillar", "system", "direction"]]
    rules = pd.read_csv(Path(__file__).with_name("planted_features.csv")).set_index("feature").join(schema, how="left")
    return rules.assign(direction=rules["direction"].astype(int))


def _standard(values: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1."""
    return np.asarray((values - values.mean()) / values.std())


def _smooth(side: int, generator: np.random.Generator) -> np.ndarray:
    """One smooth random field on a square of half-cells, standardised (a Gaussian kernel by Fourier transform)."""
    frequency = np.fft.fftfreq(side)[:, None] ** 2 + np.fft.rfftfreq(side)[None, :] ** 2
    kernel = np.exp(-2.0 * (np.pi * 2.0 * RANGE_CELLS) ** 2 * frequency)
    field = np.fft.irfft2(np.fft.rfft2(generator.normal(size=(side, side))) * kernel, s=(side, side))
    return _standard(field)


def _latent(side: int, rules: pd.DataFrame, generator: np.random.Generator) -> np.ndarray:
    """True features of the half-cells, shape (feature, side, side): wealth, density and what is their own."""
    place = (np.arange(side) + 0.5) / side - 0.5
    centre = np.exp(-((place[:, None] ** 2 + place[None, :] ** 2) / 0.08))
    wealth = _smooth(side, generator)
    density = _standard(0.8 * _smooth(side, generator) + 3.0 * centre)
    fields = []
    for rule in rules.itertuples():
        common = rule.wealth * wealth + rule.density * density
        own = max(1.0 - rule.wealth**2 - rule.density**2 - NUGGET, 0.0) ** 0.5 * _smooth(side, generator)
        local = 2.0 * NUGGET**0.5 * generator.normal(size=(side, side))  # a cell averages four half-cells
        fields.append(rule.direction * (common + own + local))
    return np.stack(fields)


def _archetypes(
    side: int, count: int, place: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """True features of the half-cells where each cell is of one of five kinds, and the kinds' mean."""
    contrast = generator.normal(0.0, CONTRAST, (LEVELS, count))
    means = np.linspace(-1.0, 1.0, LEVELS)
    profiles = means[:, None] + contrast - contrast.mean(axis=1, keepdims=True)
    fields = np.stack([_smooth(side // 2 + 1, generator) for _ in range(LEVELS)])
    for _ in range(BALANCING_ROUNDS):  # no kind may nearly vanish
        shares = np.bincount(np.argmax(fields[:, *place], axis=0), minlength=LEVELS) / place.shape[1]
        fields += (1.0 / LEVELS - shares)[:, None, None]
    kind = np.argmax(fields, axis=0)
    kind = np.kron(kind, np.ones((2, 2), dtype=np.int64))[:side, :side]
    own = np.stack([_smooth(side, generator) for _ in range(count)])
    local = 2.0 * generator.normal(size=(count, side, side))
    spread = WITHIN * (0.5**0.5 * own + 0.5**0.5 * local)
    return np.moveaxis(profiles[kind], -1, 0) + spread, means[kind]


def _pillars(latent: pd.DataFrame) -> pd.DataFrame:
    """Standardised mean of each pillar."""
    means = latent.T.groupby(_rules().loc[latent.columns, "pillar"]).mean().T
    return (means - means.mean()) / means.std(ddof=0)


def additive(latent: pd.DataFrame) -> pd.Series:
    """Every feature counts alike: the mean of the oriented features.

    Parameters
    ----------
    latent : DataFrame
        Index ``cell_id``; true features, standardised and oriented.
    """
    return latent.mean(axis=1)


def weakest_link(latent: pd.DataFrame) -> pd.Series:
    """A cell is as resilient as its weakest pillar.

    Parameters
    ----------
    latent : DataFrame
        As in `additive`.
    """
    return _pillars(latent).min(axis=1)


def interaction(latent: pd.DataFrame) -> pd.Series:
    """Robustness and redundancy help each other: the sum of the pillars and a product.

    Parameters
    ----------
    latent : DataFrame
        As in `additive`.
    """
    pillars = _pillars(latent)
    return pillars.sum(axis=1) + SYNERGY * pillars["robustness"] * pillars["redundancy"]


def diminishing_returns(latent: pd.DataFrame) -> pd.Series:
    """The first improvement of a feature helps most, and systems have different weights.

    Parameters
    ----------
    latent : DataFrame
        As in `additive`.
    """
    utility = 1.0 - np.exp(-CURVATURE * latent)
    means = utility.T.groupby(_rules().loc[latent.columns, "system"]).mean().T
    return pd.Series(means[list(SYSTEM_WEIGHTS)].to_numpy() @ np.array(list(SYSTEM_WEIGHTS.values())), latent.index)


def regimes(latent: pd.DataFrame) -> pd.Series:
    """Redundancy decides where roads are dense, resourcefulness elsewhere; robustness counts everywhere.

    Parameters
    ----------
    latent : DataFrame
        As in `additive`.
    """
    pillars = _pillars(latent)
    urban = expit(SWITCH * latent["road_density"])
    return pillars["robustness"] + 2.0 * (urban * pillars["redundancy"] + (1.0 - urban) * pillars["resourcefulness"])


FAMILIES: dict[str, Score | None] = {  # None: the truth is a kind of cell, no function of its features
    "additive": additive,
    "weakest_link": weakest_link,
    "interaction": interaction,
    "archetypes": None,
    "diminishing_returns": diminishing_returns,
    "regimes": regimes,
}


def _outline(cells: int, side: int, generator: np.random.Generator) -> np.ndarray:
    """Row and column of the cells of an irregular round metro, shape (2, cell), sorted by row."""
    rows, columns = (a.ravel() for a in np.mgrid[0:side, 0:side])
    middle = (side - 1) / 2
    angle = np.arctan2(rows - middle, columns - middle)
    waves = sum(generator.normal(0, 0.06) * np.cos(k * angle + generator.uniform(0, 2 * np.pi)) for k in (2, 3, 5))
    chosen = np.sort(np.argsort(np.hypot(rows - middle, columns - middle) / (1.0 + waves), kind="stable")[:cells])
    return np.stack([rows[chosen], columns[chosen]])


def _in_cells(halves: np.ndarray, place: np.ndarray, shifted: bool) -> np.ndarray:
    """Mean of the four half-cells of every cell, shape (cell, field)."""
    means = np.stack([uniform_filter(field, 2, mode="nearest", origin=-1) for field in halves])
    rows, columns = 2 * place + int(shifted)
    return np.asarray(means[:, rows, columns].T)


def _measured(raw: np.ndarray, rules: pd.DataFrame) -> dict[str, np.ndarray]:
    """Features in their own units from standard normal values, shape (cell, feature)."""
    columns = {}
    for values, rule in zip(raw.T, rules.itertuples(), strict=True):
        inner = rule.centre + rule.spread * values
        if rule.shape == "share":
            inner = expit(inner)
        elif rule.shape in ("count", "exponential"):
            inner = np.exp(inner)
        inner = np.round(inner) if rule.shape == "count" else inner
        columns[rule.Index] = np.clip(inner, rule.lowest, rule.highest)
    return columns


def planted_metro(family: str, cells: int, seed: int, *, shifted: bool = False) -> PlantedMetro:
    """Make a synthetic metro with known levels.

    Features follow two smooth common fields (wealth; density, highest at the centre), a smooth field
    and a cell-to-cell part of their own, and a measurement error; they are then bent to their units.

    Parameters
    ----------
    family : str
        Key of `FAMILIES`: how true features make the truth.
    cells : int
        Number of cells, at least 50.
    seed : int
        Of every random number.
    shifted : bool
        Measure the same metro on a grid moved by half a cell east and north.

    Returns
    -------
    PlantedMetro
        Sorted by row, then column. Levels hold 12, 22, 32, 22 and 12 % of the cells, in the family
        ``archetypes`` what falls to each kind.

    Raises
    ------
    UnknownName
        If there is no such family.

    Examples
    --------
    >>> metro = planted_metro("additive", 200, 1)
    >>> metro.features.shape, sorted(metro.truth.unique().tolist())
    ((200, 12), [1, 2, 3, 4, 5])
    """
    if family not in FAMILIES:
        raise UnknownName("family of planted metros", family, FAMILIES)
    generator = np.random.default_rng(np.random.SeedSequence([list(FAMILIES).index(family), seed]))
    rules = _rules()
    width = int(np.ceil(np.sqrt(1.5 * cells))) + 2
    place = _outline(cells, width, generator)
    side, rule = 2 * (width + 1), FAMILIES[family]
    if rule is None:
        halves, kinds = _archetypes(side, len(rules), place, generator)
        kinds = _in_cells(kinds[None], place, shifted)[:, 0]
    else:
        halves = _latent(side, rules, generator)
    error = 2.0 * NOISE * generator.normal(size=halves.shape)
    true, seen = (_in_cells(fields, place, shifted) for fields in (halves, halves + error))
    index = pd.Index([f"E{c}N{r}" for r, c in place.T], name="cell_id")
    if rule is None:
        score = pd.Series(kinds, index)
        edges = np.linspace(-1.0, 1.0, LEVELS)[:-1] + 1.0 / (LEVELS - 1)
    else:
        score = rule(pd.DataFrame(true, index, rules.index))
        edges = np.quantile(score, np.cumsum(LEVEL_SHARES)[:-1])
    truth = pd.Series(1 + np.searchsorted(edges, score, side="left"), index)
    features = pd.DataFrame(_measured(seen * rules["direction"].to_numpy(), rules), index)
    grid = pd.DataFrame({"column": place[1], "row": place[0]}, index)
    return PlantedMetro(grid, features, truth.rename("truth"), score.rename("score"))
