"""What every draw of damage reads: the shaking, and what it does to the assets and people of a city."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city import City
from holdfast.recovery.city.retrofit import CLASS_BEFORE
from holdfast.recovery.damage.assets import Assets, Consequences, assets, consequences, given_states
from holdfast.recovery.damage.casualties import CasualtyRates, casualty_rates
from holdfast.recovery.damage.damage import DAMAGES
from holdfast.recovery.damage.fragility import Fragilities, fragilities
from holdfast.recovery.damage.shut_off import ShutOff, shut_off_of
from holdfast.recovery.damage.storm import Storm, storm
from holdfast.recovery.damage.storm_assets import in_storm, is_storm
from holdfast.recovery.hazard import Field, Hazard, field_at, sites_of
from holdfast.recovery.hazard.shaking import SHAKING
from holdfast.recovery.settings.run_settings import DamageSettings, Resources
from holdfast.types import Parameters


class DamageInputs(NamedTuple):
    """Shaking and its meaning.

    ``field``: draws of the shaking at all assets; ``functions``, ``table``: what it does to them; ``given``: damage states
    of the first assets that are known, None if all are drawn; ``casualty_rates``: what damage does to people, None without
    the tables and for water and wind; ``inside`` (building,): people in each building at the hour of the event; ``shut_off``:
    gas districts and streets that damage closes, None where that is off; ``storm``: what water and wind do to buildings,
    None without them.
    """

    field: Field
    functions: Fragilities
    table: Consequences
    given: NDArray[np.int8] | None
    casualty_rates: CasualtyRates | None
    inside: NDArray[np.float64]
    shut_off: ShutOff | None
    storm: Storm | None = None


def assets_in_event(city: City, hazard: Hazard, resources: Resources) -> Assets:
    """Everything that an event can damage: water and wind damage streets and lines too, which shaking leaves as they are."""
    listed = assets(city, resources.crews)
    return in_storm(listed, city) if is_storm(hazard.measures) else listed


def damage_inputs(
    city: City,
    listed: Assets,
    parameters: Parameters,
    hazard: Hazard,
    resources: Resources,
    settings: DamageSettings,
    vs30: NDArray[np.float64] | float,
) -> DamageInputs:
    """Hold an event, a city and the published figures to one another.

    `listed` are the assets of `city`, and `vs30` their shear-wave velocity, m/s; from `parameters` come ``fragility``,
    ``pipes``, ``repair``, ``pipe_repair``, ``usability``, ``delays`` and the tables of casualties.

    Raises
    ------
    TableError
        If tables do not fit together.
    UnknownName
        If a trade, model of delays or source of damage is unknown.
    """
    if settings.damage not in DAMAGES:
        raise UnknownName("source of damage", settings.damage, DAMAGES, "recovery.damage")
    table = consequences(
        listed,
        parameters,
        resources.crews,
        settings.delays,
        resources.floor_area_per_crew_m2,
        resources.most_crews_per_building,
        settings.as_repaired,
    )
    gale = _storm(city, listed, parameters, hazard, settings)
    functions = fragilities(
        parameters,
        listed.asset_class if gale is None else _networks_alone(listed),
        hazard.measures,
        block=listed.block,
        correlation=settings.damage_correlation,
        shared_class=_shared_class(city, listed),
    )
    people = parameters.casualties
    measures = tuple(dict.fromkeys([*functions.measures, *(gale.measures if gale else ())]))
    return DamageInputs(
        # only the measures that some function needs are drawn
        field=field_at(hazard, sites_of(listed.site, city.crs, vs30), measures),
        functions=functions,
        table=table,
        given=given_states(city) if settings.damage == "given" else None,
        # injuries by damage state are those of shaking
        casualty_rates=None
        if people.empty or gale is not None
        else casualty_rates(city.buildings["asset_class"], parameters),
        inside=_inside(city, settings.hour),
        storm=gale,
        shut_off=shut_off_of(city, listed) if settings.shut_off else None,
    )


def _storm(
    city: City, listed: Assets, parameters: Parameters, hazard: Hazard, settings: DamageSettings
) -> Storm | None:
    """What water and wind do to the buildings; nothing where neither acts or states are given."""
    if not is_storm(hazard.measures) or settings.damage == "given":
        return None
    if set(hazard.measures) & set(SHAKING):
        text = "one event shakes, or brings water and wind; make two scenarios of it"
        raise TableError("scenario", [Problem(text, column="hazard")])
    block = listed.block[: listed.buildings]
    correlation = settings.damage_correlation
    return storm(city.buildings, hazard.measures, settings.storm, parameters.contents, block, correlation)


def _networks_alone(listed: Assets) -> pd.Series:
    """Classes of the network assets; buildings have functions of their own in a storm."""
    classes = listed.asset_class.astype(object).copy()
    classes.iloc[: listed.buildings] = ""
    return classes


def _shared_class(city: City, listed: Assets) -> pd.Series:
    """Class by which assets share their residual: that before a retrofit, so that a retrofit changes nothing else."""
    shared = listed.asset_class.astype(object).copy()
    if CLASS_BEFORE in city.buildings:
        shared.iloc[: listed.buildings] = city.buildings[CLASS_BEFORE].to_numpy(dtype=object)
    return shared


def _inside(city: City, hour: str) -> NDArray[np.float64]:
    """People in each building at the hour of the event; residents by night, workers by day, where no column has them."""
    stand_in = {"night": "residents", "day": "workers"}
    if hour not in stand_in:
        raise UnknownName("hour of the event", hour, stand_in, "recovery.hour")
    column = f"{hour}_occupants"
    known = city.buildings[column if column in city.buildings else stand_in[hour]]
    return np.asarray(known, dtype=np.float64)
