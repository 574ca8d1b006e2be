"""Put the measured tables into docs/strategies.md.

Run: python scripts/make_strategies_doc.py, after the benchmarks optimality_gap, strategies, more_crews and
hindcast_joplin have written their results.
"""

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "strategies.md"
RESULTS = ROOT / "benchmarks" / "results"


def rows(header: list[str], cells: list[list[str]]) -> str:
    """Table in Markdown."""
    lines = [header, ["---"] * len(header), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def gap() -> str:
    """How far the strategy is from the optimum, or from the bound."""
    header = [
        "assets",
        "cities",
        "proved optimal within 60 s",
        "median gap",
        "95th percentile",
        "most",
        "measured against",
    ]
    cells = []
    for assets, group in pd.read_csv(RESULTS / "optimality_gap.csv").groupby("assets"):
        proved = group["proved"].all()
        told = "the optimum" if proved else "the solver's bound (what is shown is the most that the gap can be)"
        kinds = [("gap_to_bound", told)]
        kinds += [] if proved else [("gap", "the best schedule found from the strategy's own")]
        for column, against in kinds:
            c = group[column]
            shares = [f"{v:.1%}" for v in (c.median(), c.quantile(0.95), c.max())]
            cells.append([str(assets), str(len(group)), f"{group['proved'].mean():.0%}", *shares, against])
    return rows(header, cells)


def strategies() -> str:
    """Paired differences to the default, per place."""
    parts = []
    for place, group in pd.read_csv(RESULTS / "strategies.csv").groupby("place", sort=False):
        unit = "cities" if place.startswith("synth") else "draws"
        losses = list(group["loss"].unique())
        cells = []
        for (base, name), own in group.groupby(["base", "strategy"], sort=False):
            told = name if base == "semi_flexible" else f"value of information: {name} against {base}"
            texts = []
            for loss in losses:
                r = own.set_index("loss").loc[loss]
                text = f"{r.relative:+.1%} ({r.difference_low / r.base_mean:+.1%} to {r.difference_high / r.base_mean:+.1%})"
                reversed_ = r.difference_high < 0 and base == "semi_flexible" and not name.startswith("fully")
                texts.append(text + (" (reversal)" if reversed_ else ""))
            cells.append([told, *texts])
        title = f"{place[0].upper()}{place[1:]}, {group['cases'].iloc[0]} {unit}:"
        parts.append(f"{title}\n\n" + rows(["strategy", *(x.replace("_", " ") for x in losses)], cells))
    return "\n\n".join(parts)


def more_crews() -> str:
    """What one crew more changes."""
    header = ["strategy", "one crew more of", "cities", "mean change of the loss, days", "95 % interval"]
    header += ["single reversals", "worst"]
    cells = [
        [
            r.strategy,
            r.more,
            str(r.cities),
            f"{r.difference:.3g}",
            f"{r.difference_low:.3g} to {r.difference_high:.3g}",
            str(r.reversals),
            f"{max(r.worst_rise, 0):+.1%}",
        ]
        for r in pd.read_csv(RESULTS / "more_crews.csv").itertuples()
    ]
    return rows(header, cells)


def joplin() -> str:
    """Durations after the tornado of Joplin beside the engine's."""
    table = pd.read_csv(RESULTS / "hindcast_joplin.csv")
    header = [
        "level",
        "read as",
        "crews",
        "published median (5 to 95 %)",
        "engine median (5 to 95 %)",
        "ratio of medians",
    ]
    cells = [
        [
            str(r.level),
            f"{r.damage_state} ({r.reading})",
            r.crews,
            f"{r.published_p50} ({r.published_p5} to {r.published_p95})",
            f"{r.engine_p50} ({r.engine_p5} to {r.engine_p95})",
            f"{r.median_ratio:.2f}",
        ]
        for r in table.itertuples()
    ]
    plain = table["reading"] == "as in pyincore"
    ends = [f"{t['median_ratio'].min():.2f} to {t['median_ratio'].max():.2f}" for t in (table[plain], table[~plain])]
    told = f"The engine's medians are {ends[0]} of the published ones as pyincore reads the levels, {ends[1]} one state worse."
    return f"{rows(header, cells)}\n\n{told}"


def put(text: str, mark: str, content: str) -> str:
    """Replace what stands between a mark and its end."""
    head, rest = text.split(f"<!-- {mark} -->\n")
    return f"{head}<!-- {mark} -->\n\n{content}\n\n<!-- end of {mark} -->{rest.split(f'<!-- end of {mark} -->')[1]}"


def main() -> None:
    """Renew every table of the page."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, make in {"gap": gap, "strategies": strategies, "more crews": more_crews, "joplin": joplin}.items():
        text = put(text, name, make())
    DOCUMENT.write_text(text, encoding="utf-8")
    print(DOCUMENT)


if __name__ == "__main__":
    main()
