"""Make the packaged archive ``service_capacity`` and the tables of docs/service-capacity.md.

The archive is what the part of ``holdfast train`` that concerns service capacity gives with its default seed. The tables of
the page come from benchmarks/results: service_*.csv, which this script writes, and lifelines.csv and influence.csv, which the
benchmarks of those names write.

Run: python scripts/make_service_capacity.py [--data ../shared/data] (or HOLDFAST_DATA), or --page to renew the page alone.
"""

import argparse
import math
import os
import re
from pathlib import Path

import pandas as pd

from holdfast.sources.cbecs import find_buildings, read_buildings
from holdfast.sources.recs import find_homes, read_homes
from holdfast.tables import check
from holdfast.training.hyperparameters import ServiceSettings
from holdfast.training.service_training import train_service

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "service-capacity.md"
RESULTS = ROOT / "benchmarks" / "results"
SEED = 1
PLAIN = ("groups", "rows", "runs", "draws")
FEW = {"rmse": 1, "mae": 1, "rmse_error": 1, "better_than_linear": 1, "better_error": 1, "mean": 0, "bias": 1}
SMALL = ("p", "p_holm", "p_holm_all")


def train(data: Path) -> None:
    """Train, and write the archive and the tables of results."""
    folder = data / "training"
    trained = train_service(
        read_homes(find_homes(folder)), read_buildings(find_buildings(folder)), ServiceSettings(), SEED
    )
    check(trained.archive, "service_capacity")
    trained.archive.to_csv(ROOT / "src" / "holdfast" / "data" / "service_capacity.csv", index=False)
    for name, table in trained._asdict().items():
        if name != "archive":
            table.to_csv(RESULTS / f"service_{name}.csv", index=False, float_format="%.6g")


def cell(name: str, value: object) -> str:
    """A value as text, rounded by its column."""
    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)):
        return str(value)
    if name in SMALL:
        return f"{value:.1e}"
    return f"{value:.0f}" if name in PLAIN else f"{value:.{FEW.get(name, 3)}f}"


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown."""
    rows = [[cell(c, v) for c, v in zip(table.columns, row, strict=True)] for row in table.itertuples(index=False)]
    lines = [list(table.columns), ["---"] * table.shape[1], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def carriers() -> pd.DataFrame:
    """Shares of electricity, gas and stored fuel in the cost of energy."""
    shares = pd.read_csv(RESULTS / "service_shares.csv")
    energy = shares[shares["resource"].isin(["electricity", "gas", "fuel"])]
    wide = energy.pivot_table("share", "category", "resource", aggfunc="sum")
    return wide.div(wide.sum(axis=1), axis=0).reset_index()[["category", "electricity", "gas", "fuel"]]


def digits(value: float, count: int) -> str:
    """A number with so many significant digits, without an exponent."""
    places = count - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{round(value, places):,.{max(places, 0)}f}"


def plus_minus(table: pd.DataFrame, column: str, error: str) -> list[str]:
    """Value and standard error."""
    return [f"{digits(v, 4)} ± {digits(e, 2)}" for v, e in zip(table[column], table[error], strict=True)]


def change(table: pd.DataFrame, column: str, error: str) -> list[str]:
    """Change and its standard error, nothing where nothing was removed."""
    pairs = zip(table[column], table[error], table["lifeline_removed"], strict=True)
    return ["" if name == "none" else f"{digits(v, 3)} ± {digits(e, 2)}" for v, e, name in pairs]


def lifelines() -> pd.DataFrame:
    """Losses before and after, and what each lifeline adds."""
    table = pd.read_csv(RESULTS / "lifelines.csv")
    money, people = "total_economic_loss", "service_capacity_loss"
    shown = table[["city", "tables", "lifeline_removed"]].copy()
    shown["loss, million"] = plus_minus(table, f"{money}_million", f"{money}_error")
    shown["change"] = change(table, f"{money}_change", f"{money}_change_error")
    shown["of it production"] = change(table, "lost_production_change", "lost_production_change_error")
    shown["thousand person-days"] = plus_minus(table, f"{people}_thousand_person_days", f"{people}_error")
    shown["their change"] = change(table, f"{people}_change", f"{people}_change_error")
    outage = {"EP_left": "EP left", "r_ss_left": "r_SS left", "production_lost_million_per_day": "million lost per day"}
    outage |= {"unmet_thousand_persons": "thousand persons unmet"}
    return pd.concat([shown, table[list(outage)].rename(columns=outage)], axis=1)


def influence() -> pd.DataFrame:
    """Shares of the variance."""
    table = pd.read_csv(RESULTS / "influence.csv")
    shown = table[["city", "question", "result", "group", "runs"]].copy()
    for name in ("first", "total"):
        shown[name] = [f"{v:.2f} ± {e:.2f}" for v, e in zip(table[name], table[f"{name}_error"], strict=True)]
    return shown


def page() -> None:
    """Put the tables between the marks of the page."""
    made = {
        name: pd.read_csv(RESULTS / f"service_{name}.csv")
        for name in ("errors", "errors_by", "features", "tests", "reference", "robustness")
    }
    made["errors"] = made["errors"][["group", "model", *made["errors"].columns.drop(["group", "model"])]]
    made["errors_by"] = made["errors_by"][["group", "model", *made["errors_by"].columns.drop(["group", "model"])]]
    made["tests"] = made["tests"][["group", *made["tests"].columns.drop("group")]]
    made |= {"carriers": carriers()}
    for name, table in (("lifelines", lifelines), ("influence", influence)):
        made |= {name: table()} if (RESULTS / f"{name}.csv").exists() else {}
    text = PAGE.read_text(encoding="utf-8")
    for name, table in made.items():
        mark = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
        text = re.sub(mark, lambda m, t=table: f"{m[1]}{markdown(t)}\n{m[2]}", text, flags=re.DOTALL)
    PAGE.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("HOLDFAST_DATA", ROOT / "../shared/data")))
    parser.add_argument("--page", action="store_true", help="renew the page from the results alone")
    given = parser.parse_args()
    if not given.page:
        train(given.data)
    page()


if __name__ == "__main__":
    main()
