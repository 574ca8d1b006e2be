"""Production with supply and demand: what each part does to both losses, and what each assumed figure does.

Every draw is recovered once; the economy is then run on it with every part off, each alone, all on, all but one, and
all on with each figure of ``production_figures`` at its low and its high. Repairs and people do not hang on the economy,
so the service-capacity loss of a draw is the same in all of them.

Run: python benchmarks/production_parts.py [--studies helsinki berkeley] [--draws 100 50] [--data ../shared/data/city]
Writes benchmarks/results/production_parts.csv and production_ranges.csv.
"""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from holdfast.config.study import load_study
from holdfast.flows.cities import load_city, require_scenario
from holdfast.flows.draws import PreparedRun, prepared_run
from holdfast.recovery.engine import Outcome
from holdfast.recovery.settings.run_settings import ProductionSettings
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.production import Closed, produced, production_inputs
from holdfast.recovery.simulation.simulate_draws import draw_seeds

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
ON, OFF = ProductionSettings(), ProductionSettings(*[False] * 7)
PARTS = ON._fields


class Recovered(NamedTuple):
    """One draw: what damage closed, and what the engine made of it."""

    closed: Closed
    out: Outcome


def variants() -> Iterator[tuple[str, ProductionSettings]]:
    """Name and switches of every run of the table."""
    yield "all off", OFF
    for part in PARTS:
        yield f"{part} alone", OFF._replace(**{part: True})
    yield "demand with stocks", OFF._replace(demand=True, stocks=True)
    yield "demand with stocks and rebuilding", OFF._replace(demand=True, stocks=True, rebuilding=True)
    yield "all on", ON
    for part in PARTS:
        yield f"all but {part}", ON._replace(**{part: False})


def recovered(run: PreparedRun, draws: int) -> tuple[list[Recovered], float]:
    """All draws, and the seconds that each took."""
    found, count, began = [], run.inputs.assets.buildings, time.perf_counter()
    for seed in (s for block in draw_seeds(1, draws) for s in block):
        damage, out = simulate_draw(run.inputs, seed)
        usable = damage.functional_share[:count]
        found.append(Recovered(Closed(usable, out.lost_production, damage.repair_cost), out))
    return found, (time.perf_counter() - began) / draws


def net_losses(
    run: PreparedRun, draws: list[Recovered], settings: ProductionSettings, figures: pd.DataFrame | None = None
) -> np.ndarray:
    """Lost production of every draw under some switches and figures."""
    of, tables = run.inputs.repair, run.loaded.parameters
    if figures is not None:
        tables = tables.__class__(**{**vars(tables), "production_figures": figures})
    city = run.loaded.city
    inputs = production_inputs(city.buildings, list(city.networks), of.city, of.baseline, tables, settings)
    if inputs is None:
        return np.array([(d.out.normal[0] - d.out.curves.production).sum() for d in draws])
    return np.array([produced(inputs, d.closed, d.out).lost for d in draws])


def row(lost: np.ndarray, draws: list[Recovered]) -> dict[str, Any]:
    """Figures of one run: millions and days of normal production."""
    cost = np.array([d.closed.cost.sum() for d in draws])
    gap = np.array([d.out.curves.gap.sum() for d in draws])
    low, middle, high = np.percentile(lost, [5, 50, 95])
    return {
        "draws": len(draws),
        "lost_production": lost.mean() / 1e6,
        "p5": low / 1e6,
        "p50": middle / 1e6,
        "p95": high / 1e6,
        "total_economic_loss": (lost + cost).mean() / 1e6,
        "service_capacity_loss": gap.mean(),
        "days_of_normal_production": (lost / draws[0].out.normal[0]).mean(),
        "over_repair_cost": lost.mean() / cost.mean(),
    }


def ranges(run: PreparedRun, draws: list[Recovered], base: float) -> Iterator[dict[str, Any]]:
    """Change of the net lost production with each figure at the ends of its range, all else as it is."""
    table = run.loaded.parameters.production_figures
    for name in table["figure"].drop_duplicates():
        own = table["figure"] == name
        if (table["low"] == table["high"])[own].all():
            continue
        ends = [
            net_losses(run, draws, ON, table.assign(value=table["value"].where(~own, table[end]))).mean() / base - 1
            for end in ("low", "high")
        ]
        yield {"figure": name, "at_low": ends[0], "at_high": ends[1]}


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", nargs="+", default=["helsinki", "berkeley"])
    parser.add_argument("--draws", nargs="+", type=int, default=[100, 50])
    parser.add_argument(
        "--data", default=str(Path(os.environ.get("HOLDFAST_DATA", ROOT / ".." / "shared" / "data")) / "city")
    )
    options = parser.parse_args()
    parts, figures = [], []
    for name, count in zip(options.studies, options.draws, strict=True):
        study, folder = load_study(ROOT / "examples" / f"{name}.toml", {"data": options.data})
        run = prepared_run(study, require_scenario(study)[1], folder, load_city(study, folder))
        draws, seconds = recovered(run, count)
        found = {what: net_losses(run, draws, settings) for what, settings in variants()}
        began = time.perf_counter()
        net_losses(run, draws, ON)
        more = (time.perf_counter() - began) / count
        parts += [{"study": name, "run": what, **row(lost, draws)} for what, lost in found.items()]
        figures += [{"study": name, **r} for r in ranges(run, draws, float(found["all on"].mean()))]
        print(f"{name}: {seconds:.3f} s a draw, {more:.3f} s of it more for the economy")
    pd.DataFrame(parts).to_csv(RESULTS / "production_parts.csv", index=False, float_format="%.6g", lineterminator="\n")
    pd.DataFrame(figures).to_csv(
        RESULTS / "production_ranges.csv", index=False, float_format="%.4g", lineterminator="\n"
    )


if __name__ == "__main__":
    main()
