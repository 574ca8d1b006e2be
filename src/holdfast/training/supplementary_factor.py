"""Service capacity: what the present services let a building consume, r_SS = d_t / d_0."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import UnknownName
from holdfast.training.assumed_response import NETWORKS

ENERGY = "energy"
EVERY = "all"
HABITABLE = "habitable"
DIGITS = 6
INTERVAL = (5.0, 95.0)
"""Percentiles of ``low`` and ``high``."""


class Assumptions(NamedTuple):
    """The stated assumptions, each a packaged table of the same name."""

    energy_carriers: pd.DataFrame
    end_uses: pd.DataFrame
    end_use_needs: pd.DataFrame
    resource_weights: pd.DataFrame
    use_drivers: pd.DataFrame
    habitability: pd.DataFrame


class Uses(NamedTuple):
    """What one category consumes, for a day at full service.

    ``names``: (resource, use) pairs; ``share`` (use,): of the weighted consumption, summing to 1; ``residual``
    (use, network): share of the use that goes on without the network; ``people`` (use,): share of the use that
    follows the people present.
    """

    names: tuple[tuple[str, str], ...]
    share: np.ndarray
    residual: np.ndarray
    people: np.ndarray


def assumptions() -> Assumptions:
    """The packaged assumptions.

    Examples
    --------
    >>> float(assumptions().resource_weights.query("category == 'home'")["weight"].sum())
    1.0
    """
    return Assumptions(*(packaged(name) for name in Assumptions._fields))


def uses(category: str, consumed: pd.Series, given: Assumptions) -> Uses:
    """Combine the resources of a category by their stated weights; shares sum to 1.

    Parameters
    ----------
    category : str
        home, shop, care, school, office, works or public.
    consumed : Series
        Energy of the surveys, kWh per m2 and year, index ``<carrier>`` or ``<carrier>_<use>``; the carriers and
        end uses that the survey lacks come from the tables ``energy_carriers`` and ``end_uses``.
    given : Assumptions
        All stated assumptions, each with its source.

    Raises
    ------
    UnknownName
        If the tables hold no such category.

    References
    ----------
    Zhou, Xiao & Xu (2025). Not specified in the paper: how resources are combined; here by weights that the
    table ``resource_weights`` states, inside energy by cost.
    """
    weights = _rows(given.resource_weights, category).set_index("resource")["weight"]
    carriers = _rows(given.energy_carriers, category).set_index("carrier")
    table = _rows(given.end_uses, category).set_index(["resource", "use"])["share"]
    # the weight of energy is shared among electricity, gas and stored fuel by what they cost (``value``), and the cost
    # of each among its end uses by what they consume
    energy = pd.concat({c: _energy(c, consumed, carriers, table) * carriers["value"][c] for c in carriers.index})
    energy = energy[energy > 0]
    rest = table[[r in weights.index for r in table.index.get_level_values("resource")]]
    scaled = rest * weights.reindex(rest.index.get_level_values("resource")).to_numpy()
    share = pd.concat([energy / energy.sum() * weights[ENERGY], scaled])
    drivers = given.use_drivers.set_index("use")["people_share"]
    names = tuple((str(r), str(u)) for r, u in share.index)
    return Uses(
        names=names,
        share=(share / share.sum()).to_numpy(np.float64),
        residual=residuals(category, names, given.end_use_needs, "residual"),
        people=drivers.reindex([u for _, u in names]).to_numpy(np.float64),
    )


def _rows(table: pd.DataFrame, category: str) -> pd.DataFrame:
    """Rows of a category, or a clear refusal."""
    if category not in set(table["category"]):
        raise UnknownName("service category", category, set(table["category"]))
    return table[table["category"] == category]


def _energy(carrier: str, consumed: pd.Series, carriers: pd.DataFrame, table: pd.Series) -> pd.Series:
    """Energy of a carrier by end use, kWh per m2 and year."""
    parts = consumed[[c.startswith(f"{carrier}_") for c in consumed.index]]
    if len(parts):
        return parts.rename(lambda name: str(name).removeprefix(f"{carrier}_"))
    if carrier in consumed.index:
        total = float(consumed[carrier])
    else:
        # a carrier that the survey does not hold is taken in proportion to electricity, as assumed for the category
        electricity = consumed[[c.startswith("electricity") for c in consumed.index]].sum()
        total = float(electricity) * float(carriers.loc[carrier, "per_electricity"])
    return table[carrier] * total


def residuals(category: str, names: Sequence[tuple[str, str]], needs: pd.DataFrame, column: str) -> np.ndarray:
    """Share of each use that goes on without each network, 0..1, shape (use, network); 1 where it does not need it.

    `column` of the packaged table ``end_use_needs`` is residual, low or high.
    """
    found = np.ones((len(names), len(NETWORKS)))
    # later rows override: those of the category those of "all", and of a named use those of "all" uses
    order = needs.assign(
        own=(needs["category"] != EVERY).astype(int), named=(needs["use"] != EVERY).astype(int)
    ).sort_values(["own", "named"], kind="stable")
    for row in order.itertuples():
        if row.category not in (EVERY, category):
            continue
        for i, (resource, use) in enumerate(names):
            if resource == row.resource and row.use in (EVERY, use):
                found[i, NETWORKS.index(row.network)] = getattr(row, column)
    return found


def supplementary_factor(
    consumer: Uses, satisfaction: np.ndarray, occupied: float = 1.0, usable: float = 1.0
) -> np.ndarray:
    """r_SS = d_t / d_0 under the present services, occupants and building state, shape (...).

    usable x sum over uses of share x (1 - people share (1 - occupied)) x product over networks of
    1 - (1 - residual)(1 - satisfaction)

    Parameters
    ----------
    consumer : Uses
        What the category consumes, from `uses`.
    satisfaction : ndarray
        Met / wanted supply of each network, 0..1, shape (..., network), order `NETWORKS`.
    occupied, usable : float
        People present over those of a normal day, 0 or more, and share of the building that can be used, 0..1.

    References
    ----------
    Zhou, Xiao & Xu (2025), r_SS = d_t / d_0. Not specified in the paper: the product over networks, the straight
    line between residual and full, and that a use stops in proportion.

    Examples
    --------
    >>> consumer = Uses((("electricity", "lighting"), ("water", "water")), np.array([0.6, 0.4]),
    ...     np.array([[0.0, 1, 1, 1, 1], [0.5, 0, 1, 1, 1]]), np.array([0.5, 1.0]))
    >>> supplementary_factor(consumer, np.array([[1.0, 1, 1, 1, 1], [0, 1, 1, 1, 1]])).tolist()
    [1.0, 0.2]
    """
    left = np.prod(1.0 - (1.0 - consumer.residual) * (1.0 - satisfaction[..., None, :]), axis=-1)
    share = consumer.share * (1.0 - consumer.people * (1.0 - occupied))
    return np.asarray(usable * (left @ share))


def habitable_share(satisfaction: np.ndarray, limits: pd.DataFrame) -> np.ndarray:
    """Share of the residents of an undamaged home who can stay, 0..1, shape (...), by the table ``habitability``.

    product over power and water of 1 where satisfaction >= limit, else residual + (1 - residual) satisfaction / limit

    Examples
    --------
    >>> limits = pd.DataFrame({"network": ["water"], "limit": [0.2], "residual": [0.3]})
    >>> habitable_share(np.array([[1, 0.2, 1, 1, 1], [1, 0.1, 1, 1, 1], [0, 0, 1, 1, 1.0]]), limits).round(9).tolist()
    [1.0, 0.65, 0.3]
    """
    share = np.ones(satisfaction.shape[:-1])
    for row in limits.itertuples():
        met = np.minimum(satisfaction[..., NETWORKS.index(row.network)] / row.limit, 1.0)
        share = share * (1.0 - (1.0 - row.residual) * (1.0 - met))
    return share


def grid(limits: pd.DataFrame) -> np.ndarray:
    """Service levels of the archive, shape (row, network): nothing, the habitability limits, full, of every network."""
    # between them the archive is exact, since `supplementary_factor` is a straight line in each network
    levels = sorted({0.0, 1.0, *limits["limit"].astype(float)})
    return np.array(list(product(levels, repeat=len(NETWORKS))))


def interval(
    category: str, consumer: Uses, satisfaction: np.ndarray, given: Assumptions, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Range of r_SS over the ranges of the assumptions: percentiles 5 and 95, shape (2, row)."""
    ends = [residuals(category, consumer.names, given.end_use_needs, c) for c in ("low", "high")]
    # residuals from triangles between low and high with the assumed value as mode, weights of the resources and amounts
    # of the carriers from their ranges; all independent
    residual = _triangles(ends[0], consumer.residual, ends[1], draws, rng)
    factor = np.stack([_factors(category, consumer, given, rng) for _ in range(draws)])
    share = consumer.share * factor
    share /= share.sum(axis=1, keepdims=True)
    found = np.empty((draws, len(satisfaction)))
    for k in range(draws):
        found[k] = supplementary_factor(consumer._replace(share=share[k], residual=residual[k]), satisfaction)
    return np.asarray(np.percentile(found, INTERVAL, axis=0))


