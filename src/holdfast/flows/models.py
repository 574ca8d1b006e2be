"""Finding the frozen model that a study applies."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from holdfast.config import RatingOptions, Study
from holdfast.errors import Problem, TableError
from holdfast.rating.model.result import Rating
from holdfast.store import MODEL_ARRAYS, open_result, read_model
from holdfast.types import InputFile, Model

TABLE = "model"


def applied_model(study: Study, folder: Path) -> tuple[Model | None, tuple[InputFile, ...]]:
    """The model that the study names in ``rating.model``.

    Parameters
    ----------
    study : Study
        With a rating.
    folder : Path
        Folder that a relative path starts from, before the working directory.

    Returns
    -------
    Model or None
        None if the study fits its own.
    tuple of InputFile
        The file it was read from.

    Raises
    ------
    DataMissing
        If there is no result, or it holds no model.
    TableError
        If it is not whole, or the study also asks for a fit (a pool, or sensitivity).
    """
    path = study.rating.model
    if path is None:
        return None, ()
    if study.rating.pool or study.rating.sensitivity.enabled:
        text = "applies a model as it stands; leave out rating.pool and rating.sensitivity, which fit new ones"
        raise TableError("study", [Problem(text, column="rating.model")])
    result = next((p for p in (folder / path, Path(path)) if p.is_dir()), folder / path)
    opened = open_result(result)
    note, sha = f"fitted by run {opened.run}", opened.files.get(MODEL_ARRAYS, "")
    file = InputFile(TABLE, f"{path}/{MODEL_ARRAYS}", sha, 0, (note,), source=opened.provenance.name)
    return read_model(opened), (file,)


def method_summary(options: RatingOptions, rating: Rating) -> dict[str, Any]:
    """How the levels came about.

    Parameters
    ----------
    options : RatingOptions
        Of the study.
    rating : Rating
        With its model.

    Returns
    -------
    dict
        ``name``, ``applied`` (path of a model that was fitted elsewhere, or null), ``groups`` (number of
        groups that the cells support; null where they lie along a continuum or the method does not
        ask), ``support`` (a row per number of groups) and ``orderings`` (a row per rule).
    """
    notes = rating.model.facts["notes"]
    return {
        "name": rating.model.facts["method"],
        "applied": options.model,
        "groups": notes.get("groups"),
        "support": notes.get("support", []),
        "orderings": [asdict(row) for row in rating.orderings],
    }
