"""Both wings on one place: whether cells of a low level lose more and recover later, the shaking held constant.

Run: python benchmarks/wings_joined.py [--draws 20]
Writes benchmarks/results/wings_joined.csv, one row per outcome. The place is a composite, since no census of Berkeley is among
the data: the buildings of Berkeley, and over them the census tracts of central Houston, moved there with what they say of
their people. Nothing ties the two, so that the right answer is that no association is shown. `PLACES` are parts of Houston that are put over the same buildings, with
the same losses, which are simulated once.
"""

import argparse
import csv
import os
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

import holdfast
from holdfast.config import load_study
from holdfast.flows.measure_runs import Cities, Setting, annual_run
from holdfast.flows.rating_beside import beside_rating
from holdfast.flows.scenarios import rates_of, scenario_set
from holdfast.store import open_result

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data"))
RESULT = ROOT / "benchmarks" / "results" / "wings_joined.csv"
BERKELEY = (37.87, -122.27)
PLACES = {"centre": (29.76, -95.37), "west": (29.74, -95.52), "north": (29.88, -95.41), "south": (29.65, -95.33)}
REACH, CELL = 12_000.0, 1000.0  # m
COLUMNS = {
    "area_id": "geoid",
    "housing_units": "housing_units_2014",
    "land_m2": "land_m2",
    "median_year_built": "median_year_built",
    "poverty_share": "frac_poverty",
    "uninsured_share": "frac_no_health_ins",
    "high_school_share": "frac_hs_edu",
    "ndvi": "ndvi",
}


def local(place: tuple[float, float]) -> str:
    """An equal-area projection around a place, m."""
    return f"+proj=laea +lat_0={place[0]} +lon_0={place[1]} +datum=WGS84 +units=m"


def moved_tracts(place: tuple[float, float], file: Path) -> None:
    """Tracts of Harris County around a place, with their attributes, moved to Berkeley."""
    tracts = gpd.read_file(DATA / "rating" / "tract_polygons.gpkg", layer="tracts").astype({"geoid": str})
    known = pd.read_csv(DATA / "rating" / "tracts.csv.gz", dtype={"geoid": str})
    tracts = tracts[["geoid", "geometry"]].merge(known[known["geoid"].str.startswith("48201")], on="geoid")
    near = gpd.GeoDataFrame(tracts, crs=tracts.crs).to_crs(local(place))
    near = near[near.centroid.distance(gpd.points_from_xy([0], [0])[0]) < REACH]
    near.set_crs(local(BERKELEY), allow_override=True).to_crs("EPSG:4326").to_file(file, layer="tracts")


def rated(place: tuple[float, float], folder: Path) -> Path:
    """Result folder of a rating of the tracts of a place, moved to Berkeley."""
    folder.mkdir()
    moved_tracts(place, folder / "tracts.gpkg")
    table = {"source": "polygons", "path": "tracts.gpkg", "layer": "tracts", "columns": COLUMNS}
    study: dict[str, Any] = {
        "name": "Composite: tracts of Houston over Berkeley",
        "data": str(folder),
        "region": {"cell_size": CELL},
        "tables": {"areas": table},
        "rating": {"sensitivity": {"enabled": False}},
    }
    holdfast.rate(study, out=folder / "rating")
    return folder / "rating"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    draws = parser.parse_args().draws
    keys = {"recovery.draws": draws, "data": str(DATA / "city")}
    study, folder = load_study(ROOT / "examples" / "berkeley_measures.toml", keys)
    chosen, rows = scenario_set(study), []
    lost = annual_run(study, Setting(chosen, rates_of(chosen), folder, 1), Cities(), by_building=True).buildings
    with tempfile.TemporaryDirectory() as home:
        for name, place in PLACES.items():
            found = beside_rating(open_result(rated(place, Path(home) / name)), lost)
            rows += [{"place": name, "cells": found["cells"], **row} for row in found["outcomes"]]
            print(*rows[-2:], sep="\n", flush=True)
    with RESULT.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
