"""The second rating of a region: risk, laid over resilience."""

from typing import Literal

from pydantic import Field

from holdfast.config.base import Section


class OwnRiskColumn(Section):
    """A number of the study's own tables that a risk rating reads."""

    column: str = Field(
        pattern=r"[a-z_]+\.[A-Za-z0-9_]+", description="table.column, such as areas.own_flood_share or cells.poverty"
    )
    pillar: Literal["hazard", "exposure", "social vulnerability", "physical vulnerability"] = Field(
        description="what it is a part of"
    )
    direction: Literal[1, -1] = Field(1, description="1 where more is more risk, -1 where more is less")
    weight: Literal["homes", "area"] = Field("homes", description="what its mean over a cell counts")
    unit: str = Field("not stated", max_length=40, description="for the report")
    description: str = Field("", max_length=200, description="for the report")


class RiskOptions(Section):
    """Which columns make the risk, and how cells are rated by them. All ours: the paper's companion is not public."""

    leave_out: list[str] = Field([], description="features of the risk schema not to use")
    own: dict[str, OwnRiskColumn] = Field({}, description="name = a column of a table of the study")
    pillars: dict[str, float] = Field({}, description="pillar = its weight; 1 where nothing is said")
    method: str = Field("graded", description="how cells are grouped: graded, holdfast or graph_autoencoder")
    neighbour_weight: float = Field(0.25, ge=0, le=1, description="weight of the touching cells; 0 for none")
    refits: int = Field(20, ge=2, le=1000, description="models fitted with seeds of their own")
    draws: int = Field(200, ge=0, le=10_000, description="draws behind the certainty; 0 for the refits alone")
