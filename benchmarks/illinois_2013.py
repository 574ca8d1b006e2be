"""The rating of Chicago beside registrations for assistance after the floods of 2013 (FEMA DR-4116), by ZIP.

Run: python benchmarks/illinois_2013.py --data ../shared/data/rating [--shuffles 200] [--out FOLDER]
ZIPs of Chicago that no file of the outcome lists are zeros where they are populated. Controls: share of properties in FEMA's
flood zones and share at risk of a flood of a hundred years (their licence allows no derived figure by ZIP: only sums are
written). Then: an outcome planted on the rating, and outcomes shuffled over the ZIPs, for how often each candidate is found.
Last: weights learned on one half of the blocks and tested on the other; and learned in Cook County and tested in the eight counties
around it, and the other way round. All ZIPs of the outcome lie in these nine counties: there is no other metro to test on.
Writes `illinois_2013.csv`, `illinois_2013_learned.csv`, `illinois_2013_parts.csv` and, unless `--shuffles 0`, `illinois_2013_rates.csv`.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

import holdfast
from holdfast.rating.analysis.outcomes import blocks_of, holm
from holdfast.rating.analysis.regression import COUNT, clustered_p, regress

ROOT = Path(__file__).parents[1]
CONTROLS = ("pct_fema_sfha", "pct_fs_risk_2020_100")
COOK = 17031
PLANTED = 0.7  # ratio of rates between two areas a standard deviation of the level apart


def table(data: Path) -> pd.DataFrame:
    """ZIPs of Chicago with registrations, zeros included, people and controls."""
    zips = pd.read_csv(data / "zip_layers.csv.gz", dtype={"zip": str})
    zips = zips[(zips["metro"] == "chicago") & (zips["State"] == "IL")]
    seen = pd.read_csv(data / "outcome_illinois_flood_2013_fema_assistance_owners.csv", dtype={"zip": str})
    joined = zips.merge(seen[["zip", "valid_registrations"]], on="zip", how="left")
    joined["registrations"] = joined["valid_registrations"].fillna(0.0)
    joined["county"] = cook_or_not(joined, pd.read_csv(data / "tracts.csv.gz"))
    return joined.rename(columns={"zip_pop_2010": "residents", "Longitude": "longitude", "Latitude": "latitude"})[
        ["zip", "longitude", "latitude", "registrations", "residents", "county", *CONTROLS]
    ]


def cook_or_not(zips: pd.DataFrame, tracts: pd.DataFrame) -> np.ndarray:
    """Whether a ZIP lies in Cook County, by the tract whose middle is nearest: outlines of ZIPs are not at hand."""
    near = tracts[tracts["metro"] == "chicago"].dropna(subset=["lat", "lon"])
    scale = np.array([1.0, np.cos(np.radians(near["lat"].mean()))])
    _, place = cKDTree(near[["lat", "lon"]] * scale).query(zips[["Latitude", "Longitude"]] * scale)
    return np.where(near["county"].to_numpy()[place] == COOK, "Cook", "eight counties around it")


def design_and_blocks(areas: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Ones and controls, and square blocks of 20 km."""
    values = areas[list(CONTROLS)].to_numpy(float)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    east = areas["longitude"] * 111_320 * np.cos(np.radians(areas["latitude"].mean()))
    return np.column_stack([np.ones(len(areas)), values]), blocks_of(
        east.to_numpy(), areas["latitude"].to_numpy() * 110_574, 20_000
    )


