"""Building the city that a study describes."""

from dataclasses import dataclass, fields
from pathlib import Path

from holdfast.config import CityOptions, ScenarioOptions, Study
from holdfast.data import packaged
from holdfast.errors import DataMissing, UnknownName
from holdfast.recovery.utilities import Streets, assemble
from holdfast.sources.catalog import load
from holdfast.sources.files import locate
from holdfast.sources.osm import read_city
from holdfast.sources.parameters import load_parameters
from holdfast.types import City, InputFile, Parameters

KINDS = ("buildings", "osm")


@dataclass(frozen=True)
class Built:
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
        If the study has no city or no scenario.
    """
    if study.city is None or study.scenario is None:
        lacking = "[city]" if study.city is None else "[scenario]"
        text = f"the study has no {lacking} section, which a simulation needs; see examples/helsinki.toml"
        raise DataMissing(text)
    return study.city, study.scenario


def build_city(study: Study, folder: Path) -> Built:
    """Read buildings and streets and make a city of them.

    Parameters
    ----------
    study : Study
        With a city.
    folder : Path
        Folder of the input files.

    Returns
    -------
    Built
        The city with everything that it came from.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    (options, _), parameters = require_scenario(study), load_parameters()
    if options.source not in KINDS:
        raise UnknownName("source of a city", options.source, KINDS, "city.source")
    if options.source == "osm":
        extract = read_city(
            None if options.path is None else locate(folder, options.path, "city.path", (".osm.pbf", ".pbf"))
        )
        streets = Streets(extract.street_nodes, extract.street_edges)
        city = assemble(study.name, extract.buildings, options, parameters, streets)
        return Built(city, parameters, extract.files, _assumed(city, parameters, extract=True))
    if "buildings" not in study.tables:
        text = 'the study has no [tables.buildings], which city.source = "buildings" needs; see examples/berkeley.toml'
        raise DataMissing(text)
    loaded = load("buildings", study.tables["buildings"], folder, None)
    city = assemble(study.name, loaded.table, options, parameters)
    return Built(city, parameters, loaded.files, _assumed(city, parameters, extract=False))


def _assumed(city: City, parameters: Parameters, extract: bool) -> tuple[str, ...]:
    """What the simulation assumes, for the report."""
    laid = [name for name, network in city.networks.items() if network.synthetic]
    told = [f"networks laid by the synthetic generator, not observed: {', '.join(laid)}"] if laid else []
    tables = {f.name: getattr(parameters, f.name) for f in fields(parameters)}
    names = ["code_rules", "figures", *(["network_assets", "network_needs"] if city.networks else [])]
    names += ["building_costs", "osm_structures", "osm_uses"] if extract else []
    for name, table in (tables | {name: packaged(name) for name in names}).items():
        assumed = table["source"].str.contains("assumed")
        ours = table["source"].str.contains(r"\bours\b") & ~assumed
        words = [f"{int(assumed.sum())} assumed"] if assumed.any() else []
        words += [f"{int(ours.sum())} partly a choice of ours"] if ours.any() else []
        if words:
            told.append(f"table {name.replace('_', ' ')}: of {len(table)} rows {' and '.join(words)}, not published")
    return tuple(told)
