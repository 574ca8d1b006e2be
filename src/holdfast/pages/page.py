"""The report: one self-contained page for a rating, a simulation, or both."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2
import markupsafe

from holdfast.pages.words import (
    amount,
    change_words,
    days_interval,
    event_sentence,
    level_label,
    percent,
    plain,
    ratio_words,
    rounded,
    shaking,
    unit_word,
    with_interval,
)
from holdfast.types import InputFile, Provenance

MARK = '<meta name="generator" content="Holdfast">'
"""What every page bears in its head, so that a page of ours can be told from other files."""


def environment() -> jinja2.Environment:
    """Templates of the package, with text escaped and the number filters; a missing value is an error."""
    folder = resources.files("holdfast") / "pages" / "templates"
    # names of cells, networks and data sets come from files that anybody may have written: all text is escaped
    loader = jinja2.FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8"))
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "rounded": rounded,
        "percent": percent,
        "plain": plain,
        "level": level_label,
        "amount": amount,
        "with_interval": with_interval,
        "event_sentence": lambda losses, city, years, draws, hazard: event_sentence(city, years, losses, draws, hazard),
        "days_interval": days_interval,
        "shaking": shaking,
        "unit_word": unit_word,
        "ratio_words": ratio_words,
        "change_words": change_words,
    }
    made.globals["mark"] = markupsafe.Markup(MARK)
    return made


PARTS = [
    "update",
    "rating",
    "other_maps",
    "explanation",
    "overlay",
    "governance",
    "recovery",
    "scenarios",
    "comparison",
    "measures",
    "cities",
    "outcome",
    "validation",
    "nowcast",
    "what_if",
]


def page(provenance: Provenance, run: str, parts: Mapping[str, dict[str, Any]]) -> str:
    """Page with the pictures, words, method, sources and provenance of a result, as HTML that needs no other file.

    Parameters
    ----------
    provenance, run : Provenance, str
        What the result came from, and its hash.
    parts : mapping
        What there is of ``update``, ``rating``, ``other_maps``, ``explanation``, ``overlay``, ``governance``, ``recovery``, ``scenarios``, ``comparison``,
        ``measures``, ``cities``, ``outcome``, ``validation``, ``nowcast`` and ``what_if``: from `update_parts`, `rating_parts`,
        `other_maps_parts`, `explanation_parts`, `overlay_parts`, `governance_parts`, `recovery_parts`, `scenario_parts`,
        `compare_parts`, `measure_parts`, `cities_parts`, `outcome_parts`, `validation_parts`, `nowcast_parts` and `what_if_parts`.
    """
    made = environment()
    style = made.loader.load(made, "style.css").render() if made.loader else ""
    return made.get_template("report.html").render(
        provenance=provenance,
        run=run,
        # every part has a name in the template, empty where the result has none: an undefined one is an error
        **{name: parts.get(name) for name in PARTS},
        style=style,
        sources=data_sources(provenance.inputs),
    )


def data_sources(inputs: tuple[InputFile, ...]) -> list[dict[str, Any]]:
    """Data register: one row per data set, with the tables or columns that it fills.

    Returns
    -------
    list of dict
        ``title``, ``licence``, ``date``, ``link``, ``fills``, ``files``, ``notes``.
    """
    register: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for item in inputs:
        # one data set fills several tables, or several columns, each with an entry of its own among the inputs
        key = (item.source or item.file, item.licence, item.date, item.link)
        row = register.setdefault(
            key,
            {
                "title": key[0],
                "licence": key[1] or "not stated",
                "date": key[2] or "not stated",
                "link": key[3],
                "fills": [],
                "files": [],
                "notes": [],
            },
        )
        row["fills"] += [] if item.table in row["fills"] else [item.table]
        file = (item.file, item.sha256[:12], item.rows)
        row["files"] += [] if file in row["files"] else [file]
        row["notes"] += [note for note in item.notes if note not in row["notes"]]
    return list(register.values())
