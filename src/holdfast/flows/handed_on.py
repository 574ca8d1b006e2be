"""What a rating hands on and answers for: public tables without few households, the register of inputs, the audit of groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import UnknownName
from holdfast.flows.overlaid import known_tables
from holdfast.flows.rated_region import Rated
from holdfast.pages.model_card import model_card
from holdfast.plain import plain
from holdfast.rating.analysis.aggregate import aggregate, weights_of
from holdfast.rating.disclosure.audit import GroupAudit, audit_levels, audit_rows
from holdfast.rating.disclosure.register import register_rows
from holdfast.rating.disclosure.suppression import withheld
from holdfast.rating.model.levels import level_names
from holdfast.rating.overlay.risk_features import RiskRule, known_columns, measure_risk
from holdfast.store import write_csv, write_json

HOMES, PUBLIC = "housing_units", "public"
COARSE = (
    "level",
    "level_name",
    "level_low",
    "level_high",
    "reason",
    "sparse",
    "place",
    "region_m2",
    "longitude",
    "latitude",
)
"""What is said of a cell whatever few live there: where it lies, and which of five levels its surroundings give it."""


@dataclass(frozen=True)
class HandedOn:
    """Public tables by name, the audit of every group, and the content of ``governance.json``."""

    tables: dict[str, pd.DataFrame]
    audit: tuple[GroupAudit, ...]
    summary: dict[str, Any]


def handed_on(study: Study, done: Rated) -> HandedOn:
    """Suppress, register and audit a rating by the study's ``[governance]``.

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
    public, privacy = public_tables(cells, done.areas.layers, chosen.fewest_households)
    summary = {
        "register": register_rows(done.provenance.inputs, said),
        "audit": [vars(row) for row in found],
        "privacy": privacy,
    }
    return HandedOn(public, found, dict(plain(summary)))


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


def public_tables(
    cells: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame], fewest: float
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Tables of a rating to hand on: cells, levels and areas without what would tell of few households; and what was withheld.

    Of a cell with fewer homes than `fewest` only its place and level are said; totals of areas are of the cells that are public.
    """
    centres = cells.geometry.centroid.to_crs("EPSG:4326")
    public = pd.DataFrame(cells.drop(columns="geometry"))
    public.insert(1, "level_name", level_names(public["level"]))
    public = public.assign(longitude=centres.x.round(5), latitude=centres.y.round(5))
    homes = public[HOMES].fillna(0.0) if HOMES in public else pd.Series(0.0, index=public.index)
    found = withheld(homes, public["level"], fewest)
    totals = _level_totals(homes, public["level"], found["closed"])
    public = public.mask(found["primary"].to_numpy()[:, None] & ~public.columns.isin(COARSE)[None, :])
    if HOMES in public:
        public[HOMES] = public[HOMES].mask(found["complementary"])
    tables = {"cells": public.reset_index(), "levels": totals}
    seen = cells.assign(**{HOMES: public[HOMES]}) if HOMES in public else cells
    for name, layer in layers.items():
        outlines = layer[[c for c in ("area_id", "name", "geometry") if c in layer]]
        table = aggregate(seen, outlines, weights_of(seen)[0].fillna(0.0))
        tables[f"areas_{name}"] = pd.DataFrame(table.drop(columns="geometry"))
    width = (found["high"] - found["low"])[found["primary"]]
    privacy = {
        "fewest_households": fewest,
        "primary": int(found["primary"].sum()),
        "complementary": int(found["complementary"].sum()),
        "totals_withheld": int(totals[HOMES].isna().sum()),
        "narrowest": float(width.min()) if len(width) else None,
    }
    return tables, privacy


def _level_totals(homes: pd.Series, levels: pd.Series, closed: pd.Series) -> pd.DataFrame:
    """Cells and homes of each level; homes are null where the total would tell of few households."""
    names = levels.astype("string").fillna("none")
    table = (
        homes.groupby(names).agg(["size", "sum"]).set_axis(["cells", HOMES], axis=1).rename_axis("level").reset_index()
    )
    return table.assign(**{HOMES: table[HOMES].mask(table["level"].isin(set(names[closed])), np.nan)})


def write_handed_on(folder: Path, handed: HandedOn, rating: Mapping[str, Any]) -> None:
    """Write ``public/``, ``register.csv``, ``audit.csv``, ``governance.json`` and ``model_card.md`` into a result."""
    (folder / PUBLIC).mkdir()
    for name, table in handed.tables.items():
        write_csv(folder / PUBLIC / f"{name}.csv", table)
    write_csv(folder / "register.csv", pd.DataFrame(handed.summary["register"]))
    if handed.audit:
        write_csv(folder / "audit.csv", pd.DataFrame(audit_rows(handed.audit)))
    write_json(folder / "governance.json", handed.summary)
    (folder / "model_card.md").write_text(model_card(rating, handed.summary), encoding="utf-8")
