"""What an intervention does to levels in three modes: artefacts on planted truth, and hospitals for low cells of real metros.

Run: python benchmarks/what_if.py --data ../shared/data/rating [--out FOLDER] [--part planted|metros]
Metros: Harris County, Chicago, Dallas (stand-in outlines: they agree with the true tracts on about two thirds of the ground).
Every cell of levels 1 and 2 gets a hospital in its middle; in Chicago, apart from that, two roads that cross there (joined to
no other road, so that alternative routes hardly change). `resilinet` has 5 refits here, the default its 20.
Writes `what_if_planted.csv`, `what_if_metros.csv` and `what_if_who.csv`, and `what_if_cheapest.csv` of the example study,
whose unit costs are assumed.
"""

import argparse
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from planted_metros import FINAL_SEEDS, TUNING_SEEDS, additive, diminishing_returns, planted_metro, weakest_link
from rating_people import DALLAS
from shapely.geometry import LineString

import holdfast
from holdfast.rating.features.rules import RULES
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.frozen import apply
from holdfast.rating.model.levels import share_cuts
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.stages import apply_model, rate_cells
from holdfast.rating.what_if.monotone_level import agreement_with, monotone_levels
from holdfast.rating.what_if.transitions import difference, transitions

ROOT = Path(__file__).parents[1]
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}
TRUTHS = {"additive": additive, "weakest_link": weakest_link, "diminishing_returns": diminishing_returns}
METHODS = ("holdfast", "kmeans", "resilinet")
CELLS, SEEDS, REFITS = 800, 3, 5
RAISED, LOWERED = 0.3, 0.1  # shares of the features of a chosen cell that get better, and worse
INTERVENTIONS = "what,target,how,amount,levels\na hospital in every cell of levels 1 and 2,hospitals,place,1,1;2\n"


