"""Wind classes of buildings: given, or inferred from use, structure, stories, year and roof."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName

STATES = ("slight", "moderate", "extensive", "complete")
NORMAL = "normal"
SHOWN = 5


class WindClasses(NamedTuple):
    """Functions by class, and which building is of which.

    ``kind`` (building,): row of the others; ``names`` (class,); ``normal`` (class, 4): whether a function is normal in the
    gust, else lognormal; ``centre`` (class, 4): mean, or logarithm of the median, of gusts in m/s; ``spread`` (class, 4):
    standard deviation of the gust, or of its logarithm; ``loss`` (class, 5): share of the structure lost in each state;
    ``assumed``: what was inferred, in words.
    """

    kind: NDArray[np.int64]
    names: tuple[str, ...]
    normal: NDArray[np.bool_]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    loss: NDArray[np.float64]
    assumed: tuple[str, ...]


def wind_classes(buildings: pd.DataFrame, terrain_cm: int = 35) -> WindClasses:
    """Wind class of every building, with the functions of the packaged table ``wind_fragility``.

    Parameters
    ----------
    buildings : DataFrame
        ``occupancy``, ``structure``, ``stories``, ``year_built``, ``floor_area_m2``; perhaps ``roof``, ``shutters`` and
        ``wind_class``, whose gaps are filled by rules.
    terrain_cm : int
        Roughness length around the buildings, cm: 3 open, 15 and 35 light and dense suburbs, 70 and 100 trees.

    Raises
    ------
    TableError
        If a class is not known.
    UnknownName
        If there is no such terrain.

    References
    ----------
    FEMA, Hazus Hurricane Model 5.1, functions as fitted by SimCenter. Not specified there: the rules (packaged tables
    ``wind_models`` and ``wind_heights``), and what is fixed for all (`scripts/make_wind_tables.py`).

    Examples
    --------
    >>> home = pd.DataFrame({"occupancy": ["RES1"], "structure": ["W1"], "stories": [2], "year_built": [1950], "floor_area_m2": [150]})
    >>> wind_classes(home).names
    ('W.SF.2.gab.0.6d.tnail.no.0.35',)
    """
    table = packaged("wind_fragility")
    terrains = sorted(table["terrain_cm"].unique().tolist())
    if terrain_cm not in terrains:
        raise UnknownName(
            "roughness of the terrain", str(terrain_cm), list(map(str, terrains)), "scenario.wind.terrain_cm"
        )
    none = pd.Series(None, index=buildings.index, dtype=object)
    given = buildings["wind_class"].astype(object) if "wind_class" in buildings else none
    given = given.where(given.notna() & (given != ""), None)
    bad = sorted(set(given.dropna()) - set(table["wind_class"]))
    if bad:
        text = f"{', '.join(bad[:SHOWN])}: no class of the packaged table wind_fragility"
        raise TableError("buildings", [Problem(text, column="wind_class")])
    inferred = _inferred(buildings, terrain_cm, table)
    codes, names = pd.factorize(given.fillna(inferred), sort=True)
    rows = table.drop_duplicates("wind_class").set_index("wind_class").loc[names]
    normal = np.column_stack([rows[f"{s}_family"] == NORMAL for s in STATES])
    gust, spread = (np.column_stack([rows[f"{s}_{c}"].astype(float) for s in STATES]) for c in ("gust", "spread"))
    loss = np.column_stack([np.zeros(len(rows)), *(rows[f"{s}_loss"].astype(float) for s in STATES)])
    told = _told(buildings, given, terrain_cm)
    # a normal function has a mean and a coefficient of variation
    centre, spread = np.where(normal, gust, np.log(gust)), np.where(normal, gust * spread, spread)
    return WindClasses(codes.astype(np.int64), tuple(names), normal, centre, spread, loss, told)


def _inferred(buildings: pd.DataFrame, terrain_cm: int, table: pd.DataFrame) -> pd.Series:
    """Class of every building by rules."""
    own = pd.DataFrame(
        {c: buildings[c] for c in ("occupancy", "structure", "stories", "year_built", "floor_area_m2")},
    ).reset_index(drop=True)
    own["model"], own["reinforced"] = _models(own)
    own["height"] = _heights(own)
    code_year = _figures()["wind_code_year"]
    own["era"] = np.where(own["year_built"].astype(float) >= code_year, "new", "old")
    own["roof"] = _filled(buildings, "roof", "gable")
    # models with one roof or one age alone do not ask for them, and single houses have no flat roofs there
    for model, rows in table.groupby("model"):
        mine = own["model"] == model
        for column, usual in (("roof", "gable"), ("era", "old")):
            known = set(rows[column])
            own.loc[mine & ~own[column].isin(known), column] = "" if "" in known else usual
    own["shutters"] = pd.Series(_filled(buildings, "shutters", 0)).astype(float).astype(int)
    own["terrain_cm"] = terrain_cm
    keys = ["model", "height", "roof", "era", "reinforced", "shutters", "terrain_cm"]
    found = own[keys].merge(table[[*keys, "wind_class"]], on=keys, how="left")["wind_class"]
    return pd.Series(found.to_numpy(dtype=object), index=buildings.index)


def _models(own: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Model and reinforcing of each building: the first rule that fits."""
    model, reinforced = np.full(len(own), None, dtype=object), np.zeros(len(own), dtype=np.int64)
    use, structure = own["occupancy"].astype(str), own["structure"].astype(str)
    for rule in packaged("wind_models").itertuples(index=False):
        fits = (
            use.str.startswith(rule.occupancy)
            & structure.str.startswith(rule.structure)
            & (own["stories"].astype(float) <= rule.stories_to)
            & (own["year_built"].astype(float) < rule.year_before)
        ).to_numpy() & (model == None)  # noqa: E711  element by element
        model[fits], reinforced[fits] = rule.model, rule.reinforced
    # a model without masonry has one kind alone
    return model, reinforced


def _heights(own: pd.DataFrame) -> NDArray[np.object_]:
    """Class of height of each building of its model."""
    height = np.full(len(own), "", dtype=object)
    rules = packaged("wind_heights")
    for model, rows in rules.groupby("model", sort=False):
        mine = (own["model"] == model).to_numpy()
        measure = own[rows["measure"].iloc[0]].astype(float).to_numpy()[mine]
        height[mine] = rows["height"].to_numpy()[
            np.searchsorted(rows["up_to"].to_numpy(float), measure).clip(max=len(rows) - 1)
        ]
    return height


def _filled(buildings: pd.DataFrame, column: str, usual: object) -> NDArray[np.object_]:
    """A column with its gaps filled."""
    if column not in buildings:
        return np.full(len(buildings), usual, dtype=object)
    values = buildings[column].astype(object)
    return values.where(values.notna() & (values != ""), usual).to_numpy(dtype=object)


def _figures() -> pd.Series:
    return packaged("storm_figures").set_index("name")["value"]


def _told(buildings: pd.DataFrame, given: pd.Series, terrain_cm: int) -> tuple[str, ...]:
    """What was inferred, for the report."""
    gaps = int(given.isna().sum())
    if not gaps:
        return ()
    unknown = [c for c in ("roof", "shutters") if c not in buildings]
    usual = {"roof": "gable roofs", "shutters": "no shutters"}
    words = f"; taken as usual: {', '.join(usual[c] for c in unknown)}" if unknown else ""
    text = f"wind class of {gaps:,} of {len(given):,} buildings by rules from use, structure, stories and year"
    return (f"{text}{words}; roughness of the terrain {terrain_cm} cm everywhere",)
