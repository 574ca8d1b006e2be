"""How the measures of a study are appraised."""

from typing import Annotated

from pydantic import Field

from holdfast.config.base import Section


class MeasuresOptions(Section):
    """On which terms measures are appraised; what they are and cost stands in the table `measures`."""

    discount_rate: float = Field(
        0.031, ge=0, le=1, description="real discount rate, 1/year; 0.031 as FEMA takes it since 2024"
    )
    other_rates: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        (0.03, 0.07), description="discount rates that stand beside, 1/year"
    )
    horizon_years: int = Field(50, ge=1, le=500, description="years that are looked at")
    growth: float = Field(0.0, ge=-0.2, le=0.2, description="growth of the losses, 1/year")
    person_day_value: float | None = Field(
        None, ge=0, description="city's money for a person-day avoided; without it person-days stand beside the money"
    )
    # what is chosen of the table
    budgets: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        (), description="budgets of the frontier, city's money; shares of the cost of all if omitted"
    )
    interactions: bool = Field(
        True, description="simulate every pair of measures; off: the choice takes their savings for independent"
    )
    equity_elasticity: float = Field(
        1.4, ge=0, le=10, description="elasticity of the marginal utility of income, for the equity weights"
    )
    rating: str | None = Field(None, description="folder of a rating of the same place, to be set beside the losses")
    rating_study: str | None = Field(
        None,
        description="study file of a rating whose interventions name the measures, to see which of them lift levels",
    )
