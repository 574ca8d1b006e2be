"""Put the model card that `holdfast train` wrote into docs/productivity.md.

Run: python scripts/make_productivity_doc.py RESULT, with the folder of a training.
"""

import argparse
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "productivity.md"
START, END = "<!-- card -->\n", "<!-- end of card -->"


def main() -> None:
    """Replace what stands between the two marks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path)
    card = (parser.parse_args().result / "card_production.md").read_text(encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(START)
    DOCUMENT.write_text(f"{head}{START}\n{card}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"{DOCUMENT.name}: {card.count(chr(10))} lines of card")


if __name__ == "__main__":
    main()
