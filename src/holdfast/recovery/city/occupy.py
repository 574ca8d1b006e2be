"""Buildings made ready for a simulation: classes, people, zones, and the nodes that serve them."""

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.config import CityOptions
from holdfast.data import packaged
from holdfast.data.rules import marked, rules_used
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.ground import require_true_scale
from holdfast.tables import check
from holdfast.types import Network, Parameters

ANY = "*"
PER_100_M2 = 100.0
TIMES = ("night", "day", "commute")
SHOWN = 12


def settle_buildings(
    buildings: gpd.GeoDataFrame, options: CityOptions, parameters: Parameters, file: str = "buildings"
) -> gpd.GeoDataFrame:
    """Give every building a fragility class, residents, workers, people inside by time of day, and a zone.

    What the table holds is kept; what is filled in is marked with its rule in ``inferred``.

    Parameters
    ----------
    buildings : GeoDataFrame
        Schema ``buildings``, any CRS.
    options : CityOptions
        CRS, rule of the seismic code levels, zone size, total population.
    parameters : Parameters
        Needs ``fragility`` and ``occupancies``.
    file : str
        Name for messages.

    Returns
    -------
    GeoDataFrame
        Index ``building_id``, sorted; the columns of the schema with ``asset_class``, ``residents``,
        ``workers``, ``night_occupants``, ``day_occupants``, ``commute_occupants`` (persons), ``zone_id`` and
        ``inferred`` (marks ``attribute:rule``, separated by blanks) filled; points in a projected CRS, m.

    Raises
    ------
    TableError
        Naming every building with an unknown structure, occupancy or class.
    UnknownName
        If the study names no known code rule.

    Notes
    -----
    Not specified in the paper: all rules here; they stand in the packaged tables ``height_rules``,
    ``code_rules``, ``code_fallbacks`` and ``occupants``.
    """
    table = check(buildings, "buildings", file)
    table = table.to_crs(city_crs(table, options.crs))
    if "inferred" not in table.columns:
        table["inferred"] = ""
    table["inferred"] = table["inferred"].fillna("").astype("string")
    by_rule = "asset_class" not in table.columns
    table["asset_class"] = asset_classes(table, options.code_rule, parameters.fragility, file)
    if by_rule:
        table["inferred"] = marked(table["inferred"], np.ones(len(table), dtype=bool), "code_level", "code_rule")
    table = _with_occupants(_people(table, options, parameters, file))
    if "zone_id" not in table.columns:
        table["zone_id"] = _zone_ids(table, options.zone_size)
    return table.sort_values("building_id").set_index("building_id")


