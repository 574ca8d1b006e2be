"""Damage and repair cost beside pelicun: the same buildings, the same intensities, time and distribution.

    python benchmarks/damage_pelicun.py --data ../shared/data --peer /path/to/peer/bin/python

The peer is pelicun 3.10 in an environment of its own:

    python -m venv peer && peer/bin/pip install pelicun==3.10 simcenter-dlml==3.2

Without --peer the variable HOLDFAST_PELICUN names its interpreter. Peak ground accelerations are drawn once
(synthetic, seeded; lognormal with a part that all buildings of a draw share) and read by both. pelicun takes
all buildings of an occupancy as the locations of one assessment, its fastest way. Both run on one core; time is
processor time. Two cases: few buildings with many draws, where the distributions of the loss can be told apart to
two decimals, and a portfolio. Writes results/damage_pelicun.csv.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

MEDIAN, BETWEEN, WITHIN = 0.4, 0.3, 0.5  # g, and log standard deviations of the synthetic shaking
CODES = {"high_code": "HC", "moderate_code": "MC", "low_code": "LC", "pre_code": "PC"}
LABEL = "Hazus Earthquake - Buildings"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--peer", default=os.environ.get("HOLDFAST_PELICUN"), help="python with pelicun 3.10")
    parser.add_argument("--cases", nargs="+", default=["100x20000", "2000x200"], help="buildings x draws")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        pelicun_losses(options.inside)
        return
    if not options.peer:
        sys.exit("name the interpreter of an environment with pelicun 3.10: --peer or HOLDFAST_PELICUN")
    pieces = []
    for case in options.cases:
        buildings, draws = (int(n) for n in case.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            write_inputs(Path(folder), options.data, buildings, draws)
            command = [options.peer, __file__, "--inside", folder]
            single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
            subprocess.run(command, check=True, env={**os.environ, **single}, stdout=subprocess.DEVNULL)
            pieces.append(compared(Path(folder)).assign(case=case)[["case", "quantity", "value"]])
    rows = pd.concat(pieces)
    rows.to_csv(Path(__file__).parent / "results" / "damage_pelicun.csv", index=False, lineterminator="\n")
    print(rows.to_string(index=False))


def write_inputs(folder: Path, data: Path, buildings: int, draws: int) -> None:
    """Inventory of a random part of Berkeley, and its shaking."""
    from holdfast.data import packaged
    from holdfast.recovery.city.building_classes import asset_classes

    rng = np.random.default_rng(1)
    table = pd.read_csv(data / "city" / "berkeley_buildings.csv.gz").sample(buildings, random_state=1)
    table = table.rename(
        columns={"StructureType": "structure", "NumberOfStories": "stories", "YearBuilt": "year_built"}
    )
    table = table.rename(columns={"OccupancyClass": "occupancy", "ReplacementCost": "replacement_cost"})
    table["asset_class"] = asset_classes(table, "ubc_zone_4", packaged("hazus_fragility")).to_numpy()
    table[["asset_class", "occupancy", "replacement_cost"]].to_csv(folder / "buildings.csv", index=False)
    shape = (draws, buildings)
    logs = BETWEEN * rng.standard_normal((shape[0], 1)) + WITHIN * rng.standard_normal(shape)
    np.save(folder / "pga.npy", MEDIAN * np.exp(logs))


def pelicun_losses(folder: Path) -> None:
    """Run pelicun: one assessment per occupancy, its buildings as locations."""
    from pelicun.assessment import Assessment

    table, pga = pd.read_csv(folder / "buildings.csv"), np.load(folder / "pga.npy")
    code = table["asset_class"].str.split(".").str[1].map(CODES)
    body = table["asset_class"].str.split(".").str[0].str.replace(r"^(.+[0-9M])([LMH])$", r"\1.\2", regex=True)
    table["id"] = "LF." + body + "." + code
    ratios, start = np.zeros(pga.shape), time.process_time()
    for occupancy, rows in table.groupby("occupancy"):
        places = [str(i + 1) for i in range(len(rows))]
        columns = pd.MultiIndex.from_tuples([("PGA", p, "1") for p in places])
        demand = pd.DataFrame(pga[:, rows.index], columns=columns)
        demand.index = demand.index.astype(str)
        # as dlml's own Hazus configuration: without it a demand without direction is raised by 1.2
        run = Assessment({"PrintLog": False, "Seed": 1, "NonDirectionalMultipliers": {"ALL": 1.0}})
        run.stories = len(rows)
        units = pd.DataFrame([["g"] * len(places)], columns=columns, index=["Units"])
        run.demand.load_sample(pd.concat([units, demand]))
        each = {"Units": "ea", "Location": places, "Direction": "1", "Theta_0": "1", "Blocks": 1, "Family": None}
        run.asset.load_cmp_model({"marginals": pd.DataFrame(each, index=rows["id"].to_list())})
        run.asset.generate_cmp_sample(len(pga))
        run.damage.load_model_parameters([f"PelicunDefault/{LABEL}/fragility.csv"], set(rows["id"]))
        run.damage.calculate()
        run.loss.decision_variables = ("Cost",)
        names = sorted(set(rows["id"]))
        run.loss.add_loss_map(pd.DataFrame({"Repair": [f"LF.{occupancy}"] * len(names)}, index=names))
        run.loss.load_model_parameters([f"PelicunDefault/{LABEL}/consequence_repair.csv"])
        run.loss.calculate()
        sample = run.loss.ds_model.sample["Cost"]
        by_place = sample.T.groupby(level="loc").sum().T
        ratios[:, rows.index] = by_place.reindex(columns=places).fillna(0.0).to_numpy()
    seconds = time.process_time() - start
    np.save(folder / "peer_ratios.npy", ratios)
    (folder / "peer_seconds.txt").write_text(str(seconds))


def holdfast_losses(folder: Path) -> tuple[np.ndarray, float]:
    """The same with Holdfast on one core, after its kernels are compiled."""
    from holdfast.recovery.damage.assets import Assets, consequences
    from holdfast.recovery.damage.damage import draw_block
    from holdfast.recovery.damage.fragility import fragilities
    from holdfast.recovery.settings.parameters import load_parameters

    table, pga = pd.read_csv(folder / "buildings.csv"), np.load(folder / "pga.npy")
    zeros = np.zeros(len(table))
    listed = Assets(
        table["asset_class"],
        table["occupancy"],
        np.zeros((len(table), 2)),
        table["replacement_cost"].to_numpy(float),
        zeros,
        zeros,
        zeros.astype(int),
        zeros.astype(int),
        ("building",),
        len(table),
        0,
    )
    tables, seeds = load_parameters(), np.random.SeedSequence(7).spawn(len(pga))
    means = ({"building": 1}, "none")
    draw_block(
        {"PGA": pga[:2]},
        fragilities(tables, listed.asset_class, ["PGA"]),
        consequences(listed, tables, *means),
        None,
        seeds[:2],
    )
    start = time.process_time()
    functions, meaning = fragilities(tables, listed.asset_class, ["PGA"]), consequences(listed, tables, *means)
    cost = draw_block({"PGA": pga}, functions, meaning, None, seeds).repair_cost
    return cost, time.process_time() - start


def compared(folder: Path) -> pd.DataFrame:
    """Time and distributions of both, as quantities and values."""
    from scipy.stats import ks_2samp

    worth = pd.read_csv(folder / "buildings.csv")["replacement_cost"].to_numpy(float)
    theirs = np.load(folder / "peer_ratios.npy") * worth
    peer_seconds = float((folder / "peer_seconds.txt").read_text())
    ours, seconds = holdfast_losses(folder)
    per_building = [ks_2samp(ours[:, i], theirs[:, i]).statistic for i in range(len(worth))]
    values = {
        "pelicun_seconds": peer_seconds,
        "pelicun_asset_draws_per_second": theirs.size / peer_seconds,
        "holdfast_seconds": seconds,
        "holdfast_asset_draws_per_second": theirs.size / seconds,
        "times_faster_per_core": peer_seconds / seconds,
        "ks_total_loss": ks_2samp(ours.sum(axis=1), theirs.sum(axis=1)).statistic,
        "ks_pooled_loss_ratio": ks_2samp((ours / worth).ravel(), (theirs / worth).ravel()).statistic,
        "ks_building_loss_mean": float(np.mean(per_building)),
        "ks_building_loss_worst": max(per_building),
        "mean_total_loss_ratio": ours.sum() / theirs.sum(),
    }
    return pd.DataFrame({"quantity": values.keys(), "value": [float(f"{v:.6g}") for v in values.values()]})


if __name__ == "__main__":
    main()
