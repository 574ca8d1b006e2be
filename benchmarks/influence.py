"""Which assumption matters most: shares of the variance of both losses by groups of uncertain inputs (Sobol).

Groups, each with one level of its own in every run:
  chance      the draw of shaking, damage and durations
  fragility   medians of all fragility functions, factor 1/1.5 to 1.5 (repairs per km of pipe the inverse)
  delays      medians of all days that pass before a repair, of REDi and of owners and desks, factor 1/2 to 2
  desks       servers of every desk before a repair, factor 1/2 to 2
  crews       crews of every trade, named or the city's own, factor 1/2 to 2
  EP level    production per floor area at full service, from low to high of table productivity
  production  its response to services, from low to high of table productivity, relative to full service
  r_SS        response of service capacity and habitability, from low to high of table service_capacity
The ranges of fragility, delays, desks and crews are assumed, the others stated with the tables. Two questions: "one event" lets
chance choose the event; "mean of N events" averages the same N events in every run, so chance drops out.

Run: python benchmarks/influence.py [--studies helsinki berkeley] [--base 128 32] [--mean-base 64 16] [--events 10 4]
Writes benchmarks/results/influence.csv. A base of 0 leaves that question out.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from variance_shares import Design, between, factor, saltelli_design, variance_shares

from holdfast.config.study import Study, load_study
from holdfast.flows.bind import damage_settings_of, recovery_settings_of, resources_of
from holdfast.flows.cities import LoadedCity, load_city, require_scenario
from holdfast.flows.hazards import hazard_of
from holdfast.recovery.damage.trade_pools import with_usual_crews
from holdfast.recovery.function.response import NETWORKS
from holdfast.recovery.losses.losses import lost
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import simulate_block
from holdfast.types import Parameters

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "influence.csv"
CHANCE = "chance"
ASSUMPTIONS = ("fragility", "delays", "desks", "crews", "EP level", "production", "r_SS")
MEDIANS, DELAYS, DESKS, CREWS = 1.5, 2.0, 2.0, 2.0
EVENTS = 4096
"""Draws among which the level of chance chooses."""
RESAMPLES = 500
HORIZON = 3650
LOSSES = ("total_economic_loss", "service_capacity_loss")


def changed(parameters: Parameters, level: dict[str, float]) -> Parameters:
    """Parameter tables at the levels of a run."""
    weaker = factor(level["fragility"], MEDIANS)
    fragility = parameters.fragility.assign(median=parameters.fragility["median"] * weaker)
    longer = factor(level["delays"], DELAYS)
    figures = parameters.rebuilding_figures
    own = figures["figure"].str.endswith("_servers") * (factor(level["desks"], DESKS) - 1)
    # builders of the city follow their share in buildings, which also is the scale of scarcity
    own += (figures["figure"] == "building_share") * (factor(level["crews"], CREWS) - 1)
    pipes = parameters.pipes.assign(repairs_per_km=parameters.pipes["repairs_per_km"] / weaker)
    worth = responded(
        parameters.productivity, "occupancy", "productivity_per_area", level["production"], level["EP level"]
    )
    return replace(
        parameters,
        fragility=fragility,
        delays=later(parameters.delays, longer),
        rebuilding_steps=later(parameters.rebuilding_steps, longer),
        rebuilding_owners=later(parameters.rebuilding_owners, longer),
        rebuilding_figures=figures.assign(value=figures["value"] * (1 + own)),
        pipes=pipes,
        productivity=worth,
        service_capacity=responded(parameters.service_capacity, "category", "r_ss", level["r_SS"], 0.5),
    )


def later(table: pd.DataFrame, by: float) -> pd.DataFrame:
    """A table of delays with all medians times `by`."""
    return table.assign(median_days=table["median_days"] * by)


def responded(table: pd.DataFrame, kind: str, value: str, response: float, full: float) -> pd.DataFrame:
    """A table of responses at a level of its response to services and one of its value at full service."""
    columns = ("low", value, "high")
    at_full = table[(table[list(NETWORKS)] == 1).all(axis=1)].set_index(kind)
    tops = [table[kind].map(at_full[c]).to_numpy(np.float64) for c in columns]
    shares = [
        np.divide(table[c], top, out=np.ones(len(table)), where=top > 0) for c, top in zip(columns, tops, strict=True)
    ]
    (low, mean, high), (bottom, top, most) = shares, tops
    return table.assign(**{value: between(low, mean, high, response) * between(bottom, top, most, full)})


def run(study: Study, loaded: LoadedCity, level: dict[str, float], events: Sequence[int]) -> list[float]:
    """Both losses, mean over some events."""
    _, scenario = require_scenario(study)
    options = study.recovery
    resources, _ = with_usual_crews(resources_of(options), loaded.city)
    crews = {t: max(round(n * factor(level["crews"], CREWS)), 1) for t, n in resources.crews.items()}
    seeds = [np.random.SeedSequence(study.seed, spawn_key=(event,)) for event in events]
    inputs = prepare(
        loaded.city,
        hazard_of(scenario, {}),
        replace(resources, crews=crews),
        damage_settings_of(options, scenario),
        recovery_settings_of(options),
        changed(loaded.parameters, level),
        scenario.vs30,
    )
    block = simulate_block(inputs, seeds)
    production = lost(np.full(len(seeds), block.curves.normal[0]), block.curves.EP)
    return [
        float((block.draws.repair_cost.sum(axis=1) + production).mean()),
        float(block.curves.gap.sum(axis=1).mean()),
    ]


def shares(study: Study, loaded: LoadedCity, base: int, events: int) -> pd.DataFrame:
    """Shares of one study and question; `events` 0: one event, chosen by chance."""
    groups = ASSUMPTIONS if events else (CHANCE, *ASSUMPTIONS)
    design: Design = saltelli_design(dict.fromkeys(groups, 1), base, study.seed)
    start = time.perf_counter()
    results = []
    for number, levels in enumerate(design.levels):
        level = dict(zip(groups, levels, strict=True))
        chosen = range(events) if events else [min(int(level[CHANCE] * EVENTS), EVENTS - 1)]
        results.append(run(study, loaded, level, chosen))
        if number % 100 == 0:
            print(study.name, number, len(design.levels), f"{time.perf_counter() - start:.0f} s", flush=True)
    values = np.array(results)
    question = f"mean of {events} events" if events else "one event"
    tables = []
    for k, loss in enumerate(LOSSES):
        table = variance_shares(values[:, k], design, RESAMPLES, np.random.default_rng(study.seed)).reset_index()
        spread = values[:, k].std() / values[:, k].mean()
        tables.append(table.assign(result=loss, question=question, runs=len(values), spread_over_mean=spread))
    return pd.concat(tables, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", nargs="+", default=["helsinki", "berkeley"])
    parser.add_argument("--base", type=int, nargs="+", default=[128, 32])
    parser.add_argument("--mean-base", type=int, nargs="+", default=[64, 16])
    parser.add_argument("--events", type=int, nargs="+", default=[10, 4])
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/city")
    given = parser.parse_args()
    first = ["city", "question", "result", "group"]
    for name, base, mean_base, events in zip(given.studies, given.base, given.mean_base, given.events, strict=False):
        overrides: dict[str, object] = {"recovery.draws": 1, "recovery.horizon_days": HORIZON}
        overrides |= {"data": str(given.data)} if name != "helsinki" else {}
        study, folder = load_study(ROOT / "examples" / f"{name}.toml", overrides)
        loaded = load_city(study, folder)
        for size, count in [(s, n) for s, n in ((base, 0), (mean_base, events)) if s]:
            table = shares(study, loaded, size, count).assign(city=name)
            if RESULT.exists():
                earlier = pd.read_csv(RESULT)
                same = (earlier["city"] == name) & earlier["question"].isin(table["question"])
                table = pd.concat([earlier[~same], table], ignore_index=True)
            table[[*first, *[c for c in table if c not in first]]].round(4).to_csv(RESULT, index=False)
            print(table[table["city"] == name].round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
