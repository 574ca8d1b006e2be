"""A fitted rating as plain arrays, and the same arrays applied to other cells."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from holdfast.errors import Problem, TableError
from holdfast.rating.model.fitting import Fitted, encoded
from holdfast.rating.model.levels import LEVELS
from holdfast.rating.model.neighbours import gathered, neighbour_means
from holdfast.rating.model.refitting import FitOptions, Refits, assign_all
from holdfast.rating.model.scaling import Scaler, apply_scaler
from holdfast.types import Bools, Floats, Model

FORMAT = 2
SCALER = ("directions", "knots", "shares", "centres", "spreads")
GROUPS = ("cuts", "centroids", "means", "whitening", "logs")


def freeze(scaler: Scaler, refits: Refits, options: FitOptions, known: Floats, seed: int) -> Model:
    """Put scaler, encoders, groups and levels of all refits into named arrays, with what its certainty is drawn from.

    `known` are correlations as of `holdfast.rating.model.certainty.draw_levels`, and `seed` that of the draws.

    Returns
    -------
    Model
        Arrays ``scaler.*``, ``gather``, ``layer.N.weights`` and ``.biases``, ``groups.*``, ``levels`` (refit, group) and
        ``known``.
    """
    fitted = refits.fitted
    arrays = {f"scaler.{name}": getattr(scaler, name) for name in SCALER} | {"gather": fitted.gather}
    for number, (weights, biases) in enumerate(fitted.layers):
        arrays |= {f"layer.{number}.weights": weights, f"layer.{number}.biases": biases}
    for name in fitted.groups[0]:
        arrays[f"groups.{name}"] = np.stack([groups[name] for groups in fitted.groups])
    arrays["levels"] = np.stack(refits.levels_of_groups).astype(np.int64)
    arrays["known"] = known
    # text and numbers apart from arrays: the one is JSON, the other safetensors, and neither runs code
    facts = {
        "format": FORMAT,
        "method": options.method,
        "features": list(scaler.names),
        "transforms": list(scaler.transforms),
        "refits": len(fitted.groups),
        "layers": len(fitted.layers),
        "notes": fitted.notes,
        "aims": asdict(options.aims),
        "certainty": asdict(options.certainty),
        "seed": seed,
    }
    if options.levels != LEVELS:
        facts["levels"] = options.levels
    return Model(facts, {name: np.ascontiguousarray(values) for name, values in arrays.items()})


@dataclass(frozen=True)
class Applied:
    """Cells that a frozen model was applied to before: index cell, in any order, but one for all.

    Parameters
    ----------
    features, scaled : DataFrame
        In units of their own, and on the scale of the model.
    clusters : ndarray of int
        Shape (refit, cell), the group of each cell in each refit.
    """

    features: pd.DataFrame
    scaled: pd.DataFrame
    clusters: NDArray[np.int16]

    def of(self, cells: pd.Index) -> "Applied":
        """The same in another order of the cells."""
        return Applied(
            self.features.loc[cells], self.scaled.loc[cells], self.clusters[:, self.scaled.index.get_indexer(cells)]
        )


def apply(
    model: Model, features: pd.DataFrame, touching: sparse.csr_array | None, before: Applied | None = None
) -> tuple[pd.DataFrame, NDArray[np.int8], NDArray[np.int16]]:
    """Give cells levels by a frozen model.

    Parameters
    ----------
    features : DataFrame
        Every feature of the model in its own unit, no nulls.
    touching : csr_array or None
        Shape (cell, cell), 1 where two cells touch.
    before : Applied, optional
        The same model on earlier features: where these are the same cells, only those are rated again whose features are others, and
        those that touch them where the method sees its neighbours.

    Returns
    -------
    scaled : DataFrame
        Index of `features`, the features on the frozen scale.
    levels, clusters : ndarray of int
        Shape (refit, cell).

    Raises
    ------
    DataMissing
        If a feature of the model is absent.
    TableError
        If the model is of another format or lacks arrays.
    """
    _check(model)
    if before is not None and set(before.scaled.index) == set(features.index):
        scaled, clusters = _applied_again(model, features, touching, before.of(features.index))
    else:
        scaled = apply_scaler(scaler_of(model), features)
        values = scaled.to_numpy(np.float64)
        with threadpool_limits(1):
            clusters = assign_all(fitted_of(model), values, neighbour_means(values, touching))
    levels = np.stack([of[c] for of, c in zip(model.arrays["levels"], clusters, strict=True)]).astype(np.int8)
    return scaled, levels, clusters


def touched(model: Model, features: pd.DataFrame, touching: sparse.csr_array | None, before: pd.DataFrame) -> Bools:
    """Cells whose group may be another than by the features `before`, of the same cells in the same order; shape (cell,)."""
    names = list(model.facts["features"])
    changed = (features[names].to_numpy() != before[names].to_numpy()).any(axis=1)
    if touching is not None and model.arrays["gather"][len(names) :].any():
        changed |= np.asarray(touching @ changed.astype(np.float64)) > 0
    return np.asarray(changed, dtype=bool)


def _applied_again(
    model: Model, features: pd.DataFrame, touching: sparse.csr_array | None, before: Applied
) -> tuple[pd.DataFrame, NDArray[np.int16]]:
    """Features on the frozen scale and groups, worked out again for the cells that are touched alone."""
    again = touched(model, features, touching, before.features)
    scaled, clusters = before.scaled.copy(), before.clusters.copy()
    if again.any():
        scaled.loc[again] = apply_scaler(scaler_of(model), features[again]).to_numpy(np.float64)
        values = scaled.to_numpy(np.float64)
        means = neighbour_means(values, touching)[again]
        with threadpool_limits(1):
            clusters[:, again] = assign_all(fitted_of(model), values[again], means)
    return scaled, clusters


def first_code(model: Model, scaled: pd.DataFrame, touching: sparse.csr_array | None) -> Floats:
    """Code of each cell in the first refit.

    Returns
    -------
    ndarray
        Shape (cell, latent); what the method sees of the cell where it has no encoder.
    """
    fitted, values = fitted_of(model), scaled.to_numpy(np.float64)
    with threadpool_limits(1):
        return encoded(fitted.layers, 0, gathered(fitted.gather, values, neighbour_means(values, touching)))


def levels_in(model: Model) -> int:
    """How many levels a model has: five of resilience, unless it was fitted with another number."""
    return int(model.facts.get("levels", LEVELS))


def scaler_of(model: Model) -> Scaler:
    """Scale of a model."""
    scale = (model.arrays[f"scaler.{name}"] for name in SCALER)
    return Scaler(tuple(model.facts["features"]), tuple(model.facts["transforms"]), *scale)


def fitted_of(model: Model) -> Fitted:
    """Encoders and groups of a model."""
    arrays = model.arrays
    layers = tuple(
        (arrays[f"layer.{n}.weights"], arrays[f"layer.{n}.biases"]) for n in range(int(model.facts["layers"]))
    )
    names = [name for name in GROUPS if f"groups.{name}" in arrays]
    groups = tuple({name: arrays[f"groups.{name}"][n] for name in names} for n in range(int(model.facts["refits"])))
    return Fitted(arrays["gather"], layers, groups)


def _check(model: Model) -> None:
    """Refuse a model that this version did not write, or that is not whole."""
    facts, arrays = model.facts, model.arrays
    if facts.get("format") != FORMAT:
        text = f"format {facts.get('format')}, this version reads {FORMAT}; fit the model again"
        raise TableError("model.json", [Problem(text, column="format")])
    needed = [f"scaler.{name}" for name in SCALER] + ["gather", "known", "levels"]
    needed += [f"layer.{n}.{part}" for n in range(int(facts.get("layers", 0))) for part in ("weights", "biases")]
    absent = [name for name in needed if name not in arrays]
    if not any(f"groups.{name}" in arrays for name in GROUPS):
        absent.append("groups")
    if absent:
        text = f"lacks {', '.join(absent)}; fit the model again"
        raise TableError("model.safetensors", [Problem(text)])
    levels = arrays["levels"]
    if levels.shape[0] != facts["refits"] or levels.min() < 1 or levels.max() > levels_in(model):
        text = f"holds levels outside 1..{levels_in(model)}; fit the model again"
        raise TableError("model.safetensors", [Problem(text)])
