"""State accounts of the Bureau of Economic Analysis: quarterly GDP by industry, income and population."""

import csv
import io
import re
import zipfile
import zlib
from pathlib import Path

import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.gate.packed import DAMAGED, refuse_large_zip
from holdfast.numerals import to_numbers
from holdfast.sources.files import found, locate
from holdfast.tables import check

GDP_FILES = ("SQGDP.zip", "state_quarterly_gdp_by_industry.parquet")
INCOME_FILES = ("SQINC.zip", "state_quarterly_personal_income.parquet")
MAKE = "Summary_Make_2017_AfterRedef_17sch.csv"
USE = "Summary_Use_2017_PRO_AfterRedef_17sch.csv"
ADDED = "Summary_ValueAdded_IO_17sch.csv"
ADVICE = "www.bea.gov, regional data and input-output accounts; pass the folder with --data"
ENDINGS = (".parquet", ".zip", ".csv")
MEASURES = {"SQGDP2": "gdp", "SQGDP9": "rgdp"}
INCOME = {"pop": "population", "pcpi": "income_per_head", "wages": "wages"}
INCOME_LINES = {2: "population", 3: "income_per_head"}
"""Lines of the table SQINC1."""
QUARTER = re.compile(r"^(\d{4}):?Q([1-4])$")
SUPPRESSED = ("(D)", "(NA)", "(NM)", "(L)", "")  # withheld, not available, not meaningful, too small to show
HEADER = ("GeoFIPS", "GeoName", "TableName", "LineCode", "Description", "Unit")
NATION = 0  # GeoFIPS 00000: the United States
STATE_CODES = 1000
"""A state's code in BEA's files is its FIPS code times this; larger codes are regions."""


def find_accounts(folder: Path) -> dict[str, Path]:
    """The files ``gdp``, ``income``, ``make``, ``use`` and ``value_added`` of a folder or one of its direct subfolders.

    Raises
    ------
    DataMissing
        If one is not there.
    """
    # `found` takes the first name that is there: BEA's own layout goes before the compilation
    wanted = {"gdp": GDP_FILES, "income": INCOME_FILES, "make": (MAKE,), "use": (USE,), "value_added": (ADDED,)}
    return {name: found(folder, names, ADVICE) for name, names in wanted.items()}


def state_gdp(file: Path) -> pd.DataFrame:
    """Quarterly GDP by state and industry, schema ``state_gdp``; ``US`` is kept as a 52nd state.

    The file is either the compilation ``.parquet`` (columns vname, stabbr, date, line, indname, value), or BEA's own:
    ``SQGDP.zip`` with SQGDP2 (current dollars) and, where there, SQGDP9 (chained dollars), or one such ``.csv``.
    Lines nest (a sector, then its industries): the caller chooses those that add up.

    Raises
    ------
    DataMissing, TableError
        If there is no such file, or it has another layout.

    References
    ----------
    BEA, Regional economic accounts, tables SQGDP2 and SQGDP9.
    """
    file = locate(file.parent, file.name, "training", ENDINGS)
    if file.suffix == ".parquet":
        raw = _parquet(file, ["vname", "stabbr", "date", "line", "indname", "value"])
        table = _quarters(raw, raw["vname"]).assign(line=raw["line"], industry=raw["indname"].str.strip())
    else:
        long = _official(file, tuple(MEASURES))
        table = long.rename(columns={"description": "industry"}).assign(measure=long["table"].map(MEASURES))
    return check(table.reset_index(drop=True), "state_gdp", str(file))


def state_income(file: Path) -> pd.DataFrame:
    """Quarterly population, income per head and wages by state, schema ``state_income``; population from 2010 on.

    The file is the compilation ``.parquet`` (columns stabbr, date, vname, value) or BEA's own table SQINC1 as ``.zip`` or
    ``.csv`` (population and income per head; no wages).

    Raises
    ------
    DataMissing, TableError
        If there is no such file, or it has another layout.
    """
    file = locate(file.parent, file.name, "training", ENDINGS)
    if file.suffix == ".parquet":
        raw = _parquet(file, ["stabbr", "date", "vname", "value"])
        raw = raw[raw["vname"].isin(list(INCOME))]
        table = _quarters(raw, raw["vname"].map(INCOME))
    else:
        long = _official(file, ("SQINC1",))
        table = long[long["line"].isin(list(INCOME_LINES))]
        table = table.assign(measure=table["line"].map(INCOME_LINES))
    return check(table.reset_index(drop=True), "state_income", str(file))


def _quarters(raw: pd.DataFrame, measure: pd.Series) -> pd.DataFrame:
    """State, year, quarter and value of each row of the compilation, with its measure."""
    dates = pd.to_datetime(raw["date"])
    when = {"year": dates.dt.year, "quarter": dates.dt.quarter}
    return pd.DataFrame({"state": raw["stabbr"], **when, "measure": measure, "value": raw["value"]})


