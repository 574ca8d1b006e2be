"""Derive the packaged tables ``hazus_fragility`` and ``hazus_repair`` from simcenter-dlml 3.2 (BSD-3).

Of that package (189 MB) a simulation needs some nine hundred rows. Its licence is shipped beside the tables. Buildings
take the equivalent-PGA functions of Hazus ("lifeline facility" rows), which assume its reference spectrum: the spectral
shape of another event is ignored. Bridges and tunnels have one function in shaking and one in ground failure, roads in
ground failure alone; the corrections of bridges for skew, spans and spectral shape are not applied. Repair days are
those of cleaning up and repair alone, before which impeding delays come.

Run: python scripts/make_hazus_tables.py [--out src/holdfast/data]
"""

import argparse
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

PACKAGED = Path(__file__).resolve().parents[1] / "src" / "holdfast" / "data"
STATES = ("slight", "moderate", "extensive", "complete")
CODES = {"HC": "high_code", "MC": "moderate_code", "LC": "low_code", "PC": "pre_code"}
MEASURES = {
    "Peak Ground Acceleration": "PGA",
    "Spectral Acceleration|1.0": "SA1.0",
    "Permanent Ground Deformation": "PGD",
}
UNITS = {"g": ("g", 1.0), "inch": ("cm", 2.54)}
NEVER = 1000.0
"""Median, in the unit of the measure, of a state that Hazus gives no function for and that cannot be reached."""
BUILDINGS = "building/portfolio/Hazus v6.1"
POWER = "power_network/portfolio/Hazus v5.1"
TRANSPORT = "transportation_network/portfolio/Hazus v5.1"
BRIDGES, TUNNELS = 28, 2
PACKAGE, VERSION = "simcenter-dlml", "3.2"


def stored(path: str) -> pd.DataFrame:
    """Read a table of the package, without importing it."""
    spec = find_spec("dlml")
    if spec is None or version(PACKAGE) != VERSION:
        text = f"these tables come from {PACKAGE} {VERSION}: pip install {PACKAGE}=={VERSION}"
        raise SystemExit(text)
    return pd.read_csv(Path(spec.submodule_search_locations[0]) / "data" / "seismic" / path)


def fragility() -> pd.DataFrame:
    """Buildings, power assets, bridges, roads and tunnels; medians in g or cm."""
    rows = stored(f"{BUILDINGS}/fragility.csv")
    buildings = rows[rows["ID"].str.startswith("LF.")]
    power = stored(f"{POWER}/fragility.csv")
    pieces = [
        by_state(buildings, buildings["ID"].map(building_class), source("6.1, equivalent PGA", BUILDINGS)),
        by_state(power, power["ID"], source("5.1", POWER)),
        transport(),
    ]
    return pd.concat(pieces, ignore_index=True)


def repair() -> pd.DataFrame:
    """Repair cost, as a share of replacement cost, and repair days of buildings by occupancy."""
    rows = stored(f"{BUILDINGS}/consequence_repair.csv").set_index("ID")
    pieces = []
    for number, state in enumerate(STATES, start=1):
        values = rows[f"DS{number}-Theta_0"].astype("float64")
        cost = values[values.index.str.match(r"LF\..*-Cost$")]
        days = values[values.index.str.match(r"LF\..*-Time$")]
        cost.index, days.index = cost.index.str.slice(3, -5), days.index.str.slice(3, -5)
        piece = pd.DataFrame({"repair_cost_ratio": cost, "repair_days": days}).rename_axis("asset_class").reset_index()
        pieces.append(piece.assign(damage_state=state, order=number))
    table = pd.concat(pieces).sort_values(["asset_class", "order"], ignore_index=True)
    columns = ["asset_class", "damage_state", "repair_cost_ratio", "repair_days"]
    return table[columns].assign(source=source("6.1", BUILDINGS))


def building_class(identifier: str) -> str:
    """Class of a row: ``LF.C1.L.HC`` is ``C1L.high_code``, ``LF.W1.HC`` is ``W1.high_code``."""
    _, *structure, code = identifier.split(".")
    return f"{''.join(structure)}.{CODES[code]}"


def transport() -> pd.DataFrame:
    """Bridges, roads and tunnels: rows of ground failure are shared by all classes of their kind.

    Roads and tunnels have one state "extensive or complete": it counts as complete.
    """
    rows = stored(f"{TRANSPORT}/fragility.csv")
    kind = rows["ID"].str.split(".").str[0]
    number = rows["ID"].str.split(".").str[2]
    shared = [(k, str(n)) for k, most in (("HWB", BRIDGES), ("HTU", TUNNELS)) for n in range(1, most + 1)]
    own = rows[number.notna()].assign(asset_class=(kind + number)[number.notna()])
    common = [rows[(kind == k) & number.isna()].assign(asset_class=k + n) for k, n in shared]
    every = pd.concat([own, *common], ignore_index=True)
    for column in ("Theta_0", "Theta_1"):
        last = every[f"LS3-{column}"].where(every["asset_class"].str.startswith(("HRD", "HTU")))
        every[f"LS4-{column}"] = every[f"LS4-{column}"].fillna(last)
    for state in range(1, len(STATES) + 1):
        every[f"LS{state}-Theta_0"] = every[f"LS{state}-Theta_0"].astype("float64").fillna(NEVER)
        every[f"LS{state}-Theta_1"] = every[f"LS{state}-Theta_1"].astype("float64").fillna(1.0)
    return by_state(every, every["asset_class"], source("5.1", TRANSPORT))


def by_state(rows: pd.DataFrame, classes: pd.Series, words: str) -> pd.DataFrame:
    """One row per class, measure and damage state, from one row per class and measure."""
    factor = rows["Demand-Unit"].map({k: f for k, (_, f) in UNITS.items()})
    pieces = [
        pd.DataFrame(
            {
                "asset_class": classes,
                "damage_state": state,
                "intensity_measure": rows["Demand-Type"].map(MEASURES),
                "unit": rows["Demand-Unit"].map({k: u for k, (u, _) in UNITS.items()}),
                "median": (rows[f"LS{number}-Theta_0"].astype("float64") * factor).clip(upper=NEVER),
                "beta": rows[f"LS{number}-Theta_1"].astype("float64"),
                "source": words,
                "order": number,
            }
        )
        for number, state in enumerate(STATES, start=1)
    ]
    keys = ["asset_class", "intensity_measure", "order"]
    return pd.concat(pieces).sort_values(keys, ignore_index=True).drop(columns="order")


def source(edition: str, folder: str) -> str:
    return f"FEMA Hazus EQ TM {edition}; {PACKAGE} {VERSION} (BSD-3), {folder}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PACKAGED)
    options = parser.parse_args()
    for table in (fragility, repair):
        frame = table()
        frame.to_csv(options.out / f"hazus_{table.__name__}.csv", index=False, lineterminator="\n")
        print(f"hazus_{table.__name__}.csv: {len(frame)} rows")


if __name__ == "__main__":
    main()
