"""Write the tables of docs/features.md from the schema and the packaged rules.

Run: python scripts/make_feature_table.py
"""

import re
from pathlib import Path

from holdfast.data import packaged
from holdfast.rating.features.needs import MADE_OF
from holdfast.tables import schema_rows

PAGE = Path(__file__).parents[1] / "docs" / "features.md"
WORDS = {"1": "better", "-1": "worse"}


def rows(default: str) -> str:
    lines = [
        "| feature | pillar, system | unit | more is | scaled as | needs | what it is |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in schema_rows("features"):
        if row["default"] == default:
            needs = "<br>".join(
                " or ".join(f"`{MADE_OF.get(n, n)}`" for n in group.split("|")) for group in row["needs"].split(";")
            )
            lines.append(
                f"| `{row['column']}` | {row['pillar']}, {row['system']} | {row['unit']} | {WORDS[row['direction']]} | "
                f"{row['transform']} | {needs} | {row['description']} ({row['source']}) |"
            )
    return "\n".join(lines)


def tags() -> str:
    lines = ["| table | tags that make a row |", "|---|---|"]
    for table, rules in packaged("osm_layers").groupby("table", sort=False):
        lines.append(f"| `{table}` | {', '.join(f'`{r.key}={r.value}`' for r in rules.itertuples())} |")
    return "\n".join(lines)


def filled(text: str) -> str:
    for name, table in (("twelve", rows("yes")), ("optional", rows("no")), ("tags", tags())):
        start, end = f"<!-- {name} -->", f"<!-- end {name} -->"
        text = re.sub(f"{start}.*?{end}", lambda _, s=start, t=table, e=end: f"{s}\n{t}\n{e}", text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
