"""Monthly electricity sales by state and sector (Energy Information Administration, form EIA-861M)."""

from itertools import product
from pathlib import Path

import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.gate.packed import refuse_large_zip
from holdfast.numerals import to_numbers
from holdfast.sources.files import found, locate
from holdfast.tables import check

WORKBOOK = "sales_revenue.xlsx"
SECTORS = ("residential", "commercial", "industrial", "transportation", "total")
FIGURES = {"Revenue": "revenue", "Sales": "sales", "Customers": "customers", "Price": "price"}
KEYS = ("Year", "Month", "State")
HEADER_ROWS = 3  # sector, figure, unit
MISSING = (".", "", "--", "NA", "NM", "W")  # withheld, not available, not meaningful


def find_sales(folder: Path) -> Path:
    """The workbook ``sales_revenue.xlsx`` in a folder or one of its direct subfolders; `DataMissing` if it is not there."""
    return found(folder, (WORKBOOK,), "www.eia.gov/electricity/data/eia861m; pass the folder with --data")


def electricity_sales(file: Path) -> pd.DataFrame:
    """Read EIA's workbook ``sales_revenue.xlsx`` as EIA publishes it.

    Returns
    -------
    DataFrame
        Schema ``electricity_sales``, one row per state, month and sector.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If the workbook has another layout, or a state and month stand there twice.

    References
    ----------
    EIA, form EIA-861M (formerly EIA-826), sales and revenue.
    """
    file = locate(file.parent, file.name, "training", (".xlsx",))
    raw = _first_sheet(file)
    # three header rows (sector, figure, unit), one row per state and month, a footnote at the end
    columns, start = _header(raw, str(file))
    body = raw.iloc[start:]
    years = to_numbers(body.iloc[:, columns["Year"]])
    body = body[years.notna()]  # the footnote has text where the year stands
    parts = []
    for sector in SECTORS:
        part = pd.DataFrame({name.lower(): body.iloc[:, columns[name]].to_numpy() for name in KEYS})
        part["sector"] = sector
        for theirs, ours in FIGURES.items():
            values = body.iloc[:, columns[f"{sector} {theirs}"]]
            part[ours] = values.where(~values.isin(MISSING)).to_numpy()
        parts.append(part)
    table = check(pd.concat(parts, ignore_index=True), "electricity_sales", str(file))
    twice = table.duplicated(["state", "year", "month", "sector"])
    if twice.any():
        row = table[twice].iloc[0]
        text = f"{row['state']} {row['year']:.0f}-{row['month']:.0f} stands there twice; download the workbook again"
        raise TableError(str(file), [Problem(text)])
    return table


def _first_sheet(file: Path) -> pd.DataFrame:
    """The first sheet of a workbook, as it stands."""
    try:
        refuse_large_zip(file)
        return pd.read_excel(file, sheet_name=0, header=None, engine="openpyxl", keep_default_na=False)
    except TableError:  # the refusal of a large archive, which has its own message
        raise
    except Exception:  # openpyxl raises a dozen kinds for a broken workbook
        raise TableError(str(file), [Problem("cannot be read as a workbook; download it again")]) from None


def _header(raw: pd.DataFrame, name: str) -> tuple[dict[str, int], int]:
    """Positions of the columns by name (``Year``, ``commercial Sales``), and the first row of figures."""
    start = next((i for i in range(min(len(raw), 10)) if str(raw.iloc[i, 0]).strip() == "Year"), None)
    if start is None or start < HEADER_ROWS - 1:
        text = 'has no row that begins with "Year" below a row of sectors and one of figures'
        raise TableError(name, [Problem(text)])
    # a sector stands above the first of its columns alone, as merged cells are read: filled to the right below
    sector = raw.iloc[start - 2].map(lambda v: str(v).strip().lower()).replace({"": None, "nan": None, "none": None})
    figure = raw.iloc[start - 1].map(lambda v: str(v).strip())
    named = sector.ffill()
    positions = {str(raw.iloc[start, i]).strip(): i for i in range(raw.shape[1]) if raw.iloc[start, i] in KEYS}
    for i in range(raw.shape[1]):
        if named.iloc[i] in SECTORS and figure.iloc[i] in FIGURES:
            positions[f"{named.iloc[i]} {figure.iloc[i]}"] = i
    wanted = [*KEYS, *(f"{s} {f}" for s, f in product(SECTORS, FIGURES))]
    missing = [c for c in wanted if c not in positions]
    if missing:
        text = "not found in the header; is it the sheet Monthly-States of sales_revenue.xlsx?"
        raise TableError(name, [Problem(text, column=c) for c in missing])
    return positions, start + 1
