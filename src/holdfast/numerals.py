"""Numbers written as text, in cells of files that anybody may have written."""

import pandas as pd

LONGEST_SAFE = 11  # characters; shorter text holds no exponent that matters here
ENDLESS_EXPONENT = r"[eE][+-]?\d{5,}"


def to_numbers(values: pd.Series) -> pd.Series:
    """Numbers of a column of text or numbers; null where a cell is none.

    pandas ends the whole process at an exponent beyond the range of its counter, such as 1e2147483700: an exponent of
    five digits or more, which no float holds, is no number here.

    Examples
    --------
    >>> to_numbers(pd.Series(["1e3", "12,5", "1e30899999999999999999999", None])).tolist()
    [1000.0, nan, nan, nan]
    """
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        text = values.astype("string")
        odd = (text.str.len() > LONGEST_SAFE).fillna(value=False)
        if odd.any():
            odd &= text.str.contains(ENDLESS_EXPONENT, regex=True).fillna(value=False)
            values = values.mask(odd.to_numpy(bool))
    return pd.to_numeric(values, errors="coerce")
