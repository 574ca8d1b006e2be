"""Run the pyrecodes package on one of its own examples and say what it drew; for `pyrecodes_nesf.py`.

Runs under an interpreter that has pyrecodes 0.3.0: python benchmarks/pyrecodes_peer.py FOLDER MAIN_FILE OUT.json [SEED]
Its log-normal durations come from the global random state, which is seeded here; its order of priority has a seed of its own.
"""

import contextlib
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from pyrecodes import main as peer
from pyrecodes.utilities import read_json_file


def repair_of(number: int, component: Any) -> dict[str, object] | None:
    """What was drawn for the repair of one building, and when it could begin and did."""
    model = component.recovery_model
    info = getattr(component, "general_information", None) or {}
    activity = getattr(model, "recovery_activities", {}).get("Repair")
    if activity is None:
        return None
    demand = activity.demand.get("RepairCrew")
    return {
        "component": number,
        "released": activity.preceding_activities_finished_time_step,
        "duration": float(activity.duration),
        "crews": float(demand.current_amount if hasattr(demand, "current_amount") else demand.initial_amount),
        "began": activity.time_steps[0] if activity.time_steps else None,
        "ended": activity.time_steps[-1] if activity.time_steps else None,
        "info": {k: info[k] for k in ("AIM_id",) if k in info},
    }


def main() -> None:
    folder, name, out = sys.argv[1:4]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the package draws from the global state
    start = time.process_time()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        system = peer.create_system(folder, read_json_file(f"{folder}/{name}"))
        built = time.process_time()
        system.start_resilience_assessment()
    ended = time.process_time()
    calculator = system.resilience_calculators[0]
    order = system.resources["RepairCrew"]["DistributionModel"].priority.get_component_priorities()[0]
    result = {
        "create_s": built - start,
        "run_s": ended - built,
        "steps": int(system.time_step) + 1,
        "shelter": [float(x) for x in calculator.system_supply["Shelter"]],
        "crew_supply": [float(x) for x in calculator.system_supply["RepairCrew"]],
        "order": [int(i) for i in order],
        "names": [c.name for c in system.components],
        "shelter_supply": [
            float(c.supply["Supply"]["Shelter"].initial_amount) if "Shelter" in c.supply["Supply"] else 0.0
            for c in system.components
        ],
        "repairs": [r for r in (repair_of(i, c) for i, c in enumerate(system.components)) if r is not None],
    }
    Path(out).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
