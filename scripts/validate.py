"""Make docs/validation.md: the simulator against published figures.

python scripts/validate.py ../shared/data/city
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from observed_events import END, START, section

import holdfast
from holdfast.config import load_study
from holdfast.flows.cities import load_city
from holdfast.pages.words import amount, rounded, with_interval

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "validation.md"
MONEY = "USD_2017"


def given_states(folder: Path) -> tuple[str, float]:
    """Repair cost and days of the given damage states against the published columns."""
    raw = pd.read_csv(folder / "nesf_buildings_damage.csv.gz", dtype={"id": str}).set_index("id").sort_index()
    study, place = load_study(ROOT / "examples" / "nesf.toml", {"data": str(folder)})
    built = load_city(study, place)
    table = built.parameters.repair.set_index(["asset_class", "damage_state"])
    states = np.array(["none", "slight", "moderate", "extensive", "complete"])[raw["damage_state"]]
    keys = pd.MultiIndex.from_arrays([raw["occupancy"], states])
    cost = table["repair_cost_ratio"].reindex(keys).fillna(0).to_numpy() * raw["replacement_cost"].to_numpy()
    days = table["repair_days"].reindex(keys).fillna(0).to_numpy()
    same = np.isclose(days, raw["repair_time_days"])
    odd = ", ".join(raw.index[~same])
    residents = built.city.buildings["residents"].sum()
    text = f"""| quantity | published | Holdfast | difference |
|---|---|---|---|
| residents | {raw["population"].sum():,} | {residents:,.0f} | {residents - raw["population"].sum():,.0f} |
| repair cost, USD | {raw["repair_cost"].sum():,.2f} | {cost.sum():,.2f} | {cost.sum() / raw["repair_cost"].sum() - 1:.1e} |
| buildings with the same repair cost | {len(raw):,} | {int(np.isclose(cost, raw["repair_cost"]).sum()):,} | |
| buildings with the same repair days | {len(raw):,} | {int(same.sum()):,} | ids {odd} |

The published days are the clean-up and repair days of Hazus by occupancy and damage state, whatever the size of the
building. In the {int((~same).sum())} other rows a completely damaged building has 1 day where the table says 240; the likely
cause is a collapse priced by another rule in the published run, which cannot be checked from the file.
"""
    return text, float(raw["repair_cost"].sum())


def own_draws(folder: Path, published: float) -> str:
    """Draws of our own under a stated shaking, beside the published realisation."""
    rows = []
    for value in (0.2, 0.3, 0.4):
        keys = {"data": str(folder), "recovery.damage": "draw", "recovery.draws": 100, "scenario.value": value}
        curves = holdfast.simulate(ROOT / "examples" / "nesf.toml", overrides=keys)
        cost = curves["repair_cost_buildings"].to_numpy()
        low, middle, high = np.percentile(cost, [5, 50, 95])
        below = (cost < published).mean()
        rows.append(
            f"| {value:.1f} g | {amount(middle, MONEY)} ({amount(low, MONEY)} to {amount(high, MONEY)}) "
            f"| {below:.0%} | {with_interval(curves.attrs['summary']['losses']['total_economic_loss'])} |"
        )
    return "\n".join(rows)


def berkeley(folder: Path) -> str:
    """Both losses of Berkeley, and what they mean for a resident."""
    keys = {"data": str(folder), "recovery.draws": 1000}
    curves = holdfast.simulate(ROOT / "examples" / "berkeley.toml", overrides=keys, workers=2)
    summary = curves.attrs["summary"]
    names = ("total_economic_loss", "repair_cost", "lost_production", "service_capacity_loss")
    rows = [
        f"| {name.replace('_', ' ')} | {amount(e['p5'], e['unit'])} | {amount(e['p50'], e['unit'])} | {amount(e['p95'], e['unit'])} "
        f"| {amount(e['mean'], e['unit'])} ± {amount(e['mean_error'], e['unit'], 2)} |"
        for name in names
        for e in [summary["losses"][name]]
    ]
    head = f"{summary['buildings']:,} buildings, {rounded(summary['residents'])} residents, {summary['draws']} draws."
    days = summary["losses"]["service_capacity_loss"]["p50"] / summary["residents"]
    lost = summary["losses"]["lost_production"]["p50"] / summary["normal"]["EP"]
    asked = f"""
