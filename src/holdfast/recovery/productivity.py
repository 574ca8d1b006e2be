"""Economic productivity (EP): the value added that a building makes in a day."""

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError


def by_occupancy(buildings: pd.DataFrame, table: pd.DataFrame, column: str) -> pd.Series:
    """One column of the productivity table, looked up by the occupancy of each building.

    Parameters
    ----------
    buildings : DataFrame
        Needs ``occupancy``; index ``building_id``.
    table : DataFrame
        Schema ``productivity``.
    column : str
        Such as ``value_added_per_m2_day`` or ``category``.

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
    values = buildings["occupancy"].astype(str).map(table.set_index("occupancy")[column])
    if values.isna().any():
        lacking = sorted(buildings["occupancy"][values.isna()].astype(str).unique())
        raise TableError("productivity", [Problem(f'no row for "{name}"; add it', column=column) for name in lacking])
    return values.rename(column)


def normal_production(buildings: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Value added of each building on a normal day.

    EP0 = floor area x value added per m2 and day of its occupancy

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

    References
    ----------
    Zhou, Xiao & Xu (2025), Engineering 53(10), EP = A_effective x EP_unit_area. Departs from it in taking
    EP_unit_area from a table of published figures, not from a trained model.

    Examples
    --------
    >>> table = pd.DataFrame({"occupancy": ["COM1"], "value_added_per_m2_day": [2.5]})
    >>> normal_production(pd.DataFrame({"occupancy": ["COM1"], "floor_area_m2": [200.0]}), table).tolist()
    [500.0]
    """
    rate = by_occupancy(buildings, table, "value_added_per_m2_day").astype("float64")
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
