"""Both losses before and after the trained responses, and per lifeline removed.

"before": one assumed residual per category and network, multiplied, for production and service alike (table services);
"after": the packaged archives of EP and r_SS. Removed: the buildings do not need the lifeline and it is not damaged, so
the change of a loss, its sign turned, is what the lifeline adds to it, under common random numbers. The last columns need
no event: what is left of the undamaged city, and lost per day, while the one service is down everywhere.

Run: python benchmarks/lifelines.py [--studies helsinki berkeley] [--draws 20] [--data ../shared/data/city]
Writes benchmarks/results/lifelines.csv: money in millions, person-days in thousands, differences paired over draws.
"""

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.config.study import load_study
from holdfast.flows.bind import damage_settings_of, recovery_settings_of, resources_of
from holdfast.flows.cities import load_city, require_scenario
from holdfast.flows.hazards import hazard_of
from holdfast.recovery.city import City
from holdfast.recovery.damage.trade_pools import with_usual_crews
from holdfast.recovery.function.productivity import normal_production
from holdfast.recovery.function.response import NETWORKS, from_table
from holdfast.recovery.function.supplementary import capacity_levels
from holdfast.recovery.losses.block_result import joined
from holdfast.recovery.losses.losses import lost
from holdfast.recovery.settings.run_settings import Resources
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block
from holdfast.types import Parameters

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "lifelines.csv"
HORIZON = 3650


def without(city: City, name: str) -> City:
    """The city whose buildings and networks do not need one lifeline."""
    kept = {n: w for n, w in city.networks.items() if n != name}
    needs = {n: replace(w, dependencies=w.dependencies[w.dependencies["on_network"] != name]) for n, w in kept.items()}
    return replace(city, networks=needs)


def first_tables(parameters: Parameters) -> Parameters:
    """Parameters of the first release: one product of residuals for production and service."""
    residual = parameters.services.set_index("category")
    category = parameters.occupancies.set_index("occupancy")["category"]
    levels = np.array(list(product((0.0, 1.0), repeat=len(NETWORKS))))
    full = parameters.productivity[(parameters.productivity[list(NETWORKS)] == 1).all(axis=1)].set_index("occupancy")
    parts = []
    for occupancy, row in full.iterrows():
        left = residual.loc[category[occupancy], [f"{n}_residual" for n in NETWORKS]].to_numpy(np.float64)
        share = np.prod(1 - (1 - left) * (1 - levels), axis=1)
        table = pd.DataFrame(levels, columns=list(NETWORKS)).assign(
            occupancy=occupancy, unit=row["unit"], source="first"
        )
        for column in ("productivity_per_area", "low", "high"):
            table[column] = row[column] * share
        parts.append(table)
    table = pd.concat(parts, ignore_index=True)[list(parameters.productivity.columns)]
    return replace(parameters, productivity=table, service_capacity=pd.DataFrame())


def losses_of(city: City, parameters: Parameters, study: Study, resources: Resources) -> dict[str, np.ndarray]:
    """Losses of every draw."""
    _, scenario = require_scenario(study)
    damage, recovery = damage_settings_of(study.recovery, scenario), recovery_settings_of(study.recovery)
    resources, _ = with_usual_crews(resources, city)
    inputs = prepare(city, hazard_of(scenario, {}), resources, damage, recovery, parameters, scenario.vs30)
    every = joined([simulate_block(inputs, seeds) for seeds in draw_seeds(study.seed, study.recovery.draws)])
    production = lost(np.full(len(every.curves.EP), every.curves.normal[0]), every.curves.EP)
    repair = every.draws.repair_cost.sum(axis=1)
    return {
        "total_economic_loss": repair + production,
        "repair_cost": repair,
        "lost_production": production,
        "service_capacity_loss": every.curves.gap.sum(axis=1),
    }