def asset_classes(
    buildings: pd.DataFrame, code_rule: str, fragility: pd.DataFrame, file: str = "buildings"
) -> pd.Series:
    """Class of the fragility table of every building, from structure, stories and year built.

    Parameters
    ----------
    buildings : DataFrame
        Columns ``structure``, ``stories``, ``year_built``; ``asset_class`` is taken as it is.
    code_rule : str
        Name in the packaged table ``code_rules``.
    fragility : DataFrame
        Schema ``fragility``: the known classes.
    file : str
        Name for messages.

    Returns
    -------
    Series
        Such as ``C1M.pre_code``, index as `buildings`.

    Raises
    ------
    TableError
        Naming every row whose structure or class is not known.
    UnknownName
        If there is no such code rule.

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
        band = np.searchsorted(limits[order], value.to_numpy(np.float64)[inside], side="right")
        found[inside] = bands[result].to_numpy()[order][band]
    return found


def _refuse(bad: np.ndarray, rows: pd.Index, values: pd.Series, column: str, known: Iterable[str], file: str) -> None:
    """Raise for every bad row at once."""
    if bad.any():
        names = ", ".join(known)
        text = '"{}" has no fragility; known: ' + names
        at = np.flatnonzero(bad)
        raise TableError(file, [Problem(text.format(values.iloc[i]), row=int(rows[i]), column=column) for i in at])


def _shown(classes: set[str]) -> list[str]:
    """The first classes, for a message."""
    return [*sorted(classes)[:SHOWN], "..."]


def _people(table: gpd.GeoDataFrame, options: CityOptions, parameters: Parameters, file: str) -> gpd.GeoDataFrame:
    """Residents and workers from floor area where the table has none."""
    total = options.population_total
    if "residents" in table.columns and total is not None:
        text = "the building table already holds residents; leave this out, or do not map the column"
        raise TableError("study", [Problem(text, column="city.population_total")])
    figures = parameters.occupancies.set_index("occupancy")
    missing = ~table["occupancy"].isin(figures.index)
    if missing.any():
        text = f"no row of people per floor area for {', '.join(sorted(table.loc[missing, 'occupancy'].unique()))}"
        raise TableError(file, [Problem(text, column="occupancy")])
    for column in ("residents", "workers"):
        if column in table.columns:
            continue
        density = table["occupancy"].map(figures[f"{column}_per_100_m2"]).astype("float64")
        table[column] = density * table["floor_area_m2"] / PER_100_M2
        scaled = column == "residents" and total is not None
        if scaled:
            table[column] *= _factor(total, float(table[column].sum()))
        rule = "scaled_to_total" if scaled else "per_floor_area"
        table["inferred"] = marked(table["inferred"], np.ones(len(table), dtype=bool), column, rule)
    return table


def _factor(total: float | None, found: float) -> float:
    """What scales the inferred residents to the stated total."""
    if found == 0:
        text = "there are no homes among which to share them; correct the occupancies or leave it out"
        raise TableError("study", [Problem(text, column="city.population_total")])
    return float(total or found) / found


def _with_occupants(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """People inside at 2 a.m., 2 p.m. and 5 p.m. of a working day.

    Not specified in the paper: residents are inside by the residential shares of the Hazus population
    distribution; in other buildings the peak of the use by floor area, or the workers if they are more, by the
    shares of the use; in hotels the guests alone.
    """
    rules = packaged("occupants").set_index("occupancy")
    rules = rules.reindex(table["occupancy"].astype(object))
    homes = rules["counts"].to_numpy() == "residents"
    home = packaged("occupants").set_index("occupancy").loc["RES1"]
    peak = rules["peak_per_100_m2"].fillna(0.0).to_numpy() * table["floor_area_m2"].to_numpy() / PER_100_M2
    staff = np.where(rules["counts"].to_numpy() == "guests", 0.0, table["workers"].to_numpy())  # few of a hotel's
    peak = np.where((staff == 0.0) & (table["residents"].to_numpy() > 0), 0.0, peak)  # guests given as residents
    visitors = np.where(homes, 0.0, np.maximum(peak, staff))
    shares = {time: rules[f"{time}_share"].to_numpy(np.float64) for time in TIMES}
    formula = {
        time: table["residents"].to_numpy() * np.where(homes, shares[time], home[f"{time}_share"])
        + visitors * shares[time]
        for time in TIMES
    }
    given = [time for time in TIMES if f"{time}_occupants" in table.columns]
    if {"night", "day"} <= set(given):
        night, day = (table[f"{time}_occupants"].to_numpy() for time in ("night", "day"))
        formula["commute"] = np.where(homes, night * shares["commute"], day * shares["commute"] / shares["day"])
    rule = "commute_from_given" if {"night", "day"} <= set(given) else "shares_of_day"
    filled = [time for time in TIMES if time not in given]
    for time in filled:
        table[f"{time}_occupants"] = formula[time]
    if filled:
        table["inferred"] = marked(table["inferred"], np.ones(len(table), dtype=bool), "occupants", rule)
    return table


def require_currency(options: CityOptions, unit: str = "USD_2017") -> None:
    """Refuse a currency or price year that Holdfast's own figures of money do not have and are not converted to.

    Parameters
    ----------
    options : CityOptions
        Currency, price year and ``figures_factor``.
    unit : str
        Unit of the packaged figures: currency and price year.

    Raises
    ------
    TableError
        If they differ and the study states no factor, or no reason for it.

    Examples
    --------
    >>> require_currency(CityOptions(currency="EUR", price_year=2017, figures_factor=0.89, figures_note="ECB, mean of 2017"))
    """
    currency, year = unit.split("_")
    same = (options.currency, str(options.price_year)) == (currency, year)
    if not same and options.figures_factor is None:
        text = (
            f"Holdfast's own figures are in {currency} of {year}, {options.currency} of {options.price_year} does not "
            f"add to them; state city.figures_factor ({options.currency} of {options.price_year} per {currency} of "
            f"{year}) with city.figures_note, or convert costs with tables.buildings.scale"
        )
        raise TableError("study", [Problem(text, column="city.currency")])
    if options.figures_factor is not None and not options.figures_note.strip():
        text = "say where the factor comes from, such as an exchange rate with a price index; the report shows it"
        raise TableError("study", [Problem(text, column="city.figures_note")])
    if same and options.figures_factor not in (None, 1.0):
        text = f"the city's money is {currency} of {year} already; leave the factor out, or correct currency or year"
        raise TableError("study", [Problem(text, column="city.figures_factor")])


def converted(buildings: gpd.GeoDataFrame, factor: float) -> gpd.GeoDataFrame:
    """Put the costs that come from Holdfast's own rates into the city's money; given costs stay.

    Parameters
    ----------
    buildings : GeoDataFrame
        Columns ``replacement_cost`` and ``inferred``.
    factor : float
        City's currency per USD of 2017.

    Returns
    -------
    GeoDataFrame
        Copy; index as `buildings`.
    """
    if "inferred" not in buildings.columns or factor == 1.0:
        return buildings
    ours = buildings["inferred"].fillna("").str.contains("replacement_cost:unit_cost", regex=False)
    cost = buildings["replacement_cost"]
    return buildings.assign(replacement_cost=cost.where(~ours, cost * factor))


def city_crs(table: gpd.GeoDataFrame, crs: str | None) -> str:
    """CRS in which a city is computed: the study's, or an equal-area one around the buildings.

    Parameters
    ----------
    table : GeoDataFrame
        Points in any CRS.
    crs : str or None
        As the study states it.

    Returns
    -------
    str
        Projected, in metres.

    Raises
    ------
    TableError
        If the table has no CRS, or the study's does not fit the place.

    Examples
    --------
    >>> city_crs(gpd.GeoDataFrame(geometry=gpd.points_from_xy([9.5, 9.6], [47.1, 47.2]), crs=4326), None)
    '+proj=laea +lat_0=47.2 +lon_0=9.5 +datum=WGS84 +units=m +no_defs'
    """
    if table.crs is None:
        raise TableError("buildings", [Problem("state no CRS; the positions cannot be placed", column="geometry")])
    if crs is not None:
        require_true_scale(crs, table, "study", "city.crs")
        return crs
    _, south, _, north = table.to_crs("EPSG:4326").total_bounds
    east = np.radians(table.geometry.to_crs("EPSG:4326").x.to_numpy())
    middle = np.degrees(np.arctan2(np.sin(east).mean(), np.cos(east).mean()))  # also across the date line
    latitude, longitude = round((south + north) / 2, 1), round(float(middle), 1)
    return f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m +no_defs"


def _zone_ids(table: gpd.GeoDataFrame, size: float) -> pd.Series:
    """Zone of every building: the square of the grid that it lies in."""
    column = np.floor(table.geometry.x / size).astype(np.int64)
    row = np.floor(table.geometry.y / size).astype(np.int64)
    return ("E" + column.astype(str) + "N" + row.astype(str)).astype("string")


def zones_of(buildings: gpd.GeoDataFrame, size: float) -> gpd.GeoDataFrame:
    """Zones in which the needs of residents are met.

    Parameters
    ----------
    buildings : GeoDataFrame
        From `settle_buildings`.
    size : float
        Side of a square of the zone grid, m.

    Returns
    -------
    GeoDataFrame
        Index ``zone_id``, sorted; ``residents`` (persons, sum over the buildings), ``geometry``: the square
        of the grid, or, for zones that the user named, the hull of the buildings widened by half of `size`.
        Zones without a building do not appear.
    """
    residents = buildings.groupby("zone_id")["residents"].sum().sort_index()
    if buildings["zone_id"].equals(_zone_ids(buildings, size)):
        first = buildings.drop_duplicates("zone_id").set_index("zone_id").geometry.reindex(residents.index)
        left, bottom = np.floor(first.x / size) * size, np.floor(first.y / size) * size
        geometry = shapely.box(left, bottom, left + size, bottom + size)
    else:
        order = np.argsort(residents.index.get_indexer(buildings["zone_id"]), kind="stable")
        zone = residents.index.get_indexer(buildings["zone_id"])[order]
        points = shapely.multipoints(buildings.geometry.to_numpy()[order], indices=zone)
        geometry = shapely.buffer(shapely.convex_hull(points), size / 2)
    return gpd.GeoDataFrame({"residents": residents}, geometry=geometry, index=residents.index, crs=buildings.crs)


def inferred_share(buildings: pd.DataFrame) -> pd.DataFrame:
    """For which share of the city each column was inferred.

    Parameters
    ----------
    buildings : DataFrame
        Columns ``inferred`` (marks separated by blanks) and ``floor_area_m2``.

    Returns
    -------
    DataFrame
        Index ``column`` (those inferred anywhere); ``buildings`` and ``floor_area``, shares 0..1.

    Examples
    --------
    >>> table = pd.DataFrame({"inferred": ["workers:per_floor_area", ""], "floor_area_m2": [300.0, 100.0]})
    >>> inferred_share(table).loc["workers"].tolist()
    [0.5, 0.75]
    """
    rules = rules_used(buildings["inferred"], buildings["floor_area_m2"])
    names = {"buildings_share": "buildings", "floor_area_share": "floor_area"}
    return rules.groupby("attribute", sort=False)[list(names)].sum().rename(columns=names).rename_axis("column")


def require_nodes(buildings: gpd.GeoDataFrame, networks: Mapping[str, Network], file: str = "buildings") -> None:
    """Refuse a city in which a building is not served by a node of every network.

    Parameters
    ----------
    buildings : GeoDataFrame
        Index ``building_id``; a column ``<network>_node`` for each network.
    networks : mapping of str to Network
        By name.
    file : str
        Name for messages.

    Raises
    ------
    TableError
        Naming every building without a node, and every network without a source.
    """
    problems = []
    for name, network in networks.items():
        column = f"{name}_node"
        if column not in buildings.columns:
            problems.append(Problem(f"no building names a node of the {name} network", column=column))
            continue
        known = buildings[column].isin(network.nodes.index).to_numpy()
        problems += [
            Problem(
                f'building {building}: "{node}" is no node of the {name} network; link it to one, or drop the network',
                column=column,
            )
            for building, node in buildings.loc[~known, column].items()
        ]
        if not network.nodes["source"].astype(bool).any():
            problems.append(Problem(f"the {name} network has no source; nothing could ever be served", column="source"))
    if problems:
        raise TableError(file, problems)
