"""What floor area goes with in the four census regions, where it is published: people, their pay, or output."""

from typing import Any

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.training.panel import yearly
from holdfast.training.production import FT2

YEAR = 2012
"""Year of the survey of commercial buildings."""
CHECKS = {
    "education": ("education", (69, 86)),
    "care": ("inpatient+outpatient", (70,)),
    "hotels and restaurants": ("lodging+food_service", (79,)),
    "all commercial buildings": ("all", (34, 35, 45, 51, 56, 60, 64, 65, 69, 70, 76, 79, 82, 86)),
}
"""What is held together: activities of the survey, and lines of GDP by state that work in such buildings."""


def regional_floor_area(table: pd.DataFrame) -> pd.DataFrame:
    """Floor area of each census region and activity, million m2: expenditure for fuels over expenditure per floor area.

    Parameters
    ----------
    table : DataFrame
        Packaged table ``regional_floor_area``: census_region, activity, expenditure (million USD), expenditure_per_area
        (USD/ft2).

    Returns
    -------
    DataFrame
        Index ``census_region``, a column for each activity.

    Examples
    --------
    >>> rows = {"census_region": ["West"], "activity": ["all"], "expenditure": [2.0], "expenditure_per_area": [4.0]}
    >>> bool(abs(regional_floor_area(pd.DataFrame(rows)).loc["West", "all"] - 0.5 * FT2) < 1e-12)
    True
    """
    area = table.assign(area=table["expenditure"] / table["expenditure_per_area"] * FT2)
    return area.pivot_table(index="census_region", columns="activity", values="area")


def area_by_region(gdp: pd.DataFrame, income: pd.DataFrame) -> pd.DataFrame:
    """Floor area, output and pay per head of the census regions, each relative to the nation, in the year of the survey.

    Parameters
    ----------
    gdp, income : DataFrame
        Schemas ``state_gdp`` and ``state_income``.

    Returns
    -------
    DataFrame
        Index ``buildings``, ``census_region``: ``floor_area``, ``output``, ``pay`` (ratios to the nation per head, unit 1).
    """
    regions = packaged("states").set_index("state")["census_region"]
    output = yearly(gdp[gdp["measure"] == "gdp"], ["state", "line"]).xs(YEAR, level="year").unstack("line")  # noqa: PD010  one value, two keys
    known = yearly(income, ["state", "measure"]).xs(YEAR, level="year").unstack("measure")  # noqa: PD010  as above

    def summed(table: "pd.Series[float] | pd.DataFrame") -> Any:
        """Sums by region; one of a state that is suppressed is unknown, and so is its region's."""
        return table.reindex(regions.index).groupby(regions).agg(lambda values: values.sum(skipna=False))

    people = summed(known["population"])
    pay = summed(known["wages"])
    areas = regional_floor_area(packaged("regional_floor_area"))
    made = summed(output)

    def relative(values: pd.Series) -> pd.Series:
        return values / people / (values.sum() / people.sum())

    parts = {
        name: pd.DataFrame(
            {
                "floor_area": relative(areas[activities.split("+")].sum(axis=1)),
                "output": relative(made[list(lines)].sum(axis=1)),
                "pay": relative(pay),
            }
        )
        for name, (activities, lines) in CHECKS.items()
    }
    return pd.concat(parts, names=["buildings", "census_region"])


def area_rules(by_region: pd.DataFrame) -> pd.DataFrame:
    """Root mean squared error of rules for floor area per head, in log points, by kind of building.

    Parameters
    ----------
    by_region : DataFrame
        As `area_by_region` returns it.

    Returns
    -------
    DataFrame
        Index ``buildings``, ``together`` last: ``follows_people`` (floor area per head is the nation's), ``follows_output``,
        ``halfway`` (with the root of output per head), ``follows_pay``; ``elasticity`` of floor area per head to output per head, by least squares through the nation,
        with ``standard_error``.

    Examples
    --------
    >>> one = {"floor_area": [1.0, 1.0], "output": [1.1, 0.9], "pay": [1.0, 1.0]}
    >>> places = pd.MultiIndex.from_product([["shops"], ["West", "South"]], names=["buildings", "census_region"])
    >>> area_rules(pd.DataFrame(one, index=places)).loc["shops"].round(2).tolist()
    [0.0, 0.1, 0.05, 0.0, 0.0, 0.0]
    """
    logs = np.log(by_region)

    def of(part: pd.DataFrame) -> dict[str, float]:
        area, output, pay = (part[c].to_numpy() for c in ("floor_area", "output", "pay"))
        slope = float(area @ output / (output @ output))
        rest = area - slope * output
        spread = float(np.sqrt(rest @ rest / max(len(rest) - 1, 1) / (output @ output)))
        rules = {"follows_people": 0.0 * area, "follows_output": output, "halfway": 0.5 * output, "follows_pay": pay}
        found = {name: float(np.sqrt(np.square(area - rule).mean())) for name, rule in rules.items()}
        return found | {"elasticity": slope, "standard_error": spread}

    parts = {str(name): of(part) for name, part in logs.groupby(level="buildings", sort=False)}
    return pd.DataFrame.from_dict(parts | {"together": of(logs)}, orient="index").rename_axis("buildings")
