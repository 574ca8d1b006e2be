"""Default styles for QGIS, in its own QML."""

from collections.abc import Mapping
from html import escape
from itertools import pairwise

from holdfast.pages.colour import CATEGORIES, LEVELS, NO_DATA, SEQUENTIAL
from holdfast.pages.words import level_label, plain
from holdfast.rating.model.levels import LEVEL_NAMES

NUMBERS = range(1, len(LEVELS) + 1)


def with_aliases(style: str, units: Mapping[str, str]) -> str:
    """A style that also names the fields of its layer, each with its unit (1 is a number without any).

    Examples
    --------
    >>> with_aliases(line_style(0), {"mean_loss": "USD_2017"}).count('name="Mean loss (USD of 2017)"')
    1
    """
    rows = "".join(
        f'<alias field="{escape(field)}" index="{i}" name="{escape(_titled(field, unit))}"/>'
        for i, (field, unit) in enumerate(units.items())
        if field != "geometry"
    )
    head, rest = style.split('styleCategories="Symbology">', 1)
    return f'{head}styleCategories="Symbology|Fields"><aliases>{rows}</aliases>{rest}'


def _titled(field: str, unit: str) -> str:
    """Name of a field with its unit between brackets, money with its price year.

    Examples
    --------
    >>> _titled("floor_area_m2", "m2"), _titled("zone_id", ""), _titled("p_slight", "share, 0 to 1")
    ('Floor area (m2)', 'Zone id', 'P slight (share, 0 to 1)')
    """
    if unit in ("1", ""):
        return plain(field)
    return f"{plain(field.removesuffix(f'_{unit}'))} ({unit.replace('_', ' of ', 1)})"


def _fill(name: int, colour: str) -> str:
    """Symbol of one class: a plain fill with a thin outline."""
    return (
        f'<symbol type="fill" name="{name}" alpha="1" clip_to_extent="1"><layer class="SimpleFill" enabled="1">'
        f'<Option type="Map"><Option type="QString" name="color" value="{_rgb(colour)},255"/>'
        '<Option type="QString" name="outline_color" value="90,90,90,120"/>'
        '<Option type="QString" name="outline_width" value="0.1"/>'
        '<Option type="QString" name="style" value="solid"/></Option></layer></symbol>'
    )


def level_style() -> str:
    """Style (QML) of the layer ``cells``: five levels and a class for no level.

    Examples
    --------
    >>> level_style().count("<category ")
    6
    """
    colours = [*LEVELS, NO_DATA]
    # QGIS takes an empty value for null
    values = [*map(str, NUMBERS), ""]
    names = [*map(level_label, NUMBERS), "not rated"]
    categories = "".join(
        f'<category symbol="{i}" value="{v}" label="{n}" render="true" type="long"/>'
        for i, (v, n) in enumerate(zip(values, names, strict=True))
    )
    symbols = "".join(_fill(i, c) for i, c in enumerate(colours))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28" styleCategories="Symbology">'
        '<renderer-v2 type="categorizedSymbol" attr="level" symbollevels="0" enableorderby="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


MEANS = (1.5, 2.5, 3.5, 4.5)
"""Borders between the classes of a mean level, halfway between the levels."""


def area_style() -> str:
    """Style (QML) of the layers of areas: five classes of the mean level, in the colours of the levels.

    Examples
    --------
    >>> area_style().count("<range ")
    5
    """
    # ranges, since a mean of levels is no whole number; halfway borders give it the colour of the nearest level
    edges = [1, *MEANS, 5]
    ranges = "".join(
        f'<range symbol="{i}" lower="{a}" upper="{b}" label="mean level {a} to {b}, {name}" render="true"/>'
        for i, ((a, b), name) in enumerate(zip(pairwise(edges), LEVEL_NAMES, strict=True))
    )
    symbols = "".join(_fill(i, colour) for i, colour in enumerate(LEVELS))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis version=\"3.28\" styleCategories=\"Symbology\">"
        '<renderer-v2 type="graduatedSymbol" attr="mean_level" graduatedMethod="GraduatedColor" symbollevels="0">'
        f"<ranges>{ranges}</ranges><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


