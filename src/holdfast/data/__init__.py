"""Small tables that the package ships; every row says where it comes from."""

from functools import cache
from importlib import resources

import pandas as pd

from holdfast.errors import UnknownName


def packaged_names() -> list[str]:
    """Names of the packaged tables.

    Examples
    --------
    >>> "figures" in packaged_names()
    True
    """
    folder = resources.files(__name__)
    return sorted(f.name.removesuffix(".csv") for f in folder.iterdir() if f.name.endswith(".csv"))


def packaged(name: str) -> pd.DataFrame:
    """Read a packaged table, such as ``"height_rules"``.

    Returns
    -------
    DataFrame
        A new copy in the order of the file, with a ``source`` column; text cells that are empty are "".

    Raises
    ------
    UnknownName
        If no packaged table has that name.

    Examples
    --------
    >>> packaged("usability")["functional_share"].tolist()[:5]
    [1.0, 1.0, 0.5, 0.0, 0.0]
    """
    # a copy, since a caller that changed the kept one would change it for all
    return _read(name).copy()


@cache
def _read(name: str) -> pd.DataFrame:
    """Read a packaged table once."""
    if name not in packaged_names():
        raise UnknownName("packaged table", name, packaged_names())
    with (resources.files(__name__) / f"{name}.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    text = table.select_dtypes("object").columns
    return table.fillna(dict.fromkeys(text, ""))


def figure(name: str) -> float:
    """One number of the packaged table ``figures``, by name; its unit and source stand there.

    Raises
    ------
    UnknownName
        If the table has no such row.

    Examples
    --------
    >>> figure("story_height")
    3.5
    """
    values = _read("figures").set_index("name")["value"]
    if name not in values.index:
        raise UnknownName("figure", name, values.index)
    return float(values[name])
