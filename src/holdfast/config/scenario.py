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


class ScenarioOptions(Section):
    """One hazard event."""

    name: str = Field("stress test", description="name of the event")
    hazard: str = Field("uniform", description="how shaking varies over the city: uniform, ground_motion, intensities")
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
    # how often: either of the two, and both only if they agree; what is not stated is not assumed
    annual_rate: float | None = Field(None, gt=0, le=365, description="mean number of such events a year, if known")
    return_period_years: float | None = Field(None, gt=0, description="mean years between such events, if known")
    note: str = Field("", description="what a reader must know, such as 'not a forecast'")