DAYS = (30, 90, 180, 365)
"""Upper ends of the first four classes of days to repair."""


def days_labels() -> list[str]:
    """Names of the five classes of days to repair.

    Examples
    --------
    >>> days_labels()[0], days_labels()[-1]
    ('0 to 30 days', 'more than 365 days')
    """
    return [
        f"0 to {DAYS[0]} days",
        *[f"{a} to {b} days" for a, b in pairwise(DAYS)],
        f"more than {DAYS[-1]} days",
    ]


def days_style(fill: bool = False) -> str:
    """Style (QML) of the layer ``buildings``, or of their outlines (`fill`): five classes of mean days to repair.

    Examples
    --------
    >>> days_style().count("<range ")
    5
    """
    # the last end is that of the longest horizon that a study may have
    edges = [0, *DAYS, 100_000]
    ranges = "".join(
        f'<range symbol="{i}" lower="{a}" upper="{b}" label="{name}" render="true"/>'
        for i, (a, b, name) in enumerate(zip(edges[:-1], edges[1:], days_labels(), strict=True))
    )
    fills = "".join(_fill(i, colour) for i, colour in enumerate(SEQUENTIAL))
    dots = "".join(
        f'<symbol type="marker" name="{i}" alpha="1"><layer class="SimpleMarker" enabled="1"><Option type="Map">'
        f'<Option type="QString" name="color" value="{_rgb(colour)},255"/>'
        '<Option type="QString" name="outline_color" value="60,60,60,255"/>'
        '<Option type="QString" name="outline_width" value="0.1"/>'
        '<Option type="QString" name="size" value="1.8"/></Option></layer></symbol>'
        for i, colour in enumerate(SEQUENTIAL)
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis version=\"3.28\" styleCategories=\"Symbology\">"
        '<renderer-v2 type="graduatedSymbol" attr="mean_days_to_repair" graduatedMethod="GraduatedColor" symbollevels="0">'
        f"<ranges>{ranges}</ranges><symbols>{fills if fill else dots}</symbols></renderer-v2></qgis>"
    )


def line_style(number: int) -> str:
    """Style (QML) of the edges of a network, by its place among the networks: one colour."""
    colour = _rgb(CATEGORIES[number % len(CATEGORIES)])
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis version=\"3.28\" styleCategories=\"Symbology\">"
        '<renderer-v2 type="singleSymbol" symbollevels="0"><symbols><symbol type="line" name="0" alpha="1">'
        '<layer class="SimpleLine" enabled="1"><Option type="Map">'
        f'<Option type="QString" name="line_color" value="{colour},255"/>'
        '<Option type="QString" name="line_width" value="0.4"/></Option></layer></symbol></symbols></renderer-v2></qgis>'
    )


def node_style(number: int) -> str:
    """Style (QML) of the nodes of a network, by its place among the networks: small squares of its colour, sources large.

    Examples
    --------
    >>> node_style(0).count("<rule ")
    2
    """
    colour = _rgb(CATEGORIES[number % len(CATEGORIES)])
    # sources are what a network hangs on: they stand out
    rules = "".join(
        f'<rule symbol="{i}" key="{{rule-{i}}}" filter="{escape(chosen)}" label="{label}"/>'
        for i, (chosen, label) in enumerate((('"source"', "source"), ('NOT "source"', "node")))
    )
    symbols = "".join(
        f'<symbol type="marker" name="{i}" alpha="1"><layer class="SimpleMarker" enabled="1"><Option type="Map">'
        f'<Option type="QString" name="name" value="square"/><Option type="QString" name="color" value="{colour},255"/>'
        f'<Option type="QString" name="size" value="{size}"/></Option></layer></symbol>'
        for i, size in enumerate((3, 1))
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis version=\"3.28\" styleCategories=\"Symbology\">"
        f'<renderer-v2 type="RuleRenderer" symbollevels="0"><rules key="{{root}}">{rules}</rules>'
        f"<symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def _rgb(colour: str) -> str:
    """Red, green and blue of ``#rrggbb``, as QGIS writes them."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
