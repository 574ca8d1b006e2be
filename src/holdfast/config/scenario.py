"""The hazard event of a study."""

from pydantic import Field

from holdfast.config.base import Section


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
