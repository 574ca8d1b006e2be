"""Drivers of a level in words: what a place has more or less of than the middle of its metro."""

from holdfast.pages.words import plain, rounded, unit_word

SIZES = ((1.5, "far"), (0.75, "clearly"), (0.25, "somewhat"), (0.0, "slightly"))
"""Standard deviations from which on a difference has that word."""
MANY = {"year": "years"}
OWN = {"building_age": ("newer", "older", "buildings")}
"""Features whose less and more have words of their own."""


def difference_words(feature: str, unit: str, description: str, sign: float, deviations: float) -> str:
    """How a place differs in a feature, such as "far fewer hospitals within reach".

    Parameters
    ----------
    feature, unit, description : str
        As in the schema of features; a feature without unit is a count unless its description says that it is a share.
    sign : float
        Above 0 where the place has more of it, in its own unit.
    deviations : float
        Size of the difference in standard deviations over people.

    Examples
    --------
    >>> difference_words("poverty", "1", "share of residents below the poverty line", 1, 2.0)
    'far higher poverty'
    """
    counted = unit_word(unit, description) == "count"
    less, more, name = OWN.get(
        feature, ("fewer" if counted else "lower", "more" if counted else "higher", plain(feature).lower())
    )
    size = next(word for least, word in SIZES if abs(deviations) >= least)
    return f"{size} {more if sign > 0 else less} {name}"


def driver_words(feature: str, unit: str, description: str, value: float, middle: float, deviations: float) -> str:
    """What a place has of a feature, beside the middle of its metro.

    Parameters
    ----------
    value, middle : float
        Of the place, and the median over the people of the metro, in the feature's own unit.
    deviations : float
        How far apart they are, in standard deviations over people.

    Examples
    --------
    >>> driver_words("hospitals_within_reach", "1", "hospitals within reach", 2.0, 9.0, -1.6)
    "far fewer hospitals within reach than the metro's middle (2 against 9)"
    >>> driver_words("poverty", "1", "share of residents below the poverty line", 0.31, 0.124, -1.0)
    "clearly higher poverty than the metro's middle (31 % against 12 %)"
    >>> driver_words("building_age", "year", "age of the median home", 58.0, 41.0, -0.5)
    "somewhat older buildings than the metro's middle (58 against 41 years)"
    """
    shown, other = (_figure(v, unit, description) for v in (value, middle))
    tail = "" if unit == "1" else f" {MANY.get(unit, unit)}"
    figures = f"({shown} against {other}{tail})"
    name = plain(feature).lower()
    if shown == other:
        return f"{name} much as at the metro's middle {figures}"
    if value == 0 and unit_word(unit, description) == "count":
        return f"no {name} (the metro's middle: {other})"
    return (
        f"{difference_words(feature, unit, description, value - middle, deviations)} than the metro's middle {figures}"
    )


def _figure(value: float, unit: str, description: str) -> str:
    """Two or three figures of a value; a share of something as a percentage."""
    if unit == "1" and description.startswith("share of"):
        return f"{rounded(100 * value, 2)} %"
    return rounded(value, 3 if abs(value) >= 100 else 2)
