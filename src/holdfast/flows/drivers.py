"""`holdfast drivers`: what drives the levels of a rating, how far that can be believed, and kinds of cells."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.explained import Explainable, explainable, explained, write_drivers
from holdfast.flows.progress import Progress, silent
from holdfast.flows.public_tables import HOMES, WITHHELD, WORDS, privacy_facts, public_words, write_public
from holdfast.flows.report import write_report
from holdfast.pages.driver_words import difference_words
from holdfast.pages.explanation_report import explanation_parts
from holdfast.plain import plain
from holdfast.rating.explanation.archetypes import Archetypes, find_archetypes
from holdfast.rating.explanation.contributions import EXPLANATIONS, GRADIENTS, contributions
from holdfast.rating.explanation.faithfulness import agreement, faithfulness
from holdfast.rating.explanation.importance import importance
from holdfast.rating.explanation.level_score import level_score
from holdfast.store import new_result, open_result, read_model, result_place, run_id, versions
from holdfast.store.result_files import read_shapes_of, read_summary
from holdfast.types import InputFile, Provenance

VERB, LOWEST = "drivers", "level=1"
COLUMNS = ("level", "risk_level", "additive_level")


def drivers(
    result: str | Path,
    *,
    explanation: str = GRADIENTS,
    cells: str | Sequence[str] = LOWEST,
    seed: int = 1,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """What drives the levels of a rating, by several explanations held to one another and to chance.

    Parameters
    ----------
    result : str or Path
        Result folder of `holdfast rate`, of any method.
    explanation : str
        Which one fills the table: ``integrated_gradients`` (exact where the score is a weighted sum), ``relevance`` or
        ``one_at_a_time``. All three are compared.
    cells : str or sequence of str
        Where distinct kinds are looked for: a column of levels and its value, such as ``level=1``, or ``risk_level=6`` where risk
        was laid over the rating; or the cells themselves.
    seed : int
        Of random orders, drawings and halves.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another rating, and files of a result that were changed since.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        A row per cell and feature, schema ``drivers``; ``attrs["summary"]`` is the content of ``explanation.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    if explanation not in EXPLANATIONS:
        raise UnknownName("explanation", explanation, EXPLANATIONS, "--explanation")
    place = None if out is None else result_place(out, VERB, None, overwrite)
    progress("reading", 0.0)
    opened = open_result(Path(result))
    table, about = read_shapes_of(opened, "cells.parquet"), read_summary(opened, "rating.json")
    rating = explainable(table, read_model(opened), about["cell_size_m"])
    chosen = _chosen(rating, cells)
    progress("explaining", 0.1)
    why = explained(rating, about, explanation)
    progress("holding explanations to chance", 0.3)
    told = why.summary | _compared(rating, seed)
    progress("looking for kinds of cells", 0.8)
    told["archetypes"] = _kinds(rating, chosen, about, seed) | {
        "of": cells if isinstance(cells, str) else f"{len(chosen)} cells"
    }
    file = InputFile("rating", "cells.parquet", opened.files["cells.parquet"], len(table), (f"of run {opened.run}",))
    content: dict[str, Any] = {"explanation": explanation, "cells": cells if isinstance(cells, str) else list(cells)}
    provenance = Provenance(VERB, about["name"], content, seed, (file,), versions())
    summary = dict(plain(told | {"run": run_id(provenance)}))
    if place is not None:
        progress("writing the result", 0.95)
        with new_result(place, provenance, overwrite) as folder:
            write_drivers(
                folder, replace(why, summary=summary), f"Holdfast, what drives a rating. Run {run_id(provenance)}."
            )
            fewest = read_summary(opened, "governance.json")["privacy"]["fewest_households"]
            facts = privacy_facts(table.get(HOMES), table[WITHHELD], fewest)
            write_public(folder, {WORDS: public_words(why.words, table)}, facts)
            write_report(folder, provenance, {"explanation": explanation_parts(summary)})
    why.table.attrs["summary"] = summary
    progress("done", 1.0)
    return why.table


def _chosen(rating: Explainable, cells: str | Sequence[str]) -> pd.Index:
    """Cells to look for kinds in; what names none of this rating is refused."""
    if isinstance(cells, str):
        column, _, value = cells.partition("=")
        there = [name for name in COLUMNS if name in rating.cells]
        if column not in there:
            raise UnknownName("column of levels", column, there, "--cells")
        found = rating.cells.index[(rating.cells[column].astype("string") == value).fillna(value=False)]
        if not len(found):
            text = f'no cell has {column} "{value}"; name a level that the rating has, such as {LOWEST}'
            raise TableError(VERB, [Problem(text, column="--cells")])
        return found
    unknown = [name for name in cells if name not in rating.cells.index]
    if unknown:
        text = f"{', '.join(map(str, unknown[:5]))}: no cell of this rating that has a level"
        raise TableError(VERB, [Problem(text, column="cells")])
    return pd.Index(dict.fromkeys(cells))


def _compared(rating: Explainable, seed: int) -> dict[str, Any]:
    """Explanations beside one another and beside chance, and what the levels hang on."""
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2)]
    found = {name: contributions(rating.scores, rating.seen, name) for name in EXPLANATIONS}
    faithful = faithfulness(lambda values: level_score(rating.scores, values), rating.seen, found, streams[0])
    people = rating.people.to_numpy(np.float64)
    hangs = importance(rating.model, rating.scaled, people, rating.touching, streams[1])
    return {
        "faithfulness": [asdict(row) for row in faithful],
        "agreement": [asdict(row) for row in agreement(found, people)],
        "importance": hangs.reset_index().to_dict("records"),
    }


def _kinds(rating: Explainable, chosen: pd.Index, about: dict[str, Any], seed: int) -> dict[str, Any]:
    """Kinds of the chosen cells with their names and people; why there are none where the cells are too few."""
    try:
        found = find_archetypes(rating.scaled.loc[chosen], rating.people.loc[chosen], seed=seed)
    except DataMissing as error:
        return {"cells": None, "why": str(error)}
    rows = [asdict(kind) | {"name": _name(found, place, about)} for place, kind in enumerate(found.kinds)]
    return {
        "cells": len(chosen),
        "distinct": found.distinct,
        "kinds": rows,
        "scores": [asdict(row) for row in found.scores],
        "of_cells": {str(cell): int(kind) for cell, kind in found.of_cells.items()},
    }


def _name(found: Archetypes, place: int, about: dict[str, Any]) -> str:
    """Name of a kind, by the features that set it most apart."""
    rules = {row["feature"]: row for row in about["features_used"]}
    words = [
        # scales are turned so that more is better; words are about the feature as it is measured
        difference_words(name, rules[name]["unit"], rules[name]["description"], size * rules[name]["direction"], size)
        for name, size in found.kinds[place].apart.items()
    ]
    return ", ".join(words)
