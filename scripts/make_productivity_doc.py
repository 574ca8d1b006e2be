"""Put the model card that `holdfast train` wrote, and the measured tables, into docs/productivity.md.

Run: python scripts/make_productivity_doc.py [RESULT], with the folder of a training for the card; the other tables are
benchmarks/results/production_seeds.csv, production_parts.csv, production_ranges.csv, the packaged tables
published_production, productivity, place_factors and occupancies, and Hazus's workers of scripts/figures/occupancies.csv.
"""

import argparse
from pathlib import Path

import pandas as pd

from holdfast.data import figure, packaged
from holdfast.training.assumed_response import NETWORKS
from holdfast.training.checks import distinct
from holdfast.training.markdown import markdown_table
from holdfast.training.production import DAYS, FT2

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "productivity.md"
RESULTS = ROOT / "benchmarks" / "results"
FIGURES = ROOT / "scripts" / "figures"
PLACE, NAME = "CA", "California"
"""The place whose factors are shown as an example."""


def put(text: str, mark: str, content: str) -> str:
    """Replace what stands between a mark and its end."""
    head, rest = text.split(f"<!-- {mark} -->\n")
    return f"{head}<!-- {mark} -->\n\n{content}\n<!-- end of {mark} -->{rest.split(f'<!-- end of {mark} -->')[1]}"


def parts() -> str:
    """What each part does, in million USD of 2017; the service-capacity loss is the same in all rows of a study."""
    lines = [
        "| study | run | lost production, mean (P5 to P95) | of gross | total economic loss | service-capacity loss, person-days |"
    ]
    lines.append("|---" * 6 + "|")
    for study, own in pd.read_csv(RESULTS / "production_parts.csv").groupby("study", sort=False):
        gross = own["lost_production"].iloc[0]
        lines += [
            f"| {study} | {r.run} | {r.lost_production:,.0f} ({r.p5:,.0f} to {r.p95:,.0f}) | {r.lost_production / gross - 1:+.1%} "
            f"| {r.total_economic_loss:,.0f} | {r.service_capacity_loss:,.0f} |"
            for r in own.itertuples()
        ]
    return "\n".join(lines) + "\n"


def ranges() -> str:
    """What each figure does at the ends of its range."""
    table = pd.read_csv(RESULTS / "production_ranges.csv").pivot_table(index="figure", columns="study")
    table = table.loc[table.abs().max(axis=1).sort_values(ascending=False).index]
    studies = list(table["at_low"].columns)
    lines = ["| figure | " + " | ".join(f"{s}, at low | {s}, at high" for s in studies) + " |"]
    lines.append("|---" * (1 + 2 * len(studies)) + "|")
    for name in table.index:
        cells = [f"{table.loc[name, (end, s)]:+.1%}" for s in studies for end in ("at_low", "at_high")]
        lines.append("| " + " | ".join([str(name), *cells]) + " |")
    return "\n".join(lines) + "\n"


def published() -> str:
    """Lost production over cost, and days of normal production, beside published ones."""
    lines = [
        "| event | lost over cost of repair | days of normal production | how comparable, source |",
        "|---" * 4 + "|",
    ]
    measured = pd.read_csv(RESULTS / "production_parts.csv").set_index(["study", "run"])
    for study in measured.index.unique("study"):
        for run, word in (("all off", "gross"), ("all on", "net")):
            r = measured.loc[(study, run)]
            lines.append(
                f"| {study}, {word} | {r['over_repair_cost']:.2f} | {r['days_of_normal_production']:.0f} of the city "
                f"| stress test, {r['draws']:.0f} draws, mean over mean |"
            )
    for r in packaged("published_production").itertuples():
        days = f"{r.days:g} of {r.of}" if r.of else "not stated"
        lines.append(f"| {r.event} | {r.ratio:.2f} | {days} | {r.comparable}. {r.source} |")
    return "\n".join(lines) + "\n"


def workers() -> str:
    """Workers per area, output per worker and output per area of every occupancy, with Hazus's workers and with ours."""
    archive, own = packaged("productivity"), packaged("occupancies").set_index("occupancy")["workers_per_100_m2"]
    full = archive[(archive[list(NETWORKS)] == 1).all(axis=1)].set_index("occupancy")["productivity_per_area"]
    hazus = pd.read_csv(FIGURES / "occupancies.csv").set_index("occupancy")["workers_per_ft2"] / FT2 * 100
    yearly = full * DAYS * 100
    shown = own.index[full.loc[own.index] > 0]
    nation = f"{figure('output_per_worker'):,.0f}"
    lines = [
        "| occupancy | output per m2 and day (unchanged) | workers per 100 m2, Hazus | output per worker and year, with them "
        f"| workers per 100 m2 | output per worker and year (nation: {nation}) |",
        "|---" * 6 + "|",
    ]
    lines += [
        f"| {o} | {full[o]:.2f} | {hazus[o]:.2f} | {yearly[o] / hazus[o]:,.0f} | {own[o]:.2f} | {yearly[o] / own[o]:,.0f} |"
        for o in shown
    ]
    return "\n".join(lines) + "\n"


