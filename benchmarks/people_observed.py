"""What people who decide do, beside what was observed; nothing is tuned to it.

Run: python benchmarks/people_observed.py [--draws 10] [--data ../shared/data]
Writes benchmarks/results/people_observed.csv, a row per quantity, with the observed value, the mean over the draws and its standard
error, in central Helsinki and north-east San Francisco with residents and firms who decide and no government:
  shelter_day_<x>     day by which fewer than x of those on day 9 still need a place: people in shelters of Puerto Rico after Maria,
                      2017 (status page of the government, first row day 9; the city: displaced people without hosts)
  regained_<month>    share of the people missing at the lowest point who are back, or replaced, so many months later: New Orleans from
                      36 % in January 2006 (USA Today, 7 June 2006, of Census figures) to 46 % in July 2006 and 78 % in
                      December 2009 (press, second-hand); Christchurch, from 20,000 fewer to its number of 2010 in 2017
  firms_open_26       share of the firms of damaged premises that are open 26 months after: .65 of all surveyed firms of New
                      Orleans (Lam et al. 2009, doi 10.1371/journal.pone.0006765, abstract)
  dislocated          share of the residents of north-east San Francisco out of their home: expected by the published function
                      coded again here (observed), and drawn; not_habitable: whose home the damage states close
None of the observed places is the city simulated: shapes and orders of magnitude are compared.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from people_decide import ROOT, inputs_of

from holdfast.recovery.people.residents import ONE_HOUSEHOLD
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.recovery.simulation.peopled import peopled_draw
from holdfast.recovery.simulation.production.firms import firm_days
from holdfast.recovery.simulation.production.produced import Span, idle_firms, share_here
from holdfast.recovery.simulation.simulate_draws import draw_seeds

RESULT = ROOT / "benchmarks" / "results" / "people_observed.csv"
FIRST, SHARES = 9, (0.5, 0.1, 0.05)
MONTHS = {
    6: ("New Orleans", (0.46 - 0.36) / 0.64),
    47: ("New Orleans", (0.78 - 0.36) / 0.64),
    76: ("Christchurch", 1.0),
}
OPEN_MONTHS, OPEN_SHARE = 26, 0.65
MONTH = 365 / 12


def maria(data: Path) -> pd.Series:
    """People in shelters by day since the landfall of 20 September 2017."""
    table = pd.read_csv(data / "observed" / "maria_2017_puerto_rico_status.csv")
    table = table[table["Resource"] == "People in shelters"]
    days = pd.to_datetime(table[["Year", "Month", "Day"]].astype(str).agg(" ".join, axis=1), format="%Y %b %d")
    return pd.Series(table["Value"].to_numpy(float), index=(days - pd.Timestamp("2017-09-20")).dt.days).sort_index()


def below(day: np.ndarray, persons: np.ndarray, share: float) -> float:
    """First day after `FIRST` from which fewer than a share of those of that day are left; null if there never were any."""
    start = persons[day <= FIRST]
    if not start.size or start[-1] <= 0:
        return np.nan
    over = np.flatnonzero(persons >= share * start[-1])
    return float(day[over[-1] + 1]) if over[-1] + 1 < day.size else np.nan


def regained(there: np.ndarray, months: int) -> float:
    """Share of those missing on the lowest day who are there so many months later."""
    low = int(there.argmin())
    later = there[min(low + round(months * MONTH), there.size - 1)]
    return float((later - there[low]) / (there[0] - there[low])) if there[0] > there[low] else np.nan


def open_firms(inputs: DrawInputs, seed: np.random.SeedSequence) -> dict[str, float]:
    """What one draw gives for every quantity but the dislocated."""
    damage, out, acts = peopled_draw(inputs, seed)
    curves, of = out.curves, inputs.production
    day = np.arange(curves.demand.size)
    found = {f"shelter_day_{s:g}": below(day, curves.displaced - curves.hosted, s) for s in SHARES}
    found |= {f"regained_{m}": regained(curves.demand, m) for m in MONTHS}
    days = curves.demand.size + of.days_after
    span = Span(0, days, np.where(out.finished < 0, days, out.finished))
    firms, idle = idle_firms(of, damage.functional_share[: inputs.assets.buildings], span)
    did = firm_days(firms, idle, share_here(of, out, days), of.normal, of.hazards, acts.firms)
    when = round(OPEN_MONTHS * MONTH)
    # who moved, and who is back in repaired premises; a newcomer in them is another firm
    works = (did.moves <= when) | ((did.until <= when) & ~did.shut)
    found[f"firms_open_{OPEN_MONTHS}"] = float(works.mean()) if works.size else np.nan
    residents = inputs.city.buildings["residents"].to_numpy()
    found["dislocated"] = acts.persons[0] / residents.sum()
    found["not_habitable"] = 1 - damage.reoccupied_share[: residents.size] @ residents / residents.sum()
    found["expected"] = expected_share(inputs, damage.repair_cost[: residents.size])
    return found


def expected_share(inputs: DrawInputs, cost: np.ndarray) -> float:
    """Share of the residents that the published function has leave, from its coefficients."""
    buildings = inputs.city.buildings
    percent = 100 * np.minimum(cost / buildings["replacement_cost"].to_numpy(), 1)
    one = buildings["occupancy"].astype(str).isin(ONE_HOUSEHOLD).to_numpy()
    p = np.where(percent > 0, 1 / (1 + np.exp(0.42523 - 0.0248 * percent + 0.50166 * one)), 0.0)
    residents = buildings["residents"].to_numpy()
    return float(p @ residents / residents.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    given = parser.parse_args()
    seen = maria(given.data)
    observed = {f"shelter_day_{s:g}": below(seen.index.to_numpy(), seen.to_numpy(), s) for s in SHARES}
    observed |= {f"regained_{m}": value for m, (_, value) in MONTHS.items()}
    observed |= {f"firms_open_{OPEN_MONTHS}": OPEN_SHARE}
    rows = []
    for name in ("helsinki", "nesf"):
        inputs = inputs_of(name, given.data / "city", ["residents", "businesses"], 0.0)
        seeds = [seed for block in draw_seeds(1, given.draws) for seed in block]
        table = pd.DataFrame([open_firms(inputs, seed) for seed in seeds])
        known = observed | {"dislocated": table.pop("expected").mean()}
        for quantity in table:
            values = table[quantity].dropna()
            error = values.std(ddof=1) / np.sqrt(max(values.size, 1))
            rows.append(
                (name, quantity, known.get(quantity, np.nan), values.mean(), values.median(), error, values.size)
            )
    columns = ["city", "quantity", "observed", "mean", "median", "standard_error", "draws"]
    table = pd.DataFrame(rows, columns=columns)
    table.to_csv(RESULT, index=False, float_format="%.4g")
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
