"""Building the city that a study describes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from holdfast.config import CityOptions, ScenarioOptions, Study
from holdfast.data import packaged
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.inputs import NETWORK_TABLES
from holdfast.recovery.city.occupy import city_crs, converted, require_currency
from holdfast.recovery.city.retrofit import retrofitted
from holdfast.recovery.city.utilities import Streets, assemble
from holdfast.recovery.parameters import load_parameters
from holdfast.sources.files import locate
from holdfast.sources.osm import read_city
from holdfast.sources.readers import load
from holdfast.tables import schema, schema_names
from holdfast.types import City, InputFile, Network, Parameters

BUILDINGS, OSM, NETWORKS_ALONE = "buildings", "osm", "networks"
KINDS = (BUILDINGS, OSM, NETWORKS_ALONE)


@dataclass(frozen=True)
class LoadedCity:
    """A city with the parameters it is simulated with, its files, and what is assumed, in words."""

    city: City
    parameters: Parameters
    files: tuple[InputFile, ...]
    assumed: tuple[str, ...]


def require_scenario(study: Study) -> tuple[CityOptions, ScenarioOptions]:
    """The city and the scenario of a study.

    Parameters
    ----------
    study : Study
        To be simulated.

    Raises
    ------
    DataMissing
        If the study has no city, no buildings or no scenario.
    """
    if study.city is None or study.scenario is None:
        lacking = "[city]" if study.city is None else "[scenario]"
        text = f"the study has no {lacking} section, which a simulation needs; see examples/helsinki.toml"
        raise DataMissing(text)
    if study.city.source == NETWORKS_ALONE:
        text = (
            "a city of networks alone can be checked, not simulated: give it [tables.buildings] and another city.source"
        )
        raise DataMissing(text)
    return study.city, study.scenario


def load_city(study: Study, folder: Path) -> LoadedCity:
    """Read buildings, streets and networks and make a city of them.

    Parameters
    ----------
    study : Study
        With a city.
    folder : Path
        Folder of the input files.

    Returns
    -------
    LoadedCity
        The city with everything that it came from.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    options, parameters = require_city(study), load_parameters()
    if options.source not in KINDS:
        raise UnknownName("source of a city", options.source, KINDS, "city.source")
    require_currency(options)
    factor = options.figures_factor or 1.0
    if options.source == NETWORKS_ALONE:
        city, files = _networks_alone(study, options, folder)
        return LoadedCity(city, parameters, files, _assumed(city, parameters, options))
    table, streets, files = _buildings(study, options, folder)
    given, more = _given_networks(study, folder, city_crs(table, options.crs))
    if streets is None and "transport" in given.get("given", {}):
        roads = given["given"]["transport"]
        streets = Streets(roads.nodes, roads.edges)
    city = assemble(study.name, converted(table, factor), options, parameters, streets, **given)
    networks = {name: _in_currency(network, factor, more) for name, network in city.networks.items()}
    city = replace(city, networks=networks, buildings=_strengthened(city, options, parameters))
    parameters = _converted(parameters, factor)
    return LoadedCity(city, parameters, (*files, *more), _assumed(city, parameters, options))


def _strengthened(city: City, options: CityOptions, parameters: Parameters) -> gpd.GeoDataFrame:
    """Buildings after the retrofits of the study; their replacement cost stays as it is."""
    if not options.retrofit:
        return city.buildings
    table = pd.DataFrame({"from_class": list(options.retrofit), "to_class": list(options.retrofit.values())})
    return retrofitted(city.buildings, table, parameters.fragility)


def require_city(study: Study) -> CityOptions:
    """The city of a study.

    Parameters
    ----------
    study : Study
        Any.

    Raises
    ------
    DataMissing
        If the study has no city.
    """
    if study.city is None:
        text = "the study has no [city] section, which a simulation needs; see examples/helsinki.toml"
        raise DataMissing(text)
    return study.city


def _buildings(
    study: Study, options: CityOptions, folder: Path
) -> tuple[gpd.GeoDataFrame, Streets | None, tuple[InputFile, ...]]:
    """Buildings, streets if there are any, and the files they came from."""
    if options.source == OSM:
        path = None if options.path is None else locate(folder, options.path, "city.path", (".osm.pbf", ".pbf"))
        extract = read_city(path, options.infer)
        return extract.buildings, Streets(extract.street_nodes, extract.street_edges), extract.files
    if options.infer:
        text = "is of OpenStreetMap extracts; for a table of buildings write [tables.buildings.infer]"
        raise TableError("study", [Problem(text, column="city.infer")])
    if BUILDINGS not in study.tables:
        text = 'the study has no [tables.buildings], which city.source = "buildings" needs; see examples/berkeley.toml'
        raise DataMissing(text)
    loaded = load(BUILDINGS, study.tables[BUILDINGS], folder, None)
    return loaded.table, None, loaded.files


