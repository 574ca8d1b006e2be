"""What the report shows of interventions on a rating."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np

from holdfast.pages.colour import CHANGES, LEVELS
from holdfast.pages.maps import cell_map
from holdfast.pages.words import amount, percent, rounded

CHANGE_WORDS = ("two levels or more down", "one level down", "the same", "one level up", "two levels or more up")
MODE_WORDS = {
    "frozen": "frozen model: the scale and the borders of before",
    "refitted": "refitted: a new fit after the change, levels aligned",
    "monotone": "monotone: no cell can fall by an improvement",
}


def what_if_parts(
    cells: gpd.GeoDataFrame, summary: dict[str, Any], ground: gpd.GeoDataFrame | None = None
) -> dict[str, Any]:
    """Pictures, sentences and figures of interventions, for a template.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``what_if.parquet``, in a projected CRS.
    summary : dict
        Content of ``what_if.json``.
    ground : GeoDataFrame, optional
        Places, roads, water and borders in the maps, in this CRS, as of `holdfast.sources.osm_ground.ground`.

    Returns
    -------
    dict
        ``summary``; ``before_map`` (the cells of the cheapest change numbered) and ``change_map`` (of the frozen mode,
        artefacts hatched); ``places``, cell to the name of its place; ``withheld``, cells that give few households away; ``sentences``; ``modes``,
        the words for each; ``colours`` and ``changes``, legends.
    """
    before, after = (cells[f"frozen_{when}"].to_numpy(int) for when in ("before", "after"))
    step = np.clip(after - before, -2, 2)
    artefact = (step < 0) & ~cells["worse"].to_numpy(bool)
    names = [f"{c}: level {b} before, {a} after" for c, b, a in zip(cells.index, before, after, strict=True)]
    none = np.zeros(len(cells), dtype=bool)
    # a cell that lost its level has no place in the table, and numbers without it would be those of others
    lifted = cells.index.get_indexer([row["cell_id"] for row in summary["cheapest"]])
    numbered = list(lifted) if (lifted >= 0).all() else []
    return {
        "summary": summary,
        "before_map": cell_map(cells, [LEVELS[k - 1] for k in before], names, none, "Levels before", ground, numbered),
        "numbered": bool(numbered),
        "withheld": set(cells.index[cells["withheld"].astype(bool)]),
        "places": {c: p for c, p in cells["place"].items() if p},
        "change_map": cell_map(cells, [CHANGES[k + 2] for k in step], names, artefact, "Change of levels", ground),
        "sentences": what_if_sentences(summary),
        "modes": MODE_WORDS,
        "colours": LEVELS,
        "changes": list(zip(CHANGES, CHANGE_WORDS, strict=True)),
    }


def what_if_sentences(summary: Mapping[str, Any]) -> list[str]:
    """Who gains and falls in each mode, and what of the falling is an artefact, in words.

    Examples
    --------
    >>> none = {"cells": 0, "people": 0.0, "share": 0.0}
    >>> gain = {"cells": 2, "people": 1200.0, "share": 0.12}
    >>> row = {"mode": "frozen", "gained": gain, "fell": none, "artefact": none, "bystanders": [none, none]}
    >>> what_if_sentences({"modes": [row], "skipped": {}, "people_are": "homes", "cheapest": []})
    ['Frozen: 1,200 homes (12 %) rise, in 2 cells; none falls.']
    """
    unit, found = summary["people_are"], []
    for row in summary["modes"]:
        up, down, artefact = row["gained"], row["fell"], row["artefact"]
        gains = f"{rounded(up['people'])} {unit} ({percent(up['share'])}) rise, in {up['cells']:,} cells"
        found.append(f"{row['mode'].capitalize()}: {gains}; {_falls(down, artefact, unit)}.")
    found += [f"{mode.capitalize()}: not to be had; {why}." for mode, why in summary["skipped"].items()]
    if summary["cheapest"]:
        reached = [r for r in summary["cheapest"] if r["cost"] is not None]
        total = amount(sum(r["cost"] for r in reached) + summary["shared_cost"], summary["money"])
        found.append(
            f"{len(reached)} of {len(summary['cheapest'])} cells can be lifted to level {summary['lift_to']} by what the "
            f"region shows to be possible, for {total} at the unit costs that you state."
        )
    return found


def _falls(down: Mapping[str, Any], artefact: Mapping[str, Any], unit: str) -> str:
    """How many fall, and how many of them though nothing of theirs got worse."""
    if not down["cells"]:
        return "none falls"
    if artefact["cells"] == down["cells"]:
        return f"{rounded(down['people'])} {unit} fall, all of them an artefact: no feature of theirs is worse"
    own = down["people"] - artefact["people"]
    rest = f"; {rounded(artefact['people'])} more fall as an artefact" if artefact["cells"] else ""
    return f"{rounded(own)} {unit} fall by features that got worse{rest}"
