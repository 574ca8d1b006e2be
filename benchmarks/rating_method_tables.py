"""Write the measured tables of docs/rating-method.md and docs/validate-rating.md from the results of the benchmarks.

Run: python benchmarks/rating_method_tables.py [--results benchmarks/results]
Reads certainty.csv, certainty_curve.csv, rating_people.csv, rating_borders.csv, peopled.csv, scaling.csv, scaling_command.csv and
illinois_2013*.csv; replaces what stands
between the markers of each table.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from masked_graph import ATTEMPTS

ROOT = Path(__file__).parents[1]
DOCUMENT, OUTCOME = (ROOT / "docs" / f"{name}.md" for name in ("rating-method", "validate-rating"))
ERRORS = {False: "independent errors", True: "errors shared by blocks"}


def markdown(table: pd.DataFrame, digits: dict[str, int] | int) -> str:
    """A Markdown table; empty where null."""
    lines = ["| " + " | ".join([str(table.index.name or ""), *map(str, table.columns)]) + " |"]
    lines.append("|" + "---|" * (table.shape[1] + 1))
    for name, row in table.iterrows():
        cells = []
        for column, value in row.items():
            places = digits if isinstance(digits, int) else digits.get(str(column), 2)
            cells.append("" if pd.isna(value) else f"{value:,.{places}f}" if isinstance(value, float) else str(value))
        lines.append("| " + " | ".join([str(name), *cells]) + " |")
    return "\n".join(lines)


def certainty(table: pd.DataFrame) -> tuple[str, str]:
    """Coverage over all metros, and by family."""
    names = {
        "rank_covered": "true rank inside the 80 % interval",
        "rank_width": "its mean width",
        "levels_covered": "true level inside the range",
        "levels_stated": "what the draws say of that range",
        "levels_in_range": "levels in it",
        "right": "level is the true one",
        "agreement": "stated for it",
    }
    rows = {}
    for (features, shared, new), part in table.groupby(["features", "shared", "new"], sort=False):
        rows[f"{features}, {ERRORS[shared]}, {'new' if new else 'old'} families"] = part[list(names)].mean()
    whole = pd.DataFrame(rows).T.rename(columns=names)
    every = table[table["features"] == "all features"]
    by_family = every.pivot_table(
        index="family", columns="shared", values=["rank_covered", "levels_covered"], sort=False
    )
    by_family.columns = [f"{names[c]}, {ERRORS[s]}" for c, s in by_family.columns]
    by_family.index = by_family.index.str.replace("_", " ")
    return markdown(whole, 2), markdown(by_family, 2)


def curve(table: pd.DataFrame) -> str:
    """Stated probability of a level and how often it holds."""
    wide = table[table["share"] > 0.001].assign(bin=lambda t: t["from"].map("from {:.1f}".format))
    wide = wide.pivot_table(index="bin", columns="features", values=["stated", "held"], sort=False)
    wide.columns = [f"{b}: {a}" for a, b in wide.columns]
    return markdown(wide[sorted(wide.columns, reverse=True)].rename_axis("a level has a probability"), 2)


def methods(table: pd.DataFrame, names: list[str]) -> str:
    """Accuracy, stability and pockets by method."""
    rows = {}
    for name in names:
        part = table[table["method"] == name]
        if part.empty:
            continue
        means = part.groupby(["shared", "new"])["ari"].mean()
        rows[name] = {
            **{f"{'new' if n else 'old'} families, {ERRORS[s]}": float(means[s, n]) for s, n in means.index},
            "at the true level": float(part["right"].mean()),
            "rank correlation": float(part["spearman"].mean()),
            "stable": float(part["stable"].mean()),
            "pockets found": float(part["pockets_found"].mean()),
            "metros": str(len(part)),
        }
    return markdown(pd.DataFrame(rows).T.infer_objects(), 3)


def paired(table: pd.DataFrame) -> str:
    """Attempts less the default on the same metros, with the standard error of the mean difference."""
    layout = {"index": ["family", "shared", "seed"], "columns": "method", "values": "ari"}
    wide, rows = table.pivot_table(**layout), {}
    pockets = table.pivot_table(**{**layout, "values": "pockets_found"})
    for name in (*ATTEMPTS, "resilinet"):
        if name not in wide:
            continue
        gain = (wide[name] - wide["holdfast"]).dropna()
        by_error = gain.groupby("shared").mean()
        rows[name] = {
            "gain in adjusted Rand index": float(gain.mean()),
            "standard error": float(gain.std() / np.sqrt(len(gain))),
            **{f"with {ERRORS[s]}": float(by_error[s]) for s in by_error.index},
            "gain in pockets found": float((pockets[name] - pockets["holdfast"]).mean()),
            "metros": str(len(gain)),
        }
    return markdown(pd.DataFrame(rows).T.infer_objects(), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    results = parser.parse_args().results
    peopled, scaling = (pd.read_csv(results / f"{name}.csv") for name in ("peopled", "scaling"))
    whole, by_family = certainty(pd.read_csv(results / "certainty.csv"))
    people, borders = (pd.read_csv(results / f"rating_{name}.csv") for name in ("people", "borders"))
    keep = people.pivot_table(index="metro", columns="fewest_homes", values="homes_keep_level", sort=False)
    keep.columns = [f"least number {c:g}" for c in keep.columns]
    edges = borders.pivot_table(index="metro", columns="method", values=["pockets", "sharp_borders"], sort=False)
    edges.columns = [f"{'pockets' if a == 'pockets' else 'sharp borders'}: {b}" for a, b in edges.columns]
    counts = {c: int for c in edges if c.startswith("pockets")}
    sizes = scaling.set_index("cells")[["refits", "seconds", "peak_MB"]].rename(lambda n: f"{int(n):,}")
    sizes = sizes.astype({"refits": int}).astype({"refits": str})
    command = pd.read_csv(results / "scaling_command.csv").set_index("cells")
    command["resilinet"] = command["resilinet"].map({True: "beside it", False: "left out"})
    command.columns = ["the paper's way", "seconds", "of the processor", "peak memory, MB"]
    tables = {
        "command": markdown(
            command.rename(lambda n: f"{int(n):,}"), {"peak memory, MB": 0, "seconds": 1, "of the processor": 1}
        ),
        "certainty": whole,
        "certainty_families": by_family,
        "certainty_curve": curve(pd.read_csv(results / "certainty_curve.csv")),
        "people": markdown(keep, 3),
        "borders": markdown(edges.astype(counts).astype(dict.fromkeys(counts, object)), 3),
        "peopled": methods(peopled, [m for m in peopled["method"].unique() if m not in ATTEMPTS]),
        "deep": paired(peopled),
        "scaling": markdown(sizes.rename(columns={"peak_MB": "peak memory, MB"}), {"peak memory, MB": 0, "seconds": 1}),
    }
    fill(DOCUMENT, tables)
    found, learned, rates = (pd.read_csv(results / f"illinois_2013{name}.csv") for name in ("", "_learned", "_rates"))
    parts = pd.read_csv(results / "illinois_2013_parts.csv").set_index("part")
    parts.columns = ["areas", "weights learned in the other part explain", "the score of the rating explains"]
    fill(
        OUTCOME,
        {
            "illinois_parts": markdown(parts.astype({"areas": object}).rename_axis("tested in"), 3),
            "illinois": markdown(
                found.set_index("candidate"), {"p": 3, "p_corrected": 3, "explained": 3, "explained_elsewhere": 3}
            ),
            "illinois_learned": markdown(learned.set_index("what"), 3),
            "illinois_rates": markdown(rates.set_index("what"), 3),
        },
    )


def fill(document: Path, tables: dict[str, str]) -> None:
    """Put tables between their markers."""
    text = document.read_text(encoding="utf-8")
    for name, table in tables.items():
        text, count = re.subn(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)", lambda m, t=table: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL
        )
        print(name, "written" if count else "has no place in the document")
    document.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
