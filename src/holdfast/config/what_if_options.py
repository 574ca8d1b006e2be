"""What is asked of a rating that something is changed under."""

from pydantic import Field

from holdfast.config.base import Section
from holdfast.config.table_options import TableOptions


class WhatIfOptions(Section):
    """Interventions beside those of the table `interventions`, and the cells to lift at the least cost."""

    add: dict[str, TableOptions] = Field(
        {}, description="table of the study = where objects that are added to it lie, such as roads that are planned"
    )
    # the cheapest change; its costs stand in the table `unit_costs`
    lift_to: int | None = Field(None, ge=2, le=5, description="level that cells are to be lifted to at the least cost")
    lift: list[str] = Field([], description="cells to lift; those with most homes below that level if omitted")
    most_lifted: int = Field(10, ge=1, le=500, description="cells that are lifted where none are named")
    attainable: float = Field(
        0.99,
        gt=0,
        le=1,
        description="share of the people of like cells who live with no better value than a change may give",
    )
