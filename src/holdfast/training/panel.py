"""The panel: real growth of output by state, quarter and industry, with what is known of electricity and people."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError

NATION = "US"
YEAR = 4
"""Quarters."""
MONTHS = 12
SHOCK = (2020 * YEAR + 1, 2021 * YEAR + 1)
"""First and last quarter of the pandemic in the panel, 2020Q2 to 2021Q2, counted as year x 4 + quarter - 1."""
RECLASSIFIED = {"MA": ((2014, 1), (2014, 12))}
"""Months whose growth by class of customer compares two ways of sorting customers: left out."""
BY_CLASS = ("commercial", "industrial")
STATIC = ("income_per_head", "population", "wages_per_head")
SUPPRESSED = "output suppressed or zero now, one or two years before"
ABSENT = ("labour force", "employment", "education")
"""Static features of the paper that no file of the training data holds, by state."""


class Panel(NamedTuple):
    """Rows of state x quarter x industry with the sequences that belong to them.

    ``rows``: ``state``, ``region``, ``line``, ``when`` (year x 4 + quarter - 1), ``growth`` (log of real output over
    that of the quarter a year before), ``lag_growth``, ``lag_state_growth``, ``lag_nation_growth`` (the same four
    quarters earlier, of the industry in the state, of the state, of the industry in the nation), ``share`` (of the
    industry in the state's output), ``output`` (million USD/year), and the `STATIC` columns as logarithms, all four
    quarters earlier; ``place`` (row of `months`). ``months``: shape (place, 12, feature), growth on the year of the
    twelve months that end with the quarter; ``features``: their names; ``places``: ``state`` and ``when`` of each place.
    ``private``: growth of all private output at each place; ``dropped``: reason to number of rows.
    """

    rows: pd.DataFrame
    months: np.ndarray
    features: tuple[str, ...]
    places: pd.DataFrame
    private: np.ndarray
    dropped: dict[str, int]


def quarter_number(year: pd.Series, quarter: pd.Series) -> pd.Series:
    """Quarters 1 to 4 counted through: year x 4 + quarter - 1.

    Examples
    --------
    >>> quarter_number(pd.Series([2020]), pd.Series([2])).tolist() == [SHOCK[0]]
    True
    """
    return (year * YEAR + quarter - 1).astype("int64")


def quarter_name(when: int) -> str:
    """A counted quarter, year x 4 + quarter - 1, in words.

    Examples
    --------
    >>> quarter_name(SHOCK[0])
    '2020Q2'
    """
    return f"{when // YEAR}Q{when % YEAR + 1}"


def monthly_growth(sales: pd.DataFrame) -> pd.DataFrame:
    """Growth on the year of electricity sales, prices and customers, month by month: differences of logarithms.

    Returns
    -------
    DataFrame
        Index (``state``, ``month``), the month counted as year x 12 + month - 1; one column per figure and class such
        as ``commercial_sales``. Null in the first year, where a figure is 0, and where customers were sorted again.
    """
    table = sales[sales["sector"] != "transportation"]
    month = (table["year"] * MONTHS + table["month"] - 1).astype("int64")
    wide = table.assign(at=month).pivot_table(
        index=["state", "at"], columns="sector", values=["sales", "price", "customers"]
    )
    wide.columns = [f"{sector}_{figure}" for figure, sector in wide.columns]
    logs = np.log(wide.where(wide > 0))
    # the same logarithms under the month a year later: a difference by label, which gaps in the file cannot shift
    before = logs.copy()
    before.index = pd.MultiIndex.from_arrays(
        [before.index.get_level_values(0), before.index.get_level_values(1) + MONTHS], names=["state", "month"]
    )
    logs.index = logs.index.set_names(["state", "month"])
    growth = logs - before.reindex(logs.index)
    for state, (first, last) in RECLASSIFIED.items():
        at = growth.index.get_level_values("month")
        hit = (growth.index.get_level_values("state") == state) & (at >= _month(first)) & (at <= _month(last))
        classed = [c for c in growth.columns if c.split("_")[0] in BY_CLASS]
        growth.loc[hit, classed] = np.nan
    return growth.sort_index()


def _month(date: tuple[int, int]) -> int:
    """A month counted through."""
    return date[0] * MONTHS + date[1] - 1


def panel(gdp: pd.DataFrame, income: pd.DataFrame, sales: pd.DataFrame) -> Panel:
    """Join output, people and electricity; rows sorted by state, quarter and line.

    Raises
    ------
    TableError
        If the tables have no quarter in common.

    References
    ----------
    Zhou, Xiao & Xu (2025): temporal features of consumption and static ones predict net output. Not specified
    in the paper: the target; here growth, since levels are similar through the size of a state alone. Output of the
    last four quarters is no feature: growth on the year of neighbouring quarters shares three of four quarters.
    """
    # real (chained dollars) where the file holds it
    measure = "rgdp" if (gdp["measure"] == "rgdp").any() else "gdp"
    output = _wide(gdp[gdp["measure"] == measure], ["state", "line"])
    nominal = _wide(gdp[gdp["measure"] == "gdp"], ["state", "line"])
    growth = _growth(output)
    rows = _long(growth).rename("growth").reset_index()
    lines = packaged("gdp_lines").set_index("line")
    regions = packaged("states").set_index("state")["region"]
    # lines that are sums of others would count twice, and the nation is no state
    leaves = rows["line"].isin(lines.index[lines["leaf"] == "yes"]) & rows["state"].isin(regions.index)
    rows = rows[leaves].reset_index(drop=True)
    rows["region"] = rows["state"].map(regions)
    rows = rows.join(_lagged(growth, nominal, rows)).join(_static(income, rows))
    months, features, places = _sequences(monthly_growth(sales))
    spot = pd.MultiIndex.from_frame(places).get_indexer(pd.MultiIndex.from_frame(rows[["state", "when"]]))
    rows["place"] = spot
    # counted are only the quarters for which there is electricity: the others were never to be rows
    span = rows["when"].between(places["when"].min(), places["when"].max()) if len(places) else spot < 0
    reasons = {SUPPRESSED: rows["lag_growth"].isna(), "electricity": spot < 0}
    reasons["population or income"] = rows[list(STATIC[:2])].isna().any(axis=1)
    dropped = {name: int((bad & span).sum()) for name, bad in reasons.items()}
    cells = growth[growth.index.isin(rows.set_index(["state", "line"]).index)]
    seen = (cells.columns >= places["when"].min()) & (cells.columns <= places["when"].max())
    # growth that is null has not become a row above; it is counted here
    dropped[SUPPRESSED] += int(cells.loc[:, seen].isna().to_numpy().sum())
    kept = rows[~np.logical_or.reduce(list(reasons.values()))]
    if kept.empty:
        text = "no quarter has output, a year of growth before it, population and electricity"
        raise TableError("training panel", [Problem(text)])
    kept = kept.sort_values(["state", "when", "line"]).reset_index(drop=True)
    private = _long(growth).rename("growth").reset_index()
    private = private[private["line"] == PRIVATE].set_index(["state", "when"])["growth"]
    at_places = private.reindex(pd.MultiIndex.from_frame(places)).to_numpy(np.float64)
    return Panel(kept, months, features, places, at_places, dropped)


PRIVATE, TOTAL = 2, 1
"""Lines of all private output and of all output."""


def _wide(gdp: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Values with one row per key and one column per quarter."""
    when = quarter_number(gdp["year"], gdp["quarter"])
    table = gdp.assign(when=when, line=gdp["line"].astype("int64")).pivot_table(
        index=keys, columns="when", values="value"
    )
    return table.reindex(columns=range(int(when.min()), int(when.max()) + 1))


def _long(wide: pd.DataFrame) -> pd.Series:
    """One value per key and quarter, those that are null left out."""
    long = wide.melt(ignore_index=False, var_name="when", value_name="value").dropna()
    return long.set_index(long["when"].astype("int64"), append=True)["value"]


def _growth(output: pd.DataFrame) -> pd.DataFrame:
    """Log of output over that of the quarter a year before; null where either is suppressed or zero."""
    logs = np.log(output.where(output > 0))
    # against the same quarter, so that the season drops out
    return logs - logs.shift(YEAR, axis=1)


def _lagged(growth: pd.DataFrame, nominal: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """What was known of output four quarters earlier."""
    past = _long(growth.shift(YEAR, axis=1))
    size = _long(nominal.shift(YEAR, axis=1))

    def at(values: pd.Series, state: pd.Series | str, line: pd.Series | int) -> np.ndarray:
        keys = pd.MultiIndex.from_frame(pd.DataFrame({"s": state, "l": line, "w": rows["when"]}))
        return np.asarray(values.reindex(keys).to_numpy(np.float64))

    output = at(size, rows["state"], rows["line"])
    return pd.DataFrame(
        {
            "lag_growth": at(past, rows["state"], rows["line"]),
            "lag_state_growth": at(past, rows["state"], TOTAL),
            "lag_nation_growth": at(past, NATION, rows["line"]),
            "share": output / at(size, rows["state"], TOTAL),
            "output": output,
        }
    ).fillna({"lag_nation_growth": 0.0, "lag_state_growth": 0.0})


def _static(income: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Logarithms of income per head, population and wages per head of the state, four quarters earlier."""
    when = quarter_number(income["year"], income["quarter"]) + YEAR
    wide = income.assign(when=when).pivot_table(index=["state", "when"], columns="measure", values="value")
    people = wide["population"]
    wages = wide["wages"] / people if "wages" in wide else people * np.nan
    table = pd.DataFrame({STATIC[0]: wide["income_per_head"], STATIC[1]: people, STATIC[2]: wages})
    logs = np.log(table).reindex(pd.MultiIndex.from_frame(rows[["state", "when"]]))
    # a file without wages leaves a feature without information, instead of no rows at all
    logs[STATIC[2]] = logs[STATIC[2]].fillna(0.0) if logs[STATIC[2]].isna().all() else logs[STATIC[2]]
    return logs.reset_index(drop=True)


def _sequences(growth: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...], pd.DataFrame]:
    """Twelve months of growth up to the end of each quarter, for the places where none is missing."""
    features = tuple(str(c) for c in growth.columns)
    found, places = [], []
    for state, table in growth.groupby(level="state"):
        months = table.index.get_level_values("month").to_numpy()
        whole = table.reindex([(state, m) for m in range(months.min(), months.max() + 1)]).to_numpy(np.float64)
        for end in range(MONTHS, len(whole) + 1):
            last = months.min() + end - 1
            # only windows that end with a quarter, of which no month is missing
            if (last + 1) % 3 == 0 and np.isfinite(whole[end - MONTHS : end]).all():
                found.append(whole[end - MONTHS : end])
                places.append((str(state), (last + 1) // 3 - 1))
    months_array = np.stack(found) if found else np.zeros((0, MONTHS, len(features)))
    return months_array, features, pd.DataFrame(places, columns=["state", "when"])
