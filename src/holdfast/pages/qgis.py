"""Default styles for QGIS, in its own QML."""

from holdfast.pages.colour import LEVELS, NO_DATA

NAMES = ("1 least resilient", "2", "3", "4", "5 most resilient")


def _fill(name: int, colour: str) -> str:
    """Symbol of one class: a plain fill with a thin outline."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return (
        f'<symbol type="fill" name="{name}" alpha="1" clip_to_extent="1"><layer class="SimpleFill" enabled="1">'
        f'<Option type="Map"><Option type="QString" name="color" value="{red},{green},{blue},255"/>'
        '<Option type="QString" name="outline_color" value="90,90,90,120"/>'
        '<Option type="QString" name="outline_width" value="0.1"/>'
        '<Option type="QString" name="style" value="solid"/></Option></layer></symbol>'
    )


def level_style() -> str:
    """Style of the layer ``cells``: five levels and a class for no level.

    Returns
    -------
    str
        QML.

    Examples
    --------
    >>> level_style().count("<category ")
    6
    """
    colours = [*LEVELS, NO_DATA]
    values = ["1", "2", "3", "4", "5", ""]
    names = [*NAMES, "not rated"]
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
