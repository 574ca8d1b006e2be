"""Put the model card that `holdfast train` wrote, and the table of seeds, into docs/productivity.md.

Run: python scripts/make_productivity_doc.py RESULT, with the folder of a training; the table of seeds is
benchmarks/results/production_seeds.csv.
"""

import argparse
from pathlib import Path

import pandas as pd

from holdfast.training.markdown import markdown_table

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "productivity.md"
SEEDS = ROOT / "benchmarks" / "results" / "production_seeds.csv"
SHOWN = ["epochs", "hybrid_rmse_normalised", "linear_rmse_normalised", "industry_mean_rmse_normalised", "less_linear"]
SHOWN += ["less_linear_low", "less_linear_high"]


def put(text: str, mark: str, content: str) -> str:
    """Replace what stands between a mark and its end."""
    head, rest = text.split(f"<!-- {mark} -->\n")
    return f"{head}<!-- {mark} -->\n\n{content}\n<!-- end of {mark} -->{rest.split(f'<!-- end of {mark} -->')[1]}"


def main() -> None:
    """Renew both parts of the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path)
    card = (parser.parse_args().result / "card_production.md").read_text(encoding="utf-8")
    seeds = pd.read_csv(SEEDS).set_index("seed")[SHOWN]
    text = put(DOCUMENT.read_text(encoding="utf-8"), "card", card)
    DOCUMENT.write_text(put(text, "seeds", markdown_table(seeds, digits=5) + "\n"), encoding="utf-8")
    print(f"{DOCUMENT.name}: {card.count(chr(10))} lines of card, {len(seeds)} seeds")


if __name__ == "__main__":
    main()