def outage(city: City, parameters: Parameters, name: str) -> dict[str, float]:
    """What one service down everywhere costs an undamaged city per day, in production and persons of unmet need."""
    buildings = city.buildings
    kinds, response = from_table(parameters.productivity, "occupancy", "productivity_per_area", (name,))
    normal = normal_production(buildings, parameters.productivity).to_numpy()
    left = response.share[kinds.get_indexer(buildings["occupancy"].astype(str)), 0]
    able, stay = service_left(parameters, name)
    category = parameters.occupancies.set_index("occupancy")["category"].reindex(buildings["occupancy"])
    there = able[able.index.isin(set(category))]
    weight = parameters.services.set_index("category")["weight"].reindex(there.index)
    weight = weight / weight.sum()
    residents = float(buildings["residents"].sum())
    unmet = 0.5 * residents * ((1 - stay) + float(weight @ (1 - there)))
    people = (buildings["residents"] + buildings["workers"]).to_numpy(np.float64)
    capable = able.reindex(category).to_numpy(np.float64)
    return {
        "EP_left": float(normal @ left / normal.sum()),
        "r_ss_left": float(people @ capable / people.sum()),
        "production_lost_million_per_day": float(normal @ (1 - left)) / 1e6,
        "unmet_thousand_persons": unmet / 1e3,
    }


def service_left(parameters: Parameters, name: str) -> tuple[pd.Series, float]:
    """r_SS of each category, and the habitable share, without one service."""
    if parameters.service_capacity.empty:
        residual = parameters.services.set_index("category")[f"{name}_residual"].astype("float64")
        return residual, float(residual["home"])
    categories, _, share = capacity_levels(parameters.service_capacity, (name,))
    left = pd.Series(share[:, 0], index=pd.Index(categories, name="category"))
    return left.drop("habitable"), float(left["habitable"])


def rows(name: str, draws: int, data: Path) -> list[dict[str, object]]:
    """All rows of one study."""
    overrides: dict[str, object] = {"recovery.draws": draws, "recovery.horizon_days": HORIZON}
    overrides |= {"data": str(data)} if name != "helsinki" else {}
    study, folder = load_study(ROOT / "examples" / f"{name}.toml", overrides)
    built = load_city(study, folder)
    found = []
    for label, parameters in (("before", first_tables(built.parameters)), ("after", built.parameters)):
        whole: dict[str, np.ndarray] = {}
        for lifeline in ("none", *built.city.networks):
            city = built.city if lifeline == "none" else without(built.city, lifeline)
            crews = {t: n for t, n in study.recovery.crews.items() if t == "building" or t in city.networks}
            loss = losses_of(city, parameters, study, replace(resources_of(study.recovery), crews=crews))
            whole = whole or loss
            row: dict[str, object] = {"city": name, "tables": label, "lifeline_removed": lifeline, "draws": draws}
            for key, values in loss.items():
                unit, scale = ("thousand_person_days", 1e3) if key.startswith("service") else ("million", 1e6)
                change = values - whole[key]
                row[f"{key}_{unit}"] = values.mean() / scale
                row[f"{key}_error"] = values.std(ddof=1) / len(values) ** 0.5 / scale
                row[f"{key}_change"] = change.mean() / scale
                row[f"{key}_change_error"] = change.std(ddof=1) / len(values) ** 0.5 / scale
            found.append(row | (outage(built.city, parameters, lifeline) if lifeline != "none" else {}))
            print(name, label, lifeline, {k: round(float(v.mean()) / 1e6, 3) for k, v in loss.items()}, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", nargs="+", default=["helsinki", "berkeley"])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/city")
    arguments = parser.parse_args()
    table = pd.DataFrame([row for name in arguments.studies for row in rows(name, arguments.draws, arguments.data)])
    if RESULT.exists():
        earlier = pd.read_csv(RESULT)
        others = earlier[~earlier["city"].isin(arguments.studies)].reindex(columns=table.columns)
        table = pd.concat([others, table], ignore_index=True)
    number = table.select_dtypes("number").columns
    table[number] = table[number].round(4)
    table.sort_values(["city", "tables"], ascending=[False, False], kind="stable").to_csv(RESULT, index=False)


if __name__ == "__main__":
    main()
