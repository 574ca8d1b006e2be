"""EIA-861M: small workbooks in the official layout, and the real one."""

import openpyxl
import pytest

from holdfast.errors import DataMissing, TableError
from holdfast.sources.eia import FIGURES, SECTORS, electricity_sales, find_sales

NOTE = "The sector, Other, was collected from 1990-2002 and the Transportation sector has been collected since 2003."
UNITS = ["Thousand Dollars", "Megawatthours", "Count", "Cents/kWh"]


def workbook(path, rows, sectors=SECTORS, note=NOTE):
    """Three header rows (sector over four columns, figure, unit), rows of figures, a footnote."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Monthly-States"
    first = [None] * 4
    for name in sectors:
        first += [name.upper(), None, None, None]
    sheet.append(first)
    sheet.append([None] * 4 + list(FIGURES) * len(sectors))
    sheet.append(["Year", "Month", "State", "Data Status", *UNITS * len(sectors)])
    for row in rows:
        sheet.append(row)
    if note:
        sheet.append([note])
    book.save(path)
    return path


def figures(scale):
    """Revenue, sales, customers, price of five sectors."""
    return [value * scale for _ in SECTORS for value in (100.0, 1000.0, 10.0, 10.0)]


def test_the_official_layout(tmp_path):
    rows = [[2024, 5, "AK", "Preliminary", *figures(1)], [2024, 4, "AL", "Final", *figures(2)]]
    rows[1][4] = "."
    table = electricity_sales(workbook(tmp_path / "sales_revenue.xlsx", rows))
    assert len(table) == 2 * len(SECTORS)
    one = table.set_index(["state", "sector"])
    assert one.loc[("AL", "industrial"), ["year", "month", "sales", "customers"]].tolist() == [2024, 4, 2000, 20]
    assert one["revenue"].isna().sum() == 1


def test_the_real_workbook(data):
    """Origin: first row of the sheet as printed: Alaska, April 2025, 161,624.5 MWh to homes."""
    table = electricity_sales(find_sales(data / "training"))
    assert len(table) == 9_384 * 5
    row = table[(table["state"] == "AK") & (table["year"] == 2025) & (table["month"] == 4)].set_index("sector")
    assert row.loc["residential", "sales"] == 161_624.5
    assert (table[table["year"] == 2025]["month"].max(), table["state"].nunique()) == (4, 51)


def test_other_workbooks_are_named(tmp_path):
    row = [2024, 5, "AK", "Preliminary", *figures(1)]
    with pytest.raises(TableError, match="total Sales"):
        electricity_sales(workbook(tmp_path / "a.xlsx", [row[:20]], SECTORS[:4]))
    with pytest.raises(TableError, match="AK 2024-5 stands there twice"):
        electricity_sales(workbook(tmp_path / "b.xlsx", [row, row]))
    empty = openpyxl.Workbook()
    empty.save(tmp_path / "c.xlsx")
    with pytest.raises(TableError, match="no row that begins"):
        electricity_sales(tmp_path / "c.xlsx")
    (tmp_path / "d.xlsx").write_text("<html>")
    with pytest.raises(TableError, match="cut off or damaged"):
        electricity_sales(tmp_path / "d.xlsx")
    with pytest.raises(DataMissing, match="eia861m"):
        find_sales(tmp_path / "nowhere")
