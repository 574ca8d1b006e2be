"""BEA's files: the compilation at hand, and the official layout on small files made from its documentation."""

import zipfile

import pandas as pd
import pytest

from holdfast.errors import DataMissing, TableError
from holdfast.sources.bea import accounts_table, find_accounts, state_gdp, state_income

HEADER = "GeoFIPS,GeoName,Region,TableName,LineCode,IndustryClassification,Description,Unit,2017:Q1,2017:Q2"
NOTES = (
    '"Note: See the included footnote file."\n"(D) Not shown to avoid disclosure of confidential information."\n'
    '"SQGDP2: Gross domestic product (GDP) by state"\n"Last updated: March 28, 2025"\n"U.S. Bureau of Economic Analysis"\n'
)


def official(table: str, unit: str, factor: float = 1.0) -> str:
    """A file in the layout of SQGDP2__ALL_AREAS: quoted codes with a leading blank, (D), regions, footnotes."""
    rows = [
        f' "00000","United States *", ,{table},1,"...","All industry total ","{unit}",{19000 * factor},{19100 * factor}',
        f' "01000","Alabama","5",{table},1,"...","All industry total ","{unit}",{210 * factor},{211 * factor}',
        f' "01000","Alabama","5",{table},3,"11","  Agriculture, forestry, fishing and hunting","{unit}",(D),{2 * factor}',
        f' "91000","New England","1",{table},1,"...","All industry total ","{unit}",{900 * factor},{901 * factor}',
    ]
    return "\n".join([HEADER, *rows]) + "\n" + NOTES


@pytest.fixture
def archive(tmp_path):
    file = tmp_path / "SQGDP.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("SQGDP2__ALL_AREAS_2005_2024.csv", official("SQGDP2", "Millions of current dollars"))
        made.writestr("SQGDP9__ALL_AREAS_2005_2024.csv", official("SQGDP9", "Millions of chained 2017 dollars", 0.9))
        made.writestr("SQGDP2_AL_2005_2024.csv", official("SQGDP2", "Millions of current dollars"))
        made.writestr("SQGDP11__ALL_AREAS_2005_2024.csv", "other table\n")
    return file


def test_the_official_zip(archive):
    table = state_gdp(archive)
    assert set(table["measure"]) == {"gdp", "rgdp"}
    assert set(table["state"]) == {"US", "AL"}
    one = table.set_index(["measure", "state", "line", "year", "quarter"])["value"]
    assert one["gdp", "AL", 1, 2017, 2] == 211
    assert one["rgdp", "US", 1, 2017, 1] == pytest.approx(17100)
    assert pd.isna(one["gdp", "AL", 3, 2017, 1])
    assert len(table) == 2 * 3 * 2


def test_one_official_csv(tmp_path):
    file = tmp_path / "SQGDP2__ALL_AREAS_2005_2024.csv"
    file.write_text(official("SQGDP2", "Millions of current dollars"), encoding="latin-1")
    assert set(state_gdp(file)["measure"]) == {"gdp"}


def test_official_population_and_income(tmp_path):
    rows = [
        ' "01000","Alabama","5",SQINC1,1,"...","Personal income (millions of dollars, seasonally adjusted)","Millions",1,2',
        ' "01000","Alabama","5",SQINC1,2,"...","Population (midperiod, persons) 1/","Number of persons",4850000,4851000',
        ' "01000","Alabama","5",SQINC1,3,"...","Per capita personal income (dollars) 2/","Dollars",39000,39100',
    ]
    file = tmp_path / "SQINC1__ALL_AREAS_1948_2024.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n")
    table = state_income(file)
    assert table.groupby("measure")["value"].max().to_dict() == {"income_per_head": 39100, "population": 4851000}


def test_the_compilation(data):
    """Origin: the file read with pandas alone; real output of the nation in 2017 is 18.08 trillion dollars."""
    files = find_accounts(data / "training")
    table = state_gdp(files["gdp"])
    assert len(table) == 189_108
    nation = table[(table["state"] == "US") & (table["line"] == 1) & (table["year"] == 2017)]
    assert nation[nation["measure"] == "rgdp"]["value"].mean() == pytest.approx(18_079_084)
    income = state_income(files["income"])
    assert set(income["measure"]) == {"population", "income_per_head", "wages"}
    assert income[income["measure"] == "population"]["year"].min() == 2010


def test_other_layouts_are_named(tmp_path, archive):
    annual = tmp_path / "SAGDP2.csv"
    annual.write_text(HEADER.replace("2017:Q1", "2016").replace("2017:Q2", "2017") + "\n")
    with pytest.raises(TableError, match="is it an annual table"):
        state_gdp(annual)
    broken = tmp_path / "SQGDP_broken.zip"
    broken.write_bytes(archive.read_bytes()[:200])
    with pytest.raises(TableError, match="cannot be unpacked"):
        state_gdp(broken)
    with pytest.raises(TableError, match="no file of all areas for SQINC1"):
        state_income(archive)
    text = tmp_path / "make.csv"
    text.write_text("rownames,a\ni1,many\n")
    with pytest.raises(TableError, match="no table of numbers"):
        accounts_table(text)
    text.write_text("")
    with pytest.raises(TableError, match="file is empty"):
        accounts_table(text)
    text.write_text('rownames,a\ni1,"1,2\n')
    with pytest.raises(TableError, match="not a table"):
        accounts_table(text)
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(b"PAR1" + b"x" * 50)
    with pytest.raises(TableError, match="cannot be read"):
        state_gdp(torn)
    with pytest.raises(DataMissing, match=r"SQGDP\.zip"):
        find_accounts(tmp_path / "nowhere")
    parquet = tmp_path / "gdp.parquet"
    pd.DataFrame({"vname": ["gdp"]}).to_parquet(parquet)
    with pytest.raises(TableError, match="stabbr"):
        state_gdp(parquet)
