"""Make the packaged table `feature_correlations`: how features go together in the example metros, by people.

    python scripts/make_feature_correlations.py --data ../shared/data [--out src/holdfast/data/feature_correlations.csv]

Correlations of normal scores, each feature as it is measured and not turned, each pair by the mean over the metros that have both.
Roads of Chicago are left out: their licence lets no derived figure pass on.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.flows.choices import policies
from holdfast.flows.inputs import gather, open_study
from holdfast.flows.progress import silent
from holdfast.rating.features.rules import RULES
from holdfast.rating.model.missing import fill
from holdfast.rating.model.people import correlations, counted
from holdfast.rating.model.scaling import apply_scaler, fit_scaler

ROOT = Path(__file__).parents[1]
METROS = {
    "harris": ("rating", ()),
    "chicago": ("rating", ("road_density", "alternative_routes")),
    "liechtenstein": ("osm", ()),
}
SOURCE = "correlation of normal scores over people in {}; made by scripts/make_feature_correlations.py from the inputs of the examples (ACS, HIFLD, M-Lab CC0 as compiled by BroadbandNow, Sentinel-2 NDVI doi 10.5281/zenodo.5842465, OpenStreetMap ODbL, OpenCelliD CC BY-SA 4.0)"


def of_metro(name: str, folder: str, without: tuple[str, ...], data: Path) -> dict[tuple[str, str], float]:
    study, base = open_study(ROOT / "examples" / f"{name}.toml", {"data": str(data / folder)})
    found = gather(study, base, silent)
    filled, reasons, _ = fill(found.features, found.homes, policies(study.rating))
    keep = (reasons == "").to_numpy(bool)
    people = np.ones(len(filled)) if found.homes is None else counted(found.homes).to_numpy()
    known = filled[keep].drop(columns=[c for c in without if c in filled])
    known = known[[c for c in known if RULES[c].default and known[c].min() < known[c].max()]]
    scaler = fit_scaler(known, dict.fromkeys(known, "normal"), dict.fromkeys(known, 1), people[keep])
    table = correlations(apply_scaler(scaler, known).to_numpy(), people[keep])
    return {(a, b): float(table[known.columns.get_loc(a), known.columns.get_loc(b)]) for a, b in combinations(known, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "holdfast" / "data" / "feature_correlations.csv")
    arguments = parser.parse_args()
    seen: dict[tuple[str, str], dict[str, float]] = {}
    for name, (folder, without) in METROS.items():
        for pair, value in of_metro(name, folder, without, arguments.data).items():
            seen.setdefault(pair, {})[name] = value
    rows = [
        (a, b, round(float(np.mean(list(values.values()))), 2), SOURCE.format(", ".join(values)))
        for (a, b), values in sorted(seen.items())
    ]
    table = pd.DataFrame(rows, columns=["first", "second", "correlation", "source"])
    table.to_csv(arguments.out, index=False)
    print(table.drop(columns="source").to_string())


if __name__ == "__main__":
    main()