def _given_networks(
    study: Study, folder: Path, crs: str | None
) -> tuple[dict[str, Mapping[str, Network]], tuple[InputFile, ...]]:
    """Networks that the study's tables hold, as an argument of `assemble`."""
    if not NETWORK_TABLES & set(study.tables):
        return {}, ()
    from holdfast.sources.networks import read_networks  # imported here since its readers are heavy

    networks, files = read_networks(study.tables, folder, crs)
    return {"given": networks}, files


def _networks_alone(study: Study, options: CityOptions, folder: Path) -> tuple[City, tuple[InputFile, ...]]:
    """A city of which only networks are known."""
    given, files = _given_networks(study, folder, options.crs)
    if not given:
        text = f'the study has no table of a network, which city.source = "{NETWORKS_ALONE}" needs; see docs/city.md'
        raise DataMissing(text)
    networks = dict(given["given"])
    crs = str(next(iter(networks.values())).nodes.crs)
    columns: dict[str, list[object]] = {
        rule.column: [] for rule in schema("buildings") if rule.column not in ("building_id", "geometry")
    }
    nobody = gpd.GeoDataFrame(columns, geometry=[], crs=crs).rename_axis("building_id")
    zones = gpd.GeoDataFrame({"residents": []}, geometry=[], crs=crs).rename_axis("zone_id")
    return City(study.name, crs, options.currency, options.price_year, nobody, networks, zones), files


def _in_currency(network: Network, factor: float, files: tuple[InputFile, ...]) -> Network:
    """Costs that are Holdfast's own figures in the city's money: of synthetic networks, and where a file has none."""
    if factor == 1.0:
        return network
    mine = [f for f in files if f.table.split("_")[0] == network.name]
    filled = " ".join(note for f in mine for note in f.notes if "network_assets" in note)
    tables = {}
    for name in ("nodes", "edges"):
        table = getattr(network, name)
        if network.synthetic or f"costs of {name}" in filled:
            tables[name] = table.assign(replacement_cost=table["replacement_cost"] * factor)
    return replace(network, **tables)


def _converted(parameters: Parameters, factor: float) -> Parameters:
    """Every packaged column of money, by the units of its schema, in the city's money."""
    if factor == 1.0:
        return parameters
    changed = {}
    for field in fields(parameters):
        table = getattr(parameters, field.name)
        if field.name not in schema_names():
            continue
        money = [c.column for c in schema(field.name) if c.unit.startswith("USD") and c.column in table.columns]
        if money:
            changed[field.name] = table.assign(**{c: table[c] * factor for c in money})
    return replace(parameters, **changed)


def _assumed(city: City, parameters: Parameters, options: CityOptions) -> tuple[str, ...]:
    """What the simulation assumes, for the report."""
    laid = [name for name, network in city.networks.items() if network.synthetic]
    told = [f"networks laid by the synthetic generator, not observed: {', '.join(laid)}"] if laid else []
    if options.figures_factor not in (None, 1.0):
        unit = f"{options.currency} of {options.price_year} per USD of 2017"
        told.append(
            f"Holdfast's own figures of money are multiplied by {options.figures_factor:g} {unit}: {options.figures_note}"
        )
    tables = {f.name: getattr(parameters, f.name) for f in fields(parameters)}
    names = ["code_rules", "occupants", "figures", *(["network_assets", "network_needs"] if city.networks else [])]
    marks = " ".join(city.buildings["inferred"].unique())
    names += [n for rule, n in (("unit_cost", "building_costs"), ("structure:", "structure_rules")) if rule in marks]
    names += ["osm_uses"] if options.source == OSM else []
    for name, table in (tables | {name: packaged(name) for name in names}).items():
        if "source" not in table.columns:
            continue
        assumed = table["source"].str.contains("assumed")
        ours = table["source"].str.contains(r"\bours\b") & ~assumed
        words = [f"{int(assumed.sum())} assumed"] if assumed.any() else []
        words += [f"{int(ours.sum())} partly a choice of ours"] if ours.any() else []
        if words:
            told.append(f"table {name.replace('_', ' ')}: of {len(table)} rows {' and '.join(words)}, not published")
    return tuple(told)
