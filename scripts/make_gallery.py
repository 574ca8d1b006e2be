"""Run the studies of `examples/` and write a page and a picture of each: docs/examples, docs/images/examples.

python scripts/make_gallery.py ../shared/data [NAME ...]
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import geopandas as gpd
from make_figures import STANDALONE, levels, recovery

from holdfast.pages.measures_report import frontier_chart
from holdfast.pages.what_if_report import what_if_parts

ROOT = Path(__file__).parents[1]
PAGES, PICTURES = ROOT / "docs" / "examples", ROOT / "docs" / "images" / "examples"
SHARED = "../shared/data"
DRAWN = {
    "rate": "resilience levels by cell",
    "simulate": "production and service capacity by day",
    "what-if": "change of levels under the frozen model",
    "measures": "cost of sets of measures against what they save in a mean year",
}


def verb(study: dict) -> str:
    """What the study is for."""
    if "measures" in study.get("tables", {}):
        return "measures"
    if "what_if" in study:
        return "what-if"
    if "scenario" in study:
        return "simulate"
    return "check" if "city" in study else "rate"


def introduction(text: str) -> str:
    """The comment that a study begins with."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines)


def data_of(study: dict) -> str:
    """Where its data come from, with licences."""
    tables = study.get("tables", {}).values()
    names = [f"{t['title']} ({t.get('licence') or 'licence: see there'})" for t in tables if "title" in t]
    if any(str(t.get("source", "")).startswith("osm") for t in (*tables, study.get("city", {}))):
        names.append("(c) OpenStreetMap contributors (ODbL)")
    return "; ".join(dict.fromkeys(names))


def picture(name: str, does: str, result: Path, title: str) -> str:
    """Draw the result; Markdown that shows it."""
    if does == "check":
        return "The networks of this study are not drawn here."
    if does == "measures":
        svg = frontier_chart(json.loads((result / "measures.json").read_text(encoding="utf-8")), "money")
    elif does == "what-if":
        summary = json.loads((result / "what_if.json").read_text(encoding="utf-8"))
        svg = what_if_parts(gpd.read_parquet(result / "what_if.parquet"), summary)["change_map"]
    else:
        svg = levels(result, title) if does == "rate" else recovery(result)
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.svg").write_text(svg.replace("<svg ", STANDALONE, 1), encoding="utf-8")
    what = DRAWN[does]
    return f"![{title}: {what}](../images/examples/{name}.svg)"


def page(name: str, folder: Path) -> str:
    """Run one study and describe it."""
    file = ROOT / "examples" / f"{name}.toml"
    text = file.read_text(encoding="utf-8")
    study = tomllib.loads(text)
    does = verb(study)
    place = study["data"].removeprefix("../../shared/data") if "data" in study else None
    given = [] if place is None else ["--data", f"{folder}{place}"]
    shown = "" if place is None else f" --data {SHARED}{place}"
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / name
        wanted = [] if does == "check" else ["--out", str(out)]
        command = [sys.executable, "-m", "holdfast", does, f"examples/{name}.toml", *given, *wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        said = done.stdout.split("\n}\n")[-1].split("\nResult:")[0].rstrip()
        drawn = picture(name, does, out, study["name"])
    run = "" if does == "check" else f"\n`holdfast {does}` in place of `check`, with `--out`, made this page:\n"
    return f"""# {study["name"]}

{introduction(text)}

{drawn}

```bash
holdfast check examples/{name}.toml{shown}
```
{run}
```text
{said}
```

Data: {data_of(study)}.

The study, `examples/{name}.toml`:

```{{literalinclude}} ../../examples/{name}.toml
:language: toml
```
"""


def contents(names: list[str]) -> str:
    """The page that leads to all of them."""
    lines = [
        "# Examples",
        "",
        "Studies that come with the package's repository, as run by `scripts/make_gallery.py`.",
        "",
    ]
    lines += ["| | study |", "|---|---|"]
    for name in names:
        text = (ROOT / "examples" / f"{name}.toml").read_text(encoding="utf-8")
        title = tomllib.loads(text)["name"]
        drawn = f"[![{title}](../images/examples/{name}.svg)]({name}.md)" if (PICTURES / f"{name}.svg").exists() else ""
        lines.append(f"| {drawn} | [{title}]({name}.md). {introduction(text)} |")
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *names, "```", ""])


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    every = sorted(f.stem for f in (ROOT / "examples").glob("*.toml"))
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or every:
        (PAGES / f"{name}.md").write_text(page(name, folder), encoding="utf-8")
        print(PAGES / f"{name}.md")
    (PAGES / "index.md").write_text(contents([n for n in every if (PAGES / f"{n}.md").exists()]), encoding="utf-8")


if __name__ == "__main__":
    main()
