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
    """Class of each pipe, brittle or ductile.

    Without a material, a pipe of up to 20 inches counts as cast iron and a larger one as steel. Steel is
    ductile from 1935 on, brittle before that or without a year.

    Parameters
    ----------
    material : Series
        Such as CI, DI, PVC, ST (packaged table ``pipe_materials``); empty where unknown.
    diameter : Series
        In m, index as `material`.
    year : Series, optional
        Of construction, index as `material`.
    prefix : str
        ``PWP`` water, ``NGP`` gas.

    Returns
    -------
    Series
        Such as ``PWP.B``, index as `material`.

    Raises
    ------
    TableError
        If a material is not known, or a pipe has neither material nor diameter.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual, classes of potable water pipes. Departs from the code of
    simcenter-dlml 3.2, which takes small pipes of unknown material for steel and large ones for cast iron,
    the reverse of what it says in words; we follow the words.

    Examples
    --------
    >>> pipe_classes(pd.Series(["PVC", None, None]), pd.Series([0.2, 0.15, 0.9])).tolist()
    ['PWP.D', 'PWP.B', 'PWP.B']
    """
    figures = packaged("damage_figures").set_index("name")["value"]
    names = material.astype(object).where(material.notna() & (material.astype(str) != ""))
    built = pd.Series(np.nan, index=material.index) if year is None else year.astype("float64")
    lost = names.isna() & diameter.isna()
    known = packaged("pipe_materials").set_index("material")["behaviour"]
    unknown = names.notna() & ~names.isin([*known.index, STEEL])
    problems = [
        Problem(f"pipe {i}: neither material nor diameter; give one", column="material") for i in lost.index[lost]
    ]
    problems += [
        Problem(f'pipe {i}: "{names[i]}" is no known material; known: {", ".join([*known.index, STEEL])}')
        for i in names.index[unknown]
    ]
    if problems:
        raise TableError("pipes", problems)
    guess = np.where(diameter <= figures["largest_iron_main"], IRON, STEEL)
    names = names.where(names.notna(), pd.Series(guess, index=names.index))
    steel = np.where(built >= figures["first_ductile_steel_year"], "ductile", "brittle")
    behaviour = names.map(known).where(names != STEEL, pd.Series(steel, index=names.index))
    return (prefix + "." + behaviour.map(LETTERS)).rename("asset_class")
