"""The page of a rating."""

from importlib import resources
from typing import Any

import geopandas as gpd
import jinja2
import pandas as pd

from holdfast.pages.charts import profile_chart
from holdfast.pages.colour import LEVELS, NO_DATA
from holdfast.pages.maps import cell_map
from holdfast.pages.words import percent, plain, rounded
from holdfast.types import InputFile, Provenance

UNCERTAIN = 0.6
FIRST_CELLS = 10


def environment() -> jinja2.Environment:
    """Templates of the package, with text escaped and the number filters.

    Returns
    -------
    jinja2.Environment
        A missing value is an error.
    """
    folder = resources.files("holdfast") / "pages" / "templates"
    loader = jinja2.FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8"))
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"rounded": rounded, "percent": percent, "plain": plain}
    return made


def rating_page(cells: gpd.GeoDataFrame, summary: dict[str, Any], provenance: Provenance) -> str:
    """Page with map, profiles, index, method, sources and provenance of a rating.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``cells.parquet``.
    summary : dict
        Content of ``rating.json``.
    provenance : Provenance
        What the rating came from.

    Returns
    -------
    str
        Self-contained HTML.
    """
    return environment().get_template("rating.html").render(
        **rating_parts(cells, summary),
        style=(resources.files("holdfast") / "pages" / "templates" / "style.css").read_text(encoding="utf-8"),
        provenance=provenance,
        sources=data_sources(provenance.inputs),
    )  # fmt: skip


def rating_parts(cells: gpd.GeoDataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """Pictures, tables and figures of a rating, for a template.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``cells.parquet``.
    summary : dict
        Content of ``rating.json``.

    Returns
    -------
    dict
        ``summary``, ``level_map``, ``additive_map``, ``profiles``, ``cross`` (level by additive
        level), ``first`` (cells to look at first), ``twin`` (table of all cells), ``colours``.
    """
    centres = cells.geometry.centroid.to_crs("EPSG:4326")
    twin = pd.DataFrame(
        {
            "cell": cells.index, "level": cells["level"], "agreement": cells["agreement"],
            "additive_level": cells["additive_level"], "reason": cells["reason"],
            "homes": cells.get("housing_units", pd.Series(float("nan"), index=cells.index)),
            "place": [f"{y:.3f}, {x:.3f}" for x, y in zip(centres.x, centres.y, strict=True)],
        }
    )  # fmt: skip
    used = [row["feature"] for row in summary["features_used"]]
    profiles = {name: [level["scaled"][name] for level in summary["levels"]] for name in used}
    uncertain = (cells["agreement"] < UNCERTAIN).fillna(value=False).to_numpy(bool)
    rated = cells[cells["level"].notna()]
    cross = pd.crosstab(rated["level"], rated["additive_level"]).reindex(
        index=range(1, 6), columns=range(1, 6), fill_value=0
    )
    worst = twin[(twin["level"] == 1) & (twin["agreement"] >= UNCERTAIN)]
    return {
        "summary": summary,
        "level_map": cell_map(
            cells, _colours(cells["level"]), _titles(twin, "level"), uncertain, "Map of resilience levels"
        ),
        "additive_map": cell_map(
            cells,
            _colours(cells["additive_level"]),
            _titles(twin, "additive_level"),
            uncertain & False,
            "Map of the additive index",
        ),
        "profiles": profile_chart(profiles, LEVELS, [plain(name) for name in used]),
        "cross": cross.to_numpy().tolist(),
        "first": worst.sort_values(["homes", "agreement"], ascending=False).head(FIRST_CELLS).to_dict("records"),
        "twin": [{k: None if pd.isna(v) else v for k, v in row.items()} for row in twin.to_dict("records")],
        "colours": LEVELS,
        "no_data": NO_DATA,
    }


def _colours(levels: pd.Series) -> list[str]:
    """Colour of each cell."""
    return [NO_DATA if pd.isna(level) else LEVELS[int(level) - 1] for level in levels]


def _titles(twin: pd.DataFrame, column: str) -> list[str]:
    """Words under the pointer for each cell."""
    rows = twin.to_dict("records")
    return [
        f"{r['cell']}: {'level ' + str(r[column]) if pd.notna(r[column]) else 'no level, ' + str(r['reason'])}"
        + (f", agreement {r['agreement']:.0%}" if pd.notna(r["agreement"]) else "")
        for r in rows
    ]


def data_sources(inputs: tuple[InputFile, ...]) -> list[dict[str, Any]]:
    """Data register: one row per data set, with the tables or columns that it fills.

    Parameters
    ----------
    inputs : tuple of InputFile
        From the provenance.

    Returns
    -------
    list of dict
        ``title``, ``licence``, ``date``, ``link``, ``fills``, ``files``, ``notes``.
    """
    register: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for item in inputs:
        key = (item.source or item.file, item.licence, item.date, item.link)
        row = register.setdefault(
            key,
            {"title": key[0], "licence": key[1] or "not stated", "date": key[2] or "not stated", "link": key[3],
             "fills": [], "files": [], "notes": []},
        )  # fmt: skip
        row["fills"] += [] if item.table in row["fills"] else [item.table]
        file = (item.file, item.sha256[:12], item.rows)
        row["files"] += [] if file in row["files"] else [file]
        row["notes"] += [note for note in item.notes if note not in row["notes"]]
    return list(register.values())
