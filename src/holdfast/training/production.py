"""From the value added of industries to money per m2 of floor area and day, by occupancy."""

from fnmatch import fnmatch

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError

FT2 = 0.09290304
"""m2 in a square foot."""
DAYS = 365.0
MONEY = "USD_2017/m2/day"
"""Unit of productivity per floor area; the input-output accounts are those of 2017."""
PRICE_YEAR = 2017
PROXY_RANGE = (0.5, 1.5)
"""Assumed range of the figures that stand in where no floor area is published, as factors."""
DECIMALS = 3
SURPLUS, VALUE_ADDED, COMPENSATION = "V003", "Total Value Added", "V001"
"""Rows of the Use table."""
PROXY_INDUSTRIES = {"construction": "23", "agriculture": "111CA+113FF"}
"""Industries whose workers stand for a group that has no published floor area."""


def floor_areas(table: pd.DataFrame, activities: str, year: int = PRICE_YEAR) -> tuple[float, float, float]:
    """Floor area of some activities, m2: in the survey taken as base, and the range of what is published.

    Parameters
    ----------
    table : DataFrame
        Packaged table ``floor_area``: activity, year, floor_area (million ft2), base.
    activities, year : str, int
        Names joined by ``+``, and the year to which the trend between the surveys is carried.

    Raises
    ------
    TableError
        If an activity has not two surveys.

    Examples
    --------
    >>> rows = {"activity": ["shop"] * 2, "year": [2003, 2012], "floor_area": [8.0, 10.0], "base": ["no", "yes"]}
    >>> base, low, high = floor_areas(pd.DataFrame(rows), "shop", year=2012)
    >>> round(base / FT2 / 1e6, 6), round(low / base, 6), round(high / base, 6)
    (10.0, 0.8, 1.0)
    """
    names = activities.split("+")
    rows = table[table["activity"].isin(names)]
    counts = rows.groupby("activity")["base"].agg(["size", lambda b: (b == "yes").sum()])
    lacking = [n for n in names if n not in counts.index or tuple(counts.loc[n]) != (2, 1)]
    if lacking:
        text = "needs two surveys, one of them marked as base"
        raise TableError("floor_area", [Problem(f"{name}: {text}", column="activity") for name in lacking])
    base, other = (rows[(rows["base"] == "yes") == chosen] for chosen in (True, False))
    now, then = float(base["floor_area"].sum()), float(other["floor_area"].sum())
    years = float(base["year"].iloc[0]), float(other["year"].iloc[0])
    # the range spans both surveys and the straight line between their logarithms, carried to `year`
    trend = now * (now / then) ** ((year - years[0]) / (years[0] - years[1]))
    values = np.array([now, min(now, then, trend), max(now, then, trend)]) * FT2 * 1e6
    return float(values[0]), float(values[1]), float(values[2])


