"""The city of a study."""

from pydantic import Field

from holdfast.config.base import Section


class StrengthenOptions(Section):
    """Buildings, or assets of a network, that are made to withstand more; all filters hold together."""

    to_class: str | None = Field(None, description="class of the fragility table, or of the pipes, after it")
    first_floor_m: float | None = Field(
        None,
        ge=-5,
        le=30,
        description="first floor of the buildings raised to, where it lies lower, m above the ground",
    )
    floodproofed_m: float | None = Field(
        None,
        gt=0,
        le=3,
        description="buildings kept dry by closures and sealed walls up to this height above the ground, m",
    )
    shutters: bool = Field(False, description="buildings get shutters before their windows")
    from_class: str | None = Field(None, description="class before; of any class if omitted")
    network: str | None = Field(None, description="network whose nodes and edges it is about; buildings if omitted")
    zones: list[str] = Field([], description="zone_id of the buildings; all if omitted")
    occupancies: list[str] = Field([], description="occupancies of the buildings; all if omitted")
    built_before: int | None = Field(None, ge=1600, le=2200, description="buildings of earlier years alone")


class BackupOptions(Section):
    """How long what needs another network goes on without it."""

    network: str = Field(description="network whose nodes have batteries, tanks or generators")
    on_network: str = Field(description="network that they bridge")
    hours: float = Field(ge=0, le=8760, description="hours that they bridge, where it is less now")


class CityOptions(Section):
    """Which city is simulated and how missing attributes are settled."""

    # where buildings and places come from
    source: str = Field(
        "buildings",
        description="buildings (a building table), osm (an OpenStreetMap extract) or networks (networks without buildings)",
    )
    path: str | None = Field(
        None, description="OpenStreetMap extract (.osm.pbf) of source osm; the packaged one if omitted"
    )
    bbox: tuple[float, float, float, float] | None = Field(
        None, description="west, south, east, north (degrees): the part of an extract to read; all of it if omitted"
    )
    crs: str | None = Field(None, description="projected CRS in metres; equal-area around the city if omitted")
    # money: Holdfast's own figures are USD of 2017, and no exchange rate is guessed
    currency: str = Field(
        "USD", min_length=3, max_length=3, pattern="^[A-Z]{3}$", description="currency of every amount (ISO 4217)"
    )
    price_year: int = Field(2017, ge=1900, le=2200, description="price year of every amount")
    figures_factor: float | None = Field(
        None,
        gt=0,
        description="city's currency and price year per USD of 2017: converts Holdfast's own figures of money",
    )
    figures_note: str = Field("", description="where `figures_factor` comes from, for the report")
    place: str | None = Field(
        None,
        description="state (CA) or BEA region (Far West) whose output per floor area the buildings have; the nation's if omitted",
    )
    # what fills gaps, always by a rule that is named and marked; nothing is filled that is not asked for
    infer: dict[str, str | float] = Field(
        {},
        description="of an OpenStreetMap extract: structure = rule of structure_rules, stories and year_built = one number for all that is untagged",
    )
    region: str | None = Field(
        None,
        description="region of the mixes from which untagged outlines of a map are drawn (table stock_regions); by the place if omitted",
    )
    country: str | None = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="country (ISO 3166-1, two letters) whose published figures the city is set beside; from the addresses of the map if omitted",
    )
    accept_sparse: bool = Field(
        False, description="simulate even where hardly anything is known of the buildings (a bare map)"
    )
    retrofit: dict[str, str] = Field(
        {}, description="class of the fragility table = class that its buildings are strengthened to"
    )
    strengthen: list[StrengthenOptions] = Field([], description="buildings and network assets that are strengthened")
    backup: list[BackupOptions] = Field([], description="backup of network nodes, over what the data state")
    code_rule: str = Field("ubc_zone_4", description="rule from year built to seismic design code level")
    population_total: float | None = Field(
        None, gt=0, le=1e9, description="residents of the city; inferred ones are scaled to it"
    )
    zone_size: float = Field(500.0, gt=0, le=100_000, description="side of the zones in which needs are met, m")
    # what is laid where no table holds a network
    networks: list[str] = Field(
        ["power", "water", "telecom"],
        description="networks that the study's tables do not hold, to lay along the streets: power, water, gas, telecom, transport",
    )
    redundancy: dict[str, float] = Field(
        {},
        description="network = share of the streets that close loops, 0 (tree) to 1 (all), over the table network_design",
    )
    as_built: bool = Field(
        True,
        description="pipes of which no file says a material are of those of their years, laid cabinets and roads break, fuel is brought",
    )
    buildings_per_source: int = Field(2000, ge=1, description="buildings that one synthetic source serves")
