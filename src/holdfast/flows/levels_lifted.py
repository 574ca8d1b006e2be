"""Whether measures that cut losses also lift levels: the same measures, carried out on a rating of the place."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from holdfast.appraisal import rank_association
from holdfast.config import Study, load_study
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.flows.fitted import fitted
from holdfast.flows.inputs import Gathered, open_study
from holdfast.flows.interventions import INTERVENTIONS, intervened, read_interventions
from holdfast.flows.progress import silent
from holdfast.flows.rated_again import rated_twice
from holdfast.flows.rated_before import rated_before
from holdfast.plain import plain
from holdfast.rating.model.result import Rating
from holdfast.rating.what_if.transitions import transitions
from holdfast.types import InputFile

OF_MEASURE = "measure_id"
FEWEST = 6  # measures, for a correlation of what they lift and what they save


class LevelsLifted(NamedTuple):
    """``rows``: per measure who gains, who falls, and of these the artefacts; ``counted``: homes or m2; ``files`` read."""

    rows: list[dict[str, Any]]
    counted: str
    files: tuple[InputFile, ...]


def levels_lifted(study: str | None, folder: Path, measures: pd.Index) -> LevelsLifted | None:
    """What each measure does to the levels of a rating, under its frozen model.

    Parameters
    ----------
    study : str or None
        Study file of the rating, relative to `folder`, whose table ``interventions`` names the measures in ``measure_id``;
        nothing is done without it.
    measures : Index
        Of the measures; those that no intervention names change no level and have no row.

    Raises
    ------
    DataMissing
        If no intervention names a measure.
    TableError
        If one names a measure that there is not.
    """
    if study is None:
        return None
    opened, place = open_study(folder / study, {})
    table, read = read_interventions(opened, place)
    named = _named(table, measures, study)
    # objects that the study adds for all belong to no measure
    quiet, before, base, metros, files = rated_before(load_study(opened, {"what_if.add": {}})[0], place, silent)
    rows = []
    for measure, own in named.items():
        after = intervened(quiet, place, before, (base.levels, base.people), (own, read), silent)
        again = fitted(quiet, after.gathered, metros, base.model)[0]
        rows.append({OF_MEASURE: measure, **_moved(quiet, base, before, again, after.gathered)})
    counted = "homes" if before.homes is not None and before.homes.sum() > 0 else "m2"
    return LevelsLifted(rows, counted, (*files, *read))


def _named(table: pd.DataFrame, measures: pd.Index, study: str) -> dict[str, pd.DataFrame]:
    """Interventions by the measure that they belong to; those of no measure are none of ours."""
    own = table[table[OF_MEASURE].notna()] if OF_MEASURE in table else table.iloc[:0]
    if own.empty:
        text = f"measures.rating_study: no row of [tables.{INTERVENTIONS}] of {study} names a measure in {OF_MEASURE}"
        raise DataMissing(text)
    strange = own[~own[OF_MEASURE].isin(measures)]
    if len(strange):
        text = f'"{strange[OF_MEASURE].iloc[0]}" is no measure; known: {", ".join(map(str, measures))}'
        raise TableError(INTERVENTIONS, [Problem(text, int(strange.index[0]), OF_MEASURE)])
    return {str(measure): rows for measure, rows in own.groupby(OF_MEASURE, sort=False)}


def _moved(study: Study, base: Rating, before: Gathered, again: Rating, after: Gathered) -> dict[str, Any]:
    """Who gains and who falls, and of these whose fall is an artefact."""
    both, moved = rated_twice(study, (base, again), (before, after))
    first, second = (r.levels.loc[both].to_numpy(int) for r in (base, again))
    found = transitions("frozen", first, second, base.people.loc[both].to_numpy(np.float64), moved)
    return {"gained": asdict(found.gained), "fell": asdict(found.fell), "artefact": asdict(found.artefact)}


def beside_savings(lifted: LevelsLifted | None, saved: pd.DataFrame) -> dict[str, Any] | None:
    """What measures lift beside what they save, and whether the ones that lift more also save more.

    Parameters
    ----------
    lifted : LevelsLifted or None
        Nothing is done without it.
    saved : DataFrame
        Index ``measure_id``: ``what``, ``saved_money``, ``saved_person_days`` in a mean year.

    Returns
    -------
    dict or None
        ``rows``, ``counted``, and ``association``: of the net share that gains and each saving, the fields of
        `holdfast.appraisal.RankAssociation`, over all measures; empty where there are fewer than six.
    """
    if lifted is None:
        return None
    columns = ["what", "saved_money", "saved_person_days"]
    rows = [row | saved.loc[row[OF_MEASURE], columns].to_dict() for row in lifted.rows]
    # a measure of no intervention lifts nobody
    net = pd.Series(0.0, saved.index)
    for row in lifted.rows:
        net[row[OF_MEASURE]] = row["gained"]["share"] - row["fell"]["share"]
    # the correlation of a handful says nothing, and its interval has no degrees of freedom
    enough = len(saved) >= FEWEST
    found = {
        c: rank_association(net.to_numpy(), saved[c].to_numpy(np.float64))._asdict() for c in columns[1:] if enough
    }
    return dict(plain({"rows": rows, "counted": lifted.counted, "association": found}))