Asked whether such a city exists: in the median the person-days are {days:.0f} full days for each resident, where Canterbury was of the order of
15 to 40, and lost production is {lost:.0f} days of the normal one. No city is known that lost so much: everything stands under 0.4 g at once, and its own builders alone repair
it over years. Take the amounts for what such a city could lose without help from outside."""
    table = "\n\n| loss | P5 | P50 | P95 | mean ± Monte-Carlo error |\n|---|---|---|---|---|\n" + "\n".join(rows)
    return head + table + "\n" + asked


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    table, published = given_states(folder)
    TARGET.write_text(
        f"""# Validation

Made by `python scripts/validate.py ../shared/data/city`; nothing here is tuned to fit but the growth of builders, where it is said.

## What a planner may and may not conclude

**May**, under the same draws for all that is compared:

- which of two strategies, measures or numbers of crews loses less: what both share of the errors below cancels. The order is what stands,
  not the amount.
- what holds a recovery up: whether waits before a repair, builders, power or water bind, and where.
- how long a power network on a mainland takes after a storm once the outages of its first day are known, and roughly which areas come last.

**May not**:

- put an amount of money or of person-days of a single event into a budget. Half of the published figures of lifelines lie outside our 90 % bands,
  no curve of a whole city has been compared with one that was observed, and Berkeley's person-days for a resident are ten times Canterbury's.
- take the days until water is back: Kobe's took far longer. Power after an earthquake comes back too late here, after a storm on an island too early.
- read a gain from rebuilding: gross output cannot rise above normal here, and Canterbury's did.
- decide about a single building, or about a place whose buildings a bare map gives.

{START}

{section()}
{END}

## North-east San Francisco: one published realisation

1,001 buildings with one simulated damage realisation, from the example of the package pyrecodes. Given the damage
states in the data:

{table}
### Draws of our own

The data hold no shaking, so none can reproduce the realisation. Beside it, 100 draws each under three uniform median
shakings (log standard deviation 0.3 between events and 0.5 between sites), with our own structural classes:

| median PGA | repair cost of the buildings, median (90 % interval) | draws below the published {amount(published, MONEY)} | total economic loss |
|---|---|---|---|
{own_draws(folder, published)}

How to read it: the published realisation may have used older design codes for old timber houses than the rule of Hazus
that we follow, so ours can come out milder at the same shaking. One building holds 20 % of the value and one hotel 23 % of the
people; totals hang on their damage states.

## Berkeley: a whole city

{berkeley(folder)}

A stress test at a uniform median of 0.4 g with synthetic networks: no forecast and no published event. Twenty rows of the
file repeat one parcel and count once; the number of residents is scaled to the census.

## Closed forms and independent codes

| what | held to | where |
|---|---|---|
| five buildings, both losses to the cent; power, pump, tank and hospital | worked by hand | tests |
| Smith's rule, knapsacks, schedules with delays | brute force | tests |
| semi-flexible strategy | the exact optimum by HiGHS | [strategies.md](strategies.md) |
| engine, whole runs | pyrecodes on its own example | [recovery-method.md](recovery-method.md) |
| spanning trees, maximum flow | networkx | tests |
| water networks | wntr's pressure-driven demand | [networks.md](networks.md) |
| ground-motion models | the authors' codes and OpenQuake | [earthquake.md](earthquake.md) |
| losses of buildings | pelicun | [damage.md](damage.md) |
| net output | seasonal naive, means, linear model, boosted trees | [productivity.md](productivity.md) |
| consumption of buildings | mean and linear model | [service-capacity.md](service-capacity.md) |
| interpolation, Moran's I, contiguity, colours | tobler, esda, libpysal, colorspacious | tests |

Zero shaking gives exactly zero loss; the city is the sum of its buildings; bytes are equal for any number of workers.

## What is not validated

The response of buildings to missing services, the category weights and the synthetic networks are assumptions, labelled so in
every report. The one curve after an earthquake that was
compared, Canterbury's output, is of a region and was missed; of a single city none has been compared.
""",
        encoding="utf-8",
    )
    print(TARGET)


if __name__ == "__main__":
    main()