def productivity_per_area(
    added: pd.Series, use: pd.DataFrame, groups: pd.DataFrame, floor: pd.DataFrame
) -> pd.DataFrame:
    """Value added per m2 and day of each occupancy, with its range.

    EP_unit_area = value added of the industries / floor area of their activities / 365

    Parameters
    ----------
    added : Series
        Value added of each industry in a year, million USD, index BEA industry code.
    use : DataFrame
        Use table, million USD: columns are industries; needs the rows ``V003`` (gross operating surplus) and
        ``Total Value Added``.
    groups, floor : DataFrame
        Packaged tables ``production_groups`` and ``floor_area``.

    Returns
    -------
    DataFrame
        Index ``occupancy``: ``productivity_per_area``, ``low``, ``high`` (USD of 2017 per m2 and day),
        ``operating_surplus_share`` (null where none is known), ``group``, ``quality`` (A exact to D proxy)
        and ``source``.

    Raises
    ------
    TableError
        If the floor area of an activity is not there, or industries match nothing.

    References
    ----------
    Zhou, Xiao & Xu (2025), EP = A_effective x EP_unit_area. Not specified in the paper: how state or national
    output is brought to floor area.

    Examples
    --------
    >>> groups = pd.DataFrame([("COM1", "retail", "44*", "shop", None, "B", "retail")], columns=[
    ...     "occupancy", "group", "industries", "activities", "published_per_ft2_day", "quality", "source"])
    >>> rows = {"activity": ["shop"] * 2, "year": [2003, 2012], "floor_area": [1.0, 1.0], "base": ["no", "yes"]}
    >>> added = pd.Series({"441": 365.0, "445": 365.0})
    >>> use = pd.DataFrame([added * 0.5, added], index=[SURPLUS, VALUE_ADDED])
    >>> table = productivity_per_area(added, use, groups, pd.DataFrame(rows))
    >>> (table[["productivity_per_area", "operating_surplus_share"]] * [FT2, 1]).round(2).loc["COM1"].tolist()
    [2.0, 0.5]
    """
    _require(added, use)
    rows = {}
    for group in groups.itertuples():
        if not isinstance(group.industries, str) or not group.industries:
            # no industry stands for this occupancy: a published figure per square foot, with an assumed range
            value = float(group.published_per_ft2_day) / FT2
            low, high = (value * factor for factor in PROXY_RANGE)
            rows[group.occupancy] = (value, low, high, np.nan, group.group, group.quality, group.source)
            continue
        industries = matching(added.index, group.industries)
        total = float(added[industries].sum()) * 1e6 / DAYS
        base, small, large = floor_areas(floor, group.activities)
        share = float(use.loc[SURPLUS, industries].sum() / use.loc[VALUE_ADDED, industries].sum())
        named = group.industries if len(industries) < 8 else f"{len(industries)} industries"
        survey = "EIA MECS 2022" if group.activities == "manufacturing" else f"EIA CBECS 2012 B21 {group.activities}"
        source = f"BEA value added 2017 {named} / {survey}: {group.source}"
        # the largest floor area gives the lowest figure
        rows[group.occupancy] = (total / base, total / large, total / small, share, group.group, group.quality, source)
    columns = ["productivity_per_area", "low", "high", "operating_surplus_share", "group", "quality", "source"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("occupancy")
    numbers = ["productivity_per_area", "low", "high", "operating_surplus_share"]
    table[numbers] = table[numbers].astype("float64").round(DECIMALS)
    return table


def workers_per_area(
    added: pd.Series, use: pd.DataFrame, groups: pd.DataFrame, productivity: pd.Series, national: float
) -> pd.DataFrame:
    """Workers per floor area that fit the output per floor area: output per area = output per worker x workers per area.

    A worker is counted in pay: one stands for the mean compensation of the nation, so that the industries together have
    the published workers. Output per worker of a group = value added / compensation x compensation per worker.

    Parameters
    ----------
    added, use, groups : Series, DataFrame
        As `productivity_per_area` takes them; `use` also needs the row ``V001`` (compensation of employees).
    productivity : Series
        Value added per floor area at full service, USD per m2 and day, index occupancy.
    national : float
        Published value added per worker of the nation, USD per year.

    Returns
    -------
    DataFrame
        Index ``occupancy``: ``output_per_worker`` (USD per year, null where nothing is made), ``workers_per_100_m2``.

    Notes
    -----
    Assumed: equal pay in all industries, for want of employment by industry among the sources. Where pay is low (shops,
    restaurants) heads are more than these workers.

    Examples
    --------
    >>> groups = pd.DataFrame({"occupancy": ["COM1", "RES1"], "group": ["retail", ""], "industries": ["44*", ""]})
    >>> use = pd.DataFrame({"445": [50.0, 100.0], "22": [50.0, 300.0]}, index=[COMPENSATION, VALUE_ADDED])
    >>> made = pd.Series({"COM1": 2.0, "RES1": 0.0})
    >>> workers_per_area(use.loc[VALUE_ADDED], use, groups, made, 73_000.0).loc["COM1"].tolist()
    [36500.0, 2.0]
    """
    pay = use.loc[COMPENSATION, added.index].astype("float64")
    # national output per worker times the share of compensation is what one worker is paid
    per_worker = national * float(pay.sum() / added.sum())
    output = {}
    for row in groups.itertuples():
        industries = row.industries or PROXY_INDUSTRIES.get(row.group, "")
        own = matching(added.index, industries) if industries else []
        output[row.occupancy] = float(added[own].sum() / pay[own].sum()) * per_worker if own else np.nan
    table = pd.DataFrame({"output_per_worker": pd.Series(output)}).rename_axis("occupancy")
    workers = productivity * DAYS * 100.0 / table["output_per_worker"]
    return table.assign(workers_per_100_m2=workers.fillna(0.0))


def _require(added: pd.Series, use: pd.DataFrame) -> None:
    """Refuse a Use table that lacks the rows or industries that are divided."""
    problems = [Problem(f'has no row "{row}"') for row in (SURPLUS, VALUE_ADDED) if row not in use.index]
    problems += [Problem("has no column for this industry", column=str(c)) for c in added.index if c not in use.columns]
    if problems:
        raise TableError("Use table", problems)


def matching(codes: pd.Index, patterns: str) -> list[str]:
    """Industry codes, in their order, that fit patterns joined by ``+`` such as ``"31*+32*"``; ``*`` is any ending.

    Raises
    ------
    TableError
        If a pattern fits no code.

    Examples
    --------
    >>> matching(pd.Index(["311FT", "322", "42"]), "31*+42")
    ['311FT', '42']
    """
    wanted = patterns.split("+")
    empty = [p for p in wanted if not any(fnmatch(str(c), p) for c in codes)]
    if empty:
        raise TableError("production_groups", [Problem(f'"{p}" fits no industry', column="industries") for p in empty])
    return [str(c) for c in codes if any(fnmatch(str(c), p) for p in wanted)]
