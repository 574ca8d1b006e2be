"""Write the measured tables of docs/rating-method.md and its figure from the results of the two benchmarks.

Run: python benchmarks/rating_method_tables.py [--results benchmarks/results]
Reads methods.csv, real.csv and scaling.csv; replaces what stands between the markers of each table.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from planted_metros import FAMILIES, HELD_OUT

ROOT = Path(__file__).parents[1]
DOCUMENT, FIGURE = ROOT / "docs" / "rating-method.md", ROOT / "docs" / "images" / "rating_methods.svg"
OURS, PAPER, GREY, INK = "#0b5c6b", "#b04a12", "#9aa3ab", "#444"


def markdown(table: pd.DataFrame, digits: dict[str, int] | int) -> str:
    """A Markdown table; empty where null."""
    lines = ["| " + " | ".join(["", *table.columns]) + " |", "|" + "---|" * (table.shape[1] + 1)]
    for name, row in table.iterrows():
        cells = []
        for column, value in row.items():
            places = digits if isinstance(digits, int) else digits.get(str(column), 2)
            cells.append("" if pd.isna(value) else f"{value:,.{places}f}" if isinstance(value, float) else str(value))
        lines.append("| " + " | ".join([str(name), *cells]) + " |")
    return "\n".join(lines)


def per_family(methods: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Mean of a measure per method and family, the mean of the families, and its standard error."""
    named = methods[methods["method"] != "truth"]
    layout = {"index": "method", "columns": "family", "values": measure, "sort": False}
    mean, error = (named.pivot_table(**layout, aggfunc=f)[list(FAMILIES)] for f in ("mean", "sem"))
    words = {f: f.replace("_", " ") + (" (held out)" if f in HELD_OUT else "") for f in FAMILIES}
    table = mean.rename(columns=words)
    table["mean"] = mean.mean(axis=1)
    table["standard error"] = np.sqrt((error**2).sum(axis=1)) / len(FAMILIES)
    table["metros"] = named.groupby("method", sort=False).size().astype(str)
    return table


def qualities(methods: pd.DataFrame) -> pd.DataFrame:
    """Stability, common-space scores and seconds, means over all metros."""
    names = {
        "stable_seed": "new seed",
        "stable_subsample": "80 % of the cells",
        "stable_shift": "half-cell shift",
        "smallest_level": "smallest level, share",
        "silhouette": "silhouette",
        "calinski_harabasz": "Calinski-Harabasz",
        "davies_bouldin": "Davies-Bouldin",
        "seconds": "seconds",
    }
    grouped = methods.groupby("method", sort=False)
    table = grouped[list(names)].mean()
    table["smallest_level"] = grouped["smallest_level"].min()
    return table.rename(columns=names)


def paired(methods: pd.DataFrame, other: str) -> pd.DataFrame:
    """Default minus another method on the same metros."""
    wide = methods.pivot_table(index=["family", "seed"], columns="method", values="ari")[["holdfast", other]].dropna()
    gain = (wide["holdfast"] - wide[other]).groupby("family")
    table = pd.DataFrame({"mean gain in ARI": gain.mean(), "least gain": gain.min(), "greatest gain": gain.max()})
    return table.assign(metros=gain.size().astype(str)).loc[list(FAMILIES)].rename(lambda f: f.replace("_", " "))


def variants(methods: pd.DataFrame) -> pd.DataFrame:
    """Default minus each of its variants on the same metros: mean of the families, with its standard error."""
    rows = {}
    for other in ("holdfast without neighbours", "holdfast with standard scores", "graded"):
        wide = methods.pivot_table(index=["family", "seed"], columns="method", values="ari")[
            ["holdfast", other]
        ].dropna()
        gain = (wide["holdfast"] - wide[other]).groupby("family")
        error = float(np.sqrt((gain.sem() ** 2).sum()) / len(FAMILIES))
        least = f"{gain.mean().idxmin().replace('_', ' ')} ({gain.mean().min():.3f})"
        rows[other] = {"mean gain in ARI": gain.mean().mean(), "standard error": error, "family with the least": least}
    return pd.DataFrame(rows).T.infer_objects()


