"""The measures of a study: their table, what each changes, and the study with a set of them carried out."""

from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from holdfast.config import Study, StudyLike
from holdfast.config.changes import Change, exclude_each_other, overrides_of, parse_changes
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.inputs import open_study
from holdfast.flows.interventions import stated
from holdfast.types import InputFile

MEASURES = "measures"


class Listed(NamedTuple):
    """The measures of a study: their table, index ``measure_id``; what each changes; its files."""

    table: pd.DataFrame
    changes: dict[str, tuple[Change, ...]]
    files: tuple[InputFile, ...]


def read_measures(study: Study, folder: Path) -> Listed:
    """The table ``measures`` of a study.

    Raises
    ------
    DataMissing
        If there is none.
    TableError
        Naming every row whose changes cannot be read, or whose price year is not that of the city.
    """
    if MEASURES not in study.tables or study.city is None:
        lacking = "[city]" if study.city is None else f"[tables.{MEASURES}]"
        text = f"the study has no {lacking}, without which no measure can be appraised; see docs/measures.md"
        raise DataMissing(text)
    loaded = stated(MEASURES, study, folder)
    changes: dict[str, tuple[Change, ...]] = {}
    problems = []
    for row, of in loaded.table.iterrows():
        try:
            changes[of["measure_id"]] = parse_changes(of["changes"]) if pd.notna(of["changes"]) else ()
        except TableError as error:
            problems += [Problem(f"{of['measure_id']}: {p.message}", row, "changes") for p in error.problems]
        if pd.isna(of["changes"]) and study.measures.rating_study is None:
            text = (
                "changes nothing; state keys of the study, or measures.rating_study with an intervention that names it"
            )
            problems.append(Problem(f"{of['measure_id']}: {text}", row, "changes"))
        if of["price_year"] != study.city.price_year:
            text = f"{of['price_year']:.0f} is not the price year of the city, {study.city.price_year}; state the costs at its prices"
            problems.append(Problem(text, row, "price_year"))
    if problems:
        raise TableError(loaded.files[0].file, problems)
    table = pd.DataFrame(loaded.table).rename_axis("row").reset_index().set_index("measure_id")
    table["ramp_up_years"] = table["ramp_up_years"].fillna(0.0) if "ramp_up_years" in table else 0.0
    return Listed(table.astype({"life_years": int, "price_year": int}), changes, loaded.files)


def carried_out(
    study: StudyLike, base: Study, overrides: Mapping[str, Any], listed: Listed, try_out: Callable[[Study], object]
) -> Callable[[frozenset[str]], Study]:
    """The study with a set of measures carried out, as a function of their names.

    It raises `TableError`, with the row of the table, where the keys do not fit the study, or `try_out` refuses the study with
    a single measure.
    """

    def option(ids: frozenset[str]) -> Study:
        rows = [m for m in listed.table.index if m in ids]
        try:
            keys = overrides_of(base, [change for m in rows for change in listed.changes[m]])
            # opened again from the file and not copied, so that it passes the same checks as a study
            changed = open_study(study, {**overrides, **keys})[0]
            if len(rows) == 1:
                try_out(changed)
        except (TableError, UnknownName, DataMissing) as error:
            number = int(listed.table.loc[rows[0], "row"]) if len(rows) == 1 else None
            text = f"{' with '.join(rows)} cannot be carried out: {error}"
            raise TableError(listed.files[0].file, [Problem(text, number, "changes")]) from None
        return changed

    return option


def excluded_pairs(listed: Listed) -> tuple[tuple[int, int], ...]:
    """Pairs of measures of which each wants another value for one key."""
    every = list(listed.changes.values())
    return tuple((i, j) for i, j in combinations(range(len(every)), 2) if exclude_each_other(every[i], every[j]))
