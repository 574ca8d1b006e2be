"""People of every building: who lives and works there, and who is inside by time of day."""

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.marks import marked
from holdfast.recovery.city.totals import KnownTotals, scale_to

PER_100_M2 = 100.0
TIMES = ("night", "day", "commute")


def with_people(
    table: gpd.GeoDataFrame,
    occupancies: pd.DataFrame,
    total: float | None,
    file: str = "buildings",
    known: KnownTotals | None = None,
    zone: pd.Series | None = None,
) -> gpd.GeoDataFrame:
    """Fill residents, workers and people inside, where a table (schema ``buildings``) has none, in place.

    Inferred residents follow the floor area (schema ``occupancies``), scaled to `total` if it is given; both residents and
    workers to what is `known` of the city and of the `zone` of the buildings.

    Raises
    ------
    TableError
        If an occupancy has no row, or the total cannot be shared.
    """
    if "residents" in table.columns and total is not None:
        text = "the building table already holds residents; leave this out, or do not map the column"
        raise TableError("city", [Problem(text, column="population_total")])
    if total is not None and not 0 < total < np.inf:
        text = f"{total:g} is no number of residents above 0; give one, or leave it out"
        raise TableError("city", [Problem(text, column="population_total")])
    figures = occupancies.set_index("occupancy")
    missing = ~table["occupancy"].isin(figures.index)
    if missing.any():
        text = f"no row of people per floor area for {', '.join(sorted(table.loc[missing, 'occupancy'].unique()))}"
        raise TableError(file, [Problem(text, column="occupancy")])
    for column in ("residents", "workers"):
        if column in table.columns:
            continue
        density = table["occupancy"].map(figures[f"{column}_per_100_m2"]).astype("float64")
        table[column] = density * table["floor_area_m2"] / PER_100_M2
        rule = "per_floor_area"
        if column == "residents" and total is not None:
            table[column] *= _factor(total, float(table[column].sum()))
            rule = "scaled_to_total"
        table[f"{column}_rule"] = marked(table, np.ones(len(table), dtype=bool), column, rule)
    if known is not None and zone is not None:
        if total is not None and len(known.of("residents")):
            text = f"{known.file} states residents too; leave one of them out"
            raise TableError("city", [Problem(text, column="population_total")])
        for quantity in ("residents", "jobs"):
            scale_to(table, quantity, known, zone, occupancies)
    return _with_occupants(table)


def _factor(total: float, found: float) -> float:
    """What scales the inferred residents to the stated total."""
    if found == 0:
        text = "there are no homes among which to share them; correct the occupancies or leave it out"
        raise TableError("city", [Problem(text, column="population_total")])
    return total / found


def _with_occupants(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """People inside at 2 a.m., 2 p.m. and 5 p.m. of a working day.

    Not specified in the paper: the rules here are ours, over the Hazus distribution of the population.
    """
    rules = packaged("occupants").set_index("occupancy")
    rules = rules.reindex(table["occupancy"].astype(object))
    # homes count residents, by the residential shares of Hazus; other buildings the peak of their use by floor area, or
    # the workers if they are more, by the shares of the use
    homes = rules["counts"].to_numpy() == "residents"
    home = packaged("occupants").set_index("occupancy").loc["RES1"]
    peak = rules["peak_per_100_m2"].fillna(0.0).to_numpy() * table["floor_area_m2"].to_numpy() / PER_100_M2
    staff = np.where(rules["counts"].to_numpy() == "guests", 0.0, table["workers"].to_numpy())  # few of a hotel's
    peak = np.where((staff == 0.0) & (table["residents"].to_numpy() > 0), 0.0, peak)  # guests given as residents
    # persons at the peak hour; those who live in a building of another use come on top, as in a home of one family
    visitors = np.where(homes, 0.0, np.maximum(peak, staff))
    shares = {time: rules[f"{time}_share"].to_numpy(np.float64) for time in TIMES}
    formula = {
        time: table["residents"].to_numpy() * np.where(homes, shares[time], home[f"{time}_share"])
        + visitors * shares[time]
        for time in TIMES
    }
    given = [time for time in TIMES if f"{time}_occupants" in table.columns]
    if {"night", "day"} <= set(given):
        night, day = (table[f"{time}_occupants"].to_numpy() for time in ("night", "day"))
        # given people inside replace the residents and the peak: the hour between follows from the two that are known
        formula["commute"] = np.where(homes, night * shares["commute"], day * shares["commute"] / shares["day"])
    rule = "commute_from_given" if {"night", "day"} <= set(given) else "shares_of_day"
    filled = [time for time in TIMES if time not in given]
    for time in filled:
        table[f"{time}_occupants"] = formula[time]
    if filled:
        table["occupants_rule"] = marked(table, np.ones(len(table), dtype=bool), "occupants", rule)
    return table
