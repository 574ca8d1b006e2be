"""Pipes: the class of a pipe from its material, diameter and year."""

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError

STEEL, IRON = "ST", "CI"
LETTERS = {"brittle": "B", "ductile": "D"}


def pipe_classes(
    material: pd.Series, diameter: pd.Series, year: pd.Series | None = None, prefix: str = "PWP"
) -> pd.Series:
    """Class of each pipe, brittle or ductile, such as ``PWP.B`` or, of gas, ``NGP.B``; index as `material`.

    Parameters
    ----------
    material, diameter, year : Series
        Such as CI, DI, PVC, ST (packaged table ``pipe_materials``), or else the diameter in m; year of construction.

    Raises
    ------
    TableError
        If a material is not known, or a pipe has neither material nor diameter.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual. Departs from the code of simcenter-dlml 3.2 where it takes small
    pipes of unknown material for steel and large ones for cast iron, the reverse of what it says in words.

    Examples
    --------
    >>> pipe_classes(pd.Series(["PVC", None, None]), pd.Series([0.2, 0.15, 0.9])).tolist()
    ['PWP.D', 'PWP.B', 'PWP.B']
    """
    figures = packaged("damage_figures").set_index("name")["value"]
    known = packaged("pipe_materials").set_index("material")["behaviour"]
    names = material.astype(object).where(material.notna() & (material.astype(str) != ""))
    _require_known(names, diameter, [*known.index, STEEL])
    guess = np.where(diameter <= figures["largest_iron_main"], IRON, STEEL)
    names = names.where(names.notna(), pd.Series(guess, index=names.index))
    built = pd.Series(np.nan, index=material.index) if year is None else year.astype("float64")  # null: brittle
    steel = np.where(built >= figures["first_ductile_steel_year"], "ductile", "brittle")
    behaviour = names.map(known).where(names != STEEL, pd.Series(steel, index=names.index))
    return (prefix + "." + behaviour.map(LETTERS)).rename("asset_class")


def _require_known(names: pd.Series, diameter: pd.Series, known: list[str]) -> None:
    """Refuse pipes of unknown materials, and those that have neither material nor diameter."""
    lost = names.isna() & diameter.isna()
    unknown = names.notna() & ~names.isin(known)
    problems = [
        Problem(f"pipe {i}: neither material nor diameter; give one", column="material") for i in lost.index[lost]
    ]
    problems += [
        Problem(f'pipe {i}: "{names[i]}" is no known material; known: {", ".join(known)}') for i in names.index[unknown]
    ]
    if problems:
        raise TableError("pipes", problems)
