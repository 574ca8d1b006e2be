"""`holdfast validate rating`: a rating beside an outcome that it was not made from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.candidates import SCORE, candidates_of
from holdfast.flows.outcome_table import OutcomeColumns, OutcomeTable, read_outcome
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.pages.outcome_report import outcome_parts
from holdfast.plain import plain
from holdfast.rating.analysis.learning import held_elsewhere
from holdfast.rating.analysis.outcomes import Observed, blocks_of, compare_candidates, words_of
from holdfast.rating.analysis.regression import COUNT, RATE
from holdfast.store import new_result, open_result, result_place, run_id, versions, write_csv, write_json
from holdfast.store.result_files import read_shapes_of, read_summary
from holdfast.types import InputFile, Provenance

VERB = "validate rating"
M_PER_KM = 1000.0
COLUMNS = (COUNT, RATE, "people", "controls", "part")
FEWEST_IN_PART = 10  # areas; the share explained in fewer hangs on one of them


def validate_rating(
    result: str | Path,
    outcome: str | Path,
    *,
    columns: Mapping[str, str | Sequence[str]],
    block_km: float = 20.0,
    seed: int = 1,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Hold a rating to an outcome by area, beside everything that could explain it as well.

    Parameters
    ----------
    result : str or Path
        Result folder of `holdfast rate`.
    outcome : str or Path
        CSV file, a row per area, zeros included: ``longitude`` and ``latitude`` of its middle (degrees) and the columns
        named below. A cell belongs to the area whose middle is nearest.
    columns : mapping
        What its columns are. ``count``: cases (negative binomial model), or ``rate``: a rate (linear model), one of the two.
        ``people``: those of an area, the offset of cases and the weight of rates. ``controls``: hazard and whatever else the
        rating does not claim to know. ``part``: the part of the region, such as county or metro: learned weights are tested
        in each part by those of all others, instead of in halves of the blocks.
    block_km : float
        Side of the square blocks within which areas may share their errors, km.
    seed : int
        Of the blocks drawn for intervals.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        A row per candidate, as of `holdfast.rating.analysis.outcomes.compare_candidates`; ``attrs["summary"]`` is the
        content of ``outcome.json``, with ``words`` that say what was found, and ``learned``: weights learned from one half of
        the blocks, tested on the other, beside the score that was not learned.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    chosen = _columns(columns, block_km)
    place = None if out is None else result_place(out, VERB, None, overwrite)
    progress("reading", 0.0)
    opened = open_result(Path(result))
    cells, rating = read_shapes_of(opened, "cells.parquet"), read_summary(opened, "rating.json")
    table = read_outcome(outcome, chosen)
    progress("rating by other methods", 0.1)
    areas = table.areas.to_crs(cells.crs)
    candidates, features, kept = candidates_of(cells, rating, areas)
    areas = areas[kept]
    observed = _observed(areas, chosen, block_km)
    progress("comparing", 0.3)
    found = compare_candidates(observed, candidates, seed)
    progress("learning weights", 0.8)
    learned = _learned(observed, features, candidates, areas.get("part"))
    told = (f"of run {opened.run}",)
    file = InputFile("rating", "cells.parquet", opened.files["cells.parquet"], len(cells), told)
    name, content = f"{rating['name']}: {chosen.outcome}", {**asdict(chosen), "block_km": block_km}
    provenance = Provenance(VERB, name, content, seed, (file, table.file), versions())
    summary = {"name": name, "run": run_id(provenance), **_facts(table, observed, kept, chosen)}
    summary |= {"words": words_of(found, chosen.kind), "candidates": found.to_dict("records"), "learned": learned}
    if place is not None:
        progress("writing the result", 0.9)
        _write(place, provenance, overwrite, found, summary)
    found.attrs["summary"] = summary
    progress("done", 1.0)
    return found


def _write(place: Path, provenance: Provenance, overwrite: bool, found: pd.DataFrame, summary: dict[str, Any]) -> None:
    """Write the result folder of a comparison."""
    with new_result(place, provenance, overwrite) as folder:
        write_csv(folder / "candidates.csv", found)
        write_json(folder / "outcome.json", summary)
        write_report(folder, provenance, {"outcome": outcome_parts(plain(summary))})


def _columns(columns: Mapping[str, str | Sequence[str]], block_km: float) -> OutcomeColumns:
    """Which column is what; refuses what cannot be meant."""
    for name in columns:
        if name not in COLUMNS:
            raise UnknownName("kind of column", name, COLUMNS, "columns")
    if (COUNT in columns) == (RATE in columns):
        raise TableError(VERB, [Problem("name the outcome with --count or with --rate; one of the two")])
    if "people" not in columns:
        raise TableError(VERB, [Problem("name the column with the people of an area", column="--people")])
    if not block_km > 0:
        text = f"{block_km:g} is no side of a block; take more than 0 km"
        raise TableError(VERB, [Problem(text, column="--block-km")])
    kind = COUNT if COUNT in columns else RATE
    outcome, people, given = str(columns[kind]), str(columns["people"]), columns.get("controls", ())
    controls = tuple(dict.fromkeys([given] if isinstance(given, str) else given))
    twice = [name for name in controls if name in (outcome, people)]
    if twice:
        raise TableError(VERB, [Problem(f"{twice[0]} is named twice; a control is another column", column="--control")])
    return OutcomeColumns(outcome, people, controls, kind, str(columns.get("part", "")))


def _learned(
    observed: Observed, features: pd.DataFrame, candidates: dict[str, pd.DataFrame], parts: pd.Series | None
) -> dict[str, Any] | None:
    """Weights learned from the outcome beside the score of the rating; None where a rating without draws has no score."""
    if parts is not None:
        counts = parts.value_counts()
        if len(counts) < 2 or counts.min() < FEWEST_IN_PART:
            text = ", ".join(f"{name} {count}" for name, count in counts.items())
            message = f"at least two parts of {FEWEST_IN_PART} areas each are needed to learn in one and test in another; there are: {text}"
            raise TableError(VERB, [Problem(message, column="--part")])
    score = candidates.get(SCORE)
    return None if score is None else held_elsewhere(observed, features, score.iloc[:, 0].to_numpy(np.float64), parts)


def _observed(areas: gpd.GeoDataFrame, columns: OutcomeColumns, block_km: float) -> Observed:
    """Outcome, people, controls and blocks of the areas."""
    controls = _control_columns(areas[[c for c in areas.columns if str(c).startswith("control ")]])
    blocks = blocks_of(areas.geometry.x.to_numpy(), areas.geometry.y.to_numpy(), M_PER_KM * block_km)
    outcome, people = (areas[c].to_numpy(np.float64) for c in ("outcome", "exposure"))
    if np.ptp(outcome) == 0:
        text = f"the outcome is {outcome[0]:g} in every area: nothing can be compared with what does not vary"
        raise DataMissing(text)
    return Observed(outcome, people, controls, blocks, columns.kind)


def _control_columns(table: pd.DataFrame) -> np.ndarray:
    """Controls in standard deviations; those that are the same everywhere say nothing and are left out."""
    values = table.to_numpy(np.float64)
    spread = values.std(axis=0)
    return np.asarray(((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0))[:, spread > 0])


def _facts(table: OutcomeTable, observed: Observed, kept: np.ndarray, columns: OutcomeColumns) -> dict[str, Any]:
    """What was compared, and what was left out."""
    away = int((~kept).sum())
    left = [*table.left_out, *([f"{away} of {len(kept)} areas hold nobody with a level"] if away else [])]
    return {
        "outcome": columns.outcome,
        "kind": columns.kind,
        "people": columns.exposure,
        "controls": list(columns.controls),
        "part": columns.part,
        "areas": len(observed.outcome),
        "blocks": int(observed.blocks.max()) + 1,
        "zeros": int((observed.outcome == 0).sum()),
        "left_out": left,
    }
