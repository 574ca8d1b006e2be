"""Rate Harris County and Chicago with every reading aid and write the worked example of docs/rating.md.

Run: python benchmarks/rating_reading.py DATA_FOLDER (the folder with tracts.csv.gz and the rest).
"""

import sys
import time
from pathlib import Path

import holdfast

ROOT = Path(__file__).parents[1]
HEAD = "## A worked example\n"
METROS = {"harris": "Harris County", "chicago": "Chicago, nine counties"}


def words(name: str) -> str:
    return name.replace("_", " ")


def label(row: dict) -> str:
    forms = {"direction": f"{words(row['name'])} turned round", "left out": f"without {words(row['name'])}"}
    return forms.get(row["kind"], row["name"])


def tables(name: str, summary: dict) -> list[str]:
    metro, pockets = summary["areas"]["metro"], summary["pattern"]["pockets"]["counts"]
    found = "; ".join(f"{p['pockets']} of {p['kind']} ({p['cells']} cells)" for p in pockets) or "none"
    shares = ", ".join(f"{metro[f'share_level_{k}']:.0%}" for k in range(1, 6))
    density = summary["density"]
    lines = [
        f"**{name}.** {summary['rated']:,} cells rated. Homes at levels 1 to 5: {shares}; mean level "
        f"{metro['mean_level']:.2f}. Pockets: {found}. Rank correlation of level and homes per km²: "
        f"{density['level_with_density']:.2f}; with the features held constant {density['level_with_density_given_features']:.2f}. "
        f"A weighted sum of the features explains {summary['weights']['explained_share']:.0%} of the levels' variance.",
        "",
        "| feature | meant | weight | explains alone | correlation with the level | the same, density held constant |",
        "|---|---|---|---|---|---|",
    ]
    by_density = {row["feature"]: row for row in density["features"]}
    for row in sorted(summary["weights"]["features"], key=lambda row: -row["weight"]):
        left = by_density[row["feature"]]["with_level_given_density"]
        lines.append(
            f"| {words(row['feature'])} | {row['nominal']:.0%} | {row['weight']:.0%} | {row['main_effect']:.0%} "
            f"| {row['correlation']:.2f} | {left:.2f} |"
        )
    lines += [
        "",
        "| changed | homes at the same level | at most one off | stay at levels 1 and 2 | kappa |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {label(v)} | {v['same_share']:.0%} | {v['within_one_share']:.0%} | {v['low_kept']:.0%} | {v['kappa']:.2f} |"
        for v in summary["sensitivity"]["variants"]
    ]
    lines += [f"\nNot done: {s['name']} ({s['why']})." for s in summary["sensitivity"]["skipped"]]
    return [*lines, ""]


def main() -> None:
    data = sys.argv[1]
    lines = [
        HEAD,
        "Made by `python benchmarks/rating_reading.py DATA`; kappa is agreement beyond chance, 1 the same map.",
        "",
    ]
    for name, title in METROS.items():
        start = time.perf_counter()
        cells = holdfast.rate(
            ROOT / "examples" / f"{name}.toml", overrides={"data": data, "rating.sensitivity.enabled": True}
        )
        lines += tables(title, cells.attrs["summary"])
        print(f"{name}: {time.perf_counter() - start:.0f} s")
    page = ROOT / "docs" / "rating.md"
    before = page.read_text(encoding="utf-8").partition(HEAD)[0]
    page.write_text(before + "\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
