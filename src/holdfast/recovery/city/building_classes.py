"""Classes of the fragility table, from structure, stories and year built."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.types import Bools

ANY = "*"
SHOWN = 12


def asset_classes(
    buildings: pd.DataFrame, code_rule: str, fragility: pd.DataFrame, file: str = "buildings"
) -> pd.Series:
    """Class of the fragility table of every building, from structure, stories and year built.

    Returns
    -------
    Series of str
        Such as ``C1M.pre_code``, index as `buildings`; a given column ``asset_class`` is checked and kept.

    Raises
    ------
    TableError
        Naming every row whose structure or class is not known.
    UnknownName
        If the packaged table ``code_rules`` has no rule `code_rule`.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual: model building types, height ranges, code levels.
    Departs from it where a structure has no class at its code level: ``code_fallbacks``.

    Examples
    --------
    >>> homes = pd.DataFrame({"structure": ["W1", "C1", "C3"], "stories": [2, 5, 1], "year_built": [1920, 1930, 1950]})
    >>> asset_classes(homes, "ubc_zone_4", packaged("hazus_fragility")).tolist()
    ['W1.moderate_code', 'C1M.pre_code', 'C3L.low_code']
    """
    known = {c for c in fragility["asset_class"] if c.endswith("_code")}  # the others are of networks
    # rows as a spreadsheet counts them: the first below the header is row 2
    rows = buildings.index if buildings.index.name == "row" else pd.RangeIndex(2, len(buildings) + 2)
    if "asset_class" in buildings.columns:
        bad = ~buildings["asset_class"].isin(known).to_numpy()
        _refuse(bad, rows, buildings["asset_class"], "asset_class", _shown(known), file)
        return buildings["asset_class"].astype("string")
    heights = packaged("height_rules")
    structures = heights["structure"].unique()
    unknown = ~buildings["structure"].isin(structures).to_numpy()
    _refuse(unknown, rows, buildings["structure"], "structure", structures, file)
    letters = _banded(buildings["structure"], buildings["stories"], heights, "structure", "stories_below", "height")
    codes = _code_levels(buildings, code_rule)
    classes = (buildings["structure"].astype(str) + letters + "." + codes).astype("string")
    absent = ~classes.isin(known).to_numpy()
    _refuse(absent, rows, classes, "asset_class", _shown(known), file)
    return classes


def _code_levels(buildings: pd.DataFrame, code_rule: str) -> np.ndarray:
    """Seismic design code level of every building, after the fall-backs."""
    rules = packaged("code_rules")
    if code_rule not in set(rules["rule"]):
        raise UnknownName("code rule", code_rule, rules["rule"].unique(), "city.code_rule")
    rules = rules[rules["rule"] == code_rule]
    structure = buildings["structure"].astype(str)
    # structures without bands of their own share those of "*"
    group = structure.where(structure.isin(rules["structure"]), ANY)
    codes = _banded(group, buildings["year_built"], rules, "structure", "year_below", "code_level")
    for kind, code, instead in packaged("code_fallbacks")[["structure", "code_level", "instead"]].itertuples(
        index=False
    ):
        codes[(structure == kind).to_numpy() & (codes == code)] = instead
    return codes


def _banded(group: pd.Series, value: pd.Series, rules: pd.DataFrame, key: str, below: str, result: str) -> np.ndarray:
    """Look a value up in the bands of its group; a band without an upper limit ends the group."""
    found = np.full(len(group), "", dtype=object)
    for name, bands in rules.groupby(key):
        inside = (group == name).to_numpy()
        limits = bands[below].fillna(np.inf).astype("float64").to_numpy()
        order = np.argsort(limits)
        # a limit is the first value above its band ("below 1941"), hence the right side
        band = np.searchsorted(limits[order], value.to_numpy(np.float64)[inside], side="right")
        found[inside] = bands[result].to_numpy()[order][band]
    return found


def _refuse(bad: Bools, rows: pd.Index, values: pd.Series, column: str, known: Iterable[str], file: str) -> None:
    """Raise for every bad row at once."""
    if bad.any():
        names = ", ".join(known)
        text = '"{}" has no fragility; known: ' + names
        at = np.flatnonzero(bad)
        raise TableError(file, [Problem(text.format(values.iloc[i]), row=int(rows[i]), column=column) for i in at])


def _shown(classes: set[str]) -> list[str]:
    """The first classes, for a message."""
    return [*sorted(classes)[:SHOWN], "..."]
