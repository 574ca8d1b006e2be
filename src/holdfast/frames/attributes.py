"""Attributes of buildings that a table lacks, filled by stated rules; every filled value is marked.

Not specified in the paper: all rules are ours. They stand in the packaged tables ``structure_rules``,
``building_costs``, ``inference_rules`` and ``figures``.
"""

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.frames.marks import ANY, marked
from holdfast.numerals import to_numbers
from holdfast.tables import check

HOMES = ("RES1", "RES2", "RES3", "RES5", "RES6")
INDUSTRY = ("IND1", "IND2", "IND3", "IND4", "IND5", "IND6", "COM2", "AGR1")
MEDIAN, OUTLINE, UNIT_COST = "median", "footprint", "unit_cost"
Inference = dict[str, str | int | float]
Filled = tuple[pd.Series | float, str | np.ndarray]


def structures(rule: str, buildings: pd.DataFrame, material: pd.Series) -> pd.Series:
    """Structural class of every building, such as ``W1``, from its material, use, era, height and size.

    `rule` is ``masonry`` or ``light_frame`` of the packaged table ``structure_rules`` (`UnknownName` for others);
    `buildings` has ``occupancy``, ``year_built``, ``stories`` and ``floor_area_m2``; `material`, such as ``wood``, is null
    where it is not known.

    Examples
    --------
    >>> homes = pd.DataFrame({"occupancy": ["RES1", "COM4"], "year_built": [1920, 1990], "stories": [2, 12], "floor_area_m2": [150, 9000]})
    >>> structures("light_frame", homes, pd.Series([None, "steel"])).tolist()
    ['W1', 'S1']
    """
    rules = packaged("structure_rules")
    if rule not in set(rules["rule"]):
        raise UnknownName("structure rule", rule, rules["rule"].unique(), "infer.structure")
    rules = rules[rules["rule"] == rule]
    # an empty limit is none
    limits = rules[["year_below", "stories_below", "floor_area_below"]].astype("float64").fillna(np.inf).to_numpy()
    values = buildings[["year_built", "stories", "floor_area_m2"]].to_numpy(np.float64)
    uses = buildings["occupancy"].astype(str)
    group = {"home": uses.isin(HOMES).to_numpy(), "industry": uses.isin(INDUSTRY).to_numpy(), ANY: True}
    group["RES2"] = (uses == "RES2").to_numpy()
    told = material.astype("string").fillna("")
    found = np.full(len(buildings), None, dtype=object)
    # from the first row of the rule on: a building keeps the first class that fits it
    for (kind, use, structure), below in zip(
        rules[["material", "occupancy", "structure"]].itertuples(index=False), limits, strict=True
    ):
        fits = (values < below).all(axis=1) & group[use] & (True if kind == ANY else (told == kind).to_numpy())
        found[fits & (found == None)] = structure  # noqa: E711  element by element
    return pd.Series(pd.array(found, dtype="string"), index=buildings.index)


def unit_costs(buildings: pd.DataFrame) -> pd.Series:
    """Replacement cost, USD as in the packaged table ``building_costs``, from floor area and the rate of the occupancy."""
    rates = packaged("building_costs").set_index("occupancy")["usd_per_m2"].astype("float64")
    return buildings["floor_area_m2"].astype("float64") * buildings["occupancy"].map(rates).astype("float64")


