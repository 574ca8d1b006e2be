"""Money of a city: Holdfast's own figures are put into it by a factor that the user states."""

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError

OWN = ("USD", 2017)
"""Currency and price year of Holdfast's own figures."""
OWN_RULES = ("unit_cost", "network_assets")
"""Rules that fill costs from Holdfast's own figures."""


def require_currency(currency: str, price_year: int, factor: float | None, note: str) -> None:
    """Refuse money that Holdfast's own figures are not in and are not converted to.

    `factor` is the city's money per USD of 2017, `note` its source, which the report shows.

    Raises
    ------
    TableError
        If the money differs and there is no factor, or no reason for it, or the factor is not above 0.

    Examples
    --------
    >>> require_currency("EUR", 2017, 0.89, "ECB, mean of 2017")
    """
    own, year = OWN
    same = (currency, price_year) == OWN
    if not same and factor is None:
        text = (
            f"Holdfast's own figures are in {own} of {year}, {currency} of {price_year} does not add to them; state "
            f"figures_factor ({currency} of {price_year} per {own} of {year}) with figures_note, or convert your costs"
        )
        raise TableError("city", [Problem(text, column="currency")])
    if factor is not None and not 0 < factor < np.inf:
        text = f"{factor:g} converts no money; give a number above 0"
        raise TableError("city", [Problem(text, column="figures_factor")])
    if factor is not None and not note.strip():
        text = "say where the factor comes from, such as an exchange rate with a price index; the report shows it"
        raise TableError("city", [Problem(text, column="figures_note")])
    if same and factor not in (None, 1.0):
        text = f"the city's money is {own} of {year} already; leave the factor out, or correct currency or year"
        raise TableError("city", [Problem(text, column="figures_factor")])


def converted(table: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Put the costs that come from Holdfast's own figures into the city's money; given costs stay.

    Parameters
    ----------
    table : DataFrame
        Columns ``replacement_cost`` and, where some were filled, ``replacement_cost_rule``.
    factor : float
        City's money per USD of 2017.

    Returns
    -------
    DataFrame
        A copy with the costs in the city's money; `table` itself where nothing changes.
    """
    if "replacement_cost_rule" not in table.columns or factor == 1.0:
        return table
    own = table["replacement_cost_rule"].isin(OWN_RULES)
    return table.assign(replacement_cost=table["replacement_cost"].where(~own, table["replacement_cost"] * factor))
