"""Buildings of the Commercial Buildings Energy Consumption Survey (EIA): open subset of 2003, official file of 2018."""

from pathlib import Path

import pandas as pd

from holdfast.errors import DataMissing
from holdfast.numerals import to_numbers
from holdfast.sources.recs import FAHRENHEIT, FT2, KWH_PER_KBTU, added, decoded, refuse_missing
from holdfast.sources.text_tables import read_table
from holdfast.tables import check

OFFICIAL = "cbecs2018_final_public.csv"
COMPILED = "elec_building.csv"
COLUMNS = {
    "cbecs2003": {"building_id": "pubid", "activity": "activity", "region": "region", "year_built": "yrcon"},
    "cbecs2018": {"building_id": "PUBID", "activity": "PBA", "region": "REGION", "year_built": "YRCONC"},
}
"""Our column to the survey's, by survey."""
AREA = {"cbecs2003": "area", "cbecs2018": "SQFT"}
OPTIONAL = {"workers": "NWKER", "hours_per_week": "WKHRS"}
DEGREE_DAYS = {"heating_degree_days": "HDD65", "cooling_degree_days": "CDD65"}
ELECTRICITY = {
    "heating": ("heat", "ELHTBTU"),
    "cooling": ("cooling", "ELCLBTU"),
    "ventilation": ("ventilat", "ELVNBTU"),
    "water_heating": ("waterheat", "ELWTBTU"),
    "lighting": ("lighting", "ELLTBTU"),
    "cooking": ("cooking", "ELCKBTU"),
    "refrigeration": ("refrig", "ELRFBTU"),
    "office_equipment": ("office", "ELOFBTU"),
    "computers": ("computer", "ELPCBTU"),
    "other": ("misc", "ELOTBTU"),
}
"""End use to its column in the files of 2003 and 2018, thousand Btu."""
GAS = {
    "heating": "NGHTBTU",
    "cooling": "NGCLBTU",
    "water_heating": "NGWTBTU",
    "cooking": "NGCKBTU",
    "other": "NGOTBTU",
}
"""End use to its column in the file of 2018, thousand Btu; empty where the building uses no gas."""


def find_buildings(folder: Path) -> Path:
    """The survey file in a folder or one of its direct subfolders: the official one if it is there, else the open subset.

    Raises
    ------
    DataMissing
        If there is neither ``cbecs2018_final_public.csv`` nor ``elec_building.csv``.
    """
    for name in (OFFICIAL, COMPILED):
        found = sorted([*folder.glob(name), *folder.glob(f"*/{name}")])
        if found:
            return found[0]
    text = (
        f"{folder}: no {OFFICIAL} (www.eia.gov, CBECS 2018 microdata) and no {COMPILED}; pass the folder that holds one"
    )
    raise DataMissing(text)


def read_buildings(file: Path) -> pd.DataFrame:
    """Buildings of a survey file in SI units.

    Parameters
    ----------
    file : Path
        The official ``cbecs2018_final_public.csv``, or the open subset of 2003 (electricity alone).

    Returns
    -------
    DataFrame
        Schema ``survey_buildings``, index ``row`` (of the file), energy in kWh per year; workers, hours, degree
        days and gas only where the survey file has them. ``attrs``: ``survey`` and ``notes`` on what is left out.

    Raises
    ------
    TableError
        If columns are missing, a code is unknown or a value breaks the schema.
    """
    raw, _ = read_table(file)
    # PBA (principal building activity) stands in the official file alone
    survey = "cbecs2018" if "PBA" in raw.columns else "cbecs2003"
    official = survey == "cbecs2018"
    names = COLUMNS[survey]
    extra = [*OPTIONAL.values(), *DEGREE_DAYS.values(), *GAS.values(), "ELBTU", "FINALWT"] if official else []
    # `official` is 0 or 1: the column of 2003 or that of 2018
    electricity = {use: columns[official] for use, columns in ELECTRICITY.items()}
    refuse_missing(raw, [*names.values(), AREA[survey], *electricity.values(), *extra], file)
    notes = []
    if official:
        # without electricity its end uses are empty, which would read as a building that uses none of any kind
        powered = to_numbers(raw["ELBTU"]) > 0
        notes = [f"{int((~powered).sum()):,} buildings without electricity left out"] if (~powered).any() else []
        raw = raw[powered]
    table = pd.DataFrame({ours: raw[theirs] for ours, theirs in names.items()}, index=raw.index)
    table = decoded(table, survey, ("activity", "region", "year_built"), file)
    table["floor_area_m2"] = added(raw, (AREA[survey],)) * FT2
    for use, column in electricity.items():
        # empty in the official file: the building lacks this end use; in the subset of 2003 it stays null
        values = added(raw, (column,)) * KWH_PER_KBTU
        table[f"electricity_{use}_kwh"] = values.fillna(0.0) if official else values
    if official:
        for ours, theirs in OPTIONAL.items():
            table[ours] = added(raw, (theirs,))
        for ours, theirs in DEGREE_DAYS.items():
            table[ours] = added(raw, (theirs,)) * FAHRENHEIT
        for use, column in GAS.items():
            table[f"gas_{use}_kwh"] = added(raw, (column,)).fillna(0.0) * KWH_PER_KBTU
    # buildings that each sampled one stands for; the subset of 2003 was published without
    table["weight"] = added(raw, ("FINALWT",)) if official else 1.0
    checked = check(table, "survey_buildings", str(file))
    checked.attrs.update(survey=survey, notes=notes)
    return checked
