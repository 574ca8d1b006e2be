"""Assets: everything that can be damaged, and what each damage state of it means."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.damage.delays import Delays, delay
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.damage.repair_work import provisional_days, work_by_diameter
from holdfast.types import Network, Parameters

if TYPE_CHECKING:  # compiled damage imports this module: how a city is assembled is no code of its kernels
    from holdfast.recovery.city import City

BUILDING = "building"
"""Trade that repairs buildings; each network has a trade of its own name."""
NETWORKS = ("power", "water", "gas", "telecom", "transport")
REPAIRS = ("leak", "break")

USABLE = ("functional_share", "reoccupied_share")
"""Columns of the usability table: what of a damaged building goes on being used, and can be lived in."""


class Assets(NamedTuple):
    """All that can be damaged: the buildings, then all nodes, then all edges, networks in order.

    ``asset_class`` (of the fragility table) and ``repair_class`` (of the repair table): Series by asset
    id; ``site`` (asset, 2), m; ``replacement_cost`` (asset,); ``floor_area`` (asset,), m2, 0 for networks;
    ``length`` (asset,), m, 0 for buildings and nodes; ``block`` (asset,): number of the zone of a building,
    -1 for networks; ``trade`` (asset,): place in ``trades``, the names: "building", then the networks in
    order, then the further trades of buildings; ``buildings``, ``nodes``: how many there are; ``diameter`` (asset,), m,
    NaN where none is known; empty where none is at all.
    """

    asset_class: pd.Series
    repair_class: pd.Series
    site: np.ndarray
    replacement_cost: np.ndarray
    floor_area: np.ndarray
    length: np.ndarray
    block: np.ndarray
    trade: np.ndarray
    trades: tuple[str, ...]
    buildings: int
    nodes: int
    diameter: np.ndarray = np.zeros(0)


class Consequences(NamedTuple):
    """What each damage state means, by class; nothing is stored per asset that follows from its class.

    ``kind`` (asset,): row of the repair tables; ``side`` (asset,): 0 building, 1 network; ``ratio`` (kind,
    5): cost as a share of ``replacement_cost`` (asset,); ``days`` (kind, 5): of repair; ``crews`` (asset,)
    work on the asset together; ``length`` (asset,), m; ``pipe_length`` (kind, 2): cost of a leak and of a
    break as m of new pipe; ``pipe_days`` (row, 2): crew-days of each, ``work`` (asset,): row of them; ``usable`` (2, kind, 5): shares of a
    building that are used, and lived in, until it is repaired; ``delays``: before repair; ``pools`` (trade,): crews there are.
    """

    kind: np.ndarray
    work: np.ndarray
    side: np.ndarray
    replacement_cost: np.ndarray
    length: np.ndarray
    crews: np.ndarray
    ratio: np.ndarray
    days: np.ndarray
    pipe_length: np.ndarray
    pipe_days: np.ndarray
    usable: np.ndarray
    delays: Delays
    pools: np.ndarray


def assets(city: "City", trades: Collection[str] = ()) -> Assets:
    """List the assets of a city in the order of every asset array: buildings as in their table, nodes, edges.

    A building goes to the trade of its structure (packaged table ``trades``) if `trades`, those that have crews, name
    it, otherwise to "building".

    Raises
    ------
    TableError
        If the building table lacks a column that the assembling of a city adds, or a building its class.
    """
    buildings = city.buildings
    _check_assembled(buildings)
    networks = list(city.networks.values())
    places, middles = _places(networks)
    tables: list[pd.DataFrame] = [*(n.nodes for n in networks), *(n.edges for n in networks)]
    network_class = [t["asset_class"].astype(object).where(t["asset_class"].notna(), "") for t in tables]
    count, rest = len(buildings), sum(len(t) for t in tables)
    nodes = sum(len(n.nodes) for n in networks)
    # trades: 0 buildings, then one per network, for its nodes and edges, then the further trades of buildings
    numbers = range(1, len(networks) + 1)
    extra, own = _building_trades(buildings, trades)
    work = np.where(own > 0, own + len(networks), 0)
    return Assets(
        asset_class=pd.concat([buildings["asset_class"].astype(object), *network_class]),
        repair_class=pd.concat([buildings["occupancy"].astype(object), *network_class]),
        site=np.concatenate([np.column_stack([buildings.geometry.x, buildings.geometry.y]), *places, *middles]),
        replacement_cost=np.concatenate([t["replacement_cost"].to_numpy(np.float64) for t in (buildings, *tables)]),
        floor_area=np.concatenate([buildings["floor_area_m2"].to_numpy(np.float64), np.zeros(rest)]),
        length=np.concatenate([np.zeros(count + nodes), *(n.edges["length_m"].to_numpy(np.float64) for n in networks)]),
        block=np.concatenate([pd.factorize(buildings["zone_id"], sort=True)[0], np.full(rest, -1)]),
        trade=np.concatenate([work, np.repeat([*numbers, *numbers], [len(t) for t in tables])]).astype(np.int64),
        trades=(BUILDING, *city.networks, *extra),
        buildings=count,
        nodes=nodes,
        diameter=np.concatenate([np.full(count + nodes, np.nan), *(_diameters(n) for n in networks)]),
    )


def _diameters(network: Network) -> np.ndarray:
    """Inner diameter of the edges of a network, m, NaN where none is known, (edge,)."""
    if "diameter_m" not in network.edges:
        return np.full(len(network.edges), np.nan)
    return network.edges["diameter_m"].to_numpy(np.float64)


def _places(networks: Sequence[Network]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Places of the nodes of each network, and of its edges: midway between their ends; (node or edge, 2), m."""
    places = [np.column_stack([n.nodes.geometry.x, n.nodes.geometry.y]) for n in networks]
    middles = []
    # ends as places in the node table, which the check of the networks has made sure of
    for net, place in zip(networks, places, strict=True):
        ends = [net.nodes.index.get_indexer(net.edges[c]) for c in ("from_node", "to_node")]
        middles.append((place[ends[0]] + place[ends[1]]) / 2)
    return places, middles


