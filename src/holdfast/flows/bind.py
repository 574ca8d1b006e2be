"""From the sections of a study to what the core is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from holdfast.config import (
    CityOptions,
    FloodOptions,
    RecoveryOptions,
    ScenarioOptions,
    TrainingOptions,
    WindOptions,
)
from holdfast.errors import Problem, TableError
from holdfast.recovery.city import CityRules
from holdfast.recovery.settings.run_settings import (
    Action,
    AgentSettings,
    Aid,
    DamageSettings,
    Delivery,
    Households,
    Material,
    ProductionSettings,
    RebuildingSettings,
    RecoverySettings,
    Resources,
    StormSettings,
)
from holdfast.training.hyperparameters import OutputSettings, ServiceSettings, TrainingSettings

SECTIONS = ("city", "recovery", "scenario")


@contextmanager
def keys_of_the_study() -> Iterator[None]:
    """Name keys of the study where the core, which knows no study, names its own arguments: ``crs`` of the city is ``city.crs``."""
    try:
        yield
    except TableError as error:
        if error.file not in SECTIONS:
            raise
        raise TableError("study", [_with_section(problem, error.file) for problem in error.problems]) from None


def _with_section(problem: Problem, section: str) -> Problem:
    """A fault at a key of a section."""
    column = problem.column or ""
    named = column if column.split(".")[0] == section else f"{section}.{column}".rstrip(".")
    return replace(problem, column=named)


def city_rules_of(options: CityOptions) -> CityRules:
    """How a city is made of what was read; readers have filled what ``infer`` allows."""
    return CityRules(
        crs=options.crs,
        currency=options.currency,
        price_year=options.price_year,
        figures_factor=options.figures_factor,
        figures_note=options.figures_note,
        code_rule=options.code_rule,
        population_total=options.population_total,
        zone_size=options.zone_size,
        networks=tuple(options.networks),
        redundancy=options.redundancy,
        buildings_per_source=options.buildings_per_source,
    )


def resources_of(options: RecoveryOptions) -> Resources:
    """Crews, materials and actions.

    Examples
    --------
    >>> resources_of(RecoveryOptions()).crews
    {}
    """
    # sections of the study and records of the core have the same fields: one that only one side has fails here
    return Resources(
        crews=options.crews,
        aid=[Aid(**vars(a)) for a in options.aid],
        materials={name: Material(**vars(m)) for name, m in options.materials.items()},
        deliveries=[Delivery(**vars(d)) for d in options.deliveries],
        actions=[Action(**vars(a)) for a in options.actions],
        floor_area_per_crew_m2=options.floor_area_per_crew_m2,
        most_crews_per_building=options.most_crews_per_building,
    )


def damage_settings_of(options: RecoveryOptions, scenario: ScenarioOptions) -> DamageSettings:
    """Where damage comes from, and what it means; what is known of the water and wind of an event."""
    water, air = scenario.flood or FloodOptions(), scenario.wind or WindOptions()
    return DamageSettings(
        damage=options.damage,
        damage_correlation=options.damage_correlation,
        delays=options.delays,
        duration_dispersion=options.duration_dispersion,
        hour=options.hour,
        storm=StormSettings(
            curves=water.curves,
            water=water.water,
            continent=water.continent,
            foundation=water.foundation,
            water_days=water.water_days,
            warning_hours=water.warning_hours,
            terrain_cm=air.terrain_cm,
        ),
        as_repaired=options.as_repaired,
        shut_off=options.shut_off,
    )


def recovery_settings_of(options: RecoveryOptions) -> RecoverySettings:
    """How the city recovers."""
    # field by field, since a study also says what no core asks for, such as the number of draws
    return RecoverySettings(
        strategy=options.strategy,
        weight=options.weight,
        commitment_days=options.commitment_days,
        least_service=options.least_service,
        road_access=options.road_access,
        network_models=options.network_models,
        lost_pressure=options.lost_pressure,
        production=ProductionSettings(**vars(options.production)),
        causes=options.causes,
        horizon_days=options.horizon_days,
        households=Households(**vars(options.households)),
        rebuilding=RebuildingSettings(**vars(options.rebuilding)),
        agents=AgentSettings(tuple(options.agents), options.agent_figures),
    )


def training_settings_of(options: TrainingOptions) -> TrainingSettings:
    """How the models behind the packaged tables are trained.

    Examples
    --------
    >>> training_settings_of(TrainingOptions()) == TrainingSettings()
    True
    """
    output, service = OutputSettings(**vars(options.net_output)), ServiceSettings(**vars(options.service))
    return TrainingSettings(output, service, options.response_shape)
