"""Features on one scale: oriented so that more is better, mean 0, standard deviation 1; frozen for use elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.rating.model.people import mean_and_spread
from holdfast.rating.model.transforms import TRANSFORMS, Ranked
from holdfast.types import Floats, Ints

KNOTS = 1001  # values of a feature that a frozen scaler keeps, with their ranks


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
    directions: Ints
    knots: Floats
    shares: Floats
    centres: Floats
    spreads: Floats


def _ranks(values: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Knots and shares of one feature, each of shape (1001,), from the cells where people are."""
    some = people > 0
    unique, place = np.unique(values[some], return_inverse=True)
    held = np.bincount(place, weights=people[some])
    shares = (np.cumsum(held) - held / 2) / held.sum()
    # evenly spaced by rank, so that dense parts of a feature get more knots
    chosen = np.round(np.linspace(0, len(unique) - 1, min(len(unique), KNOTS))).astype(np.int64)
    filling = KNOTS - len(chosen)
    return np.pad(unique[chosen], (0, filling), mode="edge"), np.pad(shares[chosen], (0, filling), mode="edge")


def _transformed(name: str, transform: str, values: Floats, knots: Floats, shares: Floats) -> Floats:
    """Values of one feature after its transform."""
    if transform == "log" and values.min() < 0:
        text = f"{values.min():g} is negative, where a logarithm is taken; is it a code for unknown?"
        raise TableError("features", [Problem(text, column=name)])
    return TRANSFORMS[transform](Ranked(values, np.interp(values, knots, shares)))


def fit_scaler(
    features: pd.DataFrame,
    transforms: Mapping[str, str],
    directions: Mapping[str, int],
    people: Floats | None = None,
) -> Scaler:
    """Learn the scale of features without nulls, none of them constant.

    Parameters
    ----------
    features, transforms, directions
        One column per feature; its key of `TRANSFORMS`; 1 where more is better, -1 where more is worse.
    people : ndarray, optional
        Shape (cell,), what each cell counts; all alike if omitted. The scale is that of the people, not of the ground.

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
    people = np.ones(len(features)) if people is None else people
    for name in features.columns:
        if transforms[name] not in TRANSFORMS:
            raise UnknownName("transform", transforms[name], TRANSFORMS)
        values = features[name].to_numpy(np.float64)
        # through the knots also here, or the cells of the fit would differ from the same cells seen again
        at, below = _ranks(values, people)
        changed = _transformed(name, transforms[name], values, at, below)
        knots.append(at)
        shares.append(below)
        centre, spread = mean_and_spread(changed, people)
        centres.append(float(centre))
        spreads.append(float(spread))
    names = tuple(str(name) for name in features.columns)
    turned = np.array([directions[name] for name in names], dtype=np.int64)
    kinds = tuple(transforms[name] for name in names)
    return Scaler(names, kinds, turned, np.stack(knots), np.stack(shares), np.array(centres), np.array(spreads))


def apply_scaler(scaler: Scaler, features: pd.DataFrame) -> pd.DataFrame:
    """Put features on a frozen scale.

    Parameters
    ----------
    features : DataFrame
        With every feature of `scaler`, no nulls.

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
        text = f"the model needs {', '.join(absent)}, which is not among the features; fit a new model instead"
        raise DataMissing(text)
    columns = {}
    for place, name in enumerate(scaler.names):
        values = features[name].to_numpy(np.float64)
        changed = _transformed(name, scaler.transforms[place], values, scaler.knots[place], scaler.shares[place])
        columns[name] = scaler.directions[place] * (changed - scaler.centres[place]) / scaler.spreads[place]
    return pd.DataFrame(columns, index=features.index)
