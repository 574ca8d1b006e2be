"""The hazards that a study can name, each bound to the study's options."""

from collections.abc import Callable, Mapping

import geopandas as gpd
import pandas as pd

from holdfast.config import FloodOptions, ScenarioOptions, WindOptions
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.recovery.hazard import (
    MEASURES,
    Correlation,
    Cyclone,
    Earthquake,
    Extension,
    Ground,
    Hazard,
    flood,
    ground_motion,
    intensities,
    places_of,
    together,
    uniform,
    wind,
    with_ground_failure,
)

Tables = Mapping[str, pd.DataFrame]
"""What a scenario's tables hold: ``shaking``, ``vs30``, ``ground_classes``, ``water``, ``gusts``, ``track``."""
Bind = Callable[[ScenarioOptions, Tables], Hazard]
SHAKING, PLACES, WATER, GUSTS, TRACK = "shaking", "ground_classes", "water", "gusts", "track"


def hazard_of(scenario: ScenarioOptions, tables: Tables) -> Hazard:
    """The event of a scenario, from the tables that it names.

    Raises
    ------
    UnknownName
        If there is no such hazard, model or extension.
    TableError, DataMissing
        If the scenario does not say what its hazard needs.

    Examples
    --------
    >>> hazard_of(ScenarioOptions(unit="g", value=0.3), {}).measures
    ('PGA', 'PGD')
    """
    if scenario.hazard not in HAZARDS:
        raise UnknownName("hazard", scenario.hazard, HAZARDS, "scenario.hazard")
    hazard = HAZARDS[scenario.hazard](scenario, tables)
    places = places_of(gpd.GeoDataFrame(tables[PLACES])) if PLACES in tables else None
    return with_ground_failure(hazard, ground_of(scenario), places, Extension(farthest_km=scenario.farthest_km))


def ground_of(scenario: ScenarioOptions) -> Ground:
    """What the ground is where no table says more."""
    magnitude = scenario.ground_failure_magnitude if scenario.rupture is None else scenario.rupture.magnitude
    return Ground(scenario.liquefaction, scenario.landslide, scenario.groundwater_m, magnitude)


def _correlation(scenario: ScenarioOptions) -> Correlation:
    return Correlation(scenario.correlation_range_m, scenario.vs30_clustering)


def _uniform(scenario: ScenarioOptions, _tables: Tables) -> Hazard:
    """One median everywhere, in the unit that the scenario must repeat."""
    # stated though there is only one: 30 for 0.3 g passes every other check
    unit = MEASURES.get(scenario.intensity_measure)
    if scenario.value is not None and unit is not None and scenario.unit != unit:
        text = f'"{scenario.unit}" is not the unit of {scenario.intensity_measure}, which is {unit}; convert the value'
        text = text if scenario.unit else f'missing; state unit = "{unit}"'
        raise TableError("scenario", [Problem(text, column="unit")])
    medians = {} if scenario.value is None else {scenario.intensity_measure: scenario.value}
    # `values` may name several measures; `value` is the short form for one
    return uniform(
        medians | scenario.values,
        scenario.between_event_sd,
        scenario.within_event_sd,
        _correlation(scenario),
        scenario.pgd_cm,
    )


def _ground_motion(scenario: ScenarioOptions, _tables: Tables) -> Hazard:
    """A rupture with a published model."""
    if scenario.rupture is None:
        text = "missing; the hazard ground_motion needs a magnitude and a place"
        raise TableError("scenario", [Problem(text, column="rupture")])
    earthquake = Earthquake(**scenario.rupture.model_dump())
    return ground_motion(earthquake, scenario.model, _correlation(scenario), scenario.pgd_cm)


def _intensities(scenario: ScenarioOptions, tables: Tables) -> Hazard:
    """A table of shaking."""
    if SHAKING not in tables:
        text = "the hazard intensities needs a table of shaking; add [tables.shaking] (docs/earthquake.md)"
        raise DataMissing(text)
    return intensities(
        tables[SHAKING],
        scenario.between_event_sd,
        scenario.within_event_sd,
        _correlation(scenario),
        scenario.pgd_cm,
        Extension(scenario.extension, scenario.farthest_km),
    )


def _flood(scenario: ScenarioOptions, tables: Tables) -> Hazard:
    """Water of one depth, or of a table."""
    options = scenario.flood or FloodOptions()
    _require_one("flood", {"depth_m": options.depth_m, "table": options.table})
    water = tables[WATER] if options.depth_m is None else options.depth_m
    return flood(water, options.level_sd_m, Extension(scenario.extension, scenario.farthest_km))


def _wind(scenario: ScenarioOptions, tables: Tables) -> Hazard:
    """Wind of one gust, of a table, or of a cyclone along its track."""
    options = scenario.wind or WindOptions()
    ways = {
        "gust_m_s": options.gust_m_s,
        "table": options.table,
        "track": options.track,
        "points": options.points or None,
    }
    _require_one("wind", ways)
    air: pd.DataFrame | Cyclone | float
    if options.track is not None or options.points:
        track = tables[TRACK] if options.track else pd.DataFrame([vars(p) for p in options.points])
        track = track.rename(columns={"hour": "time_h", "wind_m_s": "wind"})
        air = Cyclone(track, options.landfall_h, options.shape)
    else:
        air = tables[GUSTS] if options.gust_m_s is None else options.gust_m_s
    extension = Extension(scenario.extension, scenario.farthest_km)
    return wind(air, scenario.between_event_sd, scenario.within_event_sd, _correlation(scenario), extension)


def _storm(scenario: ScenarioOptions, tables: Tables) -> Hazard:
    """Water and wind together."""
    return together(_flood(scenario, tables), _wind(scenario, tables))


def _require_one(section: str, ways: Mapping[str, object]) -> None:
    """Refuse an event that states its water or wind in no way, or in several."""
    stated = [name for name, value in ways.items() if value is not None]
    if len(stated) != 1:
        text = f"states {' and '.join(stated) or 'nothing'}; give one of {', '.join(ways)}"
        raise TableError("scenario", [Problem(text, column=section)])


# the seam: another hazard is a function that binds it to its options, and a line here
HAZARDS: dict[str, Bind] = {
    "uniform": _uniform,
    "ground_motion": _ground_motion,
    "intensities": _intensities,
    "flood": _flood,
    "wind": _wind,
    "storm": _storm,
}
