"""The study: one typed, frozen configuration, read from a TOML file."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from holdfast.errors import DataMissing, Problem, TableError, UnknownName


class Section(BaseModel):
    """Base of all sections: frozen, no unknown keys, no infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TableOptions(Section):
    """Where one input table comes from and how its columns are called there."""

    source: str = Field(description="reader, such as polygons, points, lines, raster, osm; see docs/features.md")
    path: str = Field(description="file, relative to `data`")
    layer: str | None = Field(None, description="layer of a GeoPackage; its only layer if omitted")
    attributes: str | None = Field(None, description="CSV file whose rows are joined to the shapes by `key`")
    key: str | None = Field(None, description="column that joins shapes and attributes")
    longitude: str = Field("longitude", description="column with degrees east (points from a CSV file)")
    latitude: str = Field("latitude", description="column with degrees north (points from a CSV file)")
    columns: dict[str, str] = Field({}, description="Holdfast's column name = the file's column name")
    scale: dict[str, float] = Field(
        {}, description="Holdfast's column = factor to its unit, such as 0.09290304 for ft2"
    )
    where: dict[str, list[str | int | float | bool]] = Field(
        {}, description="keep rows whose column has a listed value"
    )
    null_values: dict[str, list[str | int | float]] = Field({}, description="codes that mean unknown, by file column")
    drop_null: list[str] = Field([], description="drop rows in which one of these Holdfast columns is empty")
    crs: str | None = Field(None, description="CRS of a file that does not state its own")
    title: str = Field("", description="name of the data set, for the report")
    licence: str = Field("", description="licence of the data set, for the report")
    date: str = Field("", description="date or period of the data, for the report")
    link: str = Field("", description="where the data set is published, for the report")
    note: str = Field("", description="what a reader must know, such as 'stand-in polygons'")


class RegionOptions(Section):
    """The metropolitan area and its grid."""

    table: str = Field("areas", description="polygon table whose union is the region")
    crs: str | None = Field(None, description="projected CRS of the grid; equal-area around the region if omitted")
    cell_size: float = Field(2000.0, gt=0, le=100_000, description="side of a cell, m")
    offset: float = Field(0.0, ge=0, lt=1, description="share of a cell by which the grid is shifted east and north")
    cells: str | None = Field(None, description="a ready cell table (CSV) instead of `tables`")


class AutoencoderOptions(Section):
    """Size and training of the autoencoder. Not specified in the paper: all ours."""

    hidden: int = Field(16, ge=1, le=1024, description="units of the hidden layer")
    latent: int = Field(4, ge=1, le=64, description="numbers that code a cell")
    epochs: int = Field(300, ge=1, le=100_000, description="passes over the cells")
    learning_rate: float = Field(0.01, gt=0, le=1, description="step of the Adam optimiser")
    refine_epochs: int = Field(200, ge=1, le=100_000, description="passes of the refinement in dec, idec, resilinet")
    update_interval: int = Field(10, ge=1, le=10_000, description="passes between two targets of the refinement")
    cluster_weight: float = Field(0.1, gt=0, le=1000, description="weight of the groups in idec's loss")


class SensitivityOptions(Section):
    """Which other choices are rated too, to see how far the map hangs on them."""

    enabled: bool = Field(False, description="rate the variants; takes one rating's time for each")
    cell_sizes: list[float] = Field([1000.0, 2000.0, 4000.0], description="sides of cells to compare, m")
    grids: bool = Field(True, description="vary size and position of the cells (not with a ready cell table)")
    features: bool = Field(True, description="turn round and leave out each feature; leave out the social ones")


