"""Which assumption matters most: shares of the variance of both losses by groups of uncertain inputs (Sobol).

Groups, each scaled by one level of its own in every run:
  chance      the draw of shaking, damage and durations (one draw per run, chosen by the level)
  fragility   medians of all fragility functions, factor 1/1.5 to 1.5 (pipe repair rates the inverse)
  delays      medians of all impeding delays, factor 1/2 to 2
  crews       crews of every trade, factor 1/2 to 2
  production  response of production to services, from the column low to high of table productivity, relative to full
  r_SS        response of service capacity, from low to high of table service_capacity
The ranges of the first three are assumed; those of the last two are stated with the tables. The losses follow from a
whole simulation each; the ranges, not the model, decide the shares, so they are printed with them.

Run: python benchmarks/influence.py [--studies helsinki berkeley] [--base 128 32] [--data ../shared/data/city]
Writes benchmarks/results/influence.csv.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config import RecoveryOptions
from holdfast.config.study import Study, load_study
from holdfast.flows.cities import Built, build_city, require_scenario
from holdfast.recovery.influence import Design, between, factor, saltelli_design, variance_shares
from holdfast.recovery.losses import lost
from holdfast.recovery.response import NETWORKS
from holdfast.recovery.simulate import simulate_block
from holdfast.types import Parameters

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "influence.csv"
GROUPS = ("chance", "fragility", "delays", "crews", "production", "r_SS")
MEDIANS, DELAYS, CREWS = 1.5, 2.0, 2.0
EVENTS = 4096
"""Draws among which the level of chance chooses."""
RESAMPLES = 500
HORIZON = 3650
LOSSES = ("total_economic_loss", "service_capacity_loss")


def changed(parameters: Parameters, level: dict[str, float]) -> Parameters:
    """Parameter tables at the levels of a run."""
    fragility, delays = parameters.fragility.copy(), parameters.delays.copy()
    fragility["median"] *= factor(level["fragility"], MEDIANS)
    delays["median_days"] *= factor(level["delays"], DELAYS)
    pipes = parameters.pipes
    if "repairs_per_km" in pipes.columns:
        pipes = pipes.assign(repairs_per_km=pipes["repairs_per_km"] / factor(level["fragility"], MEDIANS))
    return replace(
        parameters,
        fragility=fragility,
        delays=delays,
        pipes=pipes,
        productivity=_response(parameters.productivity, "occupancy", "productivity_per_area", level["production"]),
        service_capacity=_response(parameters.service_capacity, "category", "r_ss", level["r_SS"]),
    )


def _response(table: pd.DataFrame, kind: str, value: str, level: float) -> pd.DataFrame:
    """The value between low and high of its response to services; the value at full service stays."""
    at_full = table[(table[list(NETWORKS)] == 1).all(axis=1)].set_index(kind)
    share = {c: table[c] / table[kind].map(at_full[c]).where(lambda v: v > 0) for c in ("low", value, "high")}
    mixed = between(share["low"].to_numpy(), share[value].to_numpy(), share["high"].to_numpy(), level)
    return table.assign(**{value: np.nan_to_num(mixed) * table[kind].map(at_full[value])})


def run(study: Study, built: Built, level: dict[str, float]) -> list[float]:
    """Both losses of one run."""
    _, scenario = require_scenario(study)
    crews = {t: max(round(n * factor(level["crews"], CREWS)), 1) for t, n in study.recovery.crews.items()}
    options: RecoveryOptions = study.recovery.model_copy(update={"crews": crews})
    event = min(int(level["chance"] * EVENTS), EVENTS - 1)
    seed = np.random.SeedSequence(study.seed, spawn_key=(event,))
    block = simulate_block(built.city, changed(built.parameters, level), scenario, options, [seed])
    production = lost(np.full(1, block.normal[0]), block.EP)
    return [float(block.repair_cost.sum() + production[0]), float(block.unmet.sum())]


def rows(name: str, base: int, data: Path) -> pd.DataFrame:
    """Shares of one study."""
    overrides: dict[str, object] = {"recovery.draws": 1, "recovery.horizon_days": HORIZON}
    overrides |= {"data": str(data)} if name != "helsinki" else {}
    study, folder = load_study(ROOT / "examples" / f"{name}.toml", overrides)
    built = build_city(study, folder)
    design: Design = saltelli_design(dict.fromkeys(GROUPS, 1), base, study.seed)
    start = time.perf_counter()
    results = []
    for number, levels in enumerate(design.levels):
        results.append(run(study, built, dict(zip(GROUPS, levels, strict=True))))
        if number % 50 == 0:
            print(name, number, len(design.levels), f"{time.perf_counter() - start:.0f} s", flush=True)
    values = np.array(results)
    tables = []
    for k, loss in enumerate(LOSSES):
        for form, value in (("loss", values[:, k]), ("log of loss", np.log(np.maximum(values[:, k], 1.0)))):
            shares = variance_shares(value, design, RESAMPLES, np.random.default_rng(study.seed)).reset_index()
            tables.append(shares.assign(city=name, result=loss, of=form, runs=len(values)))
    return pd.concat(tables, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", nargs="+", default=["helsinki", "berkeley"])
    parser.add_argument("--base", type=int, nargs="+", default=[128, 32])
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/city")
    arguments = parser.parse_args()
    for name, base in zip(arguments.studies, arguments.base, strict=False):
        table = rows(name, base, arguments.data)
        if RESULT.exists():
            earlier = pd.read_csv(RESULT)
            table = pd.concat([earlier[earlier["city"] != name], table], ignore_index=True)
        table[["city", "result", "of", "runs", *[c for c in table if c not in ("city", "result", "of", "runs")]]].round(
            4
        ).to_csv(RESULT, index=False)
        print(table[table["city"] == name].round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
