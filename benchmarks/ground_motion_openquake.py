"""Ground-motion models beside OpenQuake's own, on random cases: a comparison, nothing of it is imported.

Run: python benchmarks/ground_motion_openquake.py --peer PYTHON [--cases 2000]
PYTHON is the interpreter of another environment that holds openquake.engine (AGPL; compared against, never imported here).
Writes benchmarks/results/ground_motion_openquake.csv: per model and measure the largest relative difference of the median
and of the standard deviations between and within events.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.recovery.hazard import MODELS
from holdfast.recovery.hazard.motion import Ground
from holdfast.recovery.hazard.rupture import Distances, Rupture

RESULTS = Path(__file__).parent / "results"
MEASURES = ("PGA", "PGV", "SA0.3", "SA1.0")
THEIRS = """
import json, sys
import numpy as np
from openquake.hazardlib.gsim.boore_2014 import BooreEtAl2014
from openquake.hazardlib.gsim.chiou_youngs_2014 import ChiouYoungs2014
from openquake.hazardlib.imt import PGA, PGV, SA
given = json.load(sys.stdin)
count = len(given["mag"])
context = np.zeros(count, dtype=[(k, float) for k in given] + [("z1pt0", float), ("vs30measured", bool)]).view(np.recarray)
for name, values in given.items():
    context[name] = values
context.z1pt0 = np.exp(-7.15 / 4 * np.log((context.vs30**4 + 570.94**4) / (1360.0**4 + 570.94**4)))  # the usual depth
found = {}
for name, model in (("bssa14", BooreEtAl2014()), ("cy14", ChiouYoungs2014())):
    arrays = [np.zeros((4, count)) for _ in range(4)]
    model.compute(context, [PGA(), PGV(), SA(0.3), SA(1.0)], *arrays)
    found[name] = [arrays[i].tolist() for i in (0, 2, 3)]
json.dump(found, sys.stdout)
"""


def cases(count: int) -> dict[str, np.ndarray]:
    """Random ruptures and sites; synthetic."""
    rng = np.random.default_rng(5)
    top, near = rng.uniform(0, 15, count), rng.uniform(0, 300, count) * (rng.uniform(size=count) > 0.1)
    return {
        "mag": rng.uniform(3.6, 8, count),
        "rake": rng.choice([0.0, 180.0, 90.0, -90.0, 45.0, -45.0], count),
        "dip": rng.uniform(20, 90, count),
        "ztor": top,
        "rrup": np.hypot(near, top) + rng.uniform(0, 2, count),
        "rjb": near,
        "rx": near * rng.uniform(-1, 1, count) + rng.uniform(0, 5, count),
        "vs30": rng.uniform(180, 1500, count),
    }


def ours(model: str, measure: str, given: dict[str, np.ndarray]) -> np.ndarray:
    rows = []
    for i in range(len(given["mag"])):
        one = {k: v[i : i + 1] for k, v in given.items()}
        plane = Rupture(given["mag"][i], 0, 0, 0, given["dip"][i], given["rake"][i], given["ztor"][i], 10, 10, 0, 0)
        motion = MODELS[model](plane, Distances(one["rjb"], one["rrup"], one["rx"]), Ground(one["vs30"]), measure)
        rows.append([values[0] for values in motion])
    return np.array(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--cases", type=int, default=2000)
    arguments = parser.parse_args()
    given = cases(arguments.cases)
    text = json.dumps({k: v.tolist() for k, v in given.items()})
    done = subprocess.run([arguments.peer, "-c", THEIRS], input=text, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    rows = []
    for model in MODELS:
        for k, measure in enumerate(MEASURES):
            found, expected = ours(model, measure, given), np.array([part[k] for part in theirs[model]])
            apart = [np.abs(np.expm1(found[0] - expected[0])).max(), *np.abs(found[1:] / expected[1:] - 1).max(axis=1)]
            rows.append((model, measure, arguments.cases, *(f"{a:.1e}" for a in apart)))
    table = pd.DataFrame(rows, columns=["model", "measure", "cases", "median", "between_sd", "within_sd"])
    table.to_csv(RESULTS / "ground_motion_openquake.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
