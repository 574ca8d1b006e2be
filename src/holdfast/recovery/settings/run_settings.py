"""What a simulation is given: the means there are, what damage means, and how the city recovers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from holdfast.data import figure


class Aid(NamedTuple):
    """Crews of a trade that come on a day since the event; below 0: that leave, each when its task is done."""

    trade: str
    day: int
    crews: int


class Households(NamedTuple):
    """What people do when their home or its services fail; the defaults are the packaged figures of these names.

    ``time_at_home``: share of a resident's time that counts at home, the rest where people go by day; ``patience_days``
    that people stay in a home without enough power and water; ``stay_share`` of those whose home cannot be used who stay
    in it all the same; ``host_share`` of the displaced who find hosts in their zone.
    """

    time_at_home: float = figure("time_at_home")
    patience_days: float = figure("patience_days")
    stay_share: float = figure("stay_share")
    host_share: float = figure("host_share")


class Material(NamedTuple):
    """A material without which tasks of some trades cannot start.

    ``stock``: amount on the day of the event, in any one unit; ``per_crew_day``: amount that a task takes when it starts,
    per expected crew-day; a trade needs one material at most.
    """

    stock: float
    per_crew_day: float
    trades: Sequence[str]


class Delivery(NamedTuple):
    """An amount of a material, in the unit of its stock, that comes on a day since the event."""

    material: str
    day: int
    amount: float


class Action(NamedTuple):
    """What people do on a day since the event, other than repair.

    ``kind``: convert (a ``building`` to a shelter for ``amount`` persons; 0: back; None: what its floor holds), shelter (``amount`` places in a
    ``zone``; below 0: that close) or move (persons from ``zone`` to ``to_zone``; away for good without ``to_zone``, from
    outside without ``zone``). ``until_day``: when places close; without it a converted building returns to its use on the
    first morning on which nobody is displaced.
    """

    day: int
    kind: str
    amount: float | None = None
    building: str | None = None
    zone: str | None = None
    to_zone: str | None = None
    until_day: int | None = None


@dataclass(frozen=True)
class Resources:
    """The means of a recovery.

    Parameters
    ----------
    crews : mapping of str to int
        By trade: "building", each network by its name, and further trades of the packaged table ``trades``. Without
        "building" the builders of the city itself, whose number grows, see `holdfast.recovery.damage.rebuilding.builders`.
    aid, materials, deliveries, actions
        What comes, what tasks need besides, and what people do.
    floor_area_per_crew_m2 : float
        Floor area that calls for one crew, m2.
    most_crews_per_building : int
        Crews that can work on one building.
    """

    crews: Mapping[str, int]
    aid: Sequence[Aid] = ()
    materials: Mapping[str, Material] = field(default_factory=dict)
    deliveries: Sequence[Delivery] = ()
    actions: Sequence[Action] = ()
    floor_area_per_crew_m2: float = 500.0
    most_crews_per_building: int = 50


class StormSettings(NamedTuple):
    """What is known of water and wind beyond their measures at the sites.

    ``curves``: set of depth-damage functions, hazus, usace or jrc; ``water``: river, coast, moderate_waves or waves;
    ``continent`` of the set jrc; ``foundation`` of buildings that name none; ``water_days`` that the water stays;
    ``warning_hours`` in which contents are moved; ``terrain_cm``: roughness length around the buildings, cm.
    """

    curves: str = "hazus"
    water: str = "river"
    continent: str = "North America"
    foundation: str = "slab"
    water_days: float = 1.0
    warning_hours: float = 0.0
    terrain_cm: int = 35


@dataclass(frozen=True)
class RebuildingSettings:
    """What a study says of the queues before repairs instead of the packaged tables; read where ``delays`` is "queues".

    ``servers``: of each desk, per 1,000 building units; ``owners``: share of the owners by what they pay from, all ways that
    there are; ``surge``: whether prices and days of repairs rise where builders are scarce; ``temporary``: whether moderately
    damaged homes can be lived in after a temporary repair.
    """

    servers: Mapping[str, float] = field(default_factory=dict)
    owners: Mapping[str, float] = field(default_factory=dict)
    surge: bool = True
    temporary: bool = True


@dataclass(frozen=True)
class DamageSettings:
    """Where damage comes from, and what it means.

    Parameters
    ----------
    damage : str
        draw (from fragilities) or given (column ``damage_state`` of the buildings).
    damage_correlation : float
        Of the fragility residuals of buildings of one zone and class, 0 to 1; assumed.
    delays : str
        Key of ``DELAYS``: queues, drawn, median or none.
    duration_dispersion : float
        Standard deviation of the natural logarithm of repair days; 0: as expected; by default that of the north-east
        San Francisco example of pyrecodes.
    hour : str
        Hour of the event, for the people inside the buildings: night or day.
    storm : StormSettings
        Of an event that brings water or wind.
    as_repaired : bool
        Whether network repairs take the work of each diameter and step, and provisional service counts.
    shut_off : bool
        Whether districts of the gas network are shut off and restored customer by customer, and debris blocks roads.
    """

    damage: str = "draw"
    damage_correlation: float = 0.3
    delays: str = "queues"
    duration_dispersion: float = 0.3
    hour: Literal["night", "day"] = "night"
    storm: StormSettings = field(default_factory=StormSettings)
    as_repaired: bool = True
    shut_off: bool = True


class ProductionSettings(NamedTuple):
    """Which parts of production with supply and demand are on; each turns one off.

    ``backup``: generators of the sectors that have some; ``relocation``: firms move or close; ``labour``: workers who have
    left are missing; ``recapture``: lost output is made up by overtime; ``demand``: the input-output model, within it
    ``stocks`` of inputs; ``rebuilding``: repairs are demand for construction.
    """

    backup: bool = True
    relocation: bool = True
    labour: bool = True
    recapture: bool = True
    demand: bool = True
    stocks: bool = True
    rebuilding: bool = True


@dataclass(frozen=True)
class AgentSettings:
    """Who decides in a recovery: ``groups`` by name, and ``figures`` that take the place of those of the packaged table."""

    groups: Sequence[str] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RecoverySettings:
    """How the city recovers.

    Parameters
    ----------
    strategy : str
        Order of the repairs, a key of ``STRATEGIES``.
    weight : float
        Of production against service in a task's value, 0 to 1.
    commitment_days : int
        Days that a crew stays with a task before it may be taken off; 0: until it is done.
    least_service : float
        Service of a node from which one that needs it works and a road is open, above 0 to 1; assumed.
    road_access : bool
        Whether a task waits until its road is open, where the city has roads.
    network_models : mapping of str to str
        Network to key of ``NETWORK_MODELS``; connectivity if it is not named.
    lost_pressure : bool
        Whether leaks and breaks lower the pressure of water networks.
    production : ProductionSettings
        Parts of production beyond what the buildings allow.
    causes : bool
        Whether the root cause of most person-days without service of every draw and network is found.
    horizon_days : int
        Last day since the event.
    households : Households
        What people do when their home or its services fail.
    rebuilding : RebuildingSettings
        Desks and owners before the repair of a building.
    agents : AgentSettings
        People who decide by themselves, in the place of fixed shares.
    """

    strategy: str = "semi_flexible"
    weight: float = 0.5
    commitment_days: int = 0
    least_service: float = 0.5
    road_access: bool = True
    network_models: Mapping[str, str] = field(default_factory=dict)
    lost_pressure: bool = True
    production: ProductionSettings = field(default_factory=ProductionSettings)
    causes: bool = True
    horizon_days: int = 7300
    households: Households = field(default_factory=Households)
    rebuilding: RebuildingSettings = field(default_factory=RebuildingSettings)
    agents: AgentSettings = field(default_factory=AgentSettings)
