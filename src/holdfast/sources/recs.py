"""Homes of the Residential Energy Consumption Survey (EIA): the open subset of 2015 and the official file of 2020."""

from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.numerals import to_numbers
from holdfast.sources.text_tables import read_table
from holdfast.tables import check

KWH_PER_KBTU = 0.29307107  # 1 Btu (international table) is 1,055.05585262 J
FT2 = 0.09290304
"""m2 in a square foot."""
FAHRENHEIT = 1 / 1.8
"""K in a degree Fahrenheit."""
OFFICIAL = "recs2020_public*.csv"
COMPILED = "households.parquet"
TEXTS = ("region", "home_type", "urban")
COLUMNS = {
    "recs2015": {
        "home_id": "DOEID",
        "region": "Region",
        "home_type": "HousingUnitType",
        "urban": "Urbanicity",
        "year_built": "YearMade",
        "heated": "SpaceHeatingUsed",
        "cooled": "ACUsed",
    },
    "recs2020": {
        "home_id": "DOEID",
        "region": "REGIONC",
        "home_type": "TYPEHUQ",
        "urban": "UATYP10",
        "year_built": "YEARMADERANGE",
        "heated": "HEATHOME",
        "cooled": "AIRCOND",
        "persons": "NHSLDMEM",
        "income_band": "MONEYPY",
    },
}
"""Our column to the survey's, by survey; the columns of `NUMBERS` have one name in both."""
NUMBERS = {
    "floor_area_m2": (("TOTSQFT_EN",), FT2),
    "heating_degree_days": (("HDD65",), FAHRENHEIT),
    "cooling_degree_days": (("CDD65",), FAHRENHEIT),
    "electricity_kwh": (("BTUEL",), KWH_PER_KBTU),
    "gas_kwh": (("BTUNG",), KWH_PER_KBTU),
    "fuel_kwh": (("BTULP", "BTUFO"), KWH_PER_KBTU),
    "weight": (("NWEIGHT",), 1.0),
}
ELECTRICITY: dict[str, tuple[str, ...]] = {
    "heating": ("BTUELSPH", "BTUELAHUHEAT"),
    "cooling": ("BTUELCOL", "BTUELAHUCOL"),
    "water_heating": ("BTUELWTH",),
    "lighting": ("BTUELLGT",),
    "refrigeration": ("BTUELRFG", "BTUELFRZ"),
    "cooking": ("BTUELCOK", "BTUELMICRO"),
}
"""End uses of electricity in the official file; the rest is "other"."""
GAS: dict[str, tuple[str, ...]] = {"heating": ("BTUNGSPH",), "water_heating": ("BTUNGWTH",), "cooking": ("BTUNGCOK",)}
"""End uses of gas in the official file; the rest is "other"."""


def find_homes(folder: Path) -> Path:
    """The survey file in a folder or one of its direct subfolders: the latest official one, else the open subset.

    Raises
    ------
    DataMissing
        If there is neither ``recs2020_public*.csv`` nor ``households.parquet``.
    """
    for pattern in (OFFICIAL, COMPILED):
        found = sorted([*folder.glob(pattern), *folder.glob(f"*/{pattern}")], key=lambda path: path.name)
        if found:
            return found[-1]
    text = (
        f"{folder}: no {OFFICIAL} (www.eia.gov, RECS 2020 microdata) and no {COMPILED}; pass the folder that holds one"
    )
    raise DataMissing(text)


