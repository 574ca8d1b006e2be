"""Features on one scale: oriented so that more is better, mean 0, standard deviation 1; frozen for use elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from holdfast.errors import DataMissing, Problem, TableError, UnknownName

KNOTS = 1001  # values of a feature that a frozen scaler keeps, with their ranks

Transform = Callable[[np.ndarray, np.ndarray], np.ndarray]


def none(values: np.ndarray, shares: np.ndarray) -> np.ndarray:  # noqa: ARG001 (a transform takes both)
    """Leave a feature as it is.

    Parameters
    ----------
    values, shares : ndarray
        Numbers, and the share of cells below each (ties at their middle).
    """
    return values


def log(values: np.ndarray, shares: np.ndarray) -> np.ndarray:  # noqa: ARG001 (a transform takes both)
    """Logarithm of 1 + value, for counts and speeds with a long right tail.

    Parameters
    ----------
    values, shares : ndarray
        As in `none`; values of at least 0.
    """
    return np.asarray(np.log1p(values))


def rank(values: np.ndarray, shares: np.ndarray) -> np.ndarray:  # noqa: ARG001 (a transform takes both)
    """Rank as a share of the cells, ties at their mean, for data of which only the order is meant.

    Parameters
    ----------
    values, shares : ndarray
        As in `none`.
    """
    return shares


def normal(values: np.ndarray, shares: np.ndarray) -> np.ndarray:  # noqa: ARG001 (a transform takes both)
    """Normal score: the rank bent to a standard normal distribution, so that no unit or tail matters.

    Parameters
    ----------
    values, shares : ndarray
        As in `none`.

    References
    ----------
    van der Waerden (1952), with the plotting position (rank - 1/2) / n of Hazen (1914).
    """
    return np.asarray(ndtri(shares))


TRANSFORMS: dict[str, Transform] = {"none": none, "log": log, "rank": rank, "normal": normal}


@dataclass(frozen=True)
class Scaler:
    """A fitted scale, to be used on the same or on other cells.

    Parameters
    ----------
    names, transforms : tuple of str
        Features in their order, and the transform of each.
    directions : ndarray of int
        Shape (feature,), 1 or -1.
    knots, shares : ndarray
        Shape (feature, 1001): values, ascending, and the share of cells below each; between them
        straight lines, beyond them the outermost share.
    centres, spreads : ndarray
        Shape (feature,), mean and standard deviation of the transformed feature.
    """

    names: tuple[str, ...]
    transforms: tuple[str, ...]
    directions: np.ndarray
    knots: np.ndarray
    shares: np.ndarray
    centres: np.ndarray
    spreads: np.ndarray


def _ranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Knots and shares of one feature, each of shape (1001,)."""
    unique, counts = np.unique(values, return_counts=True)
    shares = (np.cumsum(counts) - counts / 2) / len(values)
    chosen = np.round(np.linspace(0, len(unique) - 1, min(len(unique), KNOTS))).astype(np.int64)
    filling = KNOTS - len(chosen)
    return np.pad(unique[chosen], (0, filling), mode="edge"), np.pad(shares[chosen], (0, filling), mode="edge")


def _transformed(name: str, transform: str, values: np.ndarray, knots: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Values of one feature after its transform."""
    if transform == "log" and values.min() < 0:
        text = f"{values.min():g} is negative, where a logarithm is taken; is it a code for unknown?"
        raise TableError("features", [Problem(text, column=name)])
    return TRANSFORMS[transform](values, np.interp(values, knots, shares))


def fit_scaler(features: pd.DataFrame, transforms: Mapping[str, str], directions: Mapping[str, int]) -> Scaler:
    """Learn the scale of features.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, one column per feature, no nulls, no constant column.
    transforms : mapping
        Feature to a key of `TRANSFORMS`.
    directions : mapping
        Feature to 1 (more is better) or -1 (more is worse).

    Raises
    ------
    UnknownName
        If a transform is unknown.
    TableError
        If a logarithm is to be taken of a negative number.

    Examples
    --------
    >>> scaler = fit_scaler(pd.DataFrame({"poverty": [0.1, 0.3]}), {"poverty": "none"}, {"poverty": -1})
    >>> apply_scaler(scaler, pd.DataFrame({"poverty": [0.2, 0.5]}))["poverty"].round(6).tolist()
    [-0.0, -3.0]
    """
    knots, shares, centres, spreads = [], [], [], []
    for name in features.columns:
        if transforms[name] not in TRANSFORMS:
            raise UnknownName("transform", transforms[name], TRANSFORMS)
        values = features[name].to_numpy(np.float64)
        at, below = _ranks(values)
        changed = _transformed(name, transforms[name], values, at, below)
        knots.append(at)
        shares.append(below)
        centres.append(changed.mean())
        spreads.append(changed.std())
    names = tuple(str(name) for name in features.columns)
    turned = np.array([directions[name] for name in names], dtype=np.int64)
    kinds = tuple(transforms[name] for name in names)
    return Scaler(names, kinds, turned, np.stack(knots), np.stack(shares), np.array(centres), np.array(spreads))


def apply_scaler(scaler: Scaler, features: pd.DataFrame) -> pd.DataFrame:
    """Put features on a frozen scale.

    Parameters
    ----------
    scaler : Scaler
        From `fit_scaler`.
    features : DataFrame
        Index ``cell_id``, with every feature of `scaler`, no nulls.

    Returns
    -------
    DataFrame
        Same index; the features of `scaler` in its order, oriented so that more is better.

    Raises
    ------
    DataMissing
        If a feature of `scaler` is absent.
    """
    absent = [name for name in scaler.names if name not in features]
    if absent:
        text = f"the model needs {', '.join(absent)}, which this study does not have; rate without rating.model"
        raise DataMissing(text)
    columns = {}
    for place, name in enumerate(scaler.names):
        values = features[name].to_numpy(np.float64)
        changed = _transformed(name, scaler.transforms[place], values, scaler.knots[place], scaler.shares[place])
        columns[name] = scaler.directions[place] * (changed - scaler.centres[place]) / scaler.spreads[place]
    return pd.DataFrame(columns, index=features.index)


def scale(features: pd.DataFrame, transforms: Mapping[str, str], directions: Mapping[str, int]) -> pd.DataFrame:
    """Transform, orient and standardise features.

    Parameters
    ----------
    features, transforms, directions
        As in `fit_scaler`.

    Returns
    -------
    DataFrame
        Same index and columns; each column has mean 0 and standard deviation 1, more is better.

    Raises
    ------
    UnknownName, TableError
        As `fit_scaler`.

    Examples
    --------
    >>> scaled = scale(pd.DataFrame({"poverty": [0.1, 0.3]}), {"poverty": "none"}, {"poverty": -1})
    >>> scaled["poverty"].round(6).tolist()
    [1.0, -1.0]
    """
    return apply_scaler(fit_scaler(features, transforms, directions), features)
