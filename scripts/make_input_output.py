"""Derive the packaged tables ``sectors`` and ``input_output`` from the Make and Use tables of 2017.

The 71 industries of the Bureau of Economic Analysis (United States, public domain) are gathered into the sectors that
buildings hold, by the groups of the packaged table ``production_groups``, and one sector for all that is made
``elsewhere`` (mines, utilities, transport, federal government, housing). The coefficients of a sector are those of its
industries, weighted by output: Z summed over suppliers and buyers, divided by the buyers' output. Final use per head is
consumption and fixed investment of households and government, without stocks and trade, over the population of 2017.

Run: python scripts/make_input_output.py [--data ../shared/data] (or HOLDFAST_DATA); writes src/holdfast/data.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.training.leontief import InputOutput, input_output
from holdfast.training.production import matching

PACKAGED = Path(__file__).resolve().parents[1] / "src" / "holdfast" / "data"
ELSEWHERE = "elsewhere"
MERGED = {"education": "public"}  # both are made by the same industries
OWN = {"construction": "23", "agriculture": "111CA+113FF", "lodging": "721", "care": "621+622+623"}
"""Industries of groups that have none in the packaged table, or share them there for want of floor areas."""
NOT_LOCAL = ("F030", "F040", "F050")  # stocks, exports, imports
DAYS = 365.0
SOURCE = "BEA Make and Use tables 2017 (summary level, producer prices, after redefinitions; US public domain)"


def sector_of(industries: tuple[str, ...]) -> pd.Series:
    """Sector of every industry, index industry."""
    groups = packaged("production_groups")
    found = pd.Series(ELSEWHERE, index=pd.Index(industries))
    for row in groups[groups["group"] != ""].drop_duplicates("group").itertuples():
        found[matching(found.index, OWN.get(row.group, row.industries))] = MERGED.get(row.group, row.group)
    return found


def accounts(data: Path) -> tuple[InputOutput, np.ndarray]:
    """The model of the 71 industries, and their final use at home, million USD in a year."""
    folder = data / "training" / "bea_input_output_2017"
    make = pd.read_csv(folder / "Summary_Make_2017_AfterRedef_17sch.csv", index_col=0)
    use = pd.read_csv(folder / "Summary_Use_2017_PRO_AfterRedef_17sch.csv", index_col=0)
    return input_output(make, use), input_output(make, use.drop(columns=list(NOT_LOCAL))).final


def builders(data: Path) -> float:
    """Published value added of construction, million USD in 2017; the Use table after redefinitions holds own work too."""
    file = data / "training" / "bea_input_output_2017" / "Summary_ValueAdded_IO_17sch.csv"
    return float(pd.read_csv(file, index_col=0)["2017"]["23"])


def people(data: Path) -> float:
    """Population of the United States, mean of 2017."""
    income = pd.read_parquet(data / "training" / "bea_state_gdp" / "state_quarterly_personal_income.parquet")
    of_2017 = income["date"].astype(str).str.startswith("2017")
    return float(income[(income["vname"] == "pop") & (income["stabbr"] == "US") & of_2017]["value"].mean())


def tables(data: Path) -> dict[str, pd.DataFrame]:
    """Both tables."""
    economy, at_home = accounts(data)
    sector = sector_of(economy.industries)
    names = [*sorted(set(sector) - {ELSEWHERE}), ELSEWHERE]
    member = np.array([sector.to_numpy() == name for name in names], dtype=np.float64)
    output = member @ economy.output
    coefficient = member @ (economy.direct * economy.output) @ member.T / output
    added = member @ (economy.value_added * economy.output)
    per_head = 1e6 / DAYS / people(data)
    site = np.where(np.array(names) == "construction", builders(data) * per_head, 0.0)
    groups = packaged("production_groups")["group"].drop_duplicates()
    sectors = pd.DataFrame(
        {
            "sector": names,
            "groups": ["+".join(g for g in sorted(groups) if g and MERGED.get(g, g) == name) for name in names],
            "industries": ["+".join(sector.index[sector == name]) for name in names],
            "value_added_share": (added / output).round(4),
            "final_use_per_head": (member @ at_home * per_head).round(4),
            "site_value_added_per_head": site.round(4),
            "unit": "USD_2017/day",
            "source": f"{SOURCE}; value added on sites: BEA value added by industry 2017; population: BEA, mean of 2017; sectors: ours",
        }
    )
    flows = pd.DataFrame(coefficient.round(5), index=pd.Index(names, name="supplier"), columns=names)
    long = flows.melt(ignore_index=False, var_name="buyer", value_name="coefficient").reset_index()
    return {"sectors": sectors, "input_output": long.assign(unit="1", source=f"{SOURCE}; sectors: ours")}


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("HOLDFAST_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path, default=PACKAGED)
    options = parser.parse_args()
    for name, table in tables(options.data).items():
        table.to_csv(options.out / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{name}.csv: {len(table)} rows")


if __name__ == "__main__":
    main()
