"""First floors: how high above the ground they lie, and what lies below."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data import packaged
from holdfast.errors import UnknownName
from holdfast.numerals import to_numbers


class FirstFloors(NamedTuple):
    """``height`` (building,), m above the ground; ``basement`` (building,); ``assumed``: what was inferred, in words."""

    height: NDArray[np.float64]
    basement: NDArray[np.bool_]
    assumed: tuple[str, ...]


def first_floors(buildings: pd.DataFrame, foundation: str = "slab") -> FirstFloors:
    """Height of the first floor and basement of every building: given, else from the foundation, else from one for all.

    Parameters
    ----------
    buildings : DataFrame
        Perhaps with ``first_floor_m`` (m) and ``foundation``; gaps are filled.
    foundation : str
        Of buildings that name none, from the packaged table ``foundations``.

    Raises
    ------
    UnknownName
        If there is no such foundation.

    References
    ----------
    FEMA, Hazus Flood Model: default heights by foundation. Not specified in the manual: one foundation for all that state
    none.

    Examples
    --------
    >>> homes = pd.DataFrame({"foundation": ["basement", None], "first_floor_m": [None, None]})
    >>> first_floors(homes).height.tolist(), first_floors(homes).basement.tolist()
    ([1.2192, 0.3048], [True, False])
    """
    known = packaged("foundations").set_index("foundation")
    none = pd.Series(None, index=buildings.index, dtype=object)
    stated = buildings["foundation"].astype(object) if "foundation" in buildings else none
    stated = stated.where(stated.notna() & (stated != ""), None)
    for name in {foundation, *stated.dropna()}:
        if name not in known.index:
            raise UnknownName("foundation", str(name), known.index, "scenario.flood.foundation")
    of = stated.fillna(foundation)
    given = buildings.get("first_floor_m", none)
    height = to_numbers(given).astype(float)
    by_rule, guessed = height.isna(), height.isna() & stated.isna()
    height = height.fillna(of.map(known["first_floor_m"]).astype(float))
    told = []
    if by_rule.any():
        told.append(
            f"first floors of {int(by_rule.sum()):,} of {len(of):,} buildings lie as high as usual on their foundation"
        )
    if guessed.any():
        text = (
            f"foundation of {int(guessed.sum()):,} of {len(of):,} buildings: {foundation}, whose first floor is usually"
        )
        told.append(f"{text} {known.loc[foundation, 'first_floor_m']:g} m above the ground (the study's one for all)")
    basement = of.map(known["basement"]).to_numpy() == 1
    return FirstFloors(height.to_numpy(np.float64), basement, tuple(told))
