"""Which figures of the people matter most: one at a time over their ranges, under common random numbers.

Run: python benchmarks/people_matter.py [--draws 20] [--budget 5e7]
Writes benchmarks/results/people_matter.csv: central Helsinki with all groups deciding; per figure of the tables of people and firms its
lower and upper end, and what going from the lower to the upper end does to the net lost production and the service-capacity
loss, mean over the draws, with the standard error of the paired differences. Figures of a publication have no range; the budget of the
government goes from half to twice. One at a time: what two figures do together is not seen.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from people_decide import ALL, inputs_of, losses

from holdfast.data import packaged
from holdfast.recovery.people.residents import residents_of
from holdfast.recovery.simulation.draw_inputs import DrawInputs

RESULT = Path(__file__).parent / "results" / "people_matter.csv"
LOSSES = ("net_lost_production", "service_capacity_loss")
OF_FIRMS = ("local_workers", "reopening_days", "relocation_wait")
"""Figures of ``production_figures`` that hold for all sectors and say what people or firms do."""


def changed(inputs: DrawInputs, name: str, value: float) -> DrawInputs:
    """The inputs with one figure at another value."""
    own, agents = inputs.production, inputs.agents
    if name == "local_workers":
        return inputs._replace(production=own._replace(workers=own.workers._replace(local=value)))
    if name in OF_FIRMS:
        field = {"reopening_days": "reopening", "relocation_wait": "wait"}[name]
        return inputs._replace(production=own._replace(hazards=own.hazards._replace(**{field: value})))
    figures = {**agents.figures, name: value}
    residents = residents_of(inputs.city.buildings, inputs.city.zones, figures)
    return inputs._replace(agents=agents._replace(figures=figures, residents=residents))


def ranges(budget: float) -> Iterator[tuple[str, float, float]]:
    """Figures with their lower and upper ends."""
    people, firms = packaged("people_figures"), packaged("production_figures")
    # the terms of race are no range of a figure: they are left out or not
    people = people[~people["figure"].isin(["government_budget", "dislocation_black", "dislocation_hispanic"])]
    firms = firms[firms["figure"].isin(OF_FIRMS) & (firms["sector"].fillna("") == "")]
    for row in pd.concat([people, firms]).itertuples():
        if float(row.low) < float(row.high):
            yield str(row.figure), float(row.low), float(row.high)
    yield "government_budget", budget / 2, budget * 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--budget", type=float, default=5e7, help="of the government, USD of 2017")
    given = parser.parse_args()
    inputs = inputs_of("helsinki", Path(), ALL, given.budget)
    rows = []
    for name, low, high in ranges(given.budget):
        ends = [losses(changed(inputs, name, value), given.draws)[0] for value in (low, high)]
        row: dict[str, object] = {"figure": name, "low": low, "high": high, "draws": given.draws}
        for loss in LOSSES:
            apart = ends[1][loss] - ends[0][loss]
            row |= {f"{loss}_change": apart.mean(), f"{loss}_error": apart.std(ddof=1) / np.sqrt(given.draws)}
        rows.append(row)
        print(*row.values(), sep=" | ", flush=True)
    table = pd.DataFrame(rows)
    scale = {loss: table[f"{loss}_change"].abs().max() for loss in LOSSES}
    largest = pd.concat([table[f"{loss}_change"].abs() / scale[loss] for loss in LOSSES], axis=1).max(axis=1)
    table = table.loc[largest.sort_values(ascending=False).index]
    table.to_csv(RESULT, index=False, float_format="%.4g")
    print(table.head(10).to_string(index=False))


if __name__ == "__main__":
    main()
