"""Service capacity by service levels: the archive of r_SS as the engine reads it, and places in shelters."""

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.function.response import NETWORKS, Response, from_table, response

HABITABLE = "habitable"
FULL = 1e-6
"""Departure from 1 at full service that is rounding."""


def capacity_levels(
    table: pd.DataFrame, networks: tuple[str, ...], column: str = "r_ss"
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Put the archive of r_SS into arrays that a loop can interpolate.

    Parameters
    ----------
    table : DataFrame
        Schema ``service_capacity``: every category on the same full grid of levels.
    networks : tuple of str
        Networks of the city, in order; a service that the city has no network of is taken as full.
    column : str
        r_ss, low or high.

    Returns
    -------
    tuple of str
        Categories, sorted by name; ``habitable`` is one of them.
    ndarray
        Levels of service satisfaction, ascending from 0 to 1, shape (level,).
    ndarray
        Share, shape (category, level ** network), C order, the first network slowest; 1 at full service.

    Raises
    ------
    TableError
        If the grid has gaps or repeats, a share is not 1 at full service, or falls when a service rises; all at once.
    UnknownName
        If the table has no column for a network.

    Examples
    --------
    >>> from itertools import product
    >>> rows = [("home", *levels, min(levels)) for levels in product((0.0, 1.0), repeat=5)]
    >>> table = pd.DataFrame(rows, columns=["category", *NETWORKS, "r_ss"])
    >>> categories, levels, share = capacity_levels(table, ("power", "water"))
    >>> categories, levels.tolist(), share.tolist()
    (('home',), [0.0, 1.0], [[0.0, 0.0, 0.0, 1.0]])
    """
    for name in networks:
        if name not in NETWORKS:
            raise UnknownName("network", name, NETWORKS)
    levels = np.unique(np.concatenate([[0.0, 1.0], table[list(NETWORKS)].to_numpy(np.float64).ravel()]))
    wanted = pd.MultiIndex.from_product([levels] * len(NETWORKS), names=NETWORKS)
    problems = []
    for category, rows in table.groupby("category"):
        shares = rows.set_index(list(NETWORKS))[column]
        if shares.index.has_duplicates or set(shares.index) != set(wanted):
            text = f"{category}: needs each combination of the levels {', '.join(f'{v:g}' for v in levels)} once"
            problems.append(Problem(f"{text} ({len(wanted)} rows, found {len(rows)})"))
            continue
        cube = shares.reindex(wanted).to_numpy(np.float64).reshape((levels.size,) * len(NETWORKS))
        problems += _faults(str(category), cube, column)
    if problems:
        raise TableError("service_capacity", problems)
    categories, found = from_table(table, "category", column, networks)
    return tuple(categories), found.levels, found.share


def trained(table: pd.DataFrame, categories: tuple[str, ...], networks: tuple[str, ...]) -> Response:
    """Response of service capacity as the engine reads it.

    Parameters
    ----------
    table : DataFrame
        Schema ``service_capacity``.
    categories : tuple of str
        Service categories of the city, in order.
    networks : tuple of str
        Networks of the city, in order.

    Returns
    -------
    Response
        One row per category, and last the habitable share of a home.

    Raises
    ------
    TableError
        If a category has no rows; and as `capacity_levels`.
    """
    known, levels, share = capacity_levels(table, networks)
    wanted = [*categories, HABITABLE]
    lacking = [Problem(f'has no rows for "{c}"', column="category") for c in wanted if c not in known]
    if lacking:
        raise TableError("service_capacity", lacking)
    return response(levels, share[[known.index(c) for c in wanted]])


def _faults(category: str, cube: np.ndarray, column: str) -> list[Problem]:
    """What is wrong with the shares of a category."""
    found = []
    if abs(cube.flat[-1] - 1.0) > FULL:
        found.append(Problem(f"{category}: {cube.flat[-1]:g} at full service; it must be 1", column=column))
    for axis, name in enumerate(NETWORKS):
        if (np.diff(cube, axis=axis) < -FULL).any():
            found.append(Problem(f"{category}: falls somewhere when {name} rises; it must not", column=column))
    return found


def shelter_places(floor_area: np.ndarray, occupancy: np.ndarray, table: pd.DataFrame) -> np.ndarray:
    """Places that whole buildings give when they are converted to shelters.

    floor area x share of the floor that can hold beds / floor area per place, rounded down

    Parameters
    ----------
    floor_area : ndarray
        m2, shape (building,).
    occupancy : ndarray
        Occupancy of each building, text, shape (building,).
    table : DataFrame
        Packaged table ``shelters``: kind, occupancies (joined by ``+``; the kind without any holds for all others),
        m2_per_place, usable_floor_share.

    Returns
    -------
    ndarray
        Persons, whole numbers as float64, shape (building,). What damage leaves of them is found by the engine.

    References
    ----------
    Sphere Handbook (2018), shelter and settlement standard 3: 3.5 m2 of covered floor area per person. The share
    of the floor that can hold beds is assumed.

    Examples
    --------
    >>> table = pd.DataFrame({"kind": ["any", "school"], "occupancies": ["", "EDU1+EDU2"]})
    >>> table = table.assign(m2_per_place=3.5, usable_floor_share=[0.5, 0.4])
    >>> shelter_places(np.array([3500.0, 3500.0]), np.array(["EDU1", "COM4"]), table).tolist()
    [400.0, 500.0]
    """
    density = table["usable_floor_share"] / table["m2_per_place"]
    kinds = table["occupancies"].fillna("")
    of = {code: d for codes, d in zip(kinds, density, strict=True) for code in codes.split("+")}
    return np.floor(floor_area * np.array([of.get(o, of[""]) for o in occupancy]) + FULL)