def read_homes(file: Path) -> pd.DataFrame:
    """Homes of a survey file in SI units: the official ``recs2020_public*.csv``, or the open subset of 2015 as Parquet.

    Returns
    -------
    DataFrame
        Schema ``survey_homes``, index ``row`` (of the file), energy in kWh per year; household size, income and
        end uses only where the survey file has them; ``attrs["survey"]`` is ``recs2015`` or ``recs2020``.

    Raises
    ------
    TableError
        If columns are missing, a code is unknown or a value breaks the schema.
    """
    raw = read_table(file)[0] if file.suffix.lower() == ".csv" else _parquet(file)
    # TYPEHUQ (type of home) stands in the official file alone
    survey = "recs2020" if "TYPEHUQ" in raw.columns else "recs2015"
    names = COLUMNS[survey]
    wanted = [*names.values(), *(c for columns, _ in NUMBERS.values() for c in columns)]
    refuse_missing(raw, wanted, file)
    table = pd.DataFrame({ours: raw[theirs] for ours, theirs in names.items()}, index=raw.index)
    table = decoded(table, survey, (*TEXTS, "year_built"), file)
    # by way of a whole number: the Parquet file holds ids as decimals
    table["home_id"] = to_numbers(raw[names["home_id"]]).astype("Int64").astype("string")
    for column, (parts, factor) in NUMBERS.items():
        table[column] = added(raw, parts) * factor
    for fuel, uses in (("electricity", ELECTRICITY), ("gas", GAS)):
        for name, values in end_uses(raw, table[f"{fuel}_kwh"], uses).items():
            table[f"{fuel}_{name}_kwh"] = values
    checked = check(table, "survey_homes", str(file))
    checked.attrs["survey"] = survey
    return checked


def refuse_missing(raw: pd.DataFrame, wanted: list[str], file: Path) -> None:
    """Name every wanted column that a survey file lacks, in a `TableError`."""
    missing = [c for c in wanted if c not in raw.columns]
    if missing:
        text = "missing; take the microdata file as EIA publishes it"
        raise TableError(str(file), [Problem(text, column=c) for c in missing])


def decoded(table: pd.DataFrame, survey: str, columns: tuple[str, ...], file: Path) -> pd.DataFrame:
    """Replace the codes of a survey (of the packaged table ``survey_codes``) in some columns by our words and years.

    Raises
    ------
    TableError
        Naming every unknown code.
    """
    codes = packaged("survey_codes")
    known = codes[codes["survey"] == survey]
    problems, words = [], {}
    for column in columns:
        meaning = known[known["column"] == column].set_index("code")["value"].to_dict()
        text = _as_code(table[column])
        words[column] = text.map(meaning)
        unknown = words[column].isna()
        problems += [
            Problem(f'"{text.loc[i]}" is not one of: {", ".join(meaning)}', row=int(i), column=column)
            for i in text.index[unknown]
        ]
    if problems:
        raise TableError(str(file), problems)
    return table.assign(**words)


def _as_code(values: pd.Series) -> pd.Series:
    """Codes as text; whole numbers without a point."""
    text = values.astype("string").str.strip()
    return text.str.replace(r"\.0$", "", regex=True)


def added(raw: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Sum of numeric columns; null where one of them is no number.

    Examples
    --------
    >>> added(pd.DataFrame({"a": ["1", "2"], "b": [3.0, 4.0]}), ("a", "b")).tolist()
    [4.0, 6.0]
    """
    return sum((to_numbers(raw[c]).astype("float64") for c in columns), pd.Series(0.0, raw.index))


def end_uses(raw: pd.DataFrame, total: pd.Series, uses: dict[str, tuple[str, ...]]) -> dict[str, pd.Series]:
    """Energy of each end use, kWh per year, where the file has all of them; the rest is "other".

    Parameters
    ----------
    raw : DataFrame
        Survey file as it was read.
    total : Series
        Energy of all uses, kWh per year.
    uses : dict
        End use to the columns that make it, thousand Btu.

    Returns
    -------
    dict
        End use to Series; empty where a column is missing.
    """
    if any(c not in raw.columns for columns in uses.values() for c in columns):
        return {}
    found = {name: added(raw, columns).fillna(0.0) * KWH_PER_KBTU for name, columns in uses.items()}
    # rounding of the published figures can leave the rest a little below 0
    rest = (total - sum(found.values())).to_numpy(np.float64)
    return found | {"other": pd.Series(np.maximum(rest, 0.0), raw.index)}


def _parquet(file: Path) -> pd.DataFrame:
    """Read a Parquet file, or say that it is broken."""
    try:
        return pd.read_parquet(file).rename_axis("row")
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(str(file), [Problem(f"cannot be read ({reason}); copy or download it again")]) from None
