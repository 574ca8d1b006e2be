"""Retrofit: a building changes its class; what that costs is for the user to say."""

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError

SHOWN = 12
CLASS_BEFORE = "class_before_retrofit"
"""Column of the class before: buildings keep by it the residual that they share with those of their class."""


def retrofitted(buildings: gpd.GeoDataFrame, retrofits: pd.DataFrame, fragility: pd.DataFrame) -> gpd.GeoDataFrame:
    """Buildings with the classes that retrofits give them.

    Parameters
    ----------
    buildings : GeoDataFrame
        Index ``building_id``, column ``asset_class``; not changed.
    retrofits : DataFrame
        Schema ``retrofits``: a row names a building, or the class of all buildings that change.
    fragility : DataFrame
        Schema ``fragility``: the known classes.

    Returns
    -------
    GeoDataFrame
        A new table with the index of `buildings`, and the class before as ``class_before_retrofit``.

    Raises
    ------
    TableError
        If a class or building is not known, a row names neither or both, two rows name the same, or no
        building has the class.

    Examples
    --------
    >>> table = gpd.GeoDataFrame({"asset_class": ["URML.pre_code", "W1.pre_code"]}, index=["a", "b"])
    >>> known = pd.DataFrame({"asset_class": ["URML.pre_code", "RM1L.high_code", "W1.pre_code"]})
    >>> change = pd.DataFrame({"from_class": ["URML.pre_code"], "to_class": ["RM1L.high_code"]})
    >>> retrofitted(table, change, known)["asset_class"].tolist()
    ['RM1L.high_code', 'W1.pre_code']
    """
    rows = retrofits.reindex(columns=["building_id", "from_class", "to_class"]).astype(object)
    rows = rows.where(rows.notna() & (rows != ""), None)
    _check_rows(rows, buildings, set(fragility["asset_class"]))
    by_class = rows[rows["building_id"].isna()].set_index("from_class")["to_class"]
    by_building = rows[rows["building_id"].notna()].set_index("building_id")["to_class"]
    before = buildings["asset_class"].astype(object)
    after = before.map(by_class).where(before.isin(by_class.index), before)
    # a row for a building wins over one for its class
    after = pd.Series(buildings.index.map(by_building), index=buildings.index).where(
        buildings.index.isin(by_building.index), after
    )
    # damage of the same seed shall differ in the changed buildings alone, so that they keep the residual of their first
    # class; a second retrofit keeps that of the first
    kept = {} if CLASS_BEFORE in buildings else {CLASS_BEFORE: buildings["asset_class"]}
    return buildings.assign(asset_class=after.astype(buildings["asset_class"].dtype), **kept)


def _check_rows(rows: pd.DataFrame, buildings: gpd.GeoDataFrame, known: set[str]) -> None:
    """Refuse rows that cannot be followed."""
    problems = []
    twice = rows.duplicated(["building_id", "from_class"]).to_numpy()
    classes = set(buildings["asset_class"].dropna())
    for number, (row, again) in enumerate(zip(rows.itertuples(index=False), twice, strict=True), start=2):
        if (row.building_id is None) == (row.from_class is None):
            text = "name either building_id or from_class"
            problems.append(Problem(text, row=number, column="from_class"))
        elif again:
            text = f'"{row.building_id or row.from_class}" stands in an earlier row; keep one'
            problems.append(Problem(text, row=number, column="from_class"))
        elif row.building_id is not None and row.building_id not in buildings.index:
            text = f'"{row.building_id}" is no building of the table'
            problems.append(Problem(text, row=number, column="building_id"))
        elif row.from_class is not None and row.from_class not in classes:
            some = ", ".join(sorted(classes)[:SHOWN])
            text = f'no building is of the class "{row.from_class}"; the city has {some}'
            problems.append(Problem(text, row=number, column="from_class"))
        if row.to_class not in known:
            text = f'"{row.to_class}" is not in the fragility table; retrofit to a class that is, or add its rows'
            problems.append(Problem(text, row=number, column="to_class"))
    if problems:
        raise TableError("retrofits", problems)


def changed(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> np.ndarray:
    """Which of the same buildings changed their ``asset_class``; bool, shape (building,)."""
    return np.asarray(before["asset_class"].astype(object) != after["asset_class"].astype(object))
