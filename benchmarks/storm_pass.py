"""How long the damage of a flood and of a cyclone takes beside that of an earthquake, over the buildings of Berkeley.

python benchmarks/storm_pass.py ../shared/data/city [--draws 1000] [--times 1]: the 27,014 rows are repeated `times` times.
Prints milliseconds of processor time a draw of the field and of the damage, and both beside the earthquake's.
"""

import argparse
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

from holdfast.config import load_study
from holdfast.flows.bind import damage_settings_of, resources_of
from holdfast.flows.cities import load_city
from holdfast.flows.hazards import hazard_of
from holdfast.recovery.damage.assets import assets
from holdfast.recovery.damage.damage_inputs import DamageInputs, damage_inputs
from holdfast.recovery.simulation.draw import event_damage

STUDY = Path(__file__).resolve().parents[1] / "examples" / "berkeley.toml"
EVENTS = {
    "earthquake": {"value": 0.4, "unit": "g", "between_event_sd": 0.3, "within_event_sd": 0.5},
    "flood": {"hazard": "flood", "flood": {"depth_m": 1.2, "curves": "usace"}},
    "wind": {"hazard": "wind", "wind": {"gust_m_s": 55.0}, "between_event_sd": 0.1},
    "storm": {"hazard": "storm", "wind": {"gust_m_s": 55.0}, "flood": {"depth_m": 1.2}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    study, folder = load_study(STUDY, {"data": options.data, "city.networks": [], "recovery.crews": {"building": 3100}})
    loaded = load_city(study, folder)
    buildings = loaded.city.buildings
    repeated = pd.concat([buildings] * options.times)
    repeated.index = [f"b{i}" for i in range(len(repeated))]
    city = type(loaded.city)(**(vars(loaded.city) | {"buildings": repeated}))
    listed = assets(city, study.recovery.crews)
    prepared = {}
    for name, event in EVENTS.items():
        scenario = load_study({"name": name, "scenario": event})[0].scenario
        settings, resources = damage_settings_of(study.recovery, scenario), resources_of(study.recovery)
        hazard = hazard_of(scenario, {})
        prepared[name] = damage_inputs(city, listed, loaded.parameters, hazard, resources, settings, 760.0)
    spent, cost = passes(prepared, options.draws)
    print(f"{len(repeated):,} buildings, {options.draws:,} draws: milliseconds of one core a draw")
    for name, (field, own) in spent.items():
        beside = (field + own) / sum(spent["earthquake"])
        told = f"field {field:.2f}, damage {own:.2f}, together {field + own:.2f}, {beside:.2f} times the earthquake"
        print(f"{name}: {told}; {1e6 * (field + own) / len(repeated):.0f} ns a building (last {cost[name]:,.0f})")


def passes(prepared: dict[str, DamageInputs], draws: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Milliseconds of processor time a draw, of the field and of the damage, by event; and the last cost.

    The events take turns, so that what else the machine does falls on all of them alike.
    """
    spent, cost = {name: np.zeros(2) for name in prepared}, {}
    for draw in range(draws + 1):
        for name, of in prepared.items():
            rng = np.random.default_rng(draw)
            start = process_time()
            intensity = of.field(rng)
            middle = process_time()
            damage = event_damage(of, intensity, rng)
            if draw:  # the first one compiles
                spent[name] += (middle - start, process_time() - middle)
            cost[name] = float(damage.repair_cost.sum())
    return {name: 1000 * total / draws for name, total in spent.items()}, cost


if __name__ == "__main__":
    main()
