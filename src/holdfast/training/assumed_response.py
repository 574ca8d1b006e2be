"""The assumed response of production to services, and the archive of EP per floor area that it fills."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.training.production import MONEY

NETWORKS = ("power", "water", "gas", "telecom", "transport")
"""Services in the order of the archive's columns."""
LINEAR = 1.0
DIGITS = 6  # decimals of the packaged table, so that it does not change with the last bit of a machine


def response(satisfaction: np.ndarray, residual: np.ndarray, shape: float = LINEAR) -> np.ndarray:
    """Share of production that services allow, 0..1, shape (...).

    product over services of 1 - (1 - residual) (1 - satisfaction ** shape)

    Parameters
    ----------
    satisfaction : ndarray
        Met / wanted supply of each service, 0..1, shape (..., service).
    residual : ndarray
        Production left without each service, 0..1, shape (service,).
    shape : float
        Above 0; 1 is a straight line between residual and full, below 1 the first part of a service is worth most.

    References
    ----------
    Not specified in the paper: the response to service is assumed, since public data hold no outages; residuals are
    those of the packaged table ``production_residuals``, each published or assumed.

    Examples
    --------
    >>> response(np.array([[1.0, 1.0], [0.0, 1.0], [0.5, 0.0]]), np.array([0.2, 0.5])).tolist()
    [1.0, 0.19999999999999996, 0.3]
    """
    # services as independent of each other: 1 at full service, the residual of a service where it alone is at zero, and
    # never falling when a service rises
    return np.asarray(np.prod(1.0 - (1.0 - residual) * (1.0 - satisfaction**shape), axis=-1))


def elasticity(residual: np.ndarray, shape: float = LINEAR) -> np.ndarray:
    """Relative loss of production per relative loss of one service, at full service; unit 1.

    Examples
    --------
    >>> elasticity(np.array([0.2])).tolist()
    [0.8]
    """
    # d ln(share) / d satisfaction at satisfaction 1
    return np.asarray((1.0 - residual) * shape)


def service_levels(levels: Sequence[float], services: int = len(NETWORKS)) -> np.ndarray:
    """Every combination of service levels, the first service slowest; shape (level ** service, service).

    Examples
    --------
    >>> service_levels([0, 1], 2).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    return np.array(list(product(levels, repeat=services)), dtype=np.float64)


def archive(
    base: pd.DataFrame, residuals: pd.DataFrame, levels: Sequence[float] = (0.0, 1.0), shape: float = LINEAR
) -> pd.DataFrame:
    """EP per floor area of every occupancy at every combination of service levels: EP_unit_area.

    In the schema ``productivity``, ``low`` and ``high`` take all bounds at once: they enclose, they are no percentiles.

    Raises
    ------
    TableError
        If a group of `base` lacks the residual of a service.

    Examples
    --------
    >>> base = pd.DataFrame({"productivity_per_area": [2.0], "low": [1.0], "high": [3.0], "group": ["retail"],
    ...     "source": ["published"]}, index=pd.Index(["COM1"], name="occupancy"))
    >>> residuals = pd.DataFrame({"group": "retail", "network": NETWORKS, "residual": 0.5, "low": 0.0, "high": 1.0})
    >>> table = archive(base, residuals)
    >>> len(table), table["productivity_per_area"].agg(["max", "min"]).tolist()
    (32, [2.0, 0.0625])
    """
    # between the levels the simulation interpolates in each service: exact for levels 0 and 1 as long as `shape` is 1
    grid = service_levels(levels)
    bounds = {name: _residuals(residuals, base["group"], name) for name in ("residual", "low", "high")}
    tables = []
    for i, (occupancy, row) in enumerate(base.iterrows()):
        part = pd.DataFrame(grid, columns=list(NETWORKS))
        part.insert(0, "occupancy", occupancy)
        for column, name in (("productivity_per_area", "residual"), ("low", "low"), ("high", "high")):
            part[column] = np.round(row[column] * response(grid, bounds[name][i], shape), DIGITS)
        part["unit"] = MONEY
        part["source"] = [_source(str(row["source"]), str(row["group"]), levels) for levels in grid]
        tables.append(part)
    return pd.concat(tables, ignore_index=True)


def _residuals(residuals: pd.DataFrame, groups: pd.Series, column: str) -> np.ndarray:
    """One bound of the residuals, shape (occupancy, service); 1 where nothing is produced."""
    wide = residuals.pivot_table(index="group", columns="network", values=column).reindex(columns=list(NETWORKS))
    named = groups.fillna("").astype(str)
    known = set(wide.dropna().index)
    lacking = sorted(set(named) - {""} - known)
    if lacking:
        text = f"needs one row for each of {', '.join(NETWORKS)}"
        raise TableError("production_residuals", [Problem(f"{g}: {text}", column="group") for g in lacking])
    # an occupancy without a group produces nothing, so that no service can take anything from it
    return np.asarray(wide.reindex(named).fillna(1.0).to_numpy(np.float64))


def _source(base: str, group: str, levels: np.ndarray) -> str:
    """Where a row comes from: the base at full service, the residuals elsewhere."""
    if (levels == 1.0).all() or not group:
        return base
    reduced = " ".join(n for n, level in zip(NETWORKS, levels, strict=True) if level < 1.0)
    return f"full service x assumed response, production_residuals {group}: {reduced}"
