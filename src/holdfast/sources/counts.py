"""What a reader leaves out or merges, counted with its share, and from which share on that is told first or refused."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.data import figure
from holdfast.errors import DataMissing
from holdfast.types import InputFile

WARNING = "warning: "
"""Mark of a note that a reader of the report must see first."""
SHOWN = 5  # names in a message


def of(count: int, whole: int, what: str) -> str:
    """A count of a whole with its share, in words; `what` is counted, in the plural.

    Examples
    --------
    >>> of(3, 196, "areas"), of(1, 0, "rows")
    ('3 of 196 areas (1.5%)', '1 of 0 rows')
    """
    told = f"{count:,} of {whole:,} {what}"
    return f"{told} ({percent(count / whole)})" if whole else told


def percent(share: float) -> str:
    """A share with two digits; never 0 % of something, nor all of less than all.

    Examples
    --------
    >>> percent(0.5), percent(0.0153), percent(1e-6), percent(0.9999)
    ('50%', '1.5%', 'under 0.1%', '99.9%')
    """
    if 0 < share < 0.001:
        return "under 0.1%"
    if 0.999 < share < 1:
        return "99.9%"
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def named(values: pd.Series | pd.Index | np.ndarray | list[object]) -> str:
    """The first of some names, and that there are more.

    Examples
    --------
    >>> named(["a", "b"]), named(list("abcdefg"))
    ('a, b', 'a, b, c, d, e, ...')
    """
    shown = [str(v) for v in list(values[: SHOWN + 1])]
    return ", ".join(shown[:SHOWN]) + (", ..." if len(shown) > SHOWN else "")


def weighed(text: str, share: float, file: Path | str, remedy: str, allowed: float | None = None) -> str:
    """A note about what has no partner or no place: plain, a warning above 1 %, refused above 10 %.

    Parameters
    ----------
    text : str
        What is left out, with counts.
    share : float
        Share of the homes, the area or the rows that this is, 0..1.
    file : Path or str
        File that the message begins with.
    remedy : str
        What the user can do about it.
    allowed : float, optional
        Share that the study allows, over the packaged figure ``unmatched_refused``.

    Returns
    -------
    str
        Note; with the mark `WARNING` above the packaged figure ``unmatched_told_first``.

    Raises
    ------
    DataMissing
        If the share is larger than allowed; in one line.
    """
    if share > (figure("unmatched_refused") if allowed is None else allowed):
        told = f"{file}: {text}; {remedy}"
        raise DataMissing(told)
    return f"{WARNING}{text}; {remedy}" if share > figure("unmatched_told_first") else text


def told_first(files: Iterable[InputFile]) -> list[str]:
    """What a reader must know of the input files before anything else, each with its file."""
    # a dict keeps the order of the files; one file that fills two tables says a thing once
    return list(dict.fromkeys(f"{file.file}: {text}" for file in files for text in file.warnings))
