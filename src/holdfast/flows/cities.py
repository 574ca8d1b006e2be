"""Building the city that a study describes."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from scipy.spatial import cKDTree

from holdfast.config import CityOptions, ScenarioOptions, Study
from holdfast.data import figure, packaged
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.bind import city_rules_of, keys_of_the_study
from holdfast.flows.inputs import NETWORK_TABLES
from holdfast.flows.strengthened import strengthened
from holdfast.frames.marks import without_marks
from holdfast.recovery.city import City
from holdfast.recovery.city.city_crs import city_crs
from holdfast.recovery.city.money import require_currency
from holdfast.recovery.city.plausibility import Plausibility, plausibility
from holdfast.recovery.city.product import with_known_product
from holdfast.recovery.city.totals import KnownTotals
from holdfast.recovery.city.utilities import Streets
from holdfast.recovery.city.verdict import BARE, Verdict, verdict
from holdfast.recovery.damage.as_built import as_built
from holdfast.recovery.settings.parameters import at_place, in_money, load_parameters
from holdfast.sources.counts import of
from holdfast.sources.files import locate
from holdfast.sources.osm import OsmCity, read_city
from holdfast.sources.readers import load
from holdfast.sources.stock import Stock
from holdfast.tables import schema
from holdfast.types import InputFile, Network, Parameters

KM = 1000.0
BUILDINGS, OSM, NETWORKS_ALONE = "buildings", "osm", "networks"
TOTALS, MIXES = "totals", "stock_mixes"
KINDS = (BUILDINGS, OSM, NETWORKS_ALONE)


@dataclass(frozen=True)
class LoadedCity:
    """A city with the parameters it is simulated with, its files, what is assumed, in words, and what it is worth.

    ``ground``: places, roads, water and borders under its maps, in the CRS of the city, where the map has them; ``outlines`` of
    its buildings by their ids, in this CRS, where their file holds any.
    """

    city: City
    parameters: Parameters
    files: tuple[InputFile, ...]
    assumed: tuple[str, ...]
    found: Plausibility
    verdict: Verdict
    ground: gpd.GeoDataFrame | None = None
    outlines: gpd.GeoSeries | None = None


def require_scenario(study: Study) -> tuple[CityOptions, ScenarioOptions]:
    """The city and the scenario of a study that is to be simulated.

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


