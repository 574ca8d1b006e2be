"""Whether a rating is one of where people live: levels without the sparse cells, pockets and borders, on real metros.

Run: python benchmarks/rating_people.py --data ../shared/data/rating [--out FOLDER]
Metros: Harris County, Chicago, Dallas (stand-in outlines: they agree with the true tracts on about two thirds of the ground),
and Harris County with a synthetic desert: as many empty big cells again, with the features of its least settled tracts.
Writes `rating_people.csv` and `rating_borders.csv`, and prints the tables of docs/rating-method.md.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.flows.choices import fit_options, policies
from holdfast.flows.inputs import gather, open_study
from holdfast.flows.progress import silent
from holdfast.rating.analysis.pockets import pockets
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import among, grid_neighbours
from holdfast.rating.model.missing import fill
from holdfast.rating.model.people import counted
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells

ROOT = Path(__file__).parents[1]
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}
FEWEST = (0.0, 3.0, 10.0, 30.0, 100.0)
DESERT_HOMES = (0.2, 8.0)
DALLAS = {
    "name": "Dallas",
    "region.crs": "EPSG:5070",
    "tables.areas.path": "tract_stand_in_polygons_texas.gpkg",
    "tables.areas.layer": None,
}
METHODS = {
    "default": {},
    "0.35 of the neighbours": {"neighbour_weight": 0.35},
    "additive": {"method": "additive"},
    "resilinet": {"method": "resilinet", "scores": "standard"},
}


def metro(name: str, data: Path) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Features of the cells that can be rated, their homes and places."""
    example, changes = name.split()[0].lower(), {}
    if name == "Dallas":
        tracts = pd.read_csv(data / "tracts.csv.gz")
        counties = tracts.loc[tracts["metro"] == "dallas", "county"].unique().tolist()
        example, changes = "harris", {**DALLAS, "tables.areas.where": {"county": counties}}
    study, folder = open_study(ROOT / "examples" / f"{example}.toml", {"data": str(data), **changes})
    found = gather(study, folder, silent)
    filled, reasons, _ = fill(found.features, found.homes, policies(study.rating))
    keep = reasons == ""
    features, homes, places = filled[keep], found.homes[keep], found.region.cells.loc[keep, ["column", "row"]]
    return with_desert(features, homes, places) if name.endswith("desert") else (features, homes, places)


def with_desert(features, homes, places):
    """Synthetic: beside the metro as many cells of next to no homes, like its tenth of cells with the fewest."""
    generator = np.random.default_rng(1)
    few = homes[homes <= homes.quantile(0.1)].index
    like = generator.choice(few, len(features))
    index = pd.Index([f"D{i}" for i in range(len(features))], name="cell_id")
    extra = features.loc[like].set_axis(index) * generator.normal(1.0, 0.05, features.shape)
    side = int(np.ceil(np.sqrt(len(index))))
    there = pd.DataFrame(
        {
            "column": places["column"].max() + 1 + np.arange(len(index)) % side,
            "row": places["row"].min() + np.arange(len(index)) // side,
        },
        index,
    )
    few_homes = pd.Series(generator.uniform(*DESERT_HOMES, len(index)), index)
    return pd.concat([features, extra]), pd.concat([homes, few_homes]), pd.concat([places, there])


def levels(features, people, places, changes, refits=20) -> pd.Series:
    options = RatingOptions.model_validate({"refits": refits, "certainty": {"draws": 0}, **changes})
    from holdfast.flows.choices import transforms

    return rate_cells(
        features,
        DIRECTIONS,
        transforms=transforms(options),
        touching=grid_neighbours(places),
        facts=CellFacts(people),
        options=fit_options(options),
    ).levels.astype(int)


def kept(features, homes, places, fewest: float) -> dict:
    """Share of the homes in settled cells that keep their level when all sparse cells (below 10 homes) are left out."""
    settled = homes >= 10
    # 10 homes is what a sparse cell is here, whatever the rating's own least number
    all_cells = levels(features, counted(homes, fewest), places, {})
    alone = levels(features[settled], counted(homes[settled], fewest), places[settled], {})
    same = all_cells[settled] == alone
    return {
        "fewest_homes": fewest,
        "cells": len(features),
        "sparse_cells": int((~settled).sum()),
        "homes_in_sparse": homes[~settled].sum() / homes.sum(),
        "homes_keep_level": np.average(same, weights=homes[settled]),
    }


def borders(features, homes, places, changes) -> dict:
    """Pockets, and share of the borders between two cells that two levels or more lie between."""
    people = counted(homes)
    found = levels(features, people, places, changes)
    some = (people > 0).to_numpy()
    near = among(grid_neighbours(places), some)
    pairs = near.tocoo()
    value = found.to_numpy()[some]
    return {
        "pockets": len(pockets(found[some], near, people[some])),
        "sharp_borders": float((np.abs(value[pairs.row] - value[pairs.col]) >= 2).mean()),
    }


def agreement(features, homes, places) -> dict:
    """Low pockets (cells) with and without neighbours that are the same."""
    people = counted(homes)
    near = grid_neighbours(places)
    sets = []
    for name in ("default", "0.35 of the neighbours"):
        found = pockets(levels(features, people, places, METHODS[name]), near, people)
        sets.append({cell for members in found["members"] for cell in members})
    return {"in_both": len(sets[0] & sets[1]), "without": len(sets[0]), "with": len(sets[1])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--metros", nargs="+", default=["Harris", "Chicago", "Dallas", "Harris with a desert"])
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    people, edges = [], []
    for name in arguments.metros:
        found = metro(name, arguments.data)
        people += [{"metro": name, **kept(*found, fewest)} for fewest in FEWEST]
        for method, changes in METHODS.items():
            edges.append({"metro": name, "method": method, **borders(*found, changes)})
        edges[-1] |= agreement(*found)
        print(pd.DataFrame(people).round(4).to_string(), pd.DataFrame(edges).round(4).to_string(), sep="\n", flush=True)
    pd.DataFrame(people).round(4).to_csv(arguments.out / "rating_people.csv", index=False)
    pd.DataFrame(edges).round(4).to_csv(arguments.out / "rating_borders.csv", index=False)


if __name__ == "__main__":
    main()
