"""The published figures that a simulation reads, gathered and checked."""

import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.sources import hazus
from holdfast.tables import check
from holdfast.types import Parameters

WHOLE = 1e-9


def load_parameters() -> Parameters:
    """Read every table of figures: Hazus from its package, the rest from what Holdfast ships.

    Returns
    -------
    holdfast.types.Parameters
        Each table passes its schema and says in ``source`` where every row comes from, or that the
        figure is assumed.

    Raises
    ------
    DataMissing
        If the package that holds the Hazus tables is not installed.
    TableError
        If a table breaks its schema, the weights of the service categories do not sum to 1, or a class
        of the packaged tables has no fragility.

    Examples
    --------
    >>> parameters = load_parameters()
    >>> parameters.usability["damage_state"].tolist()
    ['none', 'slight', 'moderate', 'extensive', 'complete']
    """
    fragility = pd.concat([hazus.fragility(), packaged("network_fragility")], ignore_index=True)
    repair = pd.concat([hazus.repair(), packaged("network_repair")], ignore_index=True)
    parameters = Parameters(
        fragility=check(fragility, "fragility"),
        repair=check(repair, "repair"),
        usability=check(packaged("usability"), "usability"),
        delays=check(packaged("delays"), "delays"),
        productivity=check(packaged("productivity"), "productivity"),
        services=check(packaged("services"), "services"),
    )
    _check_together(parameters)
    return parameters


def _check_together(parameters: Parameters) -> None:
    """Hold the tables to one another."""
    total = float(parameters.services["weight"].sum())
    if abs(total - 1) > WHOLE:
        raise TableError("services", [Problem(f"weights sum to {total:g}; they must sum to 1", column="weight")])
    for name in ("fragility", "repair"):
        table: pd.DataFrame = getattr(parameters, name)
        counts = table.groupby("asset_class")["damage_state"].agg(["size", "nunique"])
        wrong = counts.index[(counts != len(hazus.STATES)).any(axis=1)]
        if len(wrong):
            text = "needs one row for each of slight, moderate, extensive and complete"
            raise TableError(name, [Problem(f"{c}: {text}", column="damage_state") for c in wrong])
    assets = packaged("network_assets")
    used = set(assets["asset_class"]) - {""}
    for name in ("fragility", "repair"):
        missing = sorted(used - set(getattr(parameters, name)["asset_class"]))
        if missing:
            text = f"has no row for {', '.join(missing)}, which the network generator lays"
            raise TableError(name, [Problem(text, column="asset_class")])
