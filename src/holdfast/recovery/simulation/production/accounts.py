"""Accounts of a city: its sectors on a normal day, from its buildings and the coefficients of the nation."""

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.settings.run_settings import ProductionSettings
from holdfast.recovery.simulation.production.regional import Behaviour, Economy
from holdfast.types import Floats, Parameters

ELSEWHERE = "elsewhere"
"""Sector of what no building of a city makes."""
BUILDERS = "construction"


def sectors_of(table: pd.DataFrame) -> tuple[str, ...]:
    """Sectors that the buildings of a city can hold, in order.

    Parameters
    ----------
    table : DataFrame
        Schema ``sectors``.
    """
    return tuple(str(s) for s in table["sector"] if s != ELSEWHERE)


def sector_of_occupancy(table: pd.DataFrame) -> dict[str, str]:
    """Sector of every occupancy that produces.

    Parameters
    ----------
    table : DataFrame
        Schema ``sectors``.

    Raises
    ------
    TableError
        If a group of the packaged table ``production_groups`` belongs to no sector.

    Examples
    --------
    >>> sector_of_occupancy(packaged("sectors"))["EDU1"]
    'public'
    """
    of_group = {g: str(r.sector) for r in table.itertuples() for g in str(r.groups or "").split("+")}
    groups = packaged("production_groups")
    groups = groups[groups["group"] != ""]
    lacking = sorted(set(groups["group"]) - set(of_group))
    if lacking:
        text = f"no sector holds the group {', '.join(lacking)}; add it to one"
        raise TableError("sectors", [Problem(text, column="groups")])
    return dict(zip(groups["occupancy"], groups["group"].map(of_group), strict=True))


def figure_of(table: pd.DataFrame, name: str) -> float:
    """The figure that holds for all sectors.

    Parameters
    ----------
    table : DataFrame
        Schema ``production_figures``.
    name : str
        Of the figure.

    Raises
    ------
    TableError
        If there is not one such row.

    Examples
    --------
    >>> figure_of(packaged("production_figures"), "inventory_share")
    0.8
    """
    rows = table[(table["figure"] == name) & (table["sector"].fillna("") == "")]
    if len(rows) != 1:
        text = f'"{name}" stands in {len(rows)} rows without a sector; it needs one'
        raise TableError("production_figures", [Problem(text, column="figure")])
    return float(rows["value"].iloc[0])


def by_sector(table: pd.DataFrame, name: str, sectors: tuple[str, ...]) -> Floats:
    """The figure of each sector: that of its own row, else that of all.

    Parameters
    ----------
    table : DataFrame
        Schema ``production_figures``.
    name : str
        Of the figure.
    sectors : tuple of str
        In order.

    Examples
    --------
    >>> by_sector(packaged("production_figures"), "closing_rate", ("office", "public")).tolist()
    [0.00029, 0.0]
    """
    own = table[table["figure"] == name].set_index("sector")["value"].astype("float64").to_dict()
    every = figure_of(table, name)
    return np.array([own.get(s, every) for s in sectors], dtype=np.float64)


def coefficients(table: pd.DataFrame, sectors: tuple[str, ...]) -> Floats:
    """Input coefficients A of some sectors.

    Parameters
    ----------
    table : DataFrame
        Schema ``input_output``.
    sectors : tuple of str
        In order.

    Returns
    -------
    ndarray
        Input of the row per output of the column, shape (sector, sector).

    Raises
    ------
    TableError
        If a pair of sectors has no row.
    """
    wide = table.pivot_table(index="supplier", columns="buyer", values="coefficient").reindex(
        index=list(sectors), columns=list(sectors)
    )
    lacking = [
        Problem(f"no coefficient of {i} in {j}; add it") for j in wide for i in wide.index[wide[j].isna().to_numpy()]
    ]
    if lacking:
        raise TableError("input_output", lacking)
    return np.ascontiguousarray(wide.to_numpy(np.float64))


def site_value_added(residents: float, parameters: Parameters) -> Floats:
    """Value added that is made on sites and in no building: that of builders, by the national figure per head.

    Parameters
    ----------
    residents : float
        Of the city.
    parameters : Parameters
        Table ``sectors``.

    Returns
    -------
    ndarray
        Money per day, shape (sector,).
    """
    table = parameters.sectors
    return residents * table.loc[table["sector"] != ELSEWHERE, "site_value_added_per_head"].to_numpy(np.float64)


def city_economy(added: Floats, residents: float, parameters: Parameters, settings: ProductionSettings) -> Economy:
    """A normal day of the city's economy.

    output = value added / its share; what residents and firms of the city buy: A x + final use per head x residents; the
    city makes of it the share r = min(local_purchase, output / what is bought), and sells the rest elsewhere, so that the
    normal day is in balance exactly.

    Parameters
    ----------
    added : ndarray
        Value added of each sector, money per day, shape (sector,).
    residents : float
        Of the city.
    parameters : Parameters
        Tables ``sectors``, ``input_output`` and ``production_figures``.
    settings : ProductionSettings
        Where ``demand`` is off, no sector needs another and none but the builders makes more than on a normal day; where
        ``stocks`` is off, firms have inputs for ``bare_input_days`` and fill up within them.

    References
    ----------
    Miller & Blair (2009), Input-Output Analysis, section 3.2 (supply-demand pool). Departs from it in the upper bound of
    the local share, since like goods are bought and sold across the border of a city.
    """
    table, figures, sectors = parameters.sectors, parameters.production_figures, sectors_of(parameters.sectors)
    own = table[table["sector"] != ELSEWHERE]
    output = added / own["value_added_share"].to_numpy(np.float64)
    direct = coefficients(parameters.input_output, sectors)
    final = own["final_use_per_head"].to_numpy(np.float64) * residents
    builder = sectors.index(BUILDERS)
    most = by_sector(figures, "overproduction_most", sectors)
    if not settings.demand:
        direct, final = np.zeros_like(direct), np.zeros_like(final)
        most = np.where(np.arange(len(sectors)) == builder, most, 1.0)
    bought = direct @ output + final
    share = np.divide(output, bought, out=np.ones_like(output), where=bought > 0)
    local = np.minimum(by_sector(figures, "local_purchase", sectors), share)
    behaviour = Behaviour(
        input_days=_input_days(sectors, parameters, settings),
        most=most,
        overproduction_days=figure_of(figures, "overproduction_days"),
        inventory_share=figure_of(figures, "inventory_share"),
        restock_days=figure_of(figures, "restock_days" if settings.stocks else "bare_input_days"),
        outside=figure_of(figures, "outside_purchase"),
        adaptation_days=figure_of(figures, "adaptation_days"),
        price_rise=figure_of(figures, "price_rise"),
        elasticity=figure_of(figures, "demand_elasticity"),
    )
    exports = np.maximum(output - local * bought, 0.0)
    return Economy(output, direct, local, final, exports, builder, behaviour)


def _input_days(sectors: tuple[str, ...], parameters: Parameters, settings: ProductionSettings) -> Floats:
    """Days of inputs in store: the stocks that are known, else those of the model."""
    figures = parameters.production_figures
    if not settings.stocks:
        return np.full(len(sectors), figure_of(figures, "bare_input_days"))
    buffers = packaged("production_buffers")
    stock = buffers[(buffers["buffer"] == "stock") & (buffers["value"] > 0)].set_index("group")["value"].to_dict()
    every = figure_of(figures, "input_days")
    return np.array([float(stock.get(s, every)) for s in sectors])
