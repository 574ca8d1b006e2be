"""The hazard events of a study."""

from pydantic import Field

from holdfast.config.base import Section


class RuptureOptions(Section):
    """A planar rupture; what is not stated follows from the magnitude."""

    magnitude: float = Field(ge=3, le=8.5, description="moment magnitude")
    longitude: float = Field(ge=-180, le=180, description="of the hypocentre, degrees east")
    latitude: float = Field(ge=-90, le=90, description="of the hypocentre, degrees north")
    depth_km: float = Field(ge=0, le=40, description="of the hypocentre below the surface, km")
    # the plane: only the hypocentre and the magnitude must be known
    strike: float | None = Field(
        None, ge=0, le=360, description="direction of the upper edge, degrees from north; the plane dips to its right"
    )
    dip: float = Field(90.0, gt=0, le=90, description="slope of the plane, degrees")
    rake: float = Field(0.0, ge=-180, le=180, description="0 or 180 strike-slip, 90 reverse, -90 normal")
    top_depth_km: float | None = Field(None, ge=0, le=40, description="depth of the upper edge, km")
    length_km: float | None = Field(None, gt=0, le=1500, description="along strike; Wells & Coppersmith if omitted")
    width_km: float | None = Field(None, gt=0, le=300, description="down dip; Wells & Coppersmith if omitted")
    hypocentre_along_strike: float = Field(0.5, ge=0, le=1, description="where on the length the hypocentre lies")


class FloodOptions(Section):
    """Water of an event, and what it meets."""

    # where the water stands: either of the two
    depth_m: float | None = Field(None, ge=0, le=30, description="depth above the ground everywhere, m: a stress test")
    table: str | None = Field(None, description="table of the study that holds depths at sites, as a raster or a level")
    level_sd_m: float = Field(0.0, ge=0, le=5, description="standard deviation of the level, shared by all sites, m")
    # what it does to buildings
    curves: str = Field("hazus", description="depth-damage functions: hazus, usace (with its spreads) or jrc")
    water: str = Field("river", description="river, coast (salt, no waves), moderate_waves or waves (3 ft and more)")
    continent: str = Field(
        "North America",
        description="of the set jrc: Africa, Asia, Europe, North America, Oceania, South America or Global",
    )
    foundation: str = Field("slab", description="foundation of buildings that name none, which sets their first floor")
    # time before and after
    water_days: float = Field(1.0, ge=0, le=365, description="days that the water stays")
    warning_hours: float = Field(0.0, ge=0, le=240, description="hours of warning, in which contents are moved")


class TrackPointOptions(Section):
    """A place of a cyclone's centre."""

    hour: float = Field(ge=0, le=2000, description="hours from any beginning")
    longitude: float = Field(ge=-180, le=180, description="degrees east")
    latitude: float = Field(ge=-90, le=90, description="degrees north")
    wind_m_s: float = Field(gt=0, le=120, description="highest wind of one minute at 10 m, m/s")
    radius_km: float = Field(ge=1, le=500, description="radius of the highest wind, km")


class WindOptions(Section):
    """Wind of an event, and what it meets."""

    # how hard it blows: one of the four
    gust_m_s: float | None = Field(None, ge=0, le=130, description="peak gust everywhere, m/s: a stress test")
    table: str | None = Field(None, description="table of the study that holds gusts at sites, or as a raster")
    track: str | None = Field(None, description="table of the study that holds the track of a cyclone")
    points: list[TrackPointOptions] = Field([], description="the track of a cyclone, place by place")
    # of a track
    landfall_h: float | None = Field(
        None, description="hour of the track from which its wind decays over land; the track's own winds if omitted"
    )
    shape: float | None = Field(None, ge=1, le=2.5, description="parameter B of the profile of Holland, over pressures")
    # what it meets
    terrain_cm: int = Field(35, description="roughness length around the buildings, cm: 3, 15, 35, 70 or 100")


class ScenarioOptions(Section):
    """One hazard event."""

    name: str = Field("stress test", description="name of the event")
    hazard: str = Field(
        "uniform",
        description="what acts: shaking (uniform, ground_motion, intensities), flood, wind or storm (both)",
    )
    # of the hazard uniform; the unit is stated, since 30 for 0.3 g would pass every other check
    intensity_measure: str = Field("PGA", description="measure of `value` (uniform)")
    unit: str | None = Field(None, description="unit of `value`: g, or cm/s for PGV, cm for PGD")
    value: float | None = Field(None, ge=0, le=1000, description="median intensity everywhere (uniform)")
    values: dict[str, float] = Field({}, description="median intensities of further measures, in g or cm/s (uniform)")
    # the spread around medians that have none of their own
    between_event_sd: float = Field(0.0, ge=0, le=2, description="log standard deviation shared by all sites")
    within_event_sd: float = Field(0.0, ge=0, le=2, description="log standard deviation between sites")
    correlation_range_m: float | None = Field(
        None, gt=0, description="distance at which sites hardly correlate, m; Jayaram & Baker (2009) if omitted"
    )
    vs30_clustering: str = Field("scattered", description="scattered or clustered, for the correlation range")
    # of ground_motion: what is computed from a rupture
    model: str = Field("bssa14", description="ground-motion model: bssa14, cy14")
    rupture: RuptureOptions | None = Field(None, description="the earthquake (ground_motion)")
    # the ground at the sites
    vs30: float = Field(760.0, ge=100, le=3000, description="shear-wave velocity of the upper 30 m at sites, m/s")
    vs30_table: str | None = Field(None, description="table of the study that holds vs30 as a raster")
    # of intensities: shaking from a table
    table: str = Field("shaking", description="table of the study that holds the shaking (intensities)")
    extension: str | None = Field(
        None, description="from places of the table to sites: nearest or idw; idw for medians, nearest for realisations"
    )
    farthest_km: float = Field(10.0, gt=0, description="a site farther from all places of the table is refused, km")
    pgd_cm: float | None = Field(
        None, ge=0, le=1000, description="permanent ground deformation everywhere, cm; 0 states that there is none"
    )
    # of water and wind
    flood: FloodOptions | None = Field(None, description="the water (flood, storm)")
    wind: WindOptions | None = Field(None, description="the wind (wind, storm)")
    # where the ground fails, if no deformation is stated; classes of Hazus
    liquefaction: str = Field(
        "low", description="susceptibility to liquefaction: none, very_low, low, moderate, high, very_high; assumed"
    )
    landslide: str = Field("none", description="susceptibility to landslides: none, I (least) to X; assumed")
    groundwater_m: float = Field(1.5, ge=0, le=100, description="depth of the groundwater, m; assumed")
    ground_failure_magnitude: float = Field(
        7.0, ge=4, le=9.5, description="moment magnitude, for ground failure, where no rupture states one; assumed"
    )
    # how often: either of the two, and both only if they agree; what is not stated is not assumed
    annual_rate: float | None = Field(None, gt=0, le=365, description="mean number of such events a year, if known")
    return_period_years: float | None = Field(None, gt=0, description="mean years between such events, if known")
    note: str = Field("", description="what a reader must know, such as 'not a forecast'")
