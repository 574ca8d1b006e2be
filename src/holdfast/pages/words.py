"""Numbers as people read them."""

import math


def rounded(value: float, figures: int = 3) -> str:
    """Number with a few significant figures and separators.

    Parameters
    ----------
    value : float
        Any number.
    figures : int
        Significant figures.

    Examples
    --------
    >>> rounded(1_234_567), rounded(0.01234), rounded(12.0), rounded(float("nan"))
    ('1,230,000', '0.0123', '12', 'unknown')
    """
    if value is None or not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Share as a percentage with two significant figures.

    Parameters
    ----------
    share : float
        0..1.

    Examples
    --------
    >>> percent(0.1234), percent(1)
    ('12 %', '100 %')
    """
    return f"{rounded(100 * share, 2 if share < 0.995 else 3)} %"


def plain(name: str) -> str:
    """Column name as words.

    Parameters
    ----------
    name : str
        Such as ``"road_density"``.

    Examples
    --------
    >>> plain("road_density")
    'Road density'
    """
    return name.replace("_", " ").capitalize()
