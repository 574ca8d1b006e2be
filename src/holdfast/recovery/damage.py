"""Damage: what a draw does to every asset, in money, days and crews."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.config import RecoveryOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.delays import delay
from holdfast.recovery.fragility import STATES
from holdfast.types import City, Parameters

BUILDING = "building"
"""Trade that repairs buildings; each network has a trade of its own name."""
DAMAGES = ("draw", "given")


class Assets(NamedTuple):
    """All that can be damaged: the buildings, then all nodes, then all edges, networks in order.

    ``asset_class`` (of the fragility table) and ``repair_class`` (of the repair table): Series by asset
    id; ``site`` (asset, 2), m; ``replacement_cost`` (asset,); ``floor_area`` (asset,), 0 for networks;
    ``trade`` (asset,): 0 for buildings, n + 1 for the n-th network; ``trades``: their names;
    ``buildings``, ``nodes``: how many there are.
    """

    asset_class: pd.Series
    repair_class: pd.Series
    site: np.ndarray
    replacement_cost: np.ndarray
    floor_area: np.ndarray
    trade: np.ndarray
    trades: tuple[str, ...]
    buildings: int
    nodes: int


class Consequences(NamedTuple):
    """What each damage state means: cost (money), days of repair and delay (days), shape (asset, 5).

    ``crews`` (asset,) work on the asset together; ``usable`` (5,): share of a building; ``pools``
    (trade,): crews there are.
    """

    cost: np.ndarray
    days: np.ndarray
    delay: np.ndarray
    crews: np.ndarray
    usable: np.ndarray
    pools: np.ndarray


class Damage(NamedTuple):
    """One draw, by asset: damage_state 0..4, repair_cost (money), repair_days, delay (days), usable_share."""

    damage_state: np.ndarray
    repair_cost: np.ndarray
    repair_days: np.ndarray
    delay: np.ndarray
    usable_share: np.ndarray


def assets(city: City) -> Assets:
    """List the assets of a city in the order of every asset array.

    Parameters
    ----------
    city : City
        Buildings and networks; an edge lies midway between its ends.

    Returns
    -------
    Assets
        Buildings in the order of their table, then nodes, then edges.

    Raises
    ------
    TableError
        If the building table lacks a column that the assembling of a city adds, or a building its class.
    """
    buildings = city.buildings
    wanted = ("asset_class", "zone_id", "residents", "workers")
    lacking = [Problem("missing; assemble the city first", column=c) for c in wanted if c not in buildings]
    if lacking:
        raise TableError("buildings", lacking)
    bare = buildings.index[buildings["asset_class"].isna()]
    if len(bare):
        text = "has no class, so that nothing could damage it; name one of the fragility table"
        raise TableError("buildings", [Problem(f"building {b}: {text}", column="asset_class") for b in bare])
    networks = list(city.networks.values())
    places = [np.column_stack([n.nodes.geometry.x, n.nodes.geometry.y]) for n in networks]
    middles = []
    for net, place in zip(networks, places, strict=True):
        ends = [net.nodes.index.get_indexer(net.edges[c]) for c in ("from_node", "to_node")]
        middles.append((place[ends[0]] + place[ends[1]]) / 2)
    tables: list[pd.DataFrame] = [*(n.nodes for n in networks), *(n.edges for n in networks)]
    network_class = [t["asset_class"].astype(object).where(t["asset_class"].notna(), "") for t in tables]
    homes = np.column_stack([buildings.geometry.x, buildings.geometry.y])
    numbers = range(1, len(networks) + 1)
    trade = np.repeat([0, *numbers, *numbers], [len(t) for t in (buildings, *tables)])
    area = buildings["floor_area_m2"].to_numpy(np.float64)
    cost = [t["replacement_cost"].to_numpy(np.float64) for t in (buildings, *tables)]
    return Assets(
        asset_class=pd.concat([buildings["asset_class"].astype(object), *network_class]),
        repair_class=pd.concat([buildings["occupancy"].astype(object), *network_class]),
        site=np.concatenate([homes, *places, *middles]),
        replacement_cost=np.concatenate(cost),
        floor_area=np.concatenate([area, np.zeros(sum(len(t) for t in tables))]),
        trade=trade.astype(np.int64),
        trades=(BUILDING, *city.networks),
        buildings=len(buildings),
        nodes=sum(len(n.nodes) for n in networks),
    )


def consequences(listed: Assets, parameters: Parameters, options: RecoveryOptions) -> Consequences:
    """Consequence functions of all assets.

    Crews follow floor area, ceil(area / floor_area_per_crew_m2), at most most_crews_per_building and
    at most the whole pool; a network asset takes one crew. Days are those of a full set of crews:
    a building that gets fewer under a cap does not take longer. Every repair takes at least one day.

    Parameters
    ----------
    listed : Assets
        Of the city.
    parameters : Parameters
        Tables ``repair``, ``usability``, ``delays``.
    options : RecoveryOptions
        Crews and delays.

    Returns
    -------
    Consequences
        In the order of `listed`.

    Raises
    ------
    TableError
        If a class has no row in the repair table or a trade no crews.
    UnknownName
        If the crews name an unknown trade, or the model of delays is unknown.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1: ratios and days. Departs from Hazus, which
    counts no crews, in the crews per floor area (those of the pyrecodes package, rounded).
    """
    pools = _pools(listed, options)
    ratio = _by_state(parameters.repair, "repair_cost_ratio", listed.repair_class)
    days = np.ceil(_by_state(parameters.repair, "repair_days", listed.repair_class))
    days[:, 1:] = np.maximum(days[:, 1:], 1)
    wait_building, wait_network = delay(options.delays)(parameters.delays)
    usable = parameters.usability.set_index("damage_state")["usable_share"].reindex(STATES)
    if usable.isna().any():
        lacking = usable.index[usable.isna()]
        raise TableError("usability", [Problem(f'no row for "{s}"; add it', column="damage_state") for s in lacking])
    area = np.ceil(listed.floor_area / options.floor_area_per_crew_m2)
    crews = np.clip(area, 1, options.most_crews_per_building)
    return Consequences(
        cost=ratio * listed.replacement_cost[:, None],
        days=days.astype(np.int64),
        delay=np.where((listed.trade == 0)[:, None], wait_building, wait_network),
        crews=np.minimum(crews, pools[listed.trade]).astype(np.int64),
        usable=usable.to_numpy(np.float64),
        pools=pools,
    )


def _pools(listed: Assets, options: RecoveryOptions) -> np.ndarray:
    """Crews of each trade of the city."""
    known = {BUILDING, "power", "water", "telecom", *listed.trades}
    for name in options.crews:
        if name not in known:
            raise UnknownName("trade", name, known)
    problems = [
        Problem(f"{n} crews; a trade needs at least 1", column=f"recovery.crews.{t}")
        for t, n in options.crews.items()
        if n < 1
    ]
    problems += [
        Problem("has no crews; name at least 1", column=f"recovery.crews.{t}")
        for t in listed.trades
        if t not in options.crews
    ]
    if problems:
        raise TableError("study", problems)
    return np.array([options.crews[t] for t in listed.trades], dtype=np.int64)


def _by_state(table: pd.DataFrame, column: str, classes: pd.Series) -> np.ndarray:
    """One column of the repair table for each asset and damage state 0..4, shape (asset, 5)."""
    wide = table.pivot_table(values=column, index="asset_class", columns="damage_state", aggfunc="first")
    wide = wide.reindex(columns=STATES[1:])
    kinds, codes = np.unique(classes.astype(str).to_numpy(dtype=object), return_inverse=True)
    missing = [k for k in kinds if k and (k not in wide.index or wide.loc[k].isna().any())]
    if missing:
        text = "has no complete set of rows in the repair table; add them"
        raise TableError("repair", [Problem(f'"{k}" {text}', column="asset_class") for k in missing])
    values = np.zeros((len(kinds), len(STATES)))
    values[:, 1:] = wide.reindex(kinds).fillna(0.0).to_numpy(np.float64)
    return values[codes]


def damage(states: np.ndarray, table: Consequences) -> Damage:
    """Consequences of one draw of damage states.

    Parameters
    ----------
    states : ndarray of int
        Damage state of every asset, shape (asset,).
    table : Consequences
        Of the same assets.

    Returns
    -------
    Damage
        Arrays of shape (asset,).

    Examples
    --------
    >>> table = Consequences(np.array([[0, 1, 5, 20, 50.0]]), np.array([[0, 2, 5, 9, 20]]), np.zeros((1, 5), int),
    ...                      np.array([1]), np.array([1, 1, 0, 0, 0.0]), np.array([1]))
    >>> damage(np.array([2]), table).repair_cost.tolist()
    [5.0]
    """
    row = np.arange(len(states))
    return Damage(
        damage_state=states.astype(np.int8),
        repair_cost=table.cost[row, states],
        repair_days=table.days[row, states],
        delay=table.delay[row, states],
        usable_share=table.usable[states],
    )


def given_states(city: City) -> np.ndarray:
    """Damage states that the building table itself gives.

    Parameters
    ----------
    city : City
        Needs the column ``damage_state``.

    Returns
    -------
    ndarray of int8
        Shape (building,).

    Raises
    ------
    TableError
        If there is no such column or it has gaps.
    """
    buildings = city.buildings
    if "damage_state" not in buildings:
        text = 'missing, but recovery.damage is "given"; map it under `columns`, or set recovery.damage = "draw"'
        raise TableError("buildings", [Problem(text, column="damage_state")])
    null = buildings["damage_state"].isna()
    if null.any():
        text = "empty; every building needs a given state"
        raise TableError(
            "buildings", [Problem(f"building {b}: {text}", column="damage_state") for b in buildings.index[null]]
        )
    return np.asarray(buildings["damage_state"], dtype=np.int8)
