"""A rating before interventions: its levels alone, by the model of the study."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from holdfast.config import Study, load_study
from holdfast.flows.fitted import fitted
from holdfast.flows.inputs import Gathered, gather
from holdfast.flows.interventions import filled_as_before
from holdfast.flows.models import applied_model
from holdfast.flows.pooled_metros import read_pool
from holdfast.flows.progress import Progress
from holdfast.rating.model.pool import Metro
from holdfast.rating.model.result import Rating
from holdfast.types import InputFile

LEVELS_ALONE = {
    "rating.certainty.draws": 0,
    "rating.certainty.grids": False,
    "rating.sensitivity.enabled": False,
}
"""Keys of a rating whose levels alone are compared: nothing is drawn, which changes no level."""


class RatedBefore(NamedTuple):
    """``study``: with nothing drawn; ``gathered``: with gaps filled; ``base``: its rating; ``metros``: its pool; ``files`` read."""

    study: Study
    gathered: Gathered
    base: Rating
    metros: Mapping[str, Metro]
    files: tuple[InputFile, ...]


def rated_before(study: Study, folder: Path, progress: Progress) -> RatedBefore:
    """Gather and rate the cells of a study as they are.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    NotConverged
        If no five levels come out.
    """
    quiet = load_study(study, LEVELS_ALONE)[0]
    gathered = gather(quiet, folder, lambda step, share: progress(step, share))
    gathered = replace(gathered, features=filled_as_before(quiet, gathered.features, gathered.features))
    metros, pooled = read_pool(quiet, folder)
    model, frozen = applied_model(quiet, folder)
    progress("rating before", 0.3)
    base = fitted(quiet, gathered, metros, model)[0]
    return RatedBefore(quiet, gathered, base, metros, (*gathered.files, *pooled, *frozen))