def truth_of(rule, before: pd.DataFrame, after: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Levels before and after that a rule gives features known without error, by one scale and the borders of before."""
    scores = rule(pd.concat([before, after], ignore_index=True)).to_numpy()
    cuts = share_cuts(scores[: len(before)], np.array([0.12, 0.34, 0.66, 0.88]))
    levels = 1 + np.searchsorted(cuts, scores)
    return levels[: len(before)], levels[len(before) :]


def changed(features: pd.DataFrame, rng: np.random.Generator, lowered: float) -> pd.DataFrame:
    """Three cells in ten with some features better and perhaps some worse, by up to a standard deviation and a half."""
    sign = np.where(rng.random(features.shape) < RAISED, 1.0, 0.0) - np.where(
        rng.random(features.shape) < lowered, 1.0, 0.0
    )
    chosen = rng.random((len(features), 1)) < 0.3
    return features + chosen * sign * rng.uniform(0.1, 1.5, features.shape) * features.std().to_numpy()


def planted(seeds: range) -> pd.DataFrame:
    """Falls and artefacts where the truth is a known function that no improvement lowers."""
    rows = []
    for family, rule in TRUTHS.items():
        for seed in list(seeds)[:SEEDS]:
            metro = planted_metro(family, CELLS, seed)
            # features stand for the truth itself: oriented and on one scale, without error
            oriented = metro.features * pd.Series(DIRECTIONS).loc[metro.features.columns]
            known = oriented.rank(pct=True).sub(0.5).mul(3.4)
            # the network takes most of the time, so that one metro of a kind must do
            for method in METHODS if seed == seeds[0] else ("holdfast", "kmeans"):
                options = FitOptions(method=method, refits=REFITS, certainty=CertaintyOptions(draws=0))
                rating = rate_cells(known, dict.fromkeys(known, 1), options=options, seed=seed)
                monotone = monotone_levels(rating)
                agreed = agreement_with(rating, monotone)
                for kind, lowered in (("better alone", 0.0), ("better and worse", LOWERED)):
                    after = changed(known, np.random.default_rng(seed), lowered)
                    rows.append(
                        {"truth": family, "seed": seed, "method": method, "change": kind}
                        | facts(rating, monotone, (known, after), truth_of(rule, known, after))
                        | {"same": agreed.same, "held_out": agreed.held_out, "monotone_kind": monotone.kind}
                    )
                print(family, seed, method, flush=True)
    return pd.DataFrame(rows)


def facts(rating, monotone, features, truth) -> dict[str, float]:
    """Shares of the changed cells that rise and fall, what is called an artefact, and how often the truth agrees."""
    before, after = features
    moved = difference(before, after, dict.fromkeys(before, 1))
    old = rating.levels.to_numpy(int)
    new = apply_model(rating.model, after).levels.to_numpy(int)
    ones = np.ones(len(old))
    frozen = transitions("frozen", old, new, ones, moved)
    first, then = (monotone.levels(apply(rating.model, t, None)[0].to_numpy()) for t in (before, after))
    steps = transitions("monotone", first, then, ones, moved)
    fell, count = (new < old) & moved.changed, moved.changed.sum()
    true_fall = truth[1] < truth[0]
    return {
        "changed": int(count),
        "rose": frozen.gained.cells / count,
        "fell": frozen.fell.cells / count,
        "artefact_of_falls": frozen.artefact_share,
        "fell_though_truth_rose_or_stayed": float((fell & ~true_fall).sum() / max(fell.sum(), 1)),
        "called_artefact_and_truth_fell": int((fell & ~moved.worse & true_fall).sum()),
        "true_falls": float(true_fall.sum() / count),
        "monotone_rose": steps.gained.cells / count,
        "monotone_artefacts": steps.artefact.cells,
    }


def study_of(name: str, data: Path) -> tuple[Path, dict]:
    """Example study and the keys that make the metro of it."""
    keys = {"data": str(data)}
    if name == "Dallas":
        tracts = pd.read_csv(data / "tracts.csv.gz")
        counties = tracts.loc[tracts["metro"] == "dallas", "county"].unique().tolist()
        keys |= {**DALLAS, "tables.areas.where": {"county": counties}}
    return ROOT / "examples" / f"{'chicago' if name == 'Chicago' else 'harris'}.toml", keys


def crossing_roads(low: gpd.GeoDataFrame, file: Path) -> None:
    """Two roads through each cell, which meet in its middle and at the middles of its sides."""
    lines = []
    for square in low.geometry:
        west, south, east, north = square.bounds
        x, y = (west + east) / 2, (south + north) / 2
        lines += [LineString([(west, y), (x, y), (east, y)]), LineString([(x, south), (x, y), (x, north)])]
    gpd.GeoDataFrame(geometry=lines, crs=low.crs).to_file(file, layer="roads", driver="GPKG")


def metros(data: Path, names: list[str], folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who gains and falls when low cells get hospitals, or roads, in three modes."""
    rows, who = [], []
    (folder / "interventions.csv").write_text(INTERVENTIONS)
    stated = {"tables.interventions": {"source": "interventions", "path": str(folder / "interventions.csv")}}
    for name in names:
        study, keys = study_of(name, data)
        for method, settings in {
            "holdfast": {},
            "resilinet": {"rating.refits": REFITS, "rating.scores": "standard"},
        }.items():
            own = {**keys, "rating.method": method, **settings}
            cells = holdfast.what_if(study, overrides={**own, **stated})
            collect(rows, who, cells, (name, method, "hospitals"))
            if name == "Chicago":
                crossing_roads(cells[cells["frozen_before"] <= 2], folder / f"{method}.gpkg")
                roads = {"source": "lines", "path": str(folder / f"{method}.gpkg")}
                added = holdfast.what_if(study, overrides={**own, "what_if.add": {"roads": roads}})
                collect(rows, who, added, (name, method, "roads"))
    return pd.DataFrame(rows), pd.DataFrame(who)


def collect(rows: list, who: list, cells: gpd.GeoDataFrame, of: tuple[str, str, str]) -> None:
    """Figures of one run."""
    summary, key = cells.attrs["summary"], dict(zip(("metro", "method", "given"), of, strict=True))
    agreed = summary["monotone"]["agreement"]
    for row in summary["modes"]:
        rows.append(
            key
            | {"mode": row["mode"]}
            | {f"{w}_{k}": row[w][k] for w in ("gained", "fell", "artefact") for k in ("share", "cells")}
            | {"gained_untouched": row["bystanders"][0]["share"], "fell_untouched": row["bystanders"][1]["share"]}
            | {
                "same": agreed["same"],
                "held_out": agreed["held_out"],
                "frozen_is_monotone": summary["monotone"]["frozen_is_monotone"],
            }
        )
    for row in summary["who"]:
        if row["mode"] == "frozen":
            who.append(key | {"group": row["group"], "people": row["people"], **row["features"]})
    print(*of, {r["mode"]: round(r["gained"]["share"], 3) for r in summary["modes"]}, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "rating")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--part", choices=["planted", "metros", "cheapest", "tuning"])
    parser.add_argument("--metro", nargs="*", default=["Harris", "Chicago", "Dallas"])
    arguments = parser.parse_args()
    if arguments.part in (None, "planted", "tuning"):
        table = planted(TUNING_SEEDS if arguments.part == "tuning" else FINAL_SEEDS)
        means = table.drop(columns=["seed"]).groupby(["truth", "method", "change", "monotone_kind"]).mean()
        print(means.round(3).to_string())
        if arguments.part != "tuning":
            table.round(4).to_csv(arguments.out / "what_if_planted.csv", index=False)
    if arguments.part in (None, "metros"):
        with tempfile.TemporaryDirectory() as folder:
            rows, who = metros(arguments.data.resolve(), arguments.metro, Path(folder))
        rows.round(4).to_csv(arguments.out / "what_if_metros.csv", index=False)
        who.round(4).to_csv(arguments.out / "what_if_who.csv", index=False)
        print(rows.round(3).to_string())
    if arguments.part in (None, "cheapest"):
        cells = holdfast.what_if(
            ROOT / "examples" / "harris_what_if.toml", overrides={"data": str(arguments.data.resolve())}
        )
        flat = pd.DataFrame(
            [
                {k: v for k, v in r.items() if k not in ("changes", "cost")} | {"total_cost": r["cost"]} | c
                for r in cells.attrs["summary"]["cheapest"]
                for c in r["changes"]
            ]
        )
        flat.round(4).to_csv(arguments.out / "what_if_cheapest.csv", index=False)


if __name__ == "__main__":
    main()
