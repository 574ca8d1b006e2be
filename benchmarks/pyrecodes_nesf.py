"""Holdfast beside the pyrecodes package on its north-east San Francisco example: the same draw, time and curve.

Run: python benchmarks/pyrecodes_nesf.py --peer /path/to/python [--data ../shared/data] [--repeats 300]
`--peer` (or the variable PYRECODES_PYTHON) is an interpreter that has pyrecodes 0.3.0. Both get the same buildings, damage
states, crews, crew demand, drawn durations, order of priority and stopping day; the impeding factors, which pyrecodes plays
through as activities of their own, reach Holdfast as the day on which they ended. Times are CPU seconds of one thread,
without reading input, building the city or compiling. Writes benchmarks/results/pyrecodes_nesf.csv and
docs/images/pyrecodes_nesf.svg (places that can be lived in, on every day).
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from plans import plan
from shapely.geometry import box

from holdfast.pages.charts import Band, band_chart
from holdfast.recovery.city import City
from holdfast.recovery.engine import Run, Tasks, run_draw
from holdfast.recovery.engine.queue import queue
from holdfast.recovery.hazard import uniform
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.simulation.draw import draw
from holdfast.recovery.simulation.draw_inputs import DrawInputs, prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds

ROOT = Path(__file__).parents[1]
MAIN = "NorthEast_SF_Housing_Main.json"
POOL = 500  # repair crews of the example
FIRST_STEP = 1  # time step of the disaster


def peer_run(python: str, folder: Path) -> dict:
    """One run of pyrecodes in its own interpreter."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "peer.json"
        script = ROOT / "benchmarks" / "pyrecodes_peer.py"
        subprocess.run([python, str(script), str(folder), MAIN, str(out), "1"], check=True)
        return json.loads(out.read_text())


def city_of(peer: dict) -> tuple[City, np.ndarray]:
    """The buildings of the run, in its order, as homes without networks; and their component numbers."""
    number = np.array([i for i, n in enumerate(peer["names"]) if n.endswith("_Building")])
    buildings = gpd.GeoDataFrame(
        {
            "occupancy": "RES3",
            "asset_class": "W1.high_code",
            "structure": "W1",
            "floor_area_m2": 1.0,
            "replacement_cost": 1.0,
            "residents": np.array(peer["shelter_supply"])[number],
            "workers": 0.0,
            "damage_state": [int(peer["names"][i][2]) for i in number],
            "zone_id": "z",
        },
        index=pd.Index([f"b{i:05d}" for i in number], name="building_id"),
        geometry=gpd.points_from_xy(np.zeros(number.size), np.zeros(number.size)),
        crs="EPSG:32610",
    )
    zone = gpd.GeoDataFrame(
        {"residents": [buildings["residents"].sum()]},
        index=pd.Index(["z"], name="zone_id"),
        geometry=[box(-1, -1, 1, 1)],
        crs="EPSG:32610",
    )
    return City("NESF", "EPSG:32610", "USD", 2017, buildings, {}, zone), number


def same_draw(peer: dict, inputs: DrawInputs, tasks: Tasks, number: np.ndarray) -> tuple[DrawInputs, Tasks]:
    """Give the tasks the durations, crews, days and order that pyrecodes had."""
    asset = tasks.asset.copy()
    rank = {component: place for place, component in enumerate(peer["order"])}
    place = {component: i for i, component in enumerate(number)}
    for repair in peer["repairs"]:
        i = place[repair["component"]]
        asset["release"][i] = repair["released"] - FIRST_STEP
        asset["duration"][i] = asset["expected"][i] = max(int(np.ceil(repair["duration"] - 1e-9)), 1)
        asset["crews"][i] = max(round(repair["crews"]), 1)
    damaged = np.flatnonzero(asset["damaged"])
    order = damaged[np.argsort([rank[number[i]] for i in damaged], kind="stable")]
    arrays = inputs.repair.city._replace(layout=queue(asset["trade"], asset["crews"], len(inputs.assets.trades)))
    return inputs._replace(repair=inputs.repair._replace(city=arrays)), tasks._replace(asset=asset, order=order)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer", default=os.environ.get("PYRECODES_PYTHON"), required="PYRECODES_PYTHON" not in os.environ
    )
    parser.add_argument("--data", type=Path, default=ROOT / ".." / "shared" / "data")
    parser.add_argument("--repeats", type=int, default=300)
    arguments = parser.parse_args()
    peer = peer_run(arguments.peer, (arguments.data / "city" / "pyrecodes_nesf").resolve())
    city, number = city_of(peer)
    options = plan(
        damage="given", delays="none", strategy="largest_first", crews={"building": POOL}, horizon_days=peer["steps"]
    )
    calm = uniform({"PGA": 0})
    inputs = prepare(city, calm, *options, load_parameters())
    drawn = draw(inputs, draw_seeds(1, 1)[0][0])
    inputs, tasks = same_draw(peer, inputs, drawn.tasks, number)
    pools = (inputs.damage.table.pools, inputs.repair.materials.stock)
    fixed = (inputs.repair.city, inputs.repair.baseline, tasks, drawn.tree, inputs.repair.calendar, pools)
    out = run_draw(*fixed, options.recovery.horizon_days, Run({}))
    start = time.process_time()
    for _ in range(arguments.repeats):
        out = run_draw(*fixed, options.recovery.horizon_days, Run({}))
    own_s = (time.process_time() - start) / arguments.repeats
    places = curve(out.finished[: number.size], tasks, city, peer["steps"])
    theirs = np.array(peer["shelter"])[FIRST_STEP:]
    days = min(places.size, theirs.size)
    gap = places[:days] - theirs[:days]
    row = {
        "buildings": number.size,
        "damaged": int(tasks.order.size),
        "steps": peer["steps"],
        "pyrecodes_s": peer["run_s"],
        "holdfast_s": own_s,
        "ratio": peer["run_s"] / own_s,
        "last_repair_pyrecodes_day": max(r["ended"] for r in peer["repairs"]) + 1 - FIRST_STEP,
        "last_repair_holdfast_day": int(out.finished.max()),
        "largest_gap_persons": float(np.abs(gap).max()),
        "days_apart": int((np.abs(gap) > 1e-6).sum()),
        "person_days_lost_pyrecodes": float((theirs.max() - theirs[:days]).sum()),
        "person_days_lost_holdfast": float((theirs.max() - places[:days]).sum()),
    }
    pd.DataFrame([row]).round(6).to_csv(ROOT / "benchmarks" / "results" / "pyrecodes_nesf.csv", index=False)
    print(pd.Series(row).to_string())
    draw_picture(theirs[:days], places[:days])


def curve(finished: np.ndarray, tasks: Tasks, city: City, steps: int) -> np.ndarray:
    """Persons that can be sheltered on each day."""
    residents = city.buildings["residents"].to_numpy()
    out = np.zeros(steps)
    for day in range(steps):
        out[day] = (residents * np.where((finished >= 0) & (finished <= day), 1.0, tasks.usable)).sum()
    return out


def draw_picture(theirs: np.ndarray, ours: np.ndarray) -> None:
    """Both curves in one chart."""
    bands = [
        Band("pyrecodes 0.3.0", "#e69f00", "", theirs, theirs, theirs),
        Band("Holdfast", "#0072b2", "6 4", ours, ours, ours),
    ]
    text = band_chart(
        bands, ours.size - 1, float(theirs.max()), "persons", "Places that can be lived in after the event"
    )
    text = text.replace(": median and 90 % of the draws", ", the same draw")
    text = text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1)
    (ROOT / "docs" / "images" / "pyrecodes_nesf.svg").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
