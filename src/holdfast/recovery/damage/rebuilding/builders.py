"""Builders: how many crews a city has of its own, how they grow, and what their scarcity does to prices and days."""

from dataclasses import replace

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import BUILDING, building_units, by_state
from holdfast.recovery.function.productivity import normal_production
from holdfast.recovery.settings.run_settings import Aid, Resources
from holdfast.types import Floats, Parameters

SECTOR = "construction"
STEP_DAYS, LAST_DAY = 30, 3650
"""Crews come once in so many days, until there are no more or this day."""
STRUCTURAL = slice(2, None)
"""Damage states by which the price of a crew-day is reckoned: moderate and worse."""


def figure_in(table: pd.DataFrame, name: str) -> float:
    """A figure of a table ``rebuilding_figures``.

    Raises
    ------
    TableError
        If there is not one such row.
    """
    if table.empty or (table["figure"] == name).sum() != 1:
        text = f'"{name}" stands in none or in several rows; it needs one'
        raise TableError("rebuilding_figures", [Problem(text, column="figure")])
    return float(table.set_index("figure")["value"][name])


def units_of(city: City, resources: Resources) -> Floats:
    """Crews that each building of a city calls for, shape (building,)."""
    area = city.buildings["floor_area_m2"].to_numpy(np.float64)
    return building_units(area, resources.floor_area_per_crew_m2, resources.most_crews_per_building)


def crew_day_price(city: City, parameters: Parameters, resources: Resources) -> float:
    """Repair cost over the crew-days of repair of the buildings of a city, money per crew-day.

    That of a city whose buildings are in equal parts in each of the states moderate, extensive and complete.
    """
    buildings = city.buildings
    kind, names = pd.factorize(buildings["occupancy"].astype(str))
    ratio, days = (
        by_state(parameters.repair, c, np.array(names, dtype=object))[:, STRUCTURAL].sum(axis=1)[kind]
        for c in ("repair_cost_ratio", "repair_days")
    )
    work = days * units_of(city, resources)
    return float((ratio * buildings["replacement_cost"].to_numpy(np.float64)).sum() / work.sum())


def normal_crews(city: City, parameters: Parameters, resources: Resources) -> float | None:
    """Crews that would be at work on the buildings of a city on a normal day, by the output of its builders.

    None where the city has neither residents nor production, or the tables have no sector of builders.

    crews = max(residents x value added of construction per head, normal production x production_share)
    / share of value added in the output of construction x building_share / price of a crew-day

    Not specified in the paper: where crews come from. The larger of two counts, since the builders of a suburb live there,
    and those of a centre come to work.

    References
    ----------
    Bureau of Economic Analysis, Make and Use tables 2017 (packaged table ``sectors``), for value added and output.
    """
    table, residents = parameters.sectors, float(city.buildings["residents"].sum())
    own = table[table["sector"] == SECTOR] if len(table) else table
    made = float(normal_production(city.buildings, parameters.productivity).sum())
    if residents + made <= 0 or len(own) != 1:
        return None
    row, figures = own.iloc[0], parameters.rebuilding_figures
    added = max(residents * row["site_value_added_per_head"], made * figure_in(figures, "production_share"))
    output = added / row["value_added_share"] * figure_in(figures, "building_share")
    return float(output / crew_day_price(city, parameters, resources))


def with_builders(city: City, parameters: Parameters, resources: Resources) -> Resources:
    """The means of a recovery with the builders of the city itself, where none are named.

    crews(t) = normal crews x (diverted_share + growth x (1 - exp(-t / growth_days))), in whole ones, at least 1; new
    ones come once in 30 days.

    Parameters
    ----------
    city : City
        With residents.
    parameters : Parameters
        Tables ``repair``, ``sectors`` and ``rebuilding_figures``.
    resources : Resources
        Returned as they are if they name crews of the trade "building".

    Raises
    ------
    TableError
        If there is nothing to count them by, or a figure is missing.
    """
    if BUILDING in resources.crews:
        return resources
    normal = normal_crews(city, parameters, resources)
    if normal is None:
        text = "not named, and builders are counted by residents, production and the sector construction; name it"
        raise TableError("recovery", [Problem(text, column=f"crews.{BUILDING}")])
    figures = parameters.rebuilding_figures
    first, growth, days = (figure_in(figures, name) for name in ("diverted_share", "growth", "growth_days"))
    day = np.arange(0, LAST_DAY + 1, STEP_DAYS)
    crews = np.maximum(np.rint(normal * (first - growth * np.expm1(-day / days))), 1).astype(int)
    coming = [Aid(BUILDING, int(d), int(n)) for d, n in zip(day[1:], np.diff(crews), strict=True) if n]
    named = {BUILDING: int(crews[0]), **resources.crews}
    return replace(resources, crews=named, aid=[*resources.aid, *coming])
