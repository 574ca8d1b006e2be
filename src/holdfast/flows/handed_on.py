"""What a rating hands on and answers for: public tables without few households, the register of inputs, the audit of groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from holdfast.config import Study
from holdfast.errors import UnknownName
from holdfast.flows.overlaid import Overlaid, known_tables
from holdfast.flows.public_tables import (
    HOMES,
    WITHHELD,
    privacy_facts,
    public_cells,
    public_sums,
    spared,
    summed,
    write_public,
)
from holdfast.flows.rated_region import Rated
from holdfast.pages.model_card import model_card
from holdfast.plain import plain
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.disclosure.audit import GroupAudit, audit_levels, audit_rows
from holdfast.rating.disclosure.register import register_rows
from holdfast.rating.overlay.risk_features import RiskRule, known_columns, measure_risk
from holdfast.rating.overlay.worst_places import worst_places
from holdfast.store import write_csv, write_json


@dataclass(frozen=True)
class HandedOn:
    """Public tables by name, the audit of every group, and the content of ``governance.json``."""

    tables: dict[str, pd.DataFrame]
    audit: tuple[GroupAudit, ...]
    summary: dict[str, Any]


def handed_on(study: Study, done: Rated, over: Overlaid | None = None) -> HandedOn:
    """Suppress, register and audit a rating whose cells are `marked`, with its risk, by the study's ``[governance]``.

    Raises
    ------
    UnknownName
        If a group to audit by, or a table of the register, is not there.
    """
    chosen, cells = study.governance, done.cells
    tables = {file.table for file in done.provenance.inputs}
    for name in chosen.register_of:
        if name not in tables:
            raise UnknownName("table of the study", name, sorted(tables), "governance.register_of")
    found = audit_levels(
        cells["level"], weights_of(cells)[0], _groups(study, done), blocks=done.gathered.source, seed=study.seed
    )
    said = {name: entry.model_dump() for name, entry in chosen.register_of.items()}
    summary = {
        "register": register_rows(done.provenance.inputs, said),
        "audit": [vars(row) for row in found],
        "privacy": privacy_facts(cells.get(HOMES), cells[WITHHELD], chosen.fewest_households),
    }
    return HandedOn(_public(done, over), found, dict(plain(summary)))


def _public(done: Rated, over: Overlaid | None) -> dict[str, pd.DataFrame]:
    """Tables to hand on: cells, levels, areas, and of a risk that was laid over them its features, pairs of levels and places."""
    cells, hidden = done.cells, done.cells[WITHHELD]
    tables = {"cells": public_cells(cells), **public_sums(cells, done.areas.layers)}
    if over is None:
        return tables
    people, described = weights_of(cells)[0], over.features[[str(row["feature"]) for row in over.summary["features"]]]
    seen = cells.assign(risk_level=cells["risk_level"].mask(hidden))
    places = worst_places(seen, done.gathered.touching, people.mask(hidden, 0.0), described)
    return {
        **tables,
        **({"worst_places": places} if len(places) else {}),
        "risk_words": spared(over.drivers.words.set_index("cell_id"), hidden).reset_index(),
        "risk": spared(over.columns.join(over.features), hidden).rename_axis("cell_id").reset_index(),
        "overlay": summed(cells, ["level", "risk_level"], people),
    }


def _groups(study: Study, done: Rated) -> pd.DataFrame:
    """Columns to audit by: features of the cells, or means of columns of the study's own over the homes of a cell."""
    tables = known_tables(done.gathered, done.cells)
    names = {name: name if "." in name else f"cells.{name}" for name in study.governance.audit}
    known = known_columns(tables)
    for name, column in names.items():
        if column not in known:
            raise UnknownName("group to audit by", name, known, "governance.audit")
    rules = {name: RiskRule("", "1", 1, "homes", (column,)) for name, column in names.items()}
    return measure_risk(done.gathered.region.cells, tables, rules)[0]


def write_handed_on(
    folder: Path, handed: HandedOn, rating: Mapping[str, Any], more: Mapping[str, pd.DataFrame] = MappingProxyType({})
) -> None:
    """Write ``public/`` with `more` tables, ``README.txt``, ``register.csv``, ``audit.csv``, ``governance.json`` and ``model_card.md``."""
    write_public(folder, {**handed.tables, **more}, handed.summary["privacy"])
    write_csv(folder / "register.csv", pd.DataFrame(handed.summary["register"]))
    if handed.audit:
        write_csv(folder / "audit.csv", pd.DataFrame(audit_rows(handed.audit)))
    write_json(folder / "governance.json", handed.summary)
    (folder / "model_card.md").write_text(model_card(rating, handed.summary), encoding="utf-8")
