"""Depth-damage functions: the share of a building's structure, contents and stock that water of some depth takes."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName

PARTS = ("structure", "contents", "stock")
SETS = ("hazus", "usace", "jrc")
WATERS = ("river", "coast", "moderate_waves", "waves")
ABOVE_GROUND = "jrc"
"""The set whose functions count depth from the ground, not from the first floor."""
LEVELS = 64
"""Equal parts of the probability into which the distribution at a node is divided."""
EDGES = stats.norm.ppf(np.arange(LEVELS) / LEVELS)
"""Residual at which each part begins."""
HALVES = tuple(LEVELS >> k for k in range(1, LEVELS.bit_length()))
FINE = 32  # points of a part over which its mean is taken
ANY = "*"


class FloodCurves(NamedTuple):
    """Functions of some curves, one after another: those of curve k are the nodes start[k] to start[k + 1] - 1.

    ``start`` (curve + 1,); ``depth`` (node,), m, rising within a curve; ``loss`` (node, `LEVELS`): share lost in each part of
    the probability, rising.
    """

    start: NDArray[np.int64]
    depth: NDArray[np.float64]
    loss: NDArray[np.float64]


def chosen_curves(
    buildings: pd.DataFrame, basement: NDArray[np.bool_], curves: str, water: str, continent: str
) -> pd.DataFrame:
    """Name of the function of each part of each building, from the packaged table ``flood_rules``.

    Parameters
    ----------
    buildings : DataFrame
        With ``occupancy`` and ``stories``.
    basement : ndarray of bool
        Whether a building has one, shape (building,).
    curves : str
        Set of functions: hazus, usace or jrc.
    water : str
        What floods: river, coast (salt water without waves), moderate_waves or waves (of 3 ft and more).
    continent : str
        Of the set jrc, such as ``Europe``.

    Returns
    -------
    DataFrame
        Columns ``structure``, ``contents``, ``stock``, index of `buildings`; empty where the set has none.

    Raises
    ------
    UnknownName
        If there is no such set, water or continent.
    TableError
        If an occupancy has no function of its structure.

    Examples
    --------
    >>> shop = pd.DataFrame({"occupancy": ["COM1"], "stories": [1.0]})
    >>> chosen_curves(shop, np.array([False]), "jrc", "river", "Europe").iloc[0].tolist()
    ['jrc.Commercial.Europe', 'jrc.Commercial.Europe', '']
    """
    for what, name, known in (("set of depth-damage functions", curves, SETS), ("kind of water", water, WATERS)):
        if name not in known:
            raise UnknownName(what, name, known, "scenario.flood")
    rules = packaged("flood_rules")
    rules = rules[(rules["set"] == curves) & rules["water"].isin([ANY, water])]
    if curves == ABOVE_GROUND:
        if continent not in set(rules["continent"]):
            raise UnknownName("continent", continent, sorted(set(rules["continent"])), "scenario.flood.continent")
        rules = rules[rules["continent"] == continent]
    # buildings that a rule cannot tell apart are looked up once
    kinds = pd.DataFrame(
        {
            "occupancy": buildings["occupancy"].astype(str),
            "stories": buildings["stories"].astype(float),
            "basement": basement,
        }
    )
    known_kinds = kinds.drop_duplicates()
    found = [_of_kind(rules, *kind) for kind in known_kinds.itertuples(index=False)]
    named = known_kinds.assign(**{part: [row[i] for row in found] for i, part in enumerate(PARTS)})
    table = kinds.merge(named, how="left").set_index(buildings.index)[list(PARTS)]
    bare = sorted(set(kinds["occupancy"][(table["structure"] == "").to_numpy()]))
    if bare:
        text = f"{', '.join(bare)}: the set {curves} has no depth-damage function"
        raise TableError("flood_rules", [Problem(text, column="occupancy")])
    return table


def _of_kind(rules: pd.DataFrame, occupancy: str, stories: float, basement: bool) -> tuple[str, ...]:
    """Curve of each part; the first rule that fits."""
    fits = rules[
        (rules["occupancy"] == occupancy)
        & (rules["stories_from"] <= np.floor(stories))
        & (rules["stories_to"] >= np.floor(stories))
        & rules["basement"].astype(str).isin([ANY, str(int(basement))])
    ]
    return tuple(next(iter(fits.loc[fits["part"] == part, "curve"]), "") for part in PARTS)


def flood_curves(names: tuple[str, ...]) -> FloodCurves:
    """The packaged functions of these names, with their distributions, ready for draws.

    A function never falls with depth: where a set's does, the highest value above stays.

    Raises
    ------
    UnknownName
        If there is no such function.

    References
    ----------
    FEMA, Hazus Flood Model 6.1; US Army Corps of Engineers, go-consequences; Huizinga, de Moel & Szewczyk (2017), Global
    flood depth-damage functions, JRC105688. Not specified in the papers: the shape of the spread of JRC (beta, by mean and
    standard deviation).

    Examples
    --------
    >>> known = flood_curves(("jrc.Residential.Europe",))
    >>> known.depth.tolist()[:3], known.loss[:3, 0].tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 0.4])
    """
    table = packaged("flood_curves")
    own = {str(name): rows for name, rows in table[table["curve"].isin(names)].groupby("curve", sort=False)}
    for name in names:
        if name not in own:
            raise UnknownName("depth-damage function", name, own, "flood_curves")
    depth, loss, start = [], [], [0]
    for name in names:
        rows = own[name].sort_values("depth_m")
        levels = np.array([_levels(row) for row in rows.to_dict("records")])
        depth.append(rows["depth_m"].to_numpy(np.float64))
        loss.append(np.maximum.accumulate(levels, axis=0))
        start.append(start[-1] + len(rows))
    if not names:
        return FloodCurves(np.zeros(1, dtype=np.int64), np.zeros(0), np.zeros((0, LEVELS)))
    return FloodCurves(np.array(start, dtype=np.int64), np.concatenate(depth), np.concatenate(loss))


def _levels(row: dict[str, float | str]) -> NDArray[np.float64]:
    """Mean of the share lost in each of the equal parts of the probability, shape (`LEVELS`,)."""
    mean, family = float(row["ratio"]), row["family"]
    spread = row["spread"] if isinstance(row["spread"], float) else np.nan
    if family == "normal" and spread > 0:
        quantile = stats.norm(mean, spread).ppf
    elif family == "beta" and spread > 0 and 0 < mean < 1:
        # by moments; a mean and deviation that no beta has (both ends alone possible) get the widest there is
        weight = max(mean * (1 - mean) / spread**2 - 1, 0.05)
        quantile = stats.beta(mean * weight, (1 - mean) * weight).ppf
    elif family == "triangular" and float(row["high"]) > float(row["low"]):
        low, high = float(row["low"]), float(row["high"])
        quantile = stats.triang((float(row["spread"]) - low) / (high - low), low, high - low).ppf
    elif family == "bins":
        quantile = _of_bins(str(row["bins"]))
    else:
        return np.full(LEVELS, mean)
    points = (np.arange(LEVELS * FINE) + 0.5) / (LEVELS * FINE)
    drawn = np.clip(quantile(points), 0.0, 1.0).reshape(LEVELS, FINE).mean(axis=1)
    return np.asarray(drawn)


def _of_bins(text: str):  # type: ignore[no-untyped-def]
    """Quantiles of counts in bins, evenly spread within each: pairs ``from:count``, the last with the upper end."""
    pairs = [part.split(":") for part in text.split()]
    edges, counts = np.array([float(e) for e, _ in pairs]), np.array([float(c) for _, c in pairs[:-1]])
    reached = np.concatenate([[0.0], counts.cumsum() / counts.sum()])
    return lambda p: np.interp(p, reached, edges)


def mean_loss(curves: FloodCurves, curve: int, depth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Closed form of the mean share lost at depths (m, as the function counts them), shape of `depth`.

    Examples
    --------
    >>> mean_loss(flood_curves(("jrc.Residential.Europe",)), 0, np.array([0.25, 9.0])).tolist()
    [0.125, 1.0]
    """
    own = slice(curves.start[curve], curves.start[curve + 1])
    return np.asarray(np.interp(depth, curves.depth[own], curves.loss[own].mean(axis=1)))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def level_of(z: float) -> int:
    """Which of the `LEVELS` equal parts of the probability a standard normal residual falls into.

    Examples
    --------
    >>> [level_of(z) for z in (-9.0, 0.0, 9.0)]
    [0, 32, 63]
    """
    # by halves and without a branch: several times as fast as the distribution function
    at = 0
    for half in HALVES:
        at += half if z >= EDGES[at + half] else 0
    return at


@numba.njit(cache=True, nogil=True, error_model="numpy")
def share_lost(
    start: np.ndarray, nodes: np.ndarray, loss: np.ndarray, curve: int, depth: float, level: int, guess: int
) -> tuple[float, int]:
    """Share lost at a depth in one part of the probability, and the node below that depth, counted from the curve's first.

    Linear between nodes, held beyond the last and before the first. `guess` is where the node may be: the parts of a building
    share their nodes more often than not, and are then found without a search.
    """
    first, last = start[curve], start[curve + 1] - 1
    if depth <= nodes[first]:
        return float(loss[first, level]), 0
    if depth >= nodes[last]:
        return float(loss[last, level]), last - first
    low = first + guess
    if low >= last or nodes[low] > depth or nodes[low + 1] <= depth:
        # by halves: curves have some twenty nodes
        low, high = first, last
        while high - low > 1:
            middle = (low + high) // 2
            if nodes[middle] <= depth:
                low = middle
            else:
                high = middle
    share = (depth - nodes[low]) / (nodes[low + 1] - nodes[low])
    return float(loss[low, level] + share * (loss[low + 1, level] - loss[low, level])), low - first
