"""How the city of a study recovers."""

from typing import Annotated, Literal

from pydantic import Field

from holdfast.config.base import Section


class AidOptions(Section):
    """Crews of one trade that come, or go, on a day."""

    trade: str = Field(description="trade, such as power")
    day: int = Field(ge=0, description="day since the event")
    crews: int = Field(description="crews that arrive; below 0: that leave, each when its task is done")


class MaterialOptions(Section):
    """A material without which tasks of some trades cannot start."""

    stock: float = Field(ge=0, description="amount in store on the day of the event, in any one unit")
    per_crew_day: float = Field(gt=0, description="amount that a task takes when it starts, per expected crew-day")
    trades: list[str] = Field(description="trades whose tasks need it; a trade needs one material at most")


class DeliveryOptions(Section):
    """An amount of a material that comes on a day."""

    material: str = Field(description="key of recovery.materials")
    day: int = Field(ge=0, description="day since the event")
    amount: float = Field(gt=0, description="amount, in the unit of its stock")


class ActionOptions(Section):
    """What people do on a day, other than repair."""

    day: int = Field(ge=0, description="day since the event")
    kind: Literal["convert", "shelter", "move"] = Field(
        description="convert a building to a shelter (amount 0: back), build shelters in a zone, or move people"
    )
    amount: float | None = Field(
        None,
        description="persons; of shelters below 0: places that close; of convert without it: what the floor area holds",
    )
    building: str | None = Field(None, description="building_id, of convert")
    zone: str | None = Field(None, description="zone_id, of shelter and move")
    to_zone: str | None = Field(
        None, description="zone_id to which people move, with no zone from outside; without it they leave for good"
    )
    until_day: int | None = Field(
        None,
        ge=1,
        description="day on which the places close; a building without it: when nobody is displaced any more",
    )


class HouseholdOptions(Section):
    """What people do when their home or its services fail."""

    time_at_home: float = Field(0.79, ge=0, le=1, description="share of a resident's time that counts at home")
    patience_days: float = Field(
        3.0, ge=0, description="days that people stay in a home without enough power and water"
    )
    stay_share: float = Field(
        0.1, ge=0, le=1, description="of those whose home cannot be used, share who stay all the same"
    )
    host_share: float = Field(0.6, ge=0, le=1, description="share of the displaced who find hosts in their zone")


class ProductionOptions(Section):
    """Parts of production with supply and demand; each can be turned off."""

    backup: bool = Field(True, description="generators of the sectors that have some bridge hours without power")
    relocation: bool = Field(True, description="firms without premises move into vacant floors, or close for good")
    labour: bool = Field(True, description="workers who have left the city are missing")
    recapture: bool = Field(True, description="a part of the production lost in up to 90 days is made up by overtime")
    demand: bool = Field(True, description="firms need each other, and customers: a daily input-output model")
    stocks: bool = Field(True, description="of demand: firms have inputs in store; off: for two days")
    rebuilding: bool = Field(True, description="repairs are demand for construction")


class RebuildingOptions(Section):
    """Queues before the repair of a building, where `delays` is "queues"."""

    servers: dict[str, Annotated[float, Field(gt=0, le=100_000)]] = Field(
        {},
        description="servers per 1,000 buildings of up to floor_area_per_crew_m2 by desk: inspection, debris, assessment, "
        "engineering, permit; those of the packaged table where not named",
    )
    owners: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        {},
        description="share of owners by what they pay from: insured, loan, aid, own; with sum 1; by use from the packaged "
        "table where empty",
    )
    surge: bool = Field(True, description="prices and days of repairs rise where builders are scarce")
    temporary: bool = Field(True, description="people return to moderately damaged homes after a temporary repair")


class RecoveryOptions(Section):
    """How the city recovers."""

    # how often, and by which rule crews are sent
    draws: int = Field(20, ge=1, le=1_000_000, description="Monte-Carlo realisations")
    strategy: str = Field("semi_flexible", description="rule that assigns crews")
    weight: float = Field(0.5, ge=0, le=1, description="weight of production against service in a task's value")
    # what there is to repair with, and what comes, goes or is moved on the way
    crews: dict[str, Annotated[int, Field(le=10_000_000)]] = Field(
        {},
        description="crews by trade; without building the builders of the city itself, whose number grows over the years; of "
        "networks that are not named here the usual ones for the customers, with mutual aid",
    )
    aid: list[AidOptions] = Field([], description="crews that come and go")
    commitment_days: int = Field(
        0, ge=0, description="days that a crew stays with a task before it may be taken off; 0: until it is done"
    )
    materials: dict[str, MaterialOptions] = Field({}, description="materials by name")
    deliveries: list[DeliveryOptions] = Field([], description="materials that come")
    actions: list[ActionOptions] = Field([], description="shelters and moves")
    households: HouseholdOptions = Field(HouseholdOptions(), description="what people do without a home or services")
    agents: list[Literal["residents", "businesses", "government"]] = Field(
        [], description="groups of people who decide by themselves"
    )
    agent_figures: dict[str, float] = Field(
        {}, description="figures of the packaged table people_figures that the study states, by name"
    )
    # what waits for what
    road_access: bool = Field(True, description="a task waits until its road is open, where the city has roads")
    least_service: float = Field(
        0.5, gt=0, le=1, description="service of a node from which one that needs it works and a road is open; assumed"
    )
    network_models: dict[str, str] = Field(
        {}, description="network = model: connectivity (default), capacity, wntr, pandapower"
    )
    lost_pressure: bool = Field(True, description="leaks and breaks of water mains lower the pressure until repaired")
    # work: the crews that a building calls for
    floor_area_per_crew_m2: float = Field(500.0, gt=0, description="floor area that calls for one crew, m2")
    most_crews_per_building: int = Field(50, ge=1, description="crews that can work on one building")
    # the draw of an event: damage, delays, durations, people
    damage: str = Field("draw", description="draw (from fragilities) or given (column damage_state of the buildings)")
    damage_correlation: float = Field(
        0.3,
        ge=0,
        le=1,
        description="correlation of the fragility residuals of buildings of one zone and class; assumed",
    )
    delays: str = Field(
        "queues",
        description="queues: buildings wait for one another at desks of the city; drawn: each delay from its distribution, by "
        "itself (REDi); median: at its median; none: start at once",
    )
    rebuilding: RebuildingOptions = Field(RebuildingOptions(), description="queues before the repair of a building")
    duration_dispersion: float = Field(
        0.3,
        ge=0,
        le=2,
        description="standard deviation of the logarithm of repair days; 0: as expected; pyrecodes' example has 0.3",
    )
    hour: Literal["night", "day"] = Field("night", description="hour of the event, for the people inside the buildings")
    as_repaired: bool = Field(
        True, description="network repairs by diameter and step, and provisional service by bypass, switching, detour"
    )
    shut_off: bool = Field(
        True, description="gas is shut off by districts and restored by customer; debris blocks roads"
    )
    production: ProductionOptions = Field(ProductionOptions(), description="production with supply and demand")
    # what is reported, and from which day to which
    causes: bool = Field(
        True, description="find the root cause of most person-days without service of every draw and network"
    )
    start_day: int = Field(
        0, ge=0, description="day since the event of the observed state in the table `present`, from which to go on"
    )
    snapshot_day: int | None = Field(
        None, ge=1, description="day whose state, of the first draw, is written as present.csv"
    )
    horizon_days: int = Field(7300, ge=1, le=100_000, description="last day simulated")