def of_metro(real: pd.DataFrame, metro: str) -> pd.DataFrame:
    names = {
        "stable_seed": "new seed",
        "stable_subsample": "80 % of the cells",
        "stable_shift": "half-cell shift",
        "agreement": "median agreement",
        "smallest_level": "smallest level, share",
        "silhouette": "silhouette",
        "calinski_harabasz": "Calinski-Harabasz",
        "davies_bouldin": "Davies-Bouldin",
        "seconds": "seconds",
    }
    return real[real["metro"] == metro].set_index("method")[list(names)].rename(columns=names)


def figure(table: pd.DataFrame) -> str:
    """Dots of the mean ARI per family, a row per method."""
    families = [c for c in table.columns if c not in ("mean", "standard error", "metros")]
    columns = [*families, "mean"]
    width, left, row = 132, 200, 22
    parts = []
    for c, name in enumerate(columns):
        x = left + c * width
        words = name.replace(" (held out)", "*")
        parts.append(f'<text x="{x + 4}" y="18" font-weight="bold">{words}</text>')
        parts.append(f'<path d="M{x + 4} 28V{32 + row * len(table)}" stroke="#ccc"/>')
    for r, (name, values) in enumerate(table.iterrows()):
        colour = OURS if str(name) == "holdfast" else PAPER if "resilinet" in str(name) else GREY
        y = 44 + r * row
        parts.append(
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end" fill="{colour if colour != GREY else INK}">{name}</text>'
        )
        for c, column in enumerate(columns):
            x, value = left + 4 + c * width, float(values[column])
            end = x + max(value, 0) * (width - 46)
            parts.append(f'<path d="M{x} {y}H{end:.1f}" stroke="{colour}" stroke-width="2"/>')
            parts.append(f'<circle cx="{end:.1f}" cy="{y}" r="4" fill="{colour}"/>')
            parts.append(f'<text x="{end + 7:.1f}" y="{y + 4}" font-size="11">{value:.2f}</text>')
    tall = 60 + row * len(table)
    parts.append(
        f'<text x="4" y="{tall - 8}" font-size="11">Adjusted Rand index against the planted truth; lines start at 0. * held out while tuning.</text>'
    )
    wide = left + width * len(columns)
    title = "<title>Accuracy of the methods on planted metros</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" role="img" viewBox="0 0 {wide} {tall}">'
    return f'{head}{title}<rect width="{wide}" height="{tall}" fill="#fff"/>{"".join(parts)}</svg>\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    results = parser.parse_args().results
    methods, real = pd.read_csv(results / "methods.csv"), pd.read_csv(results / "real.csv")
    scaling = pd.read_csv(results / "scaling.csv")
    accuracy = per_family(methods, "ari")
    growth = np.polyfit(np.log(scaling["cells"]), np.log(scaling["seconds"]), 1)[0]
    sizes = scaling.astype({"cells": int, "refits": int}).set_index("cells").rename(lambda n: f"{n:,} cells")
    sizes["refits"] = sizes["refits"].astype(str)
    tables = {
        "ari": markdown(accuracy, 3),
        "spearman": markdown(per_family(methods, "spearman"), 3),
        "paired": markdown(paired(methods, "resilinet"), 3),
        "variants": markdown(variants(methods), 3),
        "quality": markdown(
            qualities(methods), {"Calinski-Harabasz": 0, "new seed": 3, "80 % of the cells": 3, "half-cell shift": 3}
        ),
        "harris": markdown(of_metro(real, "harris"), {"Calinski-Harabasz": 0}),
        "chicago": markdown(of_metro(real, "chicago"), {"Calinski-Harabasz": 0}),
        "scaling": markdown(
            sizes[["refits", "seconds", "kmeans_seconds", "peak_MB"]].set_axis(
                ["refits", "seconds", "k-means alone, seconds", "peak memory, MB"], axis=1
            ),
            {"peak memory, MB": 0},
        )
        + f"\n\nExponent over all sizes: {growth:.2f}.",
    }
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, table in tables.items():
        text, count = re.subn(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)", lambda m, t=table: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL
        )
        print(name, "written" if count else "has no place in the document")
    DOCUMENT.write_text(text, encoding="utf-8")
    FIGURE.write_text(figure(accuracy), encoding="utf-8")


if __name__ == "__main__":
    main()
