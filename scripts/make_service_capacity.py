"""Make the packaged archive ``service_capacity`` and the tables of docs/service-capacity.md from the surveys.

The same as the part of ``holdfast train`` that concerns service capacity, for whoever renews the package.

Run: python scripts/make_service_capacity.py [--data ../shared/data] (or HOLDFAST_DATA); writes
src/holdfast/data/service_capacity.csv, benchmarks/results/service_*.csv and the tables between the marks of the page.
"""

import argparse
import os
import re
from pathlib import Path

import pandas as pd

from holdfast.config.training import ServiceTraining
from holdfast.sources.cbecs import find_buildings, read_buildings
from holdfast.sources.recs import find_homes, read_homes
from holdfast.tables import check
from holdfast.training.service import TrainedService, train_service

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "service-capacity.md"
RESULTS = ROOT / "benchmarks" / "results"
SEED = 1
WIDE = {"rmse": 1, "mae": 1, "r2": 3, "rmse_error": 1, "better_than_linear": 1, "better_error": 1, "mean": 0, "bias": 1}


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown, numbers rounded by column."""
    rounded = table.copy()
    for name in rounded.select_dtypes("number"):
        digits = WIDE.get(name, 3)
        rounded[name] = [f"{v:.{digits}f}" if digits or name == "mean" else f"{v:g}" for v in rounded[name]]
    for name in rounded.columns:
        if pd.api.types.is_bool_dtype(table[name]):
            rounded[name] = table[name].map({True: "yes", False: "no"})
        if name in ("groups", "rows"):
            rounded[name] = table[name].astype(int).astype(str)
    lines = [list(rounded.columns), ["---"] * rounded.shape[1], *rounded.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(str(c) for c in line) + " |" for line in lines)


def tables(trained: TrainedService) -> dict[str, pd.DataFrame]:
    """Tables of the page by mark."""
    p = ["p", "p_holm", "p_holm_all"]
    tests = trained.tests.assign(**{c: trained.tests[c].map("{:.1e}".format) for c in p})
    energy = trained.shares[trained.shares["resource"].isin(["electricity", "gas", "fuel"])]
    by_carrier = energy.pivot_table("share", "category", "resource", aggfunc="sum")
    carriers = by_carrier.div(by_carrier.sum(axis=1), axis=0).reset_index()[["category", "electricity", "gas", "fuel"]]
    return {
        "errors": trained.errors[["group", "rows", *[c for c in trained.errors.columns if c not in ("group", "rows")]]],
        "tests": tests[["group", "feature", "test", "groups", "statistic", *p, "effect", "effect_size", "passed"]],
        "features": trained.features,
        "errors_by": trained.errors_by[["group", "model", "by", "value", "rows", "mean", "bias", "mae"]],
        "carriers": carriers,
        "reference": trained.reference,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("HOLDFAST_DATA", ROOT / "../shared/data")))
    folder = parser.parse_args().data / "training"
    homes, buildings = read_homes(find_homes(folder)), read_buildings(find_buildings(folder))
    trained = train_service(homes, buildings, ServiceTraining(), SEED)
    check(trained.archive, "service_capacity")
    trained.archive.to_csv(ROOT / "src" / "holdfast" / "data" / "service_capacity.csv", index=False)
    made = tables(trained)
    for name in ("errors", "tests", "errors_by", "shares", "reference"):
        getattr(trained, name).round(6).to_csv(RESULTS / f"service_{name}.csv", index=False)
    if PAGE.exists():
        text = PAGE.read_text(encoding="utf-8")
        for name, table in made.items():
            mark = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
            text = re.sub(mark, lambda m, t=table: f"{m[1]}{markdown(t)}\n{m[2]}", text, flags=re.DOTALL)
        PAGE.write_text(text, encoding="utf-8")
    print(trained.reference.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
