"""Economic productivity (EP): the value added that a building makes in a day."""

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError

NETWORKS = ("power", "water", "gas", "telecom", "transport")
"""Services by which the archive of EP per floor area is ordered."""
FULL = 1.0


def by_occupancy(buildings: pd.DataFrame, table: pd.DataFrame, column: str) -> pd.Series:
    """One column of a table of occupancies, looked up by the occupancy of each building.

    Parameters
    ----------
    buildings : DataFrame
        Needs ``occupancy``; index ``building_id``.
    table : DataFrame
        One row per ``occupancy``, such as schema ``occupancies``.
    column : str
        Such as ``category`` or ``recapture_share``.

    Returns
    -------
    Series
        Index ``building_id``, in the unit of the column.

    Raises
    ------
    TableError
        If an occupancy has no row.

    Examples
    --------
    >>> table = pd.DataFrame({"occupancy": ["COM1"], "category": ["shop"]})
    >>> by_occupancy(pd.DataFrame({"occupancy": ["COM1", "COM1"]}), table, "category").tolist()
    ['shop', 'shop']
    """
    return _looked_up(buildings, table.set_index("occupancy")[column], "occupancies").rename(column)


def full_service(table: pd.DataFrame) -> pd.Series:
    """EP per floor area of each occupancy when it has every service.

    Parameters
    ----------
    table : DataFrame
        Schema ``productivity``.

    Returns
    -------
    Series
        Money per m2 and day, index ``occupancy``.

    Examples
    --------
    >>> table = pd.DataFrame({"occupancy": "COM1", "power": [0.0, 1.0], "water": 1.0, "gas": 1.0, "telecom": 1.0,
    ...     "transport": 1.0, "productivity_per_area": [0.5, 2.5]})
    >>> full_service(table).to_dict()
    {'COM1': 2.5}
    """
    full = (table[list(NETWORKS)] == FULL).all(axis=1)
    return table[full].set_index("occupancy")["productivity_per_area"].astype("float64")


def normal_production(buildings: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Value added of each building on a normal day.

    EP0 = floor area x EP per floor area of its occupancy at full service

    Parameters
    ----------
    buildings : DataFrame
        Needs ``floor_area_m2`` and ``occupancy``; index ``building_id``.
    table : DataFrame
        Schema ``productivity``.

    Returns
    -------
    Series
        Money per day, index ``building_id``.

    Raises
    ------
    TableError
        If an occupancy has no row at full service.

    References
    ----------
    Zhou, Xiao & Xu (2025), Engineering 53(10), EP = A_effective x EP_unit_area(occupancy, services).

    Examples
    --------
    >>> table = pd.DataFrame({"occupancy": ["COM1"], "power": 1.0, "water": 1.0, "gas": 1.0, "telecom": 1.0,
    ...     "transport": 1.0, "productivity_per_area": [2.5]})
    >>> normal_production(pd.DataFrame({"occupancy": ["COM1"], "floor_area_m2": [200.0]}), table).tolist()
    [500.0]
    """
    rate = _looked_up(buildings, full_service(table), "productivity")
    return (buildings["floor_area_m2"].astype("float64") * rate).rename("normal_production")


def production(normal: np.ndarray, functionality: np.ndarray) -> np.ndarray:
    """Value added of buildings in a damaged or unserved state.

    Parameters
    ----------
    normal : ndarray
        Of each building on a normal day, money per day.
    functionality : ndarray
        Usable share x response to services, 0..1; same shape.

    Returns
    -------
    ndarray
        Money per day.

    Examples
    --------
    >>> production(np.array([500.0]), np.array([0.25])).tolist()
    [125.0]
    """
    return np.asarray(normal * functionality)


def not_recaptured(lost: np.ndarray, recapture: np.ndarray, days: np.ndarray, fade: float) -> np.ndarray:
    """Production that stays lost after overtime has made up for a part of it.

    lost x (1 - recapture x max(0, 1 - days / fade)): what is lost for long cannot be made up, since customers have
    gone elsewhere.

    Parameters
    ----------
    lost : ndarray
        Production lost by each building, money, shape (building,).
    recapture : ndarray
        Share that is made up after a short interruption, 0..1, same shape (``recapture_share`` of the occupancies).
    days : ndarray
        Length of each building's interruption, same shape.
    fade : float
        Days after which nothing is made up any more (figure ``recapture_fade``).

    Returns
    -------
    ndarray
        Money, same shape.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual, output recapture factors. Departs from it in the straight decline
    with the length of the interruption; Hazus says only that the factors hold for short ones.

    Examples
    --------
    >>> not_recaptured(np.array([100.0, 100.0]), np.array([0.8, 0.8]), np.array([45.0, 200.0]), fade=90.0).tolist()
    [60.0, 100.0]
    """
    return np.asarray(lost * (1.0 - recapture * np.maximum(0.0, 1.0 - days / fade)))


def _looked_up(buildings: pd.DataFrame, values: pd.Series, name: str) -> pd.Series:
    """The value of each building's occupancy; every occupancy without one is named."""
    found = buildings["occupancy"].astype(str).map(values)
    if found.isna().any():
        lacking = sorted(buildings["occupancy"][found.isna()].astype(str).unique())
        text = "add it"
        raise TableError(name, [Problem(f'no row for "{o}"; {text}', column="occupancy") for o in lacking])
    return found
