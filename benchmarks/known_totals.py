"""Helsinki as the map gives it and fitted to totals: both losses side by side.

The totals of ``known_totals_helsinki.csv`` are illustrative: no published figure of these blocks is at hand, and none is
shipped. The table shows what totals do, not what the city would lose.

Run: python benchmarks/known_totals.py [--draws 20]
Writes benchmarks/results/known_totals.csv.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import holdfast
from holdfast.data import packaged
from holdfast.store import open_result

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "examples" / "helsinki.toml"
RESULTS = ROOT / "benchmarks" / "results"
FITTED = {
    "data": str(ROOT / "benchmarks"),
    "tables": {"totals": {"source": "totals", "path": "known_totals_helsinki.csv"}},
}
LOSSES = ("total_economic_loss", "lost_production", "repair_cost", "service_capacity_loss")


def stock(overrides: dict[str, Any]) -> dict[str, float]:
    """What the city adds up to, and the largest residual over its total."""
    found = holdfast.check(STUDY, overrides=overrides)["recovery"]["plausibility"]
    category = packaged("occupancies").set_index("occupancy")["category"]
    area = pd.Series({u["occupancy"]: u["floor_area_m2"] for u in found["uses"]}).groupby(category).sum()
    known = [abs(k["residual"]) / max(k["value"], 1.0) for k in found["known_totals"]]
    product = next(r["city"] for r in found["per_head"] if r["quantity"] == "product")
    people = found["totals"]["residents"]
    return {
        "residents": people,
        "jobs": found["totals"]["workers"],
        "product_million_a_day": product * people / 365 / 1e6,
        **{f"{use}_m2": float(area.get(use, 0.0)) for use in ("home", "office", "shop")},
        "largest_residual": max(known, default=float("nan")),
    }


def losses(overrides: dict[str, Any], draws: int) -> dict[str, float]:
    """Mean and 5th and 95th percentile of the losses."""
    with tempfile.TemporaryDirectory() as folder:
        holdfast.simulate(STUDY, out=Path(folder) / "out", overrides={**overrides, "recovery.draws": draws})
        table = json.loads((open_result(Path(folder) / "out").folder / "losses.json").read_text())["losses"]
    return {f"{name}_{part}": table[name][part] for name in LOSSES if name in table for part in ("mean", "p5", "p95")}


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    draws = parser.parse_args().draws
    cases = {"as the map gives it": {}, "fitted to illustrative totals": FITTED}
    rows = {name: {**stock(overrides), **losses(overrides, draws)} for name, overrides in cases.items()}
    table = pd.DataFrame(rows).rename_axis("figure")
    table.to_csv(RESULTS / "known_totals.csv", float_format="%.6g", lineterminator="\n")
    print(table.to_string())


if __name__ == "__main__":
    main()
