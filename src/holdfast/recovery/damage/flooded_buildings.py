"""What water takes from a researcher's own buildings: plain frames in, frames out, without a city."""

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.numerals import to_numbers
from holdfast.recovery.damage.first_floors import first_floors
from holdfast.recovery.damage.flood_curves import ABOVE_GROUND, PARTS, chosen_curves, flood_curves, mean_loss

FILE = "flooded buildings"


def flood_losses(
    buildings: pd.DataFrame,
    depth_m: pd.Series,
    *,
    curves: str = "hazus",
    water: str = "river",
    continent: str = "",
    foundation: str = "slab",
) -> pd.DataFrame:
    """Mean share of the structure, contents and stock of each building that water takes, in closed form.

    Parameters
    ----------
    buildings : DataFrame
        ``occupancy`` (such as ``RES1``) and ``stories``; perhaps ``foundation`` and ``first_floor_m``.
    depth_m : Series
        Water above the ground, m, 0 or more; index of `buildings`.
    curves, water, continent : str
        Which functions, as ``scenario.flood`` of a study names them.
    foundation : str
        Of buildings that name none.

    Returns
    -------
    DataFrame
        Columns ``structure``, ``contents``, ``stock``, 0 to 1, index of `buildings`; null where the set has no function.
        What was inferred of first floors stands in ``attrs["assumed"]``, in words.

    Raises
    ------
    TableError
        Naming missing columns, buildings without a depth, or occupancies without a function.
    UnknownName
        If there is no such set, water, continent or foundation.

    Examples
    --------
    >>> home = pd.DataFrame({"occupancy": ["RES1"], "stories": [1]}, index=["home"])
    >>> flood_losses(home, pd.Series({"home": 0.5}), curves="jrc", continent="Europe").iloc[0].tolist()
    [0.25, 0.25, nan]
    """
    depth = _depths(buildings, depth_m)
    floors = first_floors(buildings, foundation)
    names = chosen_curves(buildings, floors.basement, curves, water, continent)
    known = tuple(sorted(set(names.to_numpy().ravel()) - {""}))
    functions = flood_curves(known)
    above = depth if curves == ABOVE_GROUND else depth - floors.height
    lost = pd.DataFrame(np.nan, index=buildings.index, columns=list(PARTS))
    for k, name in enumerate(known):
        # where no water stands at a building, a function that begins below the first floor takes nothing either
        taken = np.where(depth > 0, mean_loss(functions, k, above), 0.0)
        for part in PARTS:
            lost[part] = lost[part].mask(names[part] == name, taken)
    lost.attrs["assumed"] = floors.assumed
    return lost


def _depths(buildings: pd.DataFrame, depth_m: pd.Series) -> np.ndarray:
    """Depths as numbers, after both tables were held to each other."""
    problems = [Problem("is missing", column=c) for c in ("occupancy", "stories") if c not in buildings]
    if not depth_m.index.equals(buildings.index):
        text = "its index is not that of the buildings; use depth_m.loc[...] to align it"
        problems.append(Problem(text, column="depth_m"))
    depth = to_numbers(depth_m).to_numpy(np.float64)
    bad = depth_m.index[~(np.isfinite(depth) & (depth >= 0))]
    text = "is missing, below 0 or no number"
    problems += [Problem(text, column="depth_m", place=f"building {b}") for b in bad]
    if problems:
        raise TableError(FILE, problems)
    return depth
