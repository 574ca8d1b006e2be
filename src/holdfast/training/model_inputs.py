"""The panel as arrays for models: scaled by what the training rows show, the same for every model."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.training.panel import STATIC, Panel

CLIP = 4.0
"""Normalised levels beyond this are set to it for fitting (mines and farms jump)."""
MAD = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""


class Inputs(NamedTuple):
    """What a model of output may see.

    ``months``: shape (place, 12, temporal feature), scaled; ``place`` (row,); ``dense``: shape (row, static feature),
    scaled; ``target`` (row,): level less the middle of its industry, in units of the industry's spread, clipped; null
    where output is not known; ``level``, ``middle``, ``scale`` (row,): as measured, and what it is scaled by; ``weight``
    (row,): persons; ``state``, ``year``, ``line`` (row,): which row it is; ``names``: of the dense features.
    """

    months: np.ndarray
    place: np.ndarray
    dense: np.ndarray
    target: np.ndarray
    level: np.ndarray
    middle: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    state: np.ndarray
    year: np.ndarray
    line: np.ndarray
    names: tuple[str, ...]


def inputs(panel: Panel, kept: list[str], fit: np.ndarray) -> Inputs:
    """Scale the panel by its training rows, in the order of ``panel.rows``.

    Parameters
    ----------
    panel : Panel
        All rows and months, of all years.
    kept : list of str
        Temporal features to use.
    fit : ndarray
        Whether each row is for training, bool, shape (row,).
    """
    rows = panel.rows
    # middles and spreads of training rows alone: those of all rows would carry what comes later into the past
    own = rows.loc[fit].groupby("line")["level"]
    middles = own.median()
    spreads = MAD * (rows.loc[fit, "level"] - own.transform("median")).abs().groupby(rows.loc[fit, "line"]).median()
    middle = rows["line"].map(middles).to_numpy(np.float64)
    scale = rows["line"].map(spreads).to_numpy(np.float64)
    numbers = rows[list(STATIC)].astype("float64")
    mean, sd = numbers[fit].mean(), numbers[fit].std(ddof=0)
    # what is not known takes the mean of the training rows, 0 on this scale
    scaled = ((numbers - mean) / sd.where(sd > 0, 1.0)).fillna(0.0)
    coded = pd.get_dummies(rows[["line", "region"]].astype("string"), dtype=float)
    used = [panel.features.index(name) for name in kept]
    months = panel.months[:, :, used]
    # each place once, however many industries it has
    seen = months[np.unique(rows.loc[fit, "place"])].reshape(-1, len(used))
    center, width = seen.mean(axis=0), seen.std(axis=0)
    level = rows["level"].to_numpy(np.float64)
    return Inputs(
        months=(months - center) / np.where(width > 0, width, 1.0),
        place=rows["place"].to_numpy(np.int64),
        dense=np.column_stack([scaled.to_numpy(), coded.to_numpy()]),
        target=np.clip((level - middle) / scale, -CLIP, CLIP),
        level=level,
        middle=middle,
        scale=scale,
        weight=np.exp(rows["population"].to_numpy(np.float64)),
        state=pd.factorize(rows["state"], sort=True)[0],
        year=rows["year"].to_numpy(np.int64),
        line=pd.factorize(rows["line"], sort=True)[0],
        names=(*STATIC, *(str(c) for c in coded.columns)),
    )


def flat(given: Inputs) -> np.ndarray:
    """The same features in one row each, for models without memory; shape (row, 12 x temporal + static feature)."""
    months = given.months.reshape(len(given.months), -1)
    return np.concatenate([months[given.place], given.dense], axis=1)


def by_industry(given: Inputs) -> np.ndarray:
    """Means of the months and static features, and all of them times each industry, for a model of straight lines.

    Returns
    -------
    ndarray
        Shape (row, (temporal + static number + region) x (1 + industry) + industry).
    """
    lines = np.eye(int(given.line.max()) + 1)[given.line]
    coded = [i for i, name in enumerate(given.names) if not name.startswith("line_")]
    plain = np.column_stack([given.months.mean(axis=1)[given.place], given.dense[:, coded]])
    # straight lines of their own for each industry: what goes with offices does not go with mines
    products = (plain[:, :, None] * lines[:, None, :]).reshape(len(plain), -1)
    return np.column_stack([plain, lines, products])
