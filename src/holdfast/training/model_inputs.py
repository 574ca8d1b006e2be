"""The panel as arrays for models: scaled by what the training rows show, the same for every model."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.training.panel import STATIC, YEAR, Panel

CLIP = 4.0
"""Normalised growth beyond this is set to it for fitting (suppressed neighbours and small industries jump)."""
MAD = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""
NUMBERS = ("lag_growth", "lag_state_growth", "lag_nation_growth", "share", *STATIC)


class Inputs(NamedTuple):
    """What a model of growth may see.

    ``months``: shape (place, 12, temporal feature), scaled, season last (sine and cosine of the month);
    ``place`` (row,); ``dense``: shape (row, static feature), scaled; ``target`` (row,): growth in units of its
    industry's spread, clipped; ``growth``, ``scale`` (row,): as measured, and the spread; ``naive``: growth a year
    before; ``group``, ``line`` (row,): state x industry and industry, counted; ``names``: of the dense features.
    """

    months: np.ndarray
    place: np.ndarray
    dense: np.ndarray
    target: np.ndarray
    growth: np.ndarray
    scale: np.ndarray
    naive: np.ndarray
    group: np.ndarray
    line: np.ndarray
    names: tuple[str, ...]


def inputs(panel: Panel, kept: list[str], fit: np.ndarray) -> Inputs:
    """Scale the panel by its training rows, in the order of ``panel.rows``.

    Parameters
    ----------
    panel : Panel
        All rows and months, of all quarters.
    kept : list of str
        Temporal features to use.
    fit : ndarray
        Whether each row is for training, bool, shape (row,).
    """
    rows = panel.rows
    # means and spreads of training rows alone: those of all rows would carry what comes later into the past; an
    # industry without training rows takes the median spread
    spread = _spread(rows.loc[fit, ["line", "growth"]])
    scale = rows["line"].map(spread).fillna(spread.median()).to_numpy(np.float64)
    numbers = rows[list(NUMBERS)].astype("float64").copy()
    for column in ("lag_growth", "lag_nation_growth"):
        # growth a year before in spreads of the industry too, like the target, or the most volatile would weigh most
        numbers[column] = (numbers[column] / scale).clip(-CLIP, CLIP)
    mean, sd = numbers[fit].mean(), numbers[fit].std(ddof=0)
    # what is not known takes the mean of the training rows, 0 on this scale
    scaled = ((numbers - mean) / sd.where(sd > 0, 1.0)).fillna(0.0)
    coded = pd.get_dummies(rows[["line", "region"]].astype("string"), dtype=float)
    used = [panel.features.index(name) for name in kept]
    months = panel.months[:, :, used]
    # each place once, however many industries it has
    seen = months[np.unique(rows.loc[fit, "place"])].reshape(-1, len(used))
    level, width = seen.mean(axis=0), seen.std(axis=0)
    months = (months - level) / np.where(width > 0, width, 1.0)
    return Inputs(
        months=np.concatenate([months, _season(panel.places["when"].to_numpy())], axis=2),
        place=rows["place"].to_numpy(np.int64),
        dense=np.column_stack([scaled.to_numpy(), coded.to_numpy()]),
        target=np.clip(rows["growth"].to_numpy(np.float64) / scale, -CLIP, CLIP),
        growth=rows["growth"].to_numpy(np.float64),
        scale=scale,
        naive=rows["lag_growth"].to_numpy(np.float64),
        group=rows.groupby(["state", "line"]).ngroup().to_numpy(np.int64),
        line=rows["line"].to_numpy(np.int64),
        names=(*NUMBERS, *coded.columns),
    )


def _spread(rows: pd.DataFrame) -> pd.Series:
    """Robust spread of growth by industry."""
    middle = rows.groupby("line")["growth"].transform("median")
    return (rows["growth"] - middle).abs().groupby(rows["line"]).median() * MAD


def _season(when: np.ndarray) -> np.ndarray:
    """Sine and cosine of the twelve months that end with each quarter, shape (place, 12, 2)."""
    last = (when % YEAR + 1) * 3
    angle = 2 * np.pi * (last[:, None] - np.arange(11, -1, -1)) / 12
    return np.stack([np.sin(angle), np.cos(angle)], axis=2)


def flat(given: Inputs) -> np.ndarray:
    """The same features in one row each, for models without memory; shape (row, 12 x temporal + static feature)."""
    months = given.months.reshape(len(given.months), -1)
    return np.concatenate([months[given.place], given.dense], axis=1)
