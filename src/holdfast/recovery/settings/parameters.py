"""The published figures that a simulation reads, gathered and checked."""

from dataclasses import fields, replace

import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.tables import check, schema, schema_names
from holdfast.types import Parameters

WHOLE = 1e-9  # by which a sum of weights as written may differ from 1
ORIGINS = ("hazus", "network", "facility", "storm")
JOINED = ("fragility", "repair")
"""Tables that are shipped as one per origin of the figures."""
STATES = ("slight", "moderate", "extensive", "complete")


def load_parameters() -> Parameters:
    """Gather every table of figures that the package ships.

    Each table passes its schema and says in ``source`` where every row comes from, or that the figure is assumed.

    Raises
    ------
    TableError
        If a table breaks its schema, weights of the services do not sum to 1, or a class has no fragility.

    Examples
    --------
    >>> parameters = load_parameters()
    >>> parameters.usability["damage_state"].unique().tolist()
    ['none', 'slight', 'moderate', 'extensive', 'complete']
    """
    tables = {f.name: packaged(f.name) for f in fields(Parameters) if f.name not in JOINED}
    for name in JOINED:
        tables[name] = pd.concat([packaged(f"{origin}_{name}") for origin in ORIGINS], ignore_index=True)
    parameters = Parameters(**{name: check(table, name) for name, table in tables.items()})
    _check_together(parameters)
    return parameters


def in_money(parameters: Parameters, factor: float) -> Parameters:
    """Every packaged column of money, by the units of its schema, times `factor`: the city's money per USD of 2017."""
    if factor == 1.0:
        return parameters
    changed = {}
    for field in fields(parameters):
        table = getattr(parameters, field.name)
        if field.name not in schema_names():
            continue
        money = [c.column for c in schema(field.name) if c.unit.startswith("USD") and c.column in table.columns]
        if money:
            changed[field.name] = table.assign(**{c: table[c] * factor for c in money})
    return replace(parameters, **changed)


def at_place(parameters: Parameters, place: str) -> Parameters:
    """Output per floor area of a state or region: the nation's times the factor of each group of occupancies.

    Parameters
    ----------
    parameters : Parameters
        Of the nation; workers per floor area and all else stay as they are.
    place : str
        Two-letter code of a state, or name of a BEA region, of the packaged table ``place_factors``.

    Raises
    ------
    UnknownName
        If the table has no such place.

    References
    ----------
    Zhou, Xiao & Xu (2025): EP per floor area is archived by building type, place and service level. Not specified in the
    paper: a response of its own by place; the services take the same shares everywhere.

    Examples
    --------
    >>> own = at_place(load_parameters(), "CA").productivity["productivity_per_area"]
    >>> nation = load_parameters().productivity["productivity_per_area"]
    >>> bool((own >= nation * 0.9).all()), bool((own > nation).any())
    (True, True)
    """
    factors = check(packaged("place_factors"), "place_factors")
    if place not in set(factors["place"]):
        raise UnknownName("place", place, factors["place"].unique(), "city.place")
    own = factors[factors["place"] == place].set_index("group")
    table = parameters.productivity
    group = table["occupancy"].astype(object).map(packaged("production_groups").set_index("occupancy")["group"])
    # occupancies without a group make nothing, wherever they are; bounds take all bounds at once
    columns = {"productivity_per_area": "factor", "low": "low", "high": "high"}
    changed = {c: table[c] * group.map(own[f]).fillna(1.0) for c, f in columns.items() if c in table.columns}
    return replace(parameters, productivity=table.assign(**changed))


def _check_together(parameters: Parameters) -> None:
    """Hold the tables to one another."""
    total = float(parameters.services["weight"].sum())
    if abs(total - 1) > WHOLE:
        raise TableError("services", [Problem(f"weights sum to {total:g}; they must sum to 1", column="weight")])
    for name, keys in (("fragility", ["asset_class", "intensity_measure"]), ("repair", ["asset_class"])):
        table: pd.DataFrame = getattr(parameters, name)
        counts = table.groupby(keys)["damage_state"].agg(["size", "nunique"])
        wrong = counts.index[(counts != len(STATES)).any(axis=1)].to_frame()["asset_class"]
        if len(wrong):
            text = "needs one row for each of slight, moderate, extensive and complete"
            raise TableError(name, [Problem(f"{c}: {text}", column="damage_state") for c in wrong.unique()])
    assets = packaged("network_assets")
    # networks that the package lays must find their classes in its own tables; given ones are checked with the city
    used = set(assets["asset_class"]) - {""}
    for name, pipes in (("fragility", parameters.pipes), ("repair", parameters.pipe_repair)):
        missing = sorted(used - set(getattr(parameters, name)["asset_class"]) - set(pipes.get("asset_class", [])))
        if missing:
            text = f"has no row for {', '.join(missing)}, which the network generator lays"
            raise TableError(name, [Problem(text, column="asset_class")])