def rates(areas: pd.DataFrame, level: np.ndarray, others: pd.DataFrame, shuffles: int) -> dict:
    """How often the level is found in outcomes that are planted on it, and in ones that are shuffled over the areas."""
    controls, blocks = design_and_blocks(areas)
    people = areas["residents"].to_numpy(float)
    generator = np.random.default_rng(13)
    base = regress(controls, areas["registrations"].to_numpy(), people)
    scores = [level, *others.to_numpy().T]
    found = {"shuffled, level": 0, "shuffled, any of all": 0, "planted, level": 0}
    for _ in range(shuffles):
        rate = generator.permutation(areas["registrations"].to_numpy() / people)
        outcome = np.round(rate * people)
        p = holm(np.array([_p(controls, s, outcome, people, blocks) for s in scores]))
        found["shuffled, level"] += _p(controls, level, outcome, people, blocks) < 0.05
        found["shuffled, any of all"] += bool((p < 0.05).any())
        size = 1 / base.dispersion
        mean = base.means * PLANTED ** ((level - level.mean()) / level.std())
        planted = generator.negative_binomial(size, size / (size + mean)).astype(float)
        p = holm(np.array([_p(controls, s, planted, people, blocks) for s in scores]))
        found["planted, level"] += p[0] < 0.05
    return {k: v / shuffles for k, v in found.items()}


def _p(controls: np.ndarray, score: np.ndarray, outcome: np.ndarray, people: np.ndarray, blocks: np.ndarray) -> float:
    design = np.column_stack([controls, (score - score.mean()) / score.std()])
    dispersion = regress(controls, outcome, people).dispersion
    fit = regress(design, outcome, people, COUNT, dispersion)
    return clustered_p(design, outcome, people, fit, blocks, design.shape[1] - 1, COUNT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shuffles", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        holdfast.rate(
            ROOT / "examples" / "chicago.toml", out=place / "chicago", overrides={"data": str(arguments.data)}
        )
        table(arguments.data).to_csv(place / "outcome.csv", index=False)
        found = holdfast.validate_rating(
            place / "chicago",
            place / "outcome.csv",
            columns={"count": "registrations", "people": "residents", "controls": CONTROLS},
        )
        summary = found.attrs["summary"]
        print(
            found.round(3).to_string(), *summary["words"], summary["learned"], summary["left_out"], sep="\n", flush=True
        )
        found.round(4).to_csv(arguments.out / "illinois_2013.csv", index=False)
        kept = {k: v for k, v in summary["learned"].items() if k not in ("weights", "parts")}
        learned = kept | summary["learned"]["weights"]
        pd.Series(learned, name="value").round(4).to_csv(
            arguments.out / "illinois_2013_learned.csv", index_label="what"
        )
        by_part = holdfast.validate_rating(
            place / "chicago",
            place / "outcome.csv",
            columns={"count": "registrations", "people": "residents", "controls": CONTROLS, "part": "county"},
        )
        parts = pd.DataFrame(by_part.attrs["summary"]["learned"]["parts"])
        print(parts, flush=True)
        parts.round(4).to_csv(arguments.out / "illinois_2013_parts.csv", index=False)
        if not arguments.shuffles:
            return
        rate_table = _rates(place, arguments.shuffles)
        print(rate_table)
        pd.Series(rate_table, name="share").to_csv(arguments.out / "illinois_2013_rates.csv", index_label="what")


def _rates(place: Path, shuffles: int) -> dict:
    import geopandas as gpd

    from holdfast.flows.candidates import candidates_of
    from holdfast.store import open_result
    from holdfast.store.result_files import read_shapes_of, read_summary

    opened = open_result(place / "chicago")
    cells, summary = read_shapes_of(opened, "cells.parquet"), read_summary(opened, "rating.json")
    areas = pd.read_csv(place / "outcome.csv").dropna()
    areas = areas[areas["residents"] > 0].reset_index(drop=True)
    points = gpd.GeoDataFrame(areas, geometry=gpd.points_from_xy(areas["longitude"], areas["latitude"]), crs=4326)
    candidates, _, kept = candidates_of(cells, summary, points.to_crs(cells.crs))
    singles = pd.DataFrame({n: t.iloc[:, 0] for n, t in candidates.items() if t.shape[1] == 1})
    return rates(
        areas[kept].reset_index(drop=True), singles["level"].to_numpy(), singles.drop(columns="level"), shuffles
    )


if __name__ == "__main__":
    main()