class RatingOptions(Section):
    """How cells are rated."""

    features: list[str] | None = Field(None, description="features to use; all that the data allow if omitted")
    also: list[str] = Field([], description="optional features to use besides")
    leave_out: list[str] = Field([], description="features not to use")
    replace: dict[str, str] = Field({}, description="feature = table to take it from, such as given or green_areas")
    per: dict[str, str] = Field({}, description="count = person (per 1,000 residents or homes) or km2")
    directions: dict[str, int] = Field({}, description="feature = 1 (more is better) or -1, over the schema's")
    missing: dict[str, str] = Field({}, description="feature = unrated, median or refuse, over the schema's")
    reference_year: int = Field(2018, ge=1900, le=2200, description="year at which buildings have their age")
    reach: float = Field(10_000.0, gt=0, le=1e6, description="distance within which a hospital counts, m")
    access: str = Field("straight", description="how far it is to a hospital or fire station: straight or streets")
    tower_reach: float = Field(3_000.0, gt=0, le=1e6, description="distance within which a cell tower counts, m")
    tower_range: float = Field(
        1_000.0, gt=0, le=1e5, description="range of a cell tower that does not state its own, m"
    )
    longest_tower_range: float = Field(
        5_000.0, gt=0, le=1e5, description="range at which longer stated ones are cut, m"
    )
    service_reach: float = Field(5_000.0, gt=0, le=1e6, description="distance within which other services count, m")
    method: str = Field("holdfast", description="how cells are grouped into levels")
    model: str | None = Field(None, description="result folder whose model is applied instead of fitting one")
    scores: Literal["normal", "standard"] = Field(
        "normal", description="normal: ranks bent to a normal curve; standard: transform of the schema, mean, deviation"
    )
    neighbour_weight: float = Field(
        0.35, ge=0, le=1, description="weight of the touching cells in methods that look at them"
    )
    refits: int = Field(20, ge=2, le=1000, description="models fitted with seeds of their own; their vote is the level")
    subsample: float = Field(0.8, gt=0, le=1, description="share of the cells that one refit is fitted to")
    most_cells: int = Field(20_000, ge=50, description="cells that one refit is fitted to at most")
    pool: list[str] = Field(
        [],
        description="result folders of other metros, relative to `data` or to the working directory, fitted together with this one",
    )
    aggregate_to: list[str] = Field([], description="polygon tables to whose areas levels are summed up")
    sensitivity: SensitivityOptions = SensitivityOptions()
    permutations: int = Field(999, ge=99, le=99_999, description="permutations behind the p-value of Moran's I")
    autoencoder: AutoencoderOptions = AutoencoderOptions()


class CityOptions(Section):
    """Which city is simulated and how missing attributes are settled."""

    source: str = Field("buildings", description="buildings (a building table) or osm (an OpenStreetMap extract)")
    path: str | None = Field(
        None, description="OpenStreetMap extract (.osm.pbf) of source osm; the packaged one if omitted"
    )
    crs: str | None = Field(None, description="projected CRS in metres; equal-area around the city if omitted")
    currency: str = Field("USD", min_length=3, max_length=3, description="currency of every amount (ISO 4217)")
    price_year: int = Field(2017, ge=1900, le=2200, description="price year of every amount")
    code_rule: str = Field("ubc_zone_4", description="rule from year built to seismic design code level")
    population_total: float | None = Field(
        None, gt=0, description="residents of the city; inferred ones are scaled to it"
    )
    zone_size: float = Field(500.0, gt=0, le=100_000, description="side of the zones in which needs are met, m")
    networks: list[str] = Field(["power", "water", "telecom"], description="networks to lay along the streets")
    buildings_per_source: int = Field(2000, ge=1, description="buildings that one synthetic source serves")


class ScenarioOptions(Section):
    """One hazard event."""

    name: str = Field("stress test", description="name of the event")
    hazard: str = Field("uniform", description="how shaking varies over the city")
    intensity_measure: str = Field("PGA", description="PGA")
    unit: str = Field(description="unit of `value`: g")
    value: float = Field(ge=0, le=5, description="median intensity")
    between_event_sd: float = Field(0.0, ge=0, le=2, description="log standard deviation shared by all sites")
    within_event_sd: float = Field(0.0, ge=0, le=2, description="log standard deviation between sites")
    correlation_range_m: float = Field(10_000.0, gt=0, description="distance at which sites hardly correlate, m")
    return_period_years: float | None = Field(None, gt=0, description="mean years between such events, if known")
    note: str = Field("", description="what a reader must know, such as 'not a forecast'")


class RecoveryOptions(Section):
    """How the city recovers."""

    draws: int = Field(20, ge=1, le=1_000_000, description="Monte-Carlo realisations")
    strategy: str = Field("semi_flexible", description="rule that assigns crews")
    weight: float = Field(0.5, ge=0, le=1, description="weight of production against service in a task's value")
    crews: dict[str, Annotated[int, Field(le=10_000_000)]] = Field(
        {"building": 500, "power": 20, "water": 20, "telecom": 10}, description="crews by trade"
    )
    floor_area_per_crew_m2: float = Field(500.0, gt=0, description="floor area that calls for one crew, m2")
    most_crews_per_building: int = Field(50, ge=1, description="crews that can work on one building")
    damage: str = Field("draw", description="draw (from fragilities) or given (column damage_state of the buildings)")
    delays: str = Field("median", description="median: every delay at its median; none: repair can start at once")
    horizon_days: int = Field(7300, ge=1, le=100_000, description="last day simulated")


