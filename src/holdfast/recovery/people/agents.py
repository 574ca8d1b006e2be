"""Agents of a city: which groups decide, put into arrays once."""

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.engine import Calendar
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.government import Government, with_shelter
from holdfast.recovery.people.residents import Residents, residents_of
from holdfast.recovery.settings.run_settings import AgentSettings
from holdfast.types import Ints

GROUPS = RESIDENTS, BUSINESSES, GOVERNMENT = "residents", "businesses", "government"


class Agents(NamedTuple):
    """Who decides in every draw of a city, None for who does not, and the figures of all of them."""

    residents: Residents | None
    businesses: bool
    government: Government | None
    figures: Mapping[str, float]


class Means(NamedTuple):
    """What a government finds: ``calendar`` of the study, ``trade`` (network,) that repairs each, -1 for none, and ``crews`` (trade,)."""

    calendar: Calendar
    trade: Ints
    crews: Ints


def agents_of(buildings: pd.DataFrame, zones: gpd.GeoDataFrame, settings: AgentSettings, means: Means) -> Agents | None:
    """Agents of a city; None where no group is named.

    Parameters
    ----------
    buildings, zones : GeoDataFrame
        Tables of the city, see `holdfast.recovery.people.residents.residents_of`.
    settings : AgentSettings
        Which groups decide, and figures that a study states.
    means : Means
        Of the recovery, for the government.

    Raises
    ------
    UnknownName
        If a group or figure is unknown.
    TableError
        If a government has no budget.
    """
    for name in settings.groups:
        if name not in GROUPS:
            raise UnknownName("group of agents", name, GROUPS, "recovery.agents")
    if not settings.groups:
        return None
    figures, groups = agent_figures(settings.figures), settings.groups
    return Agents(
        residents=residents_of(buildings, zones, figures) if RESIDENTS in groups else None,
        businesses=BUSINESSES in groups,
        government=_government(buildings, zones, figures, means) if GOVERNMENT in groups else None,
        figures=figures,
    )


def _government(
    buildings: pd.DataFrame, zones: gpd.GeoDataFrame, figures: Mapping[str, float], means: Means
) -> Government:
    """The government of a city, its shelter in the zone with most residents."""
    if figures["government_budget"] <= 0:
        text = "agents name the government, which has nothing to spend; state its budget, in the money of the city"
        raise TableError("recovery", [Problem(text, column="agent_figures.government_budget")])
    inside = buildings.groupby("zone_id")["residents"].sum().reindex(zones.index).fillna(0.0).to_numpy(np.float64)
    calendar, site = with_shelter(means.calendar, len(zones))
    return Government(int(inside.argmax()), site, calendar, means.trade, means.crews, float(inside.sum()))
