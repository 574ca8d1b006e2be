"""Readers of the energy surveys: the open subsets, and the official layouts of RECS 2020 and CBECS 2018.

Origin of the goldens: the files of the open subsets read by hand (row 1 of each, thousand Btu and square feet times the
factors of NIST SP 811: 1 Btu(IT) = 1055.056 J, 1 ft = 0.3048 m). The official layouts are small synthetic files with the
column names and codes of EIA's codebooks (recs2020_public, 2018microdata_codebook).
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import DataMissing, TableError
from holdfast.sources.cbecs import find_buildings, read_buildings
from holdfast.sources.recs import find_homes, read_homes

KWH = 1055.056 / 3.6e6 * 1e3
"""kWh in a thousand Btu."""
M2 = 0.3048**2
RECS_2020 = """DOEID,REGIONC,DIVISION,UATYP10,TYPEHUQ,YEARMADERANGE,HEATHOME,AIRCOND,NHSLDMEM,MONEYPY,TOTSQFT_EN,HDD65,CDD65,NWEIGHT,\
KWH,BTUEL,BTUELSPH,BTUELAHUHEAT,BTUELCOL,BTUELAHUCOL,BTUELWTH,BTUELLGT,BTUELRFG,BTUELFRZ,BTUELCOK,BTUELMICRO,\
BTUNG,BTUNGSPH,BTUNGWTH,BTUNGCOK,BTULP,BTUFO
100001,WEST,Mountain South,U,2,4,1,1,4,12,2100,3844,1679,3284.1,12521.3,42723,0,800,9900,500,3500,2000,2600,0,900,300,55460,40000,12000,1500,0,0
100002,SOUTH,West South Central,R,1,9,0,1,1,1,800,898,2800,9007.2,9300,31732,0,0,12000,0,7000,1500,2400,900,1500,200,0,0,0,0,5000,0
100003,NORTHEAST,Middle Atlantic,C,5,1,1,0,2,16,700,6094,600,5669.5,3000,10236,0,0,0,0,0,900,2000,0,100,100,20000,15000,4000,900,0,3000
"""
CBECS_2018 = """PUBID,REGION,CENDIV,PBA,SQFT,YRCONC,NWKER,WKHRS,HDD65,CDD65,FINALWT,ELBTU,ELHTBTU,ELCLBTU,ELVNBTU,ELWTBTU,ELLTBTU,\
ELCKBTU,ELRFBTU,ELOFBTU,ELPCBTU,ELOTBTU,NGBTU,NGHTBTU,NGCLBTU,NGWTBTU,NGCKBTU,NGOTBTU
1,4,9,2,10000,7,30,50,2500,900,320.5,400000,20000,60000,50000,4000,120000,0,10000,16000,60000,60000,100000,80000,,15000,,5000
2,3,5,16,210000,9,900,168,3200,1800,12.1,20000000,100000,3000000,4000000,200000,6000000,500000,700000,500000,1500000,3500000,30000000,18000000,,9000000,2000000,1000000
3,1,1,5,5000,2,,40,6000,500,901,,,,,,,,,,,,,,,,,
"""


def test_the_open_homes(data):
    homes = read_homes(find_homes(data / "training"))
    assert homes.attrs["survey"] == "recs2015"
    assert len(homes) == 5686
    raw = pd.read_parquet(data / "training" / "recs2015" / "households.parquet").iloc[0]
    first = homes.iloc[0]
    assert (first["home_id"], first["region"], first["home_type"], first["year_built"]) == (
        "10001",
        "west",
        "detached",
        2005,
    )
    assert first["electricity_kwh"] == pytest.approx(raw["BTUEL"] * KWH)
    assert first["floor_area_m2"] == pytest.approx(1808 * M2)
    assert first["heating_degree_days"] == pytest.approx(raw["HDD65"] * 5 / 9)
    assert homes["weight"].sum() == pytest.approx(118.2e6, rel=0.001)  # homes of the United States, RECS 2015 HC1.1
    assert not {"persons", "income_band"} & set(homes.columns)


def test_the_open_buildings(data):
    buildings = read_buildings(find_buildings(data / "training"))
    assert len(buildings) == 4964
    first = buildings.iloc[0]
    assert (first["activity"], first["region"], first["year_built"]) == ("warehouse", "south", 2002)
    electricity = buildings.filter(like="electricity_").sum(axis=1)
    assert electricity.iloc[0] == pytest.approx(201515 * KWH)  # tot_elec of the file
    office = buildings["activity"] == "office"
    per_ft2 = (electricity / buildings["floor_area_m2"] * M2)[office]
    assert per_ft2.median() == pytest.approx(14.5, abs=0.1)  # kWh per ft2, SOURCE.txt of the data
    assert per_ft2.mean() == pytest.approx(17.1, abs=0.1)


def test_the_official_homes(tmp_path):
    (tmp_path / "recs2020_public_v7.csv").write_text(RECS_2020)
    homes = read_homes(find_homes(tmp_path))
    assert homes.attrs["survey"] == "recs2020"
    assert homes["region"].tolist() == ["west", "south", "northeast"]
    assert homes["home_type"].tolist() == ["detached", "mobile", "large_apartments"]
    assert homes["urban"].tolist() == ["urban", "rural", "cluster"]
    assert homes["year_built"].tolist() == [1975, 2018, 1935]
    assert homes["persons"].tolist() == [4, 1, 2]
    assert homes["income_band"].tolist() == [12, 1, 16]
    assert homes["heated"].tolist() == [True, False, True]
    assert homes.loc[:, "fuel_kwh"].tolist() == pytest.approx([0, 5000 * KWH, 3000 * KWH])
    assert homes["electricity_heating_kwh"].iloc[0] == pytest.approx(800 * KWH)
    for carrier in ("electricity", "gas"):
        uses = homes[[c for c in homes.columns if c.startswith(f"{carrier}_") and c != f"{carrier}_kwh"]]
        np.testing.assert_allclose(uses.sum(axis=1), homes[f"{carrier}_kwh"])


def test_the_official_buildings(tmp_path):
    (tmp_path / "cbecs2018_final_public.csv").write_text(CBECS_2018)
    buildings = read_buildings(find_buildings(tmp_path))
    assert buildings.attrs["notes"] == ["1 buildings without electricity left out"]
    assert buildings["activity"].tolist() == ["office", "inpatient"]
    assert buildings["workers"].tolist() == [30, 900]
    assert buildings["weight"].tolist() == [320.5, 12.1]
    assert buildings.filter(like="electricity_").sum(axis=1).tolist() == pytest.approx([400000 * KWH, 20000000 * KWH])
    assert buildings.filter(like="gas_").sum(axis=1).tolist() == pytest.approx([100000 * KWH, 30000000 * KWH])


def test_the_official_file_is_preferred(tmp_path):
    (tmp_path / "recs2015").mkdir()
    pd.DataFrame({"DOEID": [1]}).to_parquet(tmp_path / "recs2015" / "households.parquet")
    for version in ("v6", "v7"):
        (tmp_path / f"recs2020_public_{version}.csv").write_text(RECS_2020)
    assert find_homes(tmp_path).name == "recs2020_public_v7.csv"


def test_bad_surveys_are_refused_all_at_once(tmp_path):
    with pytest.raises(DataMissing, match="RECS 2020 microdata"):
        find_homes(tmp_path)
    with pytest.raises(DataMissing, match="CBECS 2018 microdata"):
        find_buildings(tmp_path)
    file = tmp_path / "recs2020_public_v7.csv"
    file.write_text(RECS_2020.replace("MONEYPY", "INCOME").replace("BTULP", "LPG"))
    with pytest.raises(TableError) as found:
        read_homes(file)
    assert {p.column for p in found.value.problems} == {"MONEYPY", "BTULP"}
    file.write_text(RECS_2020.replace(",2,4,1,1,", ",7,4,1,1,").replace("SOUTH,West", "MIDDLE,West"))
    with pytest.raises(TableError, match="row 2, column home_type") as found:
        read_homes(file)
    assert {(p.row, p.column) for p in found.value.problems} == {(2, "home_type"), (3, "region")}
    file.write_text(RECS_2020.replace(",2100,", ",-2100,"))
    with pytest.raises(TableError, match="floor_area_m2"):
        read_homes(file)
