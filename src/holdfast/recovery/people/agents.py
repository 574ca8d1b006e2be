"""Agents of a city: which groups decide, put into arrays once."""

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from holdfast.errors import UnknownName
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.residents import Residents, residents_of
from holdfast.recovery.settings.run_settings import AgentSettings

RESIDENTS = "residents"
GROUPS = (RESIDENTS,)


class Agents(NamedTuple):
    """Who decides in every draw of a city, and the figures of all of them."""

    residents: Residents
    figures: Mapping[str, float]


def agents_of(buildings: pd.DataFrame, zones: gpd.GeoDataFrame, settings: AgentSettings) -> Agents | None:
    """Agents of a city; None where no group is named.

    Parameters
    ----------
    buildings, zones : GeoDataFrame
        Tables of the city, see `holdfast.recovery.people.residents.residents_of`.
    settings : AgentSettings
        Which groups decide, and figures that a study states.

    Raises
    ------
    UnknownName
        If a group or figure is unknown.
    """
    for name in settings.groups:
        if name not in GROUPS:
            raise UnknownName("group of agents", name, GROUPS, "recovery.agents")
    if not settings.groups:
        return None
    figures = agent_figures(settings.figures)
    return Agents(residents_of(buildings, zones, figures), figures)
