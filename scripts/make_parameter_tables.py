"""Derive the packaged tables ``occupancies``, ``national_per_head`` and ``network_fragility`` from published figures.

``occupancies``: residents per home are the people of the United States (BEA) over its homes (EIA
RECS 2015, weighted), per mean floor area of the home type; workers per floor area are those that go with the output per
floor area (`holdfast.training.production.workers_per_area`). The table ``productivity`` is made by `holdfast train`.

``network_fragility``: the facilities of ``figures/network_facilities.csv``, and water mains. A main of a given
length has at least one repair with probability 1 - exp(-RR length), RR = 1e-4 PGV^2.25 per km (PGV in cm/s,
brittle pipe; Hazus EQ TM as stored in simcenter-dlml), one fifth of the repairs being breaks. The schema wants
lognormal functions of PGA, so PGV is taken as `PGV_PER_PGA` times PGA, and median and beta are set so that the
curve goes through the formula at the two intensities of `FITTED`.

Run: python scripts/make_parameter_tables.py [--data ../shared/data] (or HOLDFAST_DATA); writes src/holdfast/data.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from holdfast.data import figure, packaged
from holdfast.training.production import FT2, productivity_per_area, workers_per_area

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "figures"
PACKAGED = HERE.parent / "src" / "holdfast" / "data"
HOME_TYPES = {
    "single_family": ("Single-family detached", "Single-family attached"),
    "apartment": ("Apartment: 2-4 Units", "Apartment: 5 or more units"),
    "mobile": ("Mobile home",),
}
RECAPTURE = "FEMA FAST Lookuptables/flBldgEconParamRecaptureFactors.csv @7f8b49ad (Hazus; output)"
WORKERS = (
    "BEA value added / compensation 2017 of the industries x mean compensation per worker; assumed: a worker stands for the "
    "mean pay of the nation"
)
STATES = ("slight", "moderate", "extensive", "complete")
REPAIRS_PER_KM, PGV_POWER, BREAK_SHARE = 1e-4, 2.25, 0.2
PGV_PER_PGA = 100.0  # cm/s per g; assumed
FITTED = (0.2, 0.6)  # g
MAIN_LENGTHS = (100, 200, 400, 800)  # m
HAZUS_PIPE = (
    "Hazus EQ TM 6.1 repair rate 1e-4 PGV^2.25 per km, brittle (simcenter-dlml 3.2, water_network); assumed: PGV of "
    "100 cm/s per g of PGA, lognormal through the formula at 0.2 and 0.6 g"
)


def residents_per_100_m2(data: Path) -> dict[str, float]:
    """People per home over the mean floor area of each home type, per 100 m2."""
    homes = pd.read_parquet(data / "training" / "recs2015" / "households.parquet")
    income = pd.read_parquet(data / "training" / "bea_state_gdp" / "state_quarterly_personal_income.parquet")
    in_2015 = income["date"].astype(str).str.startswith("2015")
    people = income[(income["vname"] == "pop") & (income["stabbr"] == "US") & in_2015]["value"].mean()
    per_home = people / homes["NWEIGHT"].sum()
    densities = {}
    for home, names in HOME_TYPES.items():
        own = homes[homes["HousingUnitType"].isin(names)]
        area = np.average(own["TOTSQFT_EN"], weights=own["NWEIGHT"]) * FT2
        densities[home] = per_home / area * 100
    return densities


def occupancies(data: Path) -> pd.DataFrame:
    """Rows of the packaged table ``occupancies``."""
    table = pd.read_csv(FIGURES / "occupancies.csv").fillna({"home_type": ""}).set_index("occupancy")
    accounts = data / "training" / "bea_input_output_2017"
    added = pd.read_csv(accounts / "Summary_ValueAdded_IO_17sch.csv").set_index("rownames")["2017"]
    use = pd.read_csv(accounts / "Summary_Use_2017_PRO_AfterRedef_17sch.csv").set_index("rownames")
    groups = packaged("production_groups")
    made = productivity_per_area(added, use, groups, packaged("floor_area")).loc[table.index]
    staff = workers_per_area(added, use, groups, made["productivity_per_area"], figure("output_per_worker"))
    residents = table["home_type"].map(residents_per_100_m2(data)).fillna(0.0)
    # what the figures say beside their file of residents and guests; what they say of Hazus's workers has gone with these
    notes = table["source"].str.partition(")")[2]
    notes = notes.mask(notes.str.startswith("; workers"), "")
    homes = "; residents BEA population / EIA RECS 2015 homes and floor area"
    return pd.DataFrame(
        {
            "category": table["category"],
            "residents_per_100_m2": residents.round(3),
            "workers_per_100_m2": staff["workers_per_100_m2"].loc[table.index].round(3),
            "operating_surplus_share": made["operating_surplus_share"],
            "recapture_share": table["recapture_share"],
            "quality": made["quality"],
            "source": "surplus "
            + made["source"]
            + "; workers "
            + np.where(staff["workers_per_100_m2"].loc[table.index] > 0, WORKERS, "none: no production in the building")
            + notes
            + "; recapture "
            + RECAPTURE
            + np.where(residents > 0, homes, ""),
        }
    ).reset_index(names="occupancy")


def national_per_head(data: Path) -> pd.DataFrame:
    """Rows of the packaged table ``national_per_head``: what the United States of 2017 have per resident."""
    income = pd.read_parquet(data / "training" / "bea_state_gdp" / "state_quarterly_personal_income.parquet")
    own = income[(income["vname"] == "pop") & (income["stabbr"] == "US")]
    people = {y: own[own["date"].astype(str).str.startswith(str(y))]["value"].mean() for y in (2015, 2017)}
    added = (
        pd.read_csv(data / "training" / "bea_input_output_2017" / "Summary_ValueAdded_IO_17sch.csv")["2017"].sum() * 1e6
    )
    homes = pd.read_parquet(data / "training" / "recs2015" / "households.parquet")
    floor = packaged("floor_area")
    other = floor[floor["base"] == "yes"]["floor_area"].sum() * 1e6 * FT2
    rows = [
        ("product", added / people[2017], "USD_2017/person/year", "BEA value added 2017 / BEA population 2017"),
        (
            "jobs",
            added / figure("output_per_worker") / people[2017],
            "1/person",
            "BEA value added 2017 / published value added per worker (figures, output_per_worker) / BEA population 2017",
        ),
        (
            "home_floor_area",
            (homes["TOTSQFT_EN"] * homes["NWEIGHT"]).sum() * FT2 / people[2015],
            "m2/person",
            "EIA RECS 2015 floor area of homes, weighted / BEA population 2015",
        ),
        (
            "other_floor_area",
            other / people[2017],
            "m2/person",
            "EIA CBECS 2012 and MECS 2022 floor area (floor_area; no farms, parking or vacant buildings) / BEA population 2017",
        ),
    ]
    table = pd.DataFrame(rows, columns=["quantity", "value", "unit", "source"])
    return table.assign(value=table["value"].round(3))


def main_curve(length: float, share: float) -> tuple[float, float]:
    """Median (g) and beta of a water main of some length (m) for a share of the repairs."""
    low, high = (
        norm.ppf(1 - np.exp(-share * REPAIRS_PER_KM * (PGV_PER_PGA * pga) ** PGV_POWER * length / 1000))
        for pga in FITTED
    )
    beta = np.log(FITTED[1] / FITTED[0]) / (high - low)
    return float(FITTED[1] * np.exp(-high * beta)), float(beta)


def network_fragility() -> pd.DataFrame:
    """Rows of the packaged table ``network_fragility``: facilities and water mains."""
    rows = []
    for length in MAIN_LENGTHS:
        for state in STATES:
            median, beta = main_curve(length, 1.0 if state == "slight" else BREAK_SHARE)
            what = "leak or break" if state == "slight" else "break"
            source = f"{HAZUS_PIPE}; {what}"
            rows.append((f"water_main.{length}m", state, "PGA", "g", round(median, 3), round(beta, 3), source))
    facilities = pd.read_csv(FIGURES / "network_facilities.csv")
    return pd.concat([facilities, pd.DataFrame(rows, columns=facilities.columns)], ignore_index=True)


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("HOLDFAST_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path, default=PACKAGED)
    options = parser.parse_args()
    tables = {
        "occupancies": occupancies(options.data),
        "national_per_head": national_per_head(options.data),
        "network_fragility": network_fragility(),
    }
    # figures of other countries are not derived here and stand as they are
    known = pd.read_csv(PACKAGED / "national_per_head.csv", dtype=str, keep_default_na=False)
    own = tables["national_per_head"]
    own.insert(0, "country", "US")
    tables["national_per_head"] = pd.concat([own.astype(str), known[known["country"] != "US"]])
    for name, table in tables.items():
        table.to_csv(options.out / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{name}.csv: {len(table)} rows")


if __name__ == "__main__":
    main()
