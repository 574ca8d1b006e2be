"""Derive the packaged tables ``casualties`` and ``collapse`` from the Hazus tables in hazus_data_eq_v6.1.json.

Rates are percent there and shares here. Run: python scripts/make_casualty_tables.py [--data ../shared/data]
(or HOLDFAST_DATA) [--out src/holdfast/data].
"""

import argparse
import json
import os
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
STATES = {"DS1": "slight", "DS2": "moderate", "DS3": "extensive", "DS4": "complete", "DS5": "collapse"}
SOURCE = "FEMA Hazus EQ TM 6.1 (public domain), as in hazus_data_eq_v6.1.json: {}"


def casualties(facilities: dict) -> pd.DataFrame:
    rows = [
        (structure, state, *(f"{v / 100:.6g}" for v in values), SOURCE.format("indoor injury rates"))
        for code, state in STATES.items()
        for structure, values in facilities["Injury_rates"][code].items()
    ]
    names = ["structure_class", "damage_state", *(f"severity_{k}" for k in range(1, 5)), "source"]
    return pd.DataFrame(rows, columns=names)


def collapse(facilities: dict) -> pd.DataFrame:
    rows = [
        (k, v, SOURCE.format("share of complete buildings that collapse")) for k, v in facilities["P_collapse"].items()
    ]
    return pd.DataFrame(rows, columns=["structure_class", "collapse_share", "source"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("HOLDFAST_DATA", HERE.parents[1] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--out", type=Path, default=HERE.parent / "src" / "holdfast" / "data")
    options = parser.parse_args()
    source = json.loads((options.data / "parameters" / "hazus_data_eq_v6.1.json").read_text())
    for table in (casualties, collapse):
        frame = table(source["Lifeline_Facilities"])
        frame.to_csv(options.out / f"{table.__name__}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
