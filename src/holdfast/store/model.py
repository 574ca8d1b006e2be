"""A rating model in a result folder: plain arrays and facts, no code."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from holdfast.errors import DataMissing
from holdfast.store.exports import write_json
from holdfast.store.manifest import REMEDY, Result, listed_file, own_json
from holdfast.types import Model

MODEL_ARRAYS, MODEL_FACTS = "model.safetensors", "model.json"


def write_model(folder: Path, model: Model) -> None:
    """Write a rating model into a folder, as ``model.safetensors`` (arrays) and ``model.json`` (facts)."""
    # sorted and contiguous: the same model gives the same bytes
    whole = {name: np.ascontiguousarray(values) for name, values in sorted(model.arrays.items())}
    (folder / MODEL_ARRAYS).write_bytes(save(whole))
    write_json(folder / MODEL_FACTS, model.facts)


def read_model(result: Result) -> Model:
    """Read the rating model of a result of `holdfast rate`.

    Raises
    ------
    DataMissing
        If it holds no model, or one of another form.
    """
    file, facts = listed_file(result, MODEL_ARRAYS), own_json(listed_file(result, MODEL_FACTS))
    try:
        arrays = {name: np.asarray(values) for name, values in load(file.read_bytes()).items()}
    except (ValueError, OSError, KeyError, SafetensorError):
        arrays = {}
    if not arrays or not isinstance(facts, dict):
        text = f"{file}: is no rating model; {REMEDY}"
        raise DataMissing(text)
    return Model(facts, arrays)
