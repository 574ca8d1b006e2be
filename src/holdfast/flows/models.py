"""Finding the frozen model that a study applies."""

from pathlib import Path

from holdfast.config import Study
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.files import is_folder
from holdfast.store import MODEL_ARRAYS, open_result, read_model
from holdfast.types import InputFile, Model

TABLE = "model"


def applied_model(study: Study, folder: Path) -> tuple[Model | None, tuple[InputFile, ...]]:
    """The model that the study names in ``rating.model``, with the file it was read from; None if the study fits its own.

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
    # as of the pool: a relative path starts at the study's folder, else at the working directory
    result = next((p for p in (folder / path, Path(path)) if is_folder(p)), folder / path)
    opened = open_result(result)
    model = read_model(opened)
    if "levels" in model.facts:
        text = f"{result}: is a model of another number of levels than five; name the result of a rating"
        raise DataMissing(text)
    note, sha = f"fitted by run {opened.run}", opened.files.get(MODEL_ARRAYS, "")
    file = InputFile(TABLE, f"{path}/{MODEL_ARRAYS}", sha, 0, (note,), source=opened.provenance.name)
    return model, (file,)