def accounts_table(file: Path) -> pd.DataFrame:
    """Make, Use or value-added table of 2017 (BEA, summary level), a CSV whose first column holds the codes of the rows.

    Returns
    -------
    DataFrame
        Make: industry x commodity; Use: commodity and value added x industry and final use, million USD of 2017;
        value added: industry x year, million USD.

    Raises
    ------
    DataMissing, TableError
        If there is no such file, or it is no table of numbers.
    """
    file = locate(file.parent, file.name, "training", (".csv",))
    try:
        table = pd.read_csv(file, index_col=0, float_precision="round_trip")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise TableError(str(file), [Problem(f"is not a table: {error}; download it again")]) from None
    broken = [str(c) for c in table.columns if not pd.api.types.is_numeric_dtype(table[c])]
    if broken or table.empty:
        text = "is no table of numbers; the first column holds codes, the others millions of dollars"
        raise TableError(str(file), [Problem(text, column=c) for c in broken] or [Problem(text)])
    return table


def _parquet(file: Path, columns: list[str]) -> pd.DataFrame:
    """Read some columns of a parquet file; every one that is missing is named."""
    try:
        raw = pd.read_parquet(file)
    except (OSError, ValueError) as error:  # pyarrow's errors for a broken file are among these
        reason = str(error).splitlines()[0]
        raise TableError(str(file), [Problem(f"cannot be read ({reason}); copy or download it again")]) from None
    missing = [c for c in columns if c not in raw.columns]
    if missing:
        have = ", ".join(str(c) for c in raw.columns[:40])
        raise TableError(str(file), [Problem(f"no such column; the file has: {have}", column=c) for c in missing])
    return raw[columns].reset_index(drop=True)


def _official(file: Path, tables: tuple[str, ...]) -> pd.DataFrame:
    """Rows state x quarter x line of BEA's own CSV files, footnotes and regions left out."""
    texts = _members(file, tables) if file.suffix == ".zip" else {file.name: file.read_bytes()}
    parts = [_one_table(f"{file.name}/{name}", text, tables) for name, text in texts.items()]
    return pd.concat(parts, ignore_index=True)


def _members(file: Path, tables: tuple[str, ...]) -> dict[str, bytes]:
    """The files of a zip that hold all areas of the wanted tables."""
    refuse_large_zip(file)
    try:
        with zipfile.ZipFile(file) as archive:
            # the archive also holds a file per state; those of all areas hold the same rows once
            found = [
                i for i in archive.infolist() if i.filename.startswith(tables) and "ALL_AREAS" in i.filename.upper()
            ]
            # "SQINC1" also begins "SQINC12": the name up to the first underscore must be the table's
            wanted = [i for i in found if i.filename.split("_")[0] in tables and i.filename.endswith(".csv")]
            texts = {i.filename: archive.read(i) for i in wanted}
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, zlib.error):
        raise TableError(str(file), [Problem(DAMAGED)]) from None
    if not texts:
        text = f"holds no file of all areas for {' or '.join(tables)}, such as {tables[0]}__ALL_AREAS_2005_2024.csv"
        raise TableError(str(file), [Problem(text)])
    return texts


def _one_table(name: str, text: bytes, tables: tuple[str, ...]) -> pd.DataFrame:
    """One of BEA's CSV files as long table: state, year, quarter, line, description, table, value."""
    # latin-1 reads any byte, so that a stray character in a footnote stops nothing; figures and codes are ASCII
    rows = list(csv.reader(io.StringIO(text.decode("latin-1"))))
    header = [c.strip() for c in rows[0]] if rows else []
    missing = [c for c in HEADER if c not in header]
    quarters = [c for c in header if QUARTER.match(c)]
    if missing or not quarters:
        problems = [Problem("missing from the header of BEA's layout", column=c) for c in missing]
        problems += [] if quarters else [Problem("has no columns such as 2005:Q1; is it an annual table?")]
        raise TableError(name, problems)
    kept = [r for r in rows[1:] if len(r) == len(header)]  # the footnotes at the end have one field
    raw = pd.DataFrame(kept, columns=header).map(str.strip)
    raw = raw[raw["TableName"].isin(tables)]
    # BEA puts a blank before the quotes of a code, which is why the quotes are still there
    code = to_numbers(raw["GeoFIPS"].str.strip(' "'))
    states = packaged("states").set_index("fips")["state"].to_dict() | {NATION: "US"}
    # regions have codes from 91000 on, which no state has: they become null and go
    raw = raw.assign(state=(code / STATE_CODES).map(states)).dropna(subset="state")
    long = raw.melt(["state", "LineCode", "Description", "TableName"], quarters, "when", "value")
    when = long["when"].str.extract(QUARTER)
    blank = long["value"].isin(SUPPRESSED)
    return pd.DataFrame(
        {
            "state": long["state"],
            "year": when[0].astype(int),
            "quarter": when[1].astype(int),
            "line": to_numbers(long["LineCode"]),
            "description": long["Description"],
            "table": long["TableName"],
            "value": long["value"].where(~blank),
        }
    )
