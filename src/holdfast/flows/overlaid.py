"""The risk of a study's cells, and their resilience laid over it: part of `holdfast rate` where the study has ``[risk]``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import RiskOptions, Study
from holdfast.errors import DataMissing, UnknownName
from holdfast.flows.field_units import field_units
from holdfast.flows.inputs import Gathered
from holdfast.flows.rated_region import Rated
from holdfast.flows.risk_drivers import RiskDrivers, risk_drivers
from holdfast.plain import plain
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.model.result import Rating
from holdfast.rating.overlay import overlay_summary, risk_features, risk_levels
from holdfast.rating.overlay.matrix import crossed, risk_columns, worst_of_both
from holdfast.rating.overlay.worst_places import who_lives_there, worst_places
from holdfast.store import write_csv, write_json, write_parquet

STREAM = 3  # of the seeds of a study; 0 and 1 are those of the resilience rating


@dataclass(frozen=True)
class Overlaid:
    """A risk rating beside a resilience rating: columns of the cells, risk features, places, all in figures, and why."""

    columns: pd.DataFrame
    features: pd.DataFrame
    places: pd.DataFrame
    summary: dict[str, Any]
    drivers: RiskDrivers


def overlaid(study: Study, done: Rated) -> Overlaid | None:
    """Rate the risk of the cells of a rating by the study's ``[risk]``, and lay one over the other; None without it.

    Raises
    ------
    UnknownName, DataMissing
        If the section names a feature, column or method that is not there, or no hazard is known.
    NotConverged
        If no six levels come out.
    """
    if study.risk is None:
        return None
    rules, tables = _rules(study.risk), known_tables(done.gathered, done.cells)
    _refuse_unknown(study.risk, tables)
    fit = risk_levels.RiskFit(
        **study.risk.model_dump(include={"method", "neighbour_weight", "refits", "draws", "pillars"})
    )
    features, absent = risk_features.measure_risk(done.gathered.region.cells, tables, rules)
    if not any(rules[name].pillar == risk_features.HAZARD for name in features):
        hazards = [f"{n} (needs {' or '.join(r.needs)})" for n, r in rules.items() if r.pillar == risk_features.HAZARD]
        text = f"the study's [risk] has no hazard: {'; '.join(hazards)}; add a table, or name a column under [risk.own]"
        raise DataMissing(text)
    seed = int(np.random.SeedSequence([study.seed, STREAM]).generate_state(1, np.uint64)[0] >> np.uint64(1))
    rating = risk_levels.rate_risk(
        features,
        rules,
        people=done.rating.people,
        homes=done.gathered.homes,
        touching=done.gathered.touching,
        fit=fit,
        seed=seed,
    )
    return _described(study, done, rating, rules, (features, absent))


def with_risk(done: Rated, over: Overlaid) -> Rated:
    """A rating whose cells have the columns of the risk, behind those of the resilience."""
    place = done.cells.columns.get_loc("region_m2")
    cells = done.cells.copy()
    for number, name in enumerate(over.columns):
        cells.insert(place + number, name, over.columns[name])
    units = {**done.cells.attrs["units"], **{str(name): "1" for name in over.columns}}
    cells.attrs = {**done.cells.attrs, "units": units, "overlay": over.summary}
    return replace(done, cells=cells)


def write_overlay(folder: Path, over: Overlaid, about: str) -> None:
    """Write ``overlay.json``, ``risk.csv`` (a row per cell), ``worst_places.csv``, ``risk_drivers.parquet`` and ``risk_words.csv``.

    `about` (citation and run) goes into the metadata of the Parquet file.
    """
    write_json(folder / "overlay.json", over.summary)
    write_csv(folder / "risk.csv", over.columns.join(over.features).rename_axis("cell_id").reset_index())
    write_csv(folder / "worst_places.csv", over.places)
    table = over.drivers.table
    write_parquet(folder / "risk_drivers.parquet", table, field_units(table.columns, ["drivers"]), about, index=False)
    write_csv(folder / "risk_words.csv", over.drivers.words)


def _rules(options: RiskOptions) -> dict[str, risk_features.RiskRule]:
    """Rules of the schema that are not left out, and those of the study's own columns."""
    for name in options.leave_out:
        if name not in risk_features.RISK_RULES:
            raise UnknownName("feature of a risk", name, risk_features.RISK_RULES, "risk.leave_out")
    kept = {name: rule for name, rule in risk_features.RISK_RULES.items() if name not in options.leave_out}
    own = {
        name: risk_features.RiskRule(o.pillar, o.unit, o.direction, o.weight, (o.column,), o.description)
        for name, o in options.own.items()
    }
    return {**kept, **own}


def known_tables(gathered: Gathered, cells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables cut by the cells, and a row per cell of what is known of it: features, homes and own columns."""
    held = [gathered.features, gathered.in_cells.get("cells", pd.DataFrame(index=cells.index))]
    known = pd.concat(held, axis=1)
    if gathered.homes is not None:
        known["housing_units"] = gathered.homes
    return {**gathered.in_cells, "cells": known}


def _refuse_unknown(options: RiskOptions, tables: Mapping[str, pd.DataFrame]) -> None:
    """Refuse a column of the study's own that no table has."""
    known = risk_features.known_columns(tables)
    for name, own in options.own.items():
        if own.column not in known:
            raise UnknownName("column", own.column, known, f"risk.own.{name}.column")


def _described(
    study: Study,
    done: Rated,
    rating: Rating,
    rules: Mapping[str, risk_features.RiskRule],
    measured: tuple[pd.DataFrame, dict[str, str]],
) -> Overlaid:
    """Columns, places and figures of a risk rating."""
    features, absent = measured
    columns = risk_columns(done.cells["level"], rating)
    both = gpd.GeoDataFrame(done.cells.join(columns))
    people, unit = weights_of(done.cells)
    described = features[list(rating.used)]
    places = worst_places(both, done.gathered.touching, people, described)
    summary = overlay_summary.OverlaySummary(
        unit,
        overlay_summary.feature_rows(rating, rules),
        {**absent, **rating.absent},
        overlay_summary.shared_features(rules, rating.used, done.rating.used),
        overlay_summary.risk_level_rows(rating.levels, people),
        crossed(both["level"], both["risk_level"], people),
        overlay_summary.worst_figures(both, people, places),
        _who(both, people, described),
        overlay_summary.correlation_with(both["level"], rating, rules),
        *overlay_summary.how_sure(rating, described, done.gathered.touching, done.gathered.source, study.seed),
        study.risk.model_dump(include={"method", "neighbour_weight"}) if study.risk else {},
    )
    places_rows = places.to_dict("records")
    why = risk_drivers(done, rating, features, rules)
    told = {"name": study.name, **summary.json(), "first": places_rows, "drivers": plain(why.levels)}
    return Overlaid(columns, features, places, told, why)


def _who(both: pd.DataFrame, people: pd.Series, described: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Rows of who lives where resilience is low and risk high, and elsewhere among the cells that have both levels."""
    known = both.index[both["level"].notna() & both["risk_level"].notna()]
    worst = worst_of_both(both.loc[known, "level"], both.loc[known, "risk_level"])
    table = who_lives_there(worst, people.loc[known], described.loc[known])
    return tuple({"feature": str(name), **row} for name, row in zip(table.index, table.to_dict("records"), strict=True))
