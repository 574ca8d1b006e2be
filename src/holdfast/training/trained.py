"""What a training hands back, whichever model it is."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

Progress = Callable[[str, float], None]
"""Takes a step in words and the share done, 0..1."""


class Trained(NamedTuple):
    """A trained model with everything that is written about it.

    ``tables``: name to table, each with its units in the column names or a ``unit`` column; ``arrays``: name
    to flat array, the fitted model; ``facts``: options, features and scalers, plain values; ``card``: the model
    card, plain values; ``text``: the model card in Markdown.
    """

    tables: dict[str, pd.DataFrame]
    arrays: dict[str, np.ndarray]
    facts: dict[str, object]
    card: dict[str, object]
    text: str


def silent(*_: object) -> None:
    """Report no progress."""