def _triangles(low: np.ndarray, mode: np.ndarray, high: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Triangular draws, shape (draws, ...); the value itself where low equals high."""
    wide = high > low
    found = np.repeat(mode[None], draws, axis=0)
    found[:, wide] = rng.triangular(low[wide], np.clip(mode, low, high)[wide], high[wide], (draws, int(wide.sum())))
    return found


def _factors(category: str, consumer: Uses, given: Assumptions, rng: np.random.Generator) -> np.ndarray:
    """One draw of the weight of each use over its central weight."""
    weights = _rows(given.resource_weights, category).set_index("resource")
    carriers = _rows(given.energy_carriers, category).set_index("carrier")
    drawn = np.exp(rng.uniform(np.log(weights["low"]), np.log(weights["high"]))) / weights["weight"]
    by_resource = {str(r): float(v) for r, v in drawn.items()}
    for carrier, row in carriers.iterrows():
        amount = 1.0
        if row["high"] > row["low"]:
            amount = rng.triangular(row["low"], row["per_electricity"], row["high"]) / row["per_electricity"]
        by_resource[str(carrier)] = by_resource[ENERGY] * amount
    return np.array([by_resource[resource] for resource, _ in consumer.names])


def habitable_interval(
    satisfaction: np.ndarray, limits: pd.DataFrame, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Range of `habitable_share` over the ranges of limits and residuals: percentiles 5 and 95, shape (2, row)."""

    def drawn(low: str, mode: str, high: str) -> np.ndarray:
        ends = [limits[c].to_numpy(np.float64) for c in (low, mode, high)]
        return _triangles(ends[0], ends[1], ends[2], draws, rng)

    limit, left = drawn("low", "limit", "high"), drawn("residual_low", "residual", "residual_high")
    found = [habitable_share(satisfaction, limits.assign(limit=limit[k], residual=left[k])) for k in range(draws)]
    return np.asarray(np.percentile(np.stack(found), INTERVAL, axis=0))


def archive_rows(
    category: str, satisfaction: np.ndarray, share: np.ndarray, ends: np.ndarray, source: str
) -> pd.DataFrame:
    """Rows of the table ``service_capacity``, from r_SS (row,) and its low and high `ends` (2, row)."""
    table = pd.DataFrame(satisfaction, columns=list(NETWORKS))
    table.insert(0, "category", category)
    rounded = np.round(np.clip(share, 0.0, 1.0), DIGITS)
    table["r_ss"] = rounded
    # the central value may lie outside the percentiles of skewed ranges: the range is widened to hold it
    table["low"] = np.minimum(np.round(np.clip(ends[0], 0, 1), DIGITS), rounded)
    table["high"] = np.maximum(np.round(np.clip(ends[1], 0, 1), DIGITS), rounded)
    return table.assign(source=source)
