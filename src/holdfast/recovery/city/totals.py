"""Known totals: inferred attributes drawn and scaled so that a city adds up to what is published of it.

What a table observed is never changed. Uses, years and heights are drawn once per building from its id, so that order and
number of workers do not matter; floor areas, residents and workers are fitted by iterative proportional fitting.

References
----------
Deming & Stephan (1940), Annals of Mathematical Statistics 11(4), doi 10.1214/aoms/1177731829. Not specified in the paper: all of
this is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.attributes import structures, unit_costs
from holdfast.frames.drawn import uniforms
from holdfast.frames.marks import marked
from holdfast.types import Bools, Floats

RULE = "known_totals"
UNTAGGED = ("osm_home", "stock_mix", "stated")
"""Rules of an occupancy that rest on no trace of the use: only such uses are drawn again."""
HOME, ONE_HOUSEHOLD, HOUSEHOLDS = "home", "RES1", "RES3"
SUMMED = {"residents": "residents", "jobs": "workers", "floor_area": "floor_area_m2"}
"""Quantity to the column that adds up to it."""
MIXES = ("year_built", "stories")
BY_CATEGORY = ("jobs", "floor_area")
CLOSE, ROUNDS = 1e-9, 2000
WHOLE = 1e-6  # by which shares as written may differ from 1


@dataclass(frozen=True)
class KnownTotals:
    """What is known of a city, and the seed of what is drawn to fit it.

    Parameters
    ----------
    table : DataFrame
        Schema ``totals``.
    seed : int
        Of the draws; a building has the same draw in any order.
    file : str
        Name of the table in messages.
    """

    table: pd.DataFrame
    seed: int = 0
    file: str = "totals"

    def of(self, *quantities: str) -> pd.DataFrame:
        """Rows of some quantities, empty cells as empty text."""
        table = self.table.reset_index(drop=True)
        text = {c: table[c].astype(object).fillna("") if c in table.columns else "" for c in ("of", "zone_id")}
        return table.assign(**text)[table["quantity"].isin(quantities)]

    def refusal(self, row: int, message: str) -> TableError:
        """An error that names one row of the table, counted from 0."""
        given = self.of(self.table["quantity"].iloc[row]).loc[row]
        what = f"{given['quantity']} {given['of']} {given['zone_id']}".split()
        text = f"{' of '.join(map(str, what))} = {given['value']:g} {message}"
        line = int(self.table.index[row]) if self.table.index.name == "row" else row + 2
        return TableError(self.file, [Problem(text, line, "value")])


def fit(cells: Floats, margins: Sequence[tuple[Bools, float]]) -> tuple[Floats, Floats]:
    """Scale cells until the cells of every margin sum to its target (iterative proportional fitting).

    Parameters
    ----------
    cells : array, shape (cell,)
        Start, 0 or more; a cell of 0 stays 0.
    margins : sequence of (array of bool, float)
        Cells of a margin, and its target.

    Returns
    -------
    tuple of array
        Fitted cells, and what every margin lacks, relative to its target (to 1 where that is smaller).

    Notes
    -----
    Where all margins can be met, the limit is the table nearest to the start in relative entropy (Csiszar 1975).

    Examples
    --------
    >>> rows, columns = [np.array([i // 2 == k for i in range(4)]) for k in (0, 1)], [np.array([i % 2 == k for i in range(4)]) for k in (0, 1)]
    >>> margins = list(zip(rows + columns, [30.0, 70.0, 40.0, 60.0]))
    >>> fit(np.ones(4), margins)[0].round(6).tolist()
    [12.0, 18.0, 28.0, 42.0]
    """
    x = np.asarray(cells, dtype=np.float64).copy()
    size = np.array([max(abs(target), 1.0) for _, target in margins])
    lacks = np.zeros(len(margins))
    for _ in range(ROUNDS):
        for own, target in margins:
            total = x[own].sum()
            x[own] *= target / total if total > 0 else 1.0
        lacks = np.array([target - x[own].sum() for own, target in margins]) / size
        if np.abs(lacks).max(initial=0.0) < CLOSE:
            break
    return x, lacks


def cut(order: Floats, weight: Floats, parts: Floats) -> np.ndarray:
    """Part of every item, shape (item,): in the order of `order`, as much of `weight` to every part as `parts` says.

    Where an item reaches over an edge its middle decides, so that every part is met but for one item.

    Examples
    --------
    >>> cut(np.array([0.9, 0.1, 0.5, 0.3]), np.ones(4), np.array([1.0, 3.0])).tolist()
    [1, 0, 1, 1]
    """
    by = np.argsort(order, kind="stable")
    middle = np.cumsum(weight[by]) - weight[by] / 2
    # stretched to the weight that there is: what is left of rounding falls into no part
    edges = np.cumsum(parts) * (weight.sum() / max(parts.sum(), 1e-300))
    found = np.empty(len(order), dtype=np.int64)
    found[by] = np.minimum(np.searchsorted(edges, middle, side="right"), len(parts) - 1)
    return found


def with_known_stock(
    table: pd.DataFrame, known: KnownTotals, zone: pd.Series, occupancies: pd.DataFrame
) -> pd.DataFrame:
    """Years, heights, uses and floor areas that fit what is known, and the structures and costs that follow from them.

    Parameters
    ----------
    table : DataFrame
        Schema ``buildings`` with columns of rules; changed where a rule filled it.
    known : KnownTotals
        Rows ``year_built``, ``stories`` and ``floor_area`` are used.
    zone : Series
        Zone of every building.
    occupancies : DataFrame
        Schema ``occupancies``: the category of every occupancy.

    Raises
    ------
    TableError
        Naming the row that cannot be met.
    """
    _check(known, zone, occupancies)
    if known.of(*MIXES, "floor_area").empty:
        return table
    table = table.copy()
    for attribute in MIXES:
        _draw_mix(table, attribute, known, zone)
    _draw_uses(table, known, zone, occupancies)
    scale_to(table, "floor_area", known, zone, occupancies)
    rules = table.get("structure_rule", pd.Series(pd.NA, index=table.index)).astype(object)
    for rule in set(packaged("structure_rules")["rule"]) & set(rules.dropna()):
        own = (rules == rule).to_numpy()
        none = pd.Series(None, index=table.index[own], dtype="string")
        table.loc[own, "structure"] = structures(rule, table[own], none)
    if "replacement_cost_rule" in table.columns:
        own = (table["replacement_cost_rule"] == "unit_cost").fillna(value=False).to_numpy(bool)
        table.loc[own, "replacement_cost"] = unit_costs(table[own])
    return table


def scale_to(
    table: pd.DataFrame, quantity: str, known: KnownTotals, zone: pd.Series, occupancies: pd.DataFrame
) -> None:
    """Scale the inferred part of residents, workers or floor area to the known totals, in place, and mark it.

    Raises
    ------
    TableError
        If a total is less than what is observed, there is nothing inferred to scale, or totals contradict one another.
    """
    rows, column = known.of(quantity), SUMMED[quantity]
    if rows.empty:
        return
    inferred = table.get(f"{column}_rule", pd.Series(pd.NA, index=table.index)).notna().to_numpy(bool)
    category = categories(table["occupancy"], occupancies)
    values = table[column].to_numpy(np.float64)
    # equal for all buildings of one zone, category and kind: the fit is one over few cells
    keys = pd.MultiIndex.from_arrays([zone.to_numpy(object), category.to_numpy(object)])
    cell, names = pd.factorize(keys)
    observed = np.bincount(cell, values * ~inferred, minlength=len(names)).astype(np.float64)
    start = np.bincount(cell, values * inferred, minlength=len(names)).astype(np.float64)
    margins = []
    for row in rows.itertuples():
        own = _fits(names.get_level_values(0), row.zone_id) & _fits(names.get_level_values(1), row.of)
        left = float(row.value - observed[own].sum())
        if left < -CLOSE * max(row.value, 1.0):
            text = f"is less than the {observed[own].sum():g} that the building table holds; correct one of them"
            raise known.refusal(row.Index, text)
        if left > CLOSE * max(row.value, 1.0) and start[own].sum() == 0:
            found = f"cannot be met: the table holds {observed[own].sum():g}, and nothing else of it is inferred"
            raise known.refusal(row.Index, f"{found}; give buildings of this use, or leave the row out")
        margins.append((own, max(left, 0.0)))
    made, lacks = fit(start, margins)
    worst = int(np.abs(lacks).argmax())
    if abs(lacks[worst]) > WHOLE:
        text = f"contradicts other rows of {quantity}: {made[margins[worst][0]].sum():g} is as near as they allow"
        raise known.refusal(int(rows.index[worst]), f"{text}; give totals that add up")
    factor = np.divide(made, start, out=np.ones_like(made), where=start > 0)[cell]
    scaled = inferred & (factor != 1.0)
    table[column] = np.where(scaled, values * factor, values)
    table[f"{column}_rule"] = marked(table, scaled, column, RULE)
    if quantity == "floor_area" and (table[column] < 1.0).any():
        raise known.refusal(int(rows.index[0]), "leaves buildings with less than 1 m2; is the unit m2?")


def categories(occupancy: pd.Series, occupancies: pd.DataFrame) -> pd.Series:
    """Category of every building, such as ``office``."""
    return occupancy.astype(object).map(occupancies.set_index("occupancy")["category"])


def reached(
    table: pd.DataFrame, known: KnownTotals, zone: pd.Series, occupancies: pd.DataFrame, product: float | None = None
) -> pd.DataFrame:
    """Every known total beside what the city adds up to.

    `product` is what the city makes in a year, in its money; rows of product are left out where it is not given.

    Returns
    -------
    DataFrame
        ``quantity``, ``of``, ``zone_id``, ``value``, ``reached``, ``residual`` (reached less value, unit of the value), ``source``.
    """
    rows = known.of(*SUMMED, *MIXES, *(["product"] if product is not None else []))
    category, found = categories(table["occupancy"], occupancies), []
    for row in rows.itertuples():
        own = _fits(zone, row.zone_id)
        if row.quantity == "product":
            found.append(product)
        elif row.quantity in MIXES:
            low, high = band(row.of)
            found.append(float(table.loc[own, row.quantity].between(low, high).mean()))
        else:
            found.append(float(table.loc[own & _fits(category, row.of), SUMMED[row.quantity]].sum()))
    made = rows.assign(reached=np.array(found, dtype=np.float64))
    made["residual"] = made["reached"] - made["value"]
    return made[["quantity", "of", "zone_id", "value", "reached", "residual", "source"]].reset_index(drop=True)


def band(text: str) -> tuple[float, float]:
    """Ends of a band such as ``1900-1945``, both included; nan where the text is none.

    Examples
    --------
    >>> band("1900-1945")
    (1900.0, 1945.0)
    """
    low, _, high = text.partition("-")
    try:
        return float(low), float(high)
    except ValueError:
        return np.nan, np.nan


def _fits(values: pd.Series | pd.Index, wanted: str) -> Bools:
    """Which values are the wanted one; all where none is named."""
    return np.ones(len(values), dtype=bool) if wanted == "" else np.asarray(values == wanted, dtype=bool)


def _check(known: KnownTotals, zone: pd.Series, occupancies: pd.DataFrame) -> None:
    """Refuse rows that name no part of the city, twice the same, or shares that are none."""
    rows, kinds = known.of(*SUMMED, *MIXES, "product"), sorted(occupancies["category"].unique())
    zones = set(zone.astype(object))
    for row in rows.itertuples():
        if row.zone_id != "" and row.zone_id not in zones:
            raise known.refusal(row.Index, f'names zone "{row.zone_id}", in which no building lies')
        if row.quantity in BY_CATEGORY and row.of not in ("", *kinds):
            raise known.refusal(row.Index, f'names no category: "{row.of}"; known: {", ".join(kinds)}')
        if row.quantity in ("residents", "product") and row.of != "":
            raise known.refusal(row.Index, "is of all uses; leave `of` empty")
        if row.quantity == "product" and row.zone_id != "":
            raise known.refusal(row.Index, "is of the whole city; leave `zone_id` empty")
        if row.quantity in MIXES and row.zone_id != "" and (known.of(row.quantity)["zone_id"] == "").any():
            raise known.refusal(row.Index, "stands beside shares of the whole city; give zones or the whole")
        if row.quantity in MIXES and not (row.value <= 1 and band(row.of)[0] <= band(row.of)[1]):
            raise known.refusal(
                row.Index, "needs a band such as 1900-1945 in `of` and a share of the buildings, 0 to 1"
            )
    again = rows.duplicated(["quantity", "of", "zone_id"])
    if again.any():
        raise known.refusal(int(rows.index[again][0]), "stands twice; keep one")
    for (_, _), own in rows[rows["quantity"].isin(MIXES)].groupby(["quantity", "zone_id"]):
        if abs(own["value"].sum() - 1.0) > WHOLE:
            raise known.refusal(
                int(own.index[0]), f"and its other bands sum to {own['value'].sum():g}; shares sum to 1"
            )


def _scopes(rows: pd.DataFrame, zone: pd.Series) -> list[tuple[pd.DataFrame, Bools]]:
    """Rows that are drawn together and the buildings they are about: every zone of its own, then all that is left."""
    named = [z for z in rows["zone_id"].unique() if z != ""]
    found = [(rows[rows["zone_id"] == z], _fits(zone, z)) for z in named]
    rest, open_ = rows[rows["zone_id"] == ""], ~zone.isin(named).to_numpy(bool)
    # what is known of the city less what is known of its zones is left for the others
    inside = rest["of"].map(rows[rows["zone_id"] != ""].groupby("of")["value"].sum()).fillna(0.0)
    rest = rest.assign(value=(rest["value"] - inside).clip(lower=0.0))
    return [*found, (rest, open_)] if len(rest) and open_.any() else found


def _draw_mix(table: pd.DataFrame, attribute: str, known: KnownTotals, zone: pd.Series) -> None:
    """Draw the inferred years or heights so that the shares of the bands are met, whole buildings allowing."""
    marks = table.get(f"{attribute}_rule", pd.Series(pd.NA, index=table.index))
    for rows, own in _scopes(known.of(attribute), zone):
        free = own & marks.notna().to_numpy(bool)
        ends = np.array([band(b) for b in rows["of"]])
        values = table.loc[own & ~free, attribute].to_numpy(np.float64)
        fixed = ((values[:, None] >= ends[:, 0]) & (values[:, None] <= ends[:, 1])).sum(axis=0)
        wanted = rows["value"].to_numpy(np.float64) * own.sum() - fixed
        if (wanted < -1.0).any():
            worst = int(wanted.argmin())
            text = f"of {own.sum()} buildings is less than the {fixed[worst]} that the table holds; correct one of them"
            raise known.refusal(int(rows.index[worst]), text)
        if not free.any():
            continue
        ids = pd.Index(table.loc[free, "building_id"])
        part = cut(uniforms(ids, known.seed, attribute), np.ones(len(ids)), wanted.clip(min=0.0))
        low, high = ends[part].T
        drawn = np.floor(low + uniforms(ids, known.seed, f"{attribute} in its band") * (high - low + 1))
        if attribute == "stories" and "floor_area_m2_rule" in table.columns:
            # an area that was inferred is that of the outline times the stories
            follows = table.loc[free, "floor_area_m2_rule"].notna().to_numpy(bool)
            factor = np.where(follows, drawn / table.loc[free, "stories"].to_numpy(np.float64), 1.0)
            table.loc[free, "floor_area_m2"] = table.loc[free, "floor_area_m2"].to_numpy(np.float64) * factor
        table[attribute] = table[attribute].astype(np.float64)
        table.loc[free, attribute] = drawn
        table[f"{attribute}_rule"] = marked(table, free, attribute, RULE)


def _draw_uses(table: pd.DataFrame, known: KnownTotals, zone: pd.Series, occupancies: pd.DataFrame) -> None:
    """Give buildings without a trace of their use the uses that the known floor areas lack."""
    rows = known.of("floor_area")
    rules = table.get("occupancy_rule", pd.Series(pd.NA, index=table.index))
    untagged = rules.isin(UNTAGGED).to_numpy(bool)
    usual = packaged("usual_uses").set_index("category")["occupancy"]
    area, changed = table["floor_area_m2"].to_numpy(np.float64), np.zeros(len(table), dtype=bool)
    category = categories(table["occupancy"], occupancies)
    new = table["occupancy"].astype(object).to_numpy(copy=True)
    for own_rows, own in _scopes(rows[rows["of"] != ""], zone):
        free = own & untagged
        if not free.any():
            continue
        names = list(own_rows["of"])
        wanted = own_rows["value"].to_numpy(np.float64)
        fixed = np.array([area[own & ~untagged & _fits(category, n)].sum() for n in names])
        spare = area[free].sum()
        # homes named too: the shares count, since areas are scaled afterwards; else what is left stays homes
        scale = (spare + fixed.sum()) / max(wanted.sum(), 1e-300) if HOME in names else 1.0
        lacks = (scale * wanted - fixed).clip(min=0.0)
        if HOME not in names:
            names, lacks = [*names, HOME], np.append(lacks, max(spare - lacks.sum(), 0.0))
        ids = pd.Index(table.loc[free, "building_id"])
        part = cut(uniforms(ids, known.seed, "use"), area[free], lacks)
        drawn = np.array(names, dtype=object)[part]
        # a building that a mix made a shop becomes a home again where homes lack
        away = (drawn != HOME) | (category[free] != HOME).to_numpy(bool)
        where = np.flatnonzero(free)[away]
        # by the ground it covers, as where it is read from a map
        stories = table["stories"].to_numpy(np.float64)[where]
        house = (area[where] < stories * figure("osm_house_footprint")) & (stories <= figure("osm_house_stories"))
        homes = np.where(house, ONE_HOUSEHOLD, HOUSEHOLDS)
        new[where] = np.where(drawn[away] == HOME, homes, pd.Series(drawn[away]).map(usual).to_numpy(object))
        changed[where] = True
    table["occupancy"] = pd.Series(pd.array(new, dtype="string"), index=table.index)
    table["occupancy_rule"] = marked(table, changed, "occupancy", RULE)
