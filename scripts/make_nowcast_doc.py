"""Write the table of docs/nowcast.md from benchmarks/results/nowcast_truths.csv.

python scripts/make_nowcast_doc.py
"""

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "nowcast.md"
START, END = "<!-- truths -->", "<!-- end of truths -->"
HEADS = {
    "truths_spread": "spread of the truths",
    "quantity": "curve",
    "observed_to_day": "seen to day",
    "error_day_60": "error of the median on day 60",
    "crps_day_60": "CRPS on day 60",
    "coverage_90": "inside the 90 % band afterwards",
}


def main() -> None:
    found = pd.read_csv(ROOT / "benchmarks" / "results" / "nowcast_truths.csv").sort_values(
        ["truths_spread", "quantity"]
    )
    rows = [
        f"| {r.truths_spread:g} | {r.quantity.replace('_', ' ')} | {r.observed_to_day} | {r.error_day_60:.3f} | "
        f"{r.crps_day_60:.3f} | {r.coverage_90:.0%} |"
        for r in found.itertuples()
    ]
    lines = [f"| {' | '.join(HEADS.values())} |", "|---" * len(HEADS) + "|", *rows]
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(START)
    PAGE.write_text(f"{head}{START}\n\n" + "\n".join(lines) + f"\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