def outlines_to_points(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A point inside each outline, and its area as ``footprint_m2`` where there is no such column; points stay.

    Raises
    ------
    TableError
        If there are outlines, and no CRS.
    """
    outline = table.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    if not outline.any():
        return table
    if table.crs is None:
        raise TableError("buildings", [Problem("state no CRS; set one", column="geometry")])
    metres = table.geometry.to_crs(table.estimate_utm_crs())
    sound = metres.make_valid()
    if "footprint_m2" not in table.columns:
        table = table.assign(footprint_m2=sound.area.where(outline))
    # inside of the outline, which the centre of an L is not
    spots = table.geometry.where(~outline, sound.representative_point().to_crs(table.crs))
    return table.set_geometry(spots)


def fill(table: pd.DataFrame, infer: Inference, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Fill what a building table lacks, as far as the study allows it.

    Parameters
    ----------
    table : DataFrame
        Columns of the schema ``buildings`` as far as the table has them; may hold ``material``
        and ``footprint_m2`` (area of the outline).
    infer : dict
        Attribute to the rule that may fill it: ``stories`` and ``year_built`` take ``median`` or a number,
        ``floor_area_m2`` takes ``footprint``, ``structure`` a rule of ``structure_rules``,
        ``replacement_cost`` takes ``unit_cost``, ``occupancy`` a Hazus occupancy.
    file : str
        Name of the table in messages.

    Returns
    -------
    tuple of DataFrame and list of str
        Copy with the gaps filled and their rules in ``<attribute>_rule``; and what was filled, in words.

    Raises
    ------
    TableError, UnknownName
        If a rule cannot work on this table; if there is no such rule, or the attribute cannot be inferred.
    """
    unknown = [name for name in infer if name not in FILLERS]
    if unknown:
        raise UnknownName("attribute that can be inferred", unknown[0], FILLERS, "tables.buildings.infer")
    table, notes = table.copy(), []
    # in the order of the dict, not of the study: costs need an area, an area needs stories
    for name, filler in FILLERS.items():
        if name not in infer:
            continue
        given = table[name] if name in table.columns else pd.Series(np.nan, index=table.index)
        gaps = given.isna().to_numpy()
        if not gaps.any():
            continue
        values, rule = filler(table, infer[name], file)
        table[name] = given.astype(object).where(~gaps, values)  # text where a number belongs stays, for the check
        rules = np.broadcast_to(np.asarray(rule, dtype=object), len(table))
        table[f"{name}_rule"] = marked(table, gaps, name, rules)
        for each in dict.fromkeys(rules[gaps]):
            count = int((gaps & (rules == each)).sum())
            notes.append(f"{name} inferred for {count:,} of {len(table):,} buildings (rule {each})")
    return table, notes


def _number(name: str) -> Callable[[pd.DataFrame, str | int | float, str], Filled]:
    """Filler with the median of the known values, or with the number that the study states."""

    def filler(table: pd.DataFrame, rule: str | int | float, file: str) -> Filled:
        if not isinstance(rule, str):
            return float(rule), "stated"
        if rule != MEDIAN:
            what = f"rule for {name}"
            raise UnknownName(what, rule, [MEDIAN, "a number"], "tables.buildings.infer")
        known = to_numbers(table[name]).dropna() if name in table.columns else pd.Series(dtype=float)
        # half of a small table is enough, for a large one a fixed number of values
        enough = int(figure("osm_enough_tags"))
        if len(known) < min(enough, max(len(table) // 2, 1)):
            text = f"only {len(known)} rows hold a value, too few for a median; state a number instead"
            raise TableError(file, [Problem(text, column=f"infer.{name}")])
        return float(known.median()), MEDIAN

    return filler


def _floor_area(table: pd.DataFrame, rule: str | int | float, file: str) -> Filled:
    """Area of the outline times the stories."""
    if rule != OUTLINE:
        raise UnknownName("rule for floor_area_m2", str(rule), [OUTLINE], "tables.buildings.infer")
    if "footprint_m2" not in table.columns:
        text = "needs outlines (polygons) of the buildings or a column mapped as footprint_m2; map the floor area"
        raise TableError(file, [Problem(text, column="infer.floor_area_m2")])
    _require(table, ["stories"], "floor_area_m2", file)
    area = to_numbers(table["footprint_m2"]) * to_numbers(table["stories"])
    return area.clip(lower=1.0), "footprint_times_stories"


def _structure(table: pd.DataFrame, rule: str | int | float, file: str) -> Filled:
    """Structural class by the packaged rules, from the material where the table holds one."""
    _require(table, ["occupancy", "year_built", "stories", "floor_area_m2"], "structure", file)
    # what is no number fits no rule but those without a limit; the check names it later
    numbers = {c: to_numbers(table[c]) for c in ("year_built", "stories", "floor_area_m2")}
    material = table["material"] if "material" in table.columns else pd.Series(None, index=table.index, dtype="string")
    told = material.isin(set(packaged("structure_rules")["material"]) - {ANY}).to_numpy()
    found = structures(str(rule), table.assign(**numbers), material)
    return found, np.where(told, "material_and_rule", str(rule))


def _cost(table: pd.DataFrame, rule: str | int | float, file: str) -> Filled:
    """Replacement cost from the rate of the occupancy."""
    if rule != UNIT_COST:
        raise UnknownName("rule for replacement_cost", str(rule), [UNIT_COST], "tables.buildings.infer")
    _require(table, ["occupancy", "floor_area_m2"], "replacement_cost", file)
    return unit_costs(table.assign(floor_area_m2=to_numbers(table["floor_area_m2"]))), UNIT_COST


def _occupancy(table: pd.DataFrame, rule: str | int | float, _file: str) -> Filled:
    """One occupancy for all buildings without."""
    return pd.Series(str(rule), index=table.index), "stated"


def _require(table: pd.DataFrame, columns: list[str], for_what: str, file: str) -> None:
    """Refuse to infer from what is not there."""
    lacking = [c for c in columns if c not in table.columns]
    if lacking:
        text = f"missing, and `infer.{for_what}` needs it; map it under `columns`, or let it be inferred too"
        raise TableError(file, [Problem(text, column=column) for column in lacking])


FILLERS: dict[str, Callable[[pd.DataFrame, str | int | float, str], Filled]] = {
    "occupancy": _occupancy,
    "stories": _number("stories"),
    "year_built": _number("year_built"),
    "floor_area_m2": _floor_area,
    "structure": _structure,
    "replacement_cost": _cost,
}
"""Attributes that can be inferred, in the order in which they need one another."""


def checked_buildings(table: gpd.GeoDataFrame, file: str, hint: str) -> gpd.GeoDataFrame:
    """Hold buildings to their schema; where an attribute is missing that a rule could fill, the message ends with a hint.

    Parameters
    ----------
    table : GeoDataFrame
        Points, columns of the schema ``buildings``.
    file : str
        Name for messages.
    hint : str
        How a rule is named there; ``{}`` stands for the attribute.

    Raises
    ------
    TableError
        Naming every bad row and column.
    """
    try:
        return check(table, "buildings", file)
    except TableError as error:
        # raised again outside the handler, so that the first error does not stand in the traceback
        problems = [
            replace(p, message=p.message + hint.format(p.column))
            if p.column in FILLERS and p.message.startswith(("missing", "empty"))
            else p
            for p in error.problems
        ]
    raise TableError(file, problems)
