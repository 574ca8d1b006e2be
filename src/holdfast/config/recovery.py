"""How the city of a study recovers."""

from typing import Annotated

from pydantic import Field

from holdfast.config.base import Section


class RecoveryOptions(Section):
    """How the city recovers."""

    draws: int = Field(20, ge=1, le=1_000_000, description="Monte-Carlo realisations")
    strategy: str = Field("semi_flexible", description="rule that assigns crews")
    weight: float = Field(0.5, ge=0, le=1, description="weight of production against service in a task's value")
    crews: dict[str, Annotated[int, Field(le=10_000_000)]] = Field(
        {"building": 500, "power": 20, "water": 20, "telecom": 10}, description="crews by trade"
    )
    floor_area_per_crew_m2: float = Field(500.0, gt=0, description="floor area that calls for one crew, m2")
    most_crews_per_building: int = Field(50, ge=1, description="crews that can work on one building")
    damage: str = Field("draw", description="draw (from fragilities) or given (column damage_state of the buildings)")
    delays: str = Field("median", description="median: every delay at its median; none: repair can start at once")
    horizon_days: int = Field(7300, ge=1, le=100_000, description="last day simulated")
