"""Response: how much of a function the services of a building allow."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.kernels import allocation_free

NETWORKS = ("power", "water", "gas", "telecom", "transport")
"""Networks that a table of responses may have a column for."""


class Response(NamedTuple):
    """Share of a function by kind and service.

    ``levels`` (level,): ascending from 0 to 1; ``share`` (kind, level ** network): C order, the first network
    slowest, 1 at full service; ``corner`` (kind, 2 ** network): the same where every network serves fully or
    not at all.
    """

    levels: np.ndarray
    share: np.ndarray
    corner: np.ndarray


def response(levels: np.ndarray, share: np.ndarray) -> Response:
    """Gather a response, with the corners that the loop looks up most.

    Parameters
    ----------
    levels : ndarray
        Shape (level,), ascending from 0 to 1.
    share : ndarray
        Shape (kind, level ** network).

    Returns
    -------
    Response
        As described there.

    Examples
    --------
    >>> response(np.array([0.0, 0.5, 1.0]), np.array([[0.2, 0.9, 1.0]])).corner.tolist()
    [[0.2, 1.0]]
    """
    networks = round(np.log(share.shape[1]) / np.log(levels.size))
    ends = np.array([0, levels.size - 1])
    grid = share.reshape(len(share), *[levels.size] * networks)
    for axis in range(1, networks + 1):
        grid = grid.take(ends, axis=axis)
    corner = np.ascontiguousarray(grid.reshape(len(share), -1))
    return Response(np.asarray(levels, np.float64), np.ascontiguousarray(share, np.float64), corner)


def from_residuals(residual: np.ndarray) -> Response:
    """Response that multiplies what is left without each network.

    product over networks of residual + (1 - residual) x satisfaction

    Parameters
    ----------
    residual : ndarray
        Function left without each network, 0..1, shape (kind, network).

    Returns
    -------
    Response
        Levels 0 and 1, between which the product is its own interpolation.

    Examples
    --------
    >>> from_residuals(np.array([[0.1, 0.5]])).share.tolist()
    [[0.05, 0.1, 0.5, 1.0]]
    """
    share = np.ones((len(residual), 1))
    for n in range(residual.shape[1]):
        own = np.column_stack([residual[:, n], np.ones(len(residual))])
        share = (share[:, :, None] * own[:, None, :]).reshape(len(residual), -1)
    return response(np.array([0.0, 1.0]), share)


def from_table(table: pd.DataFrame, kind: str, value: str, networks: tuple[str, ...]) -> tuple[pd.Index, Response]:
    """Response from a table with one row per kind and combination of service levels.

    Networks that the city lacks count as serving fully.

    Parameters
    ----------
    table : DataFrame
        Columns `kind`, `value` and one per network of the table, with service levels 0..1.
    kind : str
        Column of kinds, such as ``occupancy``.
    value : str
        Column of the function; it is divided by its value at full service.
    networks : tuple of str
        Networks of the city, in order.

    Returns
    -------
    Index
        Kinds, sorted.
    Response
        Rows in their order.

    Raises
    ------
    TableError
        If a network has no column, or the combinations of levels are not complete.

    Examples
    --------
    >>> table = pd.DataFrame({"occupancy": "COM1", "power": [0, 1, 0, 1], "water": [0, 0, 1, 1], "worth": [1, 2, 3, 4.0]})
    >>> from_table(table, "occupancy", "worth", ("power",))[1].share.tolist()
    [[0.75, 1.0]]
    """
    lacking = [n for n in networks if n not in table]
    if lacking:
        raise TableError(value, [Problem("no such column; add it", column=n) for n in lacking])
    others = [n for n in NETWORKS if n in table and n not in networks]
    rows = table[(table[others] == 1).all(axis=1)]
    levels = np.unique(rows[list(networks)].to_numpy(np.float64)) if networks else np.array([0.0, 1.0])
    rows = rows.sort_values([kind, *networks])
    kinds = pd.Index(sorted(table[kind].astype(str).unique()))
    cells = levels.size ** len(networks)
    short = rows.groupby(kind).size().reindex(kinds, fill_value=0) != cells
    if short.any() or levels[0] != 0 or levels[-1] != 1:
        text = f"needs one row for each of the {cells} combinations of service levels from 0 to 1"
        raise TableError(
            value, [Problem(f'"{k}" {text}', column=kind) for k in kinds[short.to_numpy()]] or [Problem(text)]
        )
    share = rows[value].to_numpy(np.float64).reshape(len(kinds), cells)
    full = share[:, [-1]]
    return kinds, response(levels, np.divide(share, full, out=np.ones_like(share), where=full > 0))


@allocation_free
def respond(share: np.ndarray, levels: np.ndarray, satisfaction: np.ndarray) -> float:
    """Share of a function at given services, multilinear between the levels.

    Parameters
    ----------
    share : ndarray
        One row of a `Response`, shape (level ** network,).
    levels : ndarray
        Its levels.
    satisfaction : ndarray
        Service of each network, 0..1, shape (network,).

    Returns
    -------
    float
        Exactly the tabulated share at tabulated levels, so exactly 1 at full service.

    Examples
    --------
    >>> respond(np.array([0.05, 0.1, 0.5, 1.0]), np.array([0.0, 1.0]), np.array([1.0, 0.5]))
    0.75
    """
    networks = satisfaction.size
    total = 0.0
    for corner in range(2**networks):
        weight, cell = 1.0, 0
        for n in range(networks):
            low = 0
            while low + 2 < levels.size and levels[low + 1] <= satisfaction[n]:
                low += 1
            part = (satisfaction[n] - levels[low]) / (levels[low + 1] - levels[low])
            upper = (corner >> n) & 1
            weight *= part if upper else 1.0 - part
            cell = cell * levels.size + low + upper
        if weight > 0.0:
            total += weight * share[cell]
    return total


@allocation_free
def answer(kind: int, pattern: int, satisfaction: np.ndarray, response: Response) -> float:
    """Share of a function, by look-up where every network serves fully or not at all.

    Parameters
    ----------
    kind : int
        Row of the response.
    pattern : int
        Place of the corner, -1 where some service is partial.
    satisfaction : ndarray
        Service of each network, 0..1.
    response : Response
        The table.
    """
    if pattern >= 0:
        corner: float = response.corner[kind, pattern]
        return corner
    return respond(response.share[kind], response.levels, satisfaction)
