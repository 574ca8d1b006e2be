"""Whether explanations of a rating lead to what is true: planted metros, planted drivers, and Harris County.

Run: python benchmarks/explanations.py [--data ../shared/data/rating] [--out FOLDER]
Planted metros and drivers are synthetic (`benchmarks/planted_metros.py`). Writes `explanations.csv` (every measure),
`explanations_harris.csv` (drivers of each level in words) and prints them.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from planted_metros import CURVATURE, FAMILIES, SYSTEM_WEIGHTS, PlantedMetro, planted_metro

from holdfast.flows.explained import explainable, explained
from holdfast.flows.inputs import open_study
from holdfast.flows.progress import silent
from holdfast.flows.rated_region import rated
from holdfast.rating.explanation.contributions import EXPLANATIONS, contributions
from holdfast.rating.explanation.faithfulness import agreement, faithfulness
from holdfast.rating.explanation.level_score import Seen, level_score, refit_scores, seen_by
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.model.result import Rating
from holdfast.rating.rate.stages import rate_cells

ROOT = Path(__file__).parents[1]
METHODS = ("holdfast", "kmeans", "resilinet")
CELLS, SEEDS, REFITS, SPOILT = 600, (0, 1), 5, 60
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}


def fitted(metro: PlantedMetro, features: pd.DataFrame, method: str) -> Rating:
    """Rating of a planted metro."""
    options = FitOptions(method, REFITS, certainty=CertaintyOptions(draws=0))
    return rate_cells(features, DIRECTIONS, touching=grid_neighbours(metro.cells), options=options)


def pointwise_truths(names: list[str]) -> dict:
    """Families whose truth is a function of one cell alone, from features on a common scale."""
    systems = np.array([RULES[n].system for n in names])
    weights = sum(w * (systems == s) / (systems == s).sum() for s, w in SYSTEM_WEIGHTS.items())
    count = len(names)
    return {
        "additive": lambda seen: seen[:, :count].mean(axis=1),
        "diminishing_returns": lambda seen: (1.0 - np.exp(-CURVATURE * seen[:, :count])) @ weights,
    }


def found_by(rating: Rating) -> tuple[Seen, tuple, dict[str, np.ndarray]]:
    """What is seen of the cells of a rating, its scores, and contributions by every explanation."""
    seen = seen_by(rating.model, rating.scaled, None, rating.people)
    scores = refit_scores(rating.model, seen)
    return seen, scores, {name: contributions(scores, seen, name) for name in EXPLANATIONS}


def planted(family: str, method: str, seed: int) -> list[dict]:
    """Deletion by every explanation of a planted metro: of the rating's own score, and of the truth where a cell has one."""
    metro = planted_metro(family, CELLS, seed)
    rating = fitted(metro, metro.features, method)
    seen, scores, found = found_by(rating)
    about = {"metro": family, "seed": seed, "method": method}
    held = {"score of the rating": lambda values: level_score(scores, values)}
    truth = pointwise_truths(list(rating.scaled)).get(family)
    held |= {} if truth is None else {"planted truth": truth}
    rows = [
        {
            **about,
            "measure": f"deletion beats random order: {name}",
            "of": row.explanation,
            "value": row.cells_beating_chance,
        }
        for name, score in held.items()
        for row in faithfulness(score, seen, found, np.random.default_rng(seed))
    ]
    for row in agreement(found, seen.people):
        pair = f"{row.first}, {row.second}"
        rows.append({**about, "measure": "rank correlation", "of": pair, "value": row.rank_correlation})
        rows.append({**about, "measure": "same first driver", "of": pair, "value": row.same_first})
    return rows


def spoilt(method: str, seed: int) -> list[dict]:
    """How often the one feature that was spoilt in a cell is its first driver, or among its first three."""
    metro, generator = planted_metro("additive", CELLS, seed), np.random.default_rng(seed)
    features = metro.features.copy()
    chosen = pd.Series(
        generator.choice(features.columns, SPOILT), generator.choice(features.index, SPOILT, replace=False)
    )
    for cell, name in chosen.items():
        features.loc[cell, name] = features[name].min() if DIRECTIONS[name] > 0 else features[name].max()
    rating = fitted(metro, features, method)
    _, _, found = found_by(rating)
    places = features.index.get_indexer(chosen.index), features.columns.get_indexer(chosen)
    rows = []
    for name, values in found.items():
        rank = values.argsort(axis=1).argsort(axis=1)[places]
        about = {"metro": "additive, one feature spoilt", "seed": seed, "method": method, "of": name}
        rows.append({**about, "measure": "planted driver is the first", "value": float((rank < 1).mean())})
        rows.append({**about, "measure": "planted driver among three", "value": float((rank < 3).mean())})
    return rows


def harris(method: str, data: Path) -> tuple[list[dict], list[dict]]:
    """Faithfulness, agreement and drivers of each level of Harris County."""
    changes = {"data": str(data), "rating.method": method, "rating.refits": REFITS, "rating.certainty.draws": 0}
    study, folder = open_study(ROOT / "examples" / "harris.toml", changes)
    done = rated(study, folder, silent)
    rating = explainable(done.cells, done.model, study.region.cell_size)
    found = {name: contributions(rating.scores, rating.seen, name) for name in EXPLANATIONS}
    about = {"metro": "Harris", "seed": study.seed, "method": method}
    score = lambda values: level_score(rating.scores, values)  # noqa: E731  bound to this metro
    rows = [
        {
            **about,
            "measure": "deletion beats random order: score of the rating",
            "of": r.explanation,
            "value": r.cells_beating_chance,
        }
        for r in faithfulness(score, rating.seen, found, np.random.default_rng(0))
    ]
    for r in agreement(found, rating.seen.people):
        pair = f"{r.first}, {r.second}"
        rows.append({**about, "measure": "rank correlation", "of": pair, "value": r.rank_correlation})
        rows.append({**about, "measure": "same first driver", "of": pair, "value": r.same_first})
    summary = explained(rating, done.summary.json()).summary
    words = [
        {"method": method, "level": row["level"], "share": row["share"], "score": row["score"], "driver": n, **d}
        for row in summary["levels"]
        for n, d in enumerate(row["drivers"], 1)
    ]
    return rows, words


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "rating")
    options.add_argument("--out", type=Path, default=Path(__file__).with_name("results"))
    given = options.parse_args()
    rows = [row for f in FAMILIES for m in METHODS for s in SEEDS for row in planted(f, m, s)]
    rows += [row for m in METHODS for s in SEEDS for row in spoilt(m, s)]
    words = []
    for method in ("holdfast", "resilinet"):
        measured, told = harris(method, given.data)
        rows, words = rows + measured, words + told
    table = pd.DataFrame(rows).groupby(["metro", "method", "measure", "of"], sort=False)["value"].mean().reset_index()
    table.round(4).to_csv(given.out / "explanations.csv", index=False)
    columns = ["method", "level", "share", "score", "driver", "feature", "contribution", "words"]
    pd.DataFrame(words)[columns].round(4).to_csv(given.out / "explanations_harris.csv", index=False)
    print(table.to_string())
    print(pd.DataFrame(words)[["method", "level", "words"]].to_string())


if __name__ == "__main__":
    main()
