"""How long the damage of a flood and of a cyclone takes beside that of an earthquake, over the buildings of Berkeley.

python benchmarks/storm_pass.py ../shared/data/city [--draws 1000] [--times 1]: the 27,014 rows are repeated `times` times.
Prints seconds a draw of the field and of the damage, on one core, the first draw (which compiles) left out.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from holdfast.config import load_study
from holdfast.flows.bind import damage_settings_of, resources_of
from holdfast.flows.cities import load_city
from holdfast.flows.hazards import hazard_of
from holdfast.recovery.damage.assets import assets
from holdfast.recovery.damage.damage_inputs import damage_inputs
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
    for name, event in EVENTS.items():
        scenario = load_study({"name": name, "scenario": event})[0].scenario
        settings, resources = damage_settings_of(study.recovery, scenario), resources_of(study.recovery)
        of = damage_inputs(city, listed, loaded.parameters, hazard_of(scenario, {}), resources, settings, 760.0)
        spent = np.zeros(2)
        for draw in range(options.draws + 1):
            rng = np.random.default_rng(draw)
            start = perf_counter()
            intensity = of.field(rng)
            middle = perf_counter()
            damage = event_damage(of, intensity, rng)
            if draw:
                spent += (middle - start, perf_counter() - middle)
        field, own = spent / options.draws * 1000
        cost = damage.repair_cost.sum()
        print(
            f"{name}: {len(repeated):,} buildings, field {field:.1f} ms, damage {own:.1f} ms a draw (last {cost:,.0f})"
        )


if __name__ == "__main__":
    main()