class Study(Section):
    """One study: a name, a seed, where the data lie, and the options of each stage."""

    name: str = Field(min_length=1, max_length=200, description="title of the study")
    seed: int = Field(1, ge=0, lt=2**63, description="seed of every random number")
    data: str = Field(".", description="folder of the input files, relative to the study file")
    region: RegionOptions = RegionOptions()
    tables: dict[str, TableOptions] = Field({}, description="input tables by name")
    rating: RatingOptions = RatingOptions()
    city: CityOptions | None = None
    scenario: ScenarioOptions | None = None
    recovery: RecoveryOptions = RecoveryOptions()


def load_study(path: Path, overrides: dict[str, Any] | None = None) -> tuple[Study, Path]:
    """Read a study file.

    Parameters
    ----------
    path : Path
        TOML file.
    overrides : dict
        Dotted key to value, replacing the file's; ``data`` is then relative to the working directory.

    Returns
    -------
    Study
        Checked and complete with defaults.
    Path
        The folder of the input files, absolute.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If it is not valid TOML or a value breaks a rule.
    UnknownName
        If it holds an unknown key.
    """
    overrides = overrides or {}
    text = _read(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableError(str(path), [_syntax_problem(str(error), text)]) from None
    for key, value in overrides.items():
        _set(content, key, value)
    study = parse_study(content, str(path))
    base = Path.cwd() if "data" in overrides else path.resolve().parent
    return study, (base / study.data).resolve()


def _read(path: Path) -> str:
    """Text of the study file, or a clear refusal."""
    if path.is_dir() or not path.exists():
        text = f"{path}: no such study file; `holdfast init` writes a commented one"
        raise DataMissing(text)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise TableError(str(path), [Problem("is not UTF-8 text; is it the right file?")]) from None


def parse_study(content: dict[str, Any], file: str) -> Study:
    """Check the content of a study.

    Parameters
    ----------
    content : dict
        As read from TOML.
    file : str
        Name for messages.

    Raises
    ------
    TableError
        If values break rules; names every key.
    UnknownName
        If the only fault is an unknown key.

    Examples
    --------
    >>> parse_study({"name": "Here", "rating": {"refits": 5}}, "study.toml").rating.refits
    5
    """
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        faults = error.errors()
    problems = []
    for fault in faults:
        *parents, last = [str(p) for p in fault["loc"]]
        key = ".".join([*parents, last])
        if fault["type"] == "extra_forbidden":
            known = _known_keys(parents)
            if len(faults) == 1:
                raise UnknownName("key of the study", key, known, file) from None
            problems.append(Problem(f"not a known key; known: {', '.join(known)}", column=key))
        else:
            given = "" if fault["type"] == "missing" else f' (given: "{fault["input"]}")'
            problems.append(Problem(f"{fault['msg'].lower()}{given}", column=key))
    raise TableError(file, problems)


def _syntax_problem(message: str, text: str) -> Problem:
    """Put the place that tomllib names into the row of the problem."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    row = int(place[1]) if place else len(text.splitlines())
    spot = f", character {place[2]}" if place else ", at the end"
    reason = message.split(" (at")[0]
    return Problem(f"not valid TOML: {reason}{spot}; see https://toml.io", row=row)


def _known_keys(parents: list[str]) -> list[str]:
    """Keys of the section at a dotted path."""
    model: Any = Study
    for name in parents:
        if model is Study and name == "tables":
            model = dict
        elif model is dict:
            model = TableOptions
        else:
            annotation = model.model_fields[name].annotation
            model = annotation if isinstance(annotation, type) else model
    return sorted(model.model_fields) if model is not dict else []


def _set(content: dict[str, Any], key: str, value: Any) -> None:
    """Write a value at a dotted key, making sections on the way."""
    *sections, last = key.split(".")
    for name in sections:
        inner = content.setdefault(name, {})
        if not isinstance(inner, dict):
            raise UnknownName("section of the study", name, [k for k, v in content.items() if isinstance(v, dict)])
        content = inner
    content[last] = value


def parse_override(text: str) -> tuple[str, Any]:
    """Split ``key=value`` of the command line; the value is read as TOML, else as text.

    Parameters
    ----------
    text : str
        Such as ``"rating.refits=5"``.

    Raises
    ------
    TableError
        If there is no ``=``.

    Examples
    --------
    >>> parse_override("rating.refits=5"), parse_override("name=Here")
    (('rating.refits', 5), ('name', 'Here'))
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise TableError("--set", [Problem(f'"{text}" has no "="; write key=value, such as rating.refits=5')])
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value