@keys_of_the_study()
def load_city(study: Study, folder: Path) -> LoadedCity:
    """Read buildings, streets and networks of a study and make a city of them, with everything that it came from.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    options, parameters = require_city(study), load_parameters()
    # before anything is read: whether a place is known does not depend on the data
    parameters = parameters if options.place is None else at_place(parameters, options.place)
    if options.source not in KINDS:
        raise UnknownName("source of a city", options.source, KINDS, "city.source")
    rules = city_rules_of(options)
    # before anything is read: whether figures can be converted does not depend on the data
    require_currency(rules.currency, rules.price_year, rules.figures_factor, rules.figures_note)
    if options.source == NETWORKS_ALONE:
        city, files = _networks_alone(study, options, folder)
        return _graded(city, parameters, files, options, (None, None))
    table, streets, files, extract, outlines = _buildings(study, options, folder)
    # in the CRS that the buildings will have, so that lengths between both are metres of one plane
    given, more = _given_networks(study, folder, city_crs(table, options.crs))
    more = _near(table, given, more)
    known, stated = _known_totals(study, folder)
    rules = replace(rules, totals=known)
    city = City.from_frames(table, given, None, study.name, streets, rules, parameters)
    city = as_built(city, options.figures_factor or 1.0) if options.as_built else city
    parameters = in_money(parameters, options.figures_factor or 1.0)
    if known is not None:
        city, parameters = with_known_product(city, parameters, known)
    # after the city is made, since a class follows from attributes of before the retrofit
    city = strengthened(city, options, parameters)
    return _graded(city, parameters, (*files, *more, *stated), options, (extract, outlines))


def _graded(
    city: City,
    parameters: Parameters,
    files: tuple[InputFile, ...],
    options: CityOptions,
    drawn: tuple[OsmCity | None, gpd.GeoSeries | None],
) -> LoadedCity:
    """A city with its plausibility and verdict; of the extract and outlines that are `drawn` what its maps show."""
    extract, shapes = drawn
    country = None if extract is None else extract.country
    ground = None if extract is None or extract.ground is None else extract.ground.to_crs(city.crs)
    found = plausibility(city, options.figures_factor or 1.0, parameters.productivity, options.country or country)
    outlines = None if shapes is None else shapes.to_crs(city.crs)
    assumed = _assumed(city, parameters, options)
    return LoadedCity(city, parameters, files, assumed, found, verdict(city, found), ground, outlines)


def require_known(loaded: LoadedCity, options: CityOptions | None) -> LoadedCity:
    """The city, if enough of it is known to be simulated, or the study accepts that it is not.

    Raises
    ------
    DataMissing
        If it is a bare map.
    """
    if loaded.verdict.grade == BARE and not (options is not None and options.accept_sparse):
        known = loaded.verdict.observed + loaded.verdict.traced
        text = (
            f"{loaded.city.name} is a bare map: {known:.0%} of use, stories, year and structure is known, less than the "
            f"{figure('least_completeness'):.0%} that a simulation asks for. Give a building table, tags or known totals "
            "(docs/city.md), or say city.accept_sparse = true: the report then says first that the city is drawn"
        )
        raise DataMissing(text)
    return loaded


def require_city(study: Study) -> CityOptions:
    """The city of a study; `DataMissing` if it has none."""
    if study.city is None:
        text = "the study has no [city] section, which a simulation needs; see examples/helsinki.toml"
        raise DataMissing(text)
    return study.city


def _buildings(
    study: Study, options: CityOptions, folder: Path
) -> tuple[gpd.GeoDataFrame, Streets | None, tuple[InputFile, ...], OsmCity | None, gpd.GeoSeries | None]:
    """Buildings, streets if there are any, the files they came from, the extract if it is one, and outlines if there are any."""
    if options.source == OSM:
        path = None if options.path is None else locate(folder, options.path, "city.path", (".osm.pbf", ".pbf"))
        mixes = load(MIXES, study.tables[MIXES], folder, None) if MIXES in study.tables else None
        stock = Stock(options.region, study.seed, None if mixes is None else mixes.table)
        extract = read_city(path, options.infer, stock, options.bbox)
        files = extract.files if mixes is None else (*extract.files, *mixes.files)
        return extract.buildings, Streets(extract.street_nodes, extract.street_edges), files, extract, extract.outlines
    if options.infer:
        text = "is of OpenStreetMap extracts; for a table of buildings write [tables.buildings.infer]"
        raise TableError("study", [Problem(text, column="city.infer")])
    if BUILDINGS not in study.tables:
        text = 'the study has no [tables.buildings], which city.source = "buildings" needs; see examples/berkeley.toml'
        raise DataMissing(text)
    loaded = load(BUILDINGS, study.tables[BUILDINGS], folder, None)
    return loaded.table, None, loaded.files, None, loaded.outlines


def _given_networks(study: Study, folder: Path, crs: str | None) -> tuple[dict[str, Network], tuple[InputFile, ...]]:
    """Networks that the study's tables hold."""
    if not NETWORK_TABLES & set(study.tables):
        return {}, ()
    from holdfast.sources.networks import read_networks  # imported here since its readers are heavy

    return read_networks(study.tables, folder, crs)


def _near(
    buildings: gpd.GeoDataFrame, given: dict[str, Network], files: tuple[InputFile, ...]
) -> tuple[InputFile, ...]:
    """The files of the networks, with what lies far from the buildings counted; refused by name where all of it does."""
    most = figure("network_reach")
    noted = list(files)
    for name, network in given.items():
        spots = buildings.geometry.to_crs(network.nodes.crs)
        tree = cKDTree(np.column_stack([spots.x, spots.y]))
        far = tree.query(np.column_stack([network.nodes.geometry.x, network.nodes.geometry.y]))[0]
        place = next((i for i, f in enumerate(files) if f.table.split("_")[0] == name), None)
        if far.min() > most:
            file = name if place is None else files[place].file
            text = (
                f"the nearest node of the {name} network lies {far.min() / KM:,.0f} km from the nearest building; are both of "
                "one place, and is the CRS of either right?"
            )
            raise TableError(file, [Problem(text, column=f"tables.{name}")])
        beyond = int((far > most).sum())
        if beyond and place is not None:
            note = f"{of(beyond, len(far), 'nodes')} lie more than {most / KM:,.0f} km from every building, the farthest {far.max() / KM:,.0f} km"
            noted[place] = replace(noted[place], notes=(*noted[place].notes, note))
    return tuple(noted)