def employed() -> str:
    """Workers that the published floor area would hold, in millions, with Hazus's figures and with ours."""
    groups, floor = packaged("production_groups"), packaged("floor_area")
    own = packaged("occupancies").set_index("occupancy")["workers_per_100_m2"]
    hazus = pd.read_csv(FIGURES / "occupancies.csv").set_index("occupancy")["workers_per_ft2"] / FT2 * 100
    archive = packaged("productivity")
    full = archive[(archive[list(NETWORKS)] == 1).all(axis=1)].set_index("occupancy")[["productivity_per_area"]]
    lines = ["| occupancies | floor area, million m2 | workers, Hazus, million | workers, million |", "|---" * 4 + "|"]
    sums = [0.0, 0.0, 0.0]
    for r in distinct(full, groups, floor).itertuples():
        # the first occupancy stands for all that share the floor area
        first = r.occupancies.split()[0]
        values = [r.floor_area, r.floor_area * hazus[first] / 100, r.floor_area * own[first] / 100]
        sums = [a + b for a, b in zip(sums, values, strict=True)]
        lines.append(f"| {r.occupancies} | " + " | ".join(f"{v:,.1f}" for v in values) + " |")
    lines.append("| all | " + " | ".join(f"{v:,.1f}" for v in sums) + " |")
    return "\n".join(lines) + "\n"


def place(result: Path) -> str:
    """Output per area and per worker of every occupancy in one state beside the nation, and the published output per head."""
    archive, own = packaged("productivity"), packaged("occupancies").set_index("occupancy")["workers_per_100_m2"]
    full = archive[(archive[list(NETWORKS)] == 1).all(axis=1)].set_index("occupancy")["productivity_per_area"]
    groups = packaged("production_groups").set_index("occupancy")
    factors = packaged("place_factors").query("place == @PLACE").set_index("group")
    lines = [
        f"| occupancy | output per m2 and day, nation | factor (low to high) | output per m2 and day, {NAME} | workers per 100 m2 "
        f"| output per worker and year, nation | {NAME} |",
        "|---" * 7 + "|",
    ]
    for o in own.index[full.loc[own.index] > 0]:
        row = factors.loc[groups.loc[o, "group"]]
        worker = full[o] * DAYS * 100 / own[o]
        lines.append(
            f"| {o} | {full[o]:.2f} | {row['factor']:.2f} ({row['low']:.2f} to {row['high']:.2f}) | {full[o] * row['factor']:.2f} "
            f"| {own[o]:.2f} | {worker:,.0f} | {worker * row['factor']:,.0f} |"
        )
    table = distinct(full.to_frame(), packaged("production_groups"), packaged("floor_area"))
    mean = {
        c: float((table["output"] * table["group"].map(factors[c])).sum() / table["output"].sum())
        for c in ("factor", "low", "high")
    }
    head = pd.read_csv(result / "production_states.csv").set_index("state")["output_per_head"][PLACE]
    nation = figure("output_per_worker")
    lines += [
        "",
        f"With the nation's mix of floor area {NAME} makes {mean['factor']:.2f} ({mean['low']:.2f} to {mean['high']:.2f}) of the nation's output per "
        f"m2, and so {nation * mean['factor']:,.0f} USD per worker where the nation makes {nation:,.0f}. Published (BEA, 2017): output per head "
        f"{head:.2f} of the nation's.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Renew all parts of the page for which there is something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path, nargs="?")
    result = parser.parse_args().result
    text = DOCUMENT.read_text(encoding="utf-8")
    if result is not None:
        text = put(text, "place", place(result))
        text = put(text, "card", (result / "card_production.md").read_text(encoding="utf-8"))
    seeds = pd.read_csv(RESULTS / "production_seeds.csv").set_index("seed")
    text = put(text, "seeds", markdown_table(seeds, digits=5) + "\n")
    for mark, content in (
        ("parts", parts()),
        ("ranges", ranges()),
        ("workers", workers()),
        ("employed", employed()),
        ("published", published()),
    ):
        text = put(text, mark, content)
    DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{DOCUMENT.name}: renewed")


if __name__ == "__main__":
    main()