def _check_assembled(buildings: gpd.GeoDataFrame) -> None:
    """Refuse a building table that was not assembled, or a building without a class."""
    wanted = ("asset_class", "zone_id", "residents", "workers")
    lacking = [Problem("missing; assemble the city first", column=c) for c in wanted if c not in buildings]
    if lacking:
        raise TableError("buildings", lacking)
    bare = buildings.index[buildings["asset_class"].isna()]
    if len(bare):
        text = "has no class, so that nothing could damage it; name one of the fragility table"
        raise TableError("buildings", [Problem(f"building {b}: {text}", column="asset_class") for b in bare])


def _building_trades(buildings: gpd.GeoDataFrame, trades: Collection[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Further trades of buildings, and each building's place among them: 0 for "building", then 1, 2, ..."""
    rules = packaged("trades").set_index("structure")["trade"]
    extra = tuple(t for t in dict.fromkeys(rules) if t in trades)
    if not extra or "structure" not in buildings:
        return (), np.zeros(len(buildings), dtype=np.int64)
    place = {t: i + 1 for i, t in enumerate(extra)}
    return extra, buildings["structure"].astype(str).map(rules).map(place).fillna(0).to_numpy(np.int64)


def building_units(floor_area: np.ndarray, per_crew_m2: float, most: int) -> np.ndarray:
    """Crews that each building calls for by its floor area, m2: its size in building units, 1 to `most`, shape (building,)."""
    return np.clip(np.ceil(floor_area / per_crew_m2), 1, most)


def consequences(
    listed: Assets,
    parameters: Parameters,
    crews: Mapping[str, int],
    delays: str = "median",
    floor_area_per_crew_m2: float = 500.0,
    most_crews_per_building: int = 50,
    as_repaired: bool = True,
) -> Consequences:
    """Consequence functions of all assets, in the order of `listed`.

    Parameters
    ----------
    listed : Assets
        Assets of the city, as `assets` lists them.
    parameters : Parameters
        Tables ``repair``, ``pipe_repair``, ``usability``, ``delays``.
    crews : mapping of str to int
        By trade of the city; at least 1 of each.
    delays : str
        Model of the impeding delays, a key of ``DELAYS``.
    floor_area_per_crew_m2, most_crews_per_building : float, int
        Floor area that calls for one crew, m2, and how many can work on one building.
    as_repaired : bool
        Whether pipes of known diameter take the work of the packaged table ``pipe_work``, and what can serve provisionally
        (``provisional_service``) its days; cost stays that of the repair.

    Raises
    ------
    TableError
        If a class has no row in the repair tables or a trade no crews.
    UnknownName
        If the crews name an unknown trade, or the model of delays is unknown.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1: ratios and days. Departs from Hazus, which
    counts no crews, in the crews per floor area (those of the pyrecodes package, rounded).
    """
    pools = _pools(listed, crews)
    kind, names = pd.factorize(listed.repair_class.astype(str), sort=True)
    kinds = names.to_numpy(dtype=object)
    pipes = parameters.pipe_repair
    piped = set(pipes["asset_class"]) if len(pipes) else set()
    check_repair(parameters.repair, [k for k in kinds if k and k not in piped])
    # the engine counts whole days; every repair takes at least one, and state 0 none
    days = np.ceil(by_state(parameters.repair, "repair_days", kinds))
    days[:, 1:] = np.maximum(days[:, 1:], 1)
    if as_repaired:
        days = np.minimum(days, provisional_days(kinds))
    work, pipe_days = kind, _by_repair(pipes, "crew_days", kinds, piped)
    if as_repaired and listed.diameter.size:
        work, pipe_days = work_by_diameter(kind, pipe_days, listed.diameter)
    check_usability(parameters.usability, sorted(set(listed.repair_class[: listed.buildings].astype(str))))
    # crews follow floor area, at most the whole pool; a network asset, of no floor area, takes one; days are those of a
    # full set of crews: a building that gets fewer under a cap does not take longer
    wanted = building_units(listed.floor_area, floor_area_per_crew_m2, most_crews_per_building)
    side = np.zeros(len(kind), dtype=np.int8)
    side[listed.buildings :] = 1
    return Consequences(
        kind=kind.astype(np.int32),
        work=work.astype(np.int32),
        side=side,
        replacement_cost=listed.replacement_cost,
        length=listed.length,
        crews=np.minimum(wanted, pools[listed.trade]).astype(np.int64),
        ratio=by_state(parameters.repair, "repair_cost_ratio", kinds),
        days=days.astype(np.int64),
        pipe_length=_by_repair(pipes, "new_pipe_m", kinds, piped),
        pipe_days=pipe_days,
        usable=np.stack([_usable(parameters.usability, column, kinds) for column in USABLE]),
        delays=delay(delays)(parameters.delays),
        pools=pools,
    )


def _pools(listed: Assets, crews: Mapping[str, int]) -> np.ndarray:
    """Crews of each trade of the city."""
    known = {BUILDING, *NETWORKS, *packaged("trades")["trade"], *listed.trades}
    for name in crews:
        if name not in known:
            raise UnknownName("trade", name, known)
    problems = [Problem(f"{n} crews; a trade needs at least 1", column=f"crews.{t}") for t, n in crews.items() if n < 1]
    problems += [Problem("has no crews; name at least 1", column=f"crews.{t}") for t in listed.trades if t not in crews]
    if problems:
        raise TableError("recovery", problems)
    return np.array([crews[t] for t in listed.trades], dtype=np.int64)


def check_repair(table: pd.DataFrame, kinds: Collection[str]) -> None:
    """Refuse classes without all rows, ratios and days outside their range, and costs that fall."""
    own = table[table["asset_class"].isin(kinds)]
    counts = own.groupby("asset_class")["damage_state"].nunique().reindex(list(kinds)).fillna(0)
    text = "has no complete set of rows in the repair table; add them"
    problems = [Problem(f'"{k}" {text}', column="asset_class") for k in counts.index[counts < len(STATES) - 1]]
    for column, low, high in (("repair_cost_ratio", 0.0, 1.0), ("repair_days", 0.0, np.inf)):
        for row in own[~own[column].between(low, high)].itertuples():
            text = f"{row.asset_class}, {row.damage_state}: {getattr(row, column):g} lies outside {low:g} to {high:g}"
            problems.append(Problem(text, column=column))
        wide = own.pivot_table(values=column, index="asset_class", columns="damage_state", aggfunc="first")
        # column s of the differences is the step from state s + 1 to s + 2, since state 0 has no rows
        falls = np.diff(wide.reindex(columns=STATES[1:]).to_numpy(np.float64), axis=1) < 0
        for i, s in np.argwhere(falls):
            text = f"{wide.index[i]}: {STATES[s + 2]} lies below {STATES[s + 1]}; a worse state means as much or more"
            problems.append(Problem(text, column=column))
    if problems:
        raise TableError("repair", problems)


def check_usability(table: pd.DataFrame, used: Collection[str]) -> None:
    """Refuse occupancies without a row for every state, and shares that rise with damage."""
    problems = []
    for column in USABLE:
        wide = table.pivot_table(values=column, index="occupancy", columns="damage_state", aggfunc="first")
        wide = wide.reindex(index=list(used), columns=STATES)
        for o in wide.index[wide.isna().any(axis=1)]:
            problems.append(Problem(f'"{o}" needs a row for each damage state; add them', column=column))
        for o in wide.index[(np.diff(wide.to_numpy(np.float64), axis=1) > 0).any(axis=1)]:
            problems.append(Problem(f"{o}: rises with damage; a worse state leaves as much or less", column=column))
    if problems:
        raise TableError("usability", problems)


def _usable(table: pd.DataFrame, column: str, kinds: np.ndarray) -> np.ndarray:
    """One share of the usability table by kind and damage state 0..4; 1 for networks, which nobody uses as a building."""
    wide = table.pivot_table(values=column, index="occupancy", columns="damage_state", aggfunc="first")
    return wide.reindex(index=kinds, columns=STATES).fillna(1.0).to_numpy(np.float64)


def by_state(table: pd.DataFrame, column: str, kinds: np.ndarray) -> np.ndarray:
    """One column of the repair table by kind and damage state 0..4; zero for pipes, which have no such rows."""
    wide = table.pivot_table(values=column, index="asset_class", columns="damage_state", aggfunc="first")
    values = np.zeros((len(kinds), len(STATES)))
    values[:, 1:] = wide.reindex(index=kinds, columns=STATES[1:]).fillna(0.0).to_numpy(np.float64)
    return values


def _by_repair(table: pd.DataFrame, column: str, kinds: np.ndarray, piped: Collection[str]) -> np.ndarray:
    """One column of the pipe repair table by kind, for a leak and for a break; zero for what is no pipe."""
    values = np.zeros((len(kinds), len(REPAIRS)))
    if not piped:
        return values
    wide = table.pivot_table(values=column, index="asset_class", columns="repair", aggfunc="first")
    wide = wide.reindex(columns=REPAIRS)
    lacking = [k for k in kinds if k in piped and wide.loc[k].isna().any()]
    if lacking:
        text = "needs a row for leak and one for break"
        raise TableError("pipe_repair", [Problem(f"{k}: {text}", column="repair") for k in lacking])
    values[:] = wide.reindex(kinds).fillna(0.0).to_numpy(np.float64)
    return values


def given_states(city: "City") -> np.ndarray:
    """Damage states 0 to 4 that the building table itself gives, int8 of shape (building,).

    Raises
    ------
    TableError
        If there is no such column, it has gaps, or a state is none of 0 to 4.
    """
    buildings = city.buildings
    if "damage_state" not in buildings:
        text = 'missing, but recovery.damage is "given"; map it under `columns`, or set recovery.damage = "draw"'
        raise TableError("buildings", [Problem(text, column="damage_state")])
    states = buildings["damage_state"].to_numpy(np.float64)
    problems = [
        Problem(f"building {b}: empty; every building needs a given state", column="damage_state")
        for b in buildings.index[np.isnan(states)]
    ]
    outside = ~np.isnan(states) & ~np.isin(states, range(len(STATES)))
    for b, s in zip(buildings.index[outside], states[outside], strict=True):
        text = f"building {b}: {s:g} is no damage state; 0 none, 1 slight, 2 moderate, 3 extensive, 4 complete"
        problems.append(Problem(text, column="damage_state"))
    if problems:
        raise TableError("buildings", problems)
    return np.asarray(states, dtype=np.int8)