def _known_totals(study: Study, folder: Path) -> tuple[KnownTotals | None, tuple[InputFile, ...]]:
    """What the study's table ``totals`` says of the whole, if there is one."""
    if TOTALS not in study.tables:
        return None, ()
    loaded = load(TOTALS, study.tables[TOTALS], folder, None)
    return KnownTotals(loaded.table, study.seed, loaded.files[0].file), loaded.files


def _networks_alone(study: Study, options: CityOptions, folder: Path) -> tuple[City, tuple[InputFile, ...]]:
    """A city of which only networks are known."""
    given, files = _given_networks(study, folder, options.crs)
    if not given:
        text = f'the study has no table of a network, which city.source = "{NETWORKS_ALONE}" needs; see docs/city.md'
        raise DataMissing(text)
    crs = str(next(iter(given.values())).nodes.crs)
    # no rows, but all columns of the schema: what follows finds an empty table instead of a missing one
    columns: dict[str, list[object]] = {
        rule.column: [] for rule in schema("buildings") if rule.column not in ("building_id", "geometry")
    }
    nobody = gpd.GeoDataFrame(columns, geometry=[], crs=crs).rename_axis("building_id")
    zones = gpd.GeoDataFrame({"residents": []}, geometry=[], crs=crs).rename_axis("zone_id")
    networks = {
        name: replace(net, nodes=without_marks(net.nodes), edges=without_marks(net.edges))
        for name, net in given.items()
    }
    return City(study.name, crs, options.currency, options.price_year, nobody, networks, zones), files


def _assumed(city: City, parameters: Parameters, options: CityOptions) -> tuple[str, ...]:
    """What the simulation assumes, for the report."""
    laid = [name for name, network in city.networks.items() if network.synthetic]
    lines = [f"networks laid by the synthetic generator, not observed: {', '.join(laid)}"] if laid else []
    if options.figures_factor not in (None, 1.0):
        unit = f"{options.currency} of {options.price_year} per USD of 2017"
        lines.append(
            f"Holdfast's own figures of money are multiplied by {options.figures_factor:g} {unit}: {options.figures_note}"
        )
    if options.place is not None:
        lines.append(
            f"output per floor area is that of {options.place}: the nation's times the factors of the table place_factors, which "
            "assume how floor area goes with output"
        )
    tables = {f.name: getattr(parameters, f.name) for f in fields(parameters)}
    names = ["code_rules", "occupants", "figures", *(["network_assets", "network_needs"] if city.networks else [])]
    own = city.inferred[city.inferred["table"] == "buildings"]
    names += ["building_costs"] if (own["rule"] == "unit_cost").any() else []
    names += ["structure_rules"] if (own["attribute"] == "structure").any() else []
    names += ["osm_uses", "stock_mixes", "structure_mixes"] if options.source == OSM else []
    names += ["exposed_assets"] if options.as_built and any(n in laid for n in ("telecom", "transport")) else []
    names += ["pipe_eras"] if (city.inferred["rule"] == "pipe_eras").any() else []
    for name, table in (tables | {name: packaged(name) for name in names}).items():
        if "source" not in table.columns:
            continue
        # the packaged tables mark their own sources so; a row that is assumed and ours counts once
        assumed = table["source"].str.contains("assumed")
        ours = table["source"].str.contains(r"\bours\b") & ~assumed
        words = [f"{int(assumed.sum())} assumed"] if assumed.any() else []
        words += [f"{int(ours.sum())} partly a choice of ours"] if ours.any() else []
        if words:
            lines.append(f"table {name.replace('_', ' ')}: of {len(table)} rows {' and '.join(words)}, not published")
    return tuple(lines)
