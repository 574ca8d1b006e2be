"""Rating a frame of own features by the keys that a study has for it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from holdfast.config import load_study
from holdfast.errors import Problem, TableError
from holdfast.flows.choices import STANDARD, fit_options, schema_transforms
from holdfast.rating.rate.own_features import rate_frame

KEYS = (
    "seed",
    "rating.directions",
    "rating.missing",
    "rating.scores",
    "rating.method",
    "rating.neighbour_weight",
    "rating.refits",
    "rating.subsample",
    "rating.most_cells",
    "rating.autoencoder",
    "rating.weights",
    "rating.certainty",
)


def rated_frame(
    frame: pd.DataFrame,
    directions: Mapping[str, int] | None,
    overrides: Mapping[str, Any] | None,
    out: str | Path | None = None,
) -> pd.DataFrame:
    """Rate a frame as `holdfast.rate` does, with its parameters.

    Raises
    ------
    TableError
        If a result folder, or a key that is about something else, is given.
    """
    if out is not None:
        text = "the rating of a frame is returned, not written; take to_file, to_parquet or to_csv of it"
        raise TableError("rate", [Problem(text, column="out")])
    # with a point at the end "rating.scores" is no beginning of another key, and a section holds its own keys
    other = [key for key in overrides or {} if not any(f"{key}.".startswith(f"{known}.") for known in KEYS)]
    if other:
        text = f"says nothing about a frame of features; keys that do: {', '.join(KEYS)}"
        raise TableError("overrides", [Problem(text, column=key) for key in other])
    # the defaults and checks of a study hold for the few keys that a frame has
    study, _ = load_study({"name": "own features"}, overrides)
    options, chosen = fit_options(study.rating), directions or study.rating.directions or None
    if chosen:  # own columns stand for nothing that could be absent
        options = replace(options, certainty=replace(options.certainty, expected=()))
    kinds = schema_transforms([str(c) for c in frame.columns]) if study.rating.scores == STANDARD else None
    return rate_frame(
        frame,
        chosen,
        transforms=kinds,
        missing=study.rating.missing,
        options=options,
        seed=study.seed,
    )
