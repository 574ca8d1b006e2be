"""The panel: real output per head by state, year and industry, with what is known of electricity and people."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError

NATION = "US"
QUARTERS, MONTHS = 4, 12
SHOCK = (2020, 2021)
"""First and last year of the pandemic in the panel."""
STATIC = ("income_per_head", "population", "wages_per_head")
TOTAL = 1
"""Line of all output."""
PER_MILLION = 1e6
NO_ELECTRICITY, NO_PEOPLE = "electricity", "population or income"
ABSENT = ("labour force", "employment", "education")
"""Static features of the paper that no file of the training data holds, by state."""


class Panel(NamedTuple):
    """Rows of state x year x industry with the sequences that belong to them.

    ``rows``: ``state``, ``region``, ``line``, ``year``, ``level`` (log of real output, USD of 2012 per head and year; null
    where it is suppressed), ``output`` (million USD of the year), the `STATIC` columns as logarithms, ``place`` (row of
    `months`). ``months``: shape (place, 12, feature), logarithms of the months of the year; ``features``: their names;
    ``places``: ``state`` and ``year`` of each place; ``total``: log of all real output per head at each place;
    ``dropped``: reason to number of rows.
    """

    rows: pd.DataFrame
    months: np.ndarray
    features: tuple[str, ...]
    places: pd.DataFrame
    total: np.ndarray
    dropped: dict[str, int]


def yearly(table: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Mean of the four quarters of every key and year; null where a quarter is missing or suppressed.

    Examples
    --------
    >>> rows = {"state": ["CA"] * 5, "year": [2017] * 4 + [2018], "value": [1.0, 2.0, 3.0, 4.0, 9.0]}
    >>> yearly(pd.DataFrame(rows), ["state"]).tolist()
    [2.5, nan]
    """
    grouped = table.groupby([*keys, "year"])["value"]
    # the mean skips what is null; counted are the quarters that have a value
    return grouped.mean().where(grouped.count() == QUARTERS)


def monthly_levels(sales: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    """Electricity by month: sales (MWh) and customers per head, and prices, of each class of customers, as logarithms.

    Parameters
    ----------
    sales : DataFrame
        Schema ``electricity_sales``.
    people : Series
        Persons, index (state, year).

    Returns
    -------
    DataFrame
        Index (``state``, ``year``, ``month``); one column per figure and class such as ``commercial_sales``. Null where a
        figure is 0 or below, or no population is known.
    """
    table = sales[sales["sector"] != "transportation"]
    wide = table.pivot_table(index=["state", "year", "month"], columns="sector", values=["sales", "price", "customers"])
    heads = people.reindex(wide.index.droplevel("month")).to_numpy(np.float64)
    for figure in ("sales", "customers"):
        wide[figure] = wide[figure].div(heads, axis=0)
    wide.columns = [f"{sector}_{figure}" for figure, sector in wide.columns]
    return np.log(wide.where(wide > 0))


def panel(gdp: pd.DataFrame, income: pd.DataFrame, sales: pd.DataFrame) -> Panel:
    """Join output, people and electricity; rows sorted by state, year and line.

    Raises
    ------
    TableError
        If the tables have no year in common.

    References
    ----------
    Zhou, Xiao & Xu (2025): temporal features of consumption and static ones predict net output. Not specified in the
    paper: what net output is divided by; here by residents, since levels are alike through the size of a state alone, and
    floor area is published for no state. Years, since four quarters of a state say the same.
    """
    # real (chained dollars) where the file holds it
    measure = "rgdp" if (gdp["measure"] == "rgdp").any() else "gdp"
    lines = packaged("gdp_lines").set_index("line")
    regions = packaged("states").set_index("state")["region"]
    # lines that are sums of others would count twice, and the nation is no state
    own = gdp[gdp["state"].isin(regions.index)]
    real = yearly(own[own["measure"] == measure], ["state", "line"])
    nominal = yearly(own[own["measure"] == "gdp"], ["state", "line"])
    static = _static(income)
    months, features, places = _sequences(monthly_levels(sales, np.exp(static["population"])))
    leaves = [int(line) for line in lines.index[lines["leaf"] == "yes"] if line in set(own["line"].astype("int64"))]
    years = real.index.get_level_values("year").unique()
    spots = places[places["state"].isin(regions.index) & places["year"].isin(years)]
    rows = spots.merge(pd.Series(leaves, name="line"), how="cross")
    rows["region"] = rows["state"].map(regions)
    keys = pd.MultiIndex.from_frame(rows[["state", "line", "year"]])
    at = pd.MultiIndex.from_frame(rows[["state", "year"]])
    rows = rows.join(static.reindex(at).reset_index(drop=True))
    output = real.where(real > 0).reindex(keys).to_numpy(np.float64)
    rows["level"] = np.log(output * PER_MILLION) - rows["population"].to_numpy(np.float64)
    rows["output"] = nominal.reindex(keys).to_numpy(np.float64)
    rows["place"] = pd.MultiIndex.from_frame(places).get_indexer(at)
    unknown = rows[list(STATIC[:2])].isna().any(axis=1)
    pairs = set(zip(at.get_level_values(0), at.get_level_values(1), strict=True))
    dropped = {
        NO_ELECTRICITY: len(leaves) * int(sum(key not in pairs for key in _known(static, years, places))),
        NO_PEOPLE: int(unknown.sum()),
    }
    kept = rows[~unknown].sort_values(["state", "year", "line"]).reset_index(drop=True)
    if kept["level"].notna().sum() == 0:
        text = "no year has output, population and twelve months of electricity"
        raise TableError("training panel", [Problem(text)])
    everything = real.xs(TOTAL, level="line").reindex(pd.MultiIndex.from_frame(places))
    heads = static["population"].reindex(pd.MultiIndex.from_frame(places)).to_numpy(np.float64)
    total = np.log(everything.to_numpy(np.float64) * PER_MILLION) - heads
    return Panel(kept, months, features, places, total, dropped)


def _known(static: pd.DataFrame, years: pd.Index, places: pd.DataFrame) -> list[tuple[str, int]]:
    """States and years with people and output within the span of the electricity."""
    span = range(int(places["year"].min()), int(places["year"].max()) + 1) if len(places) else range(0)
    known = static.dropna(subset=list(STATIC[:2])).index
    return [(s, y) for s, y in known if s != NATION and y in years and y in span]


def _static(income: pd.DataFrame) -> pd.DataFrame:
    """Logarithms of income per head, population and wages per head, index (state, year)."""
    wide = yearly(income, ["state", "measure"]).unstack("measure")  # noqa: PD010  one value, two keys
    people = wide["population"]
    wages = wide["wages"] * PER_MILLION / people if "wages" in wide else people * np.nan
    logs = np.log(pd.DataFrame({STATIC[0]: wide["income_per_head"], STATIC[1]: people, STATIC[2]: wages}))
    # a file without wages leaves a feature without information, instead of no rows at all
    logs[STATIC[2]] = logs[STATIC[2]].fillna(0.0) if logs[STATIC[2]].isna().all() else logs[STATIC[2]]
    return logs


def _sequences(levels: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...], pd.DataFrame]:
    """The twelve months of each state and year, where none is missing."""
    features = tuple(str(c) for c in levels.columns)
    whole = levels.dropna()
    sizes = whole.groupby(level=["state", "year"]).size()
    full = sizes.index[sizes == MONTHS]
    kept = whole[whole.index.droplevel("month").isin(full)].sort_index()
    places = pd.DataFrame(list(full), columns=["state", "year"]).astype({"year": "int64"})
    return kept.to_numpy(np.float64).reshape(len(full), MONTHS, len(features)), features, places
