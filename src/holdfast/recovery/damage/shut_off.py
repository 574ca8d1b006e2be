"""What follows from damage to pipes and buildings: gas that is shut off and restored, roads under debris.

Gas is shut off where its pipes leak at all, and over the whole district of a regulator where they leak in many places. It
comes back pipe by pipe, and then customer by customer: each is visited, purged and restored. A building that collapses may lie
on the street before it, which is closed until it is cleared. Not specified in the paper.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from holdfast.data import figure
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import Assets
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.networks.connection import edge_ends, reached, sources_of
from holdfast.recovery.networks.graph import DOWN
from holdfast.types import Bools, Floats, Ints, Network

GAS, ROADS = "gas", "transport"
COMPLETE = 4
M_PER_KM = 1000.0
SHORTEST = 0.1


class Gas(NamedTuple):
    """The gas network.

    ``nodes``, ``edges``: its assets; ``ends`` (edge, 2), ``source`` (node,); ``district`` (node,): nearest regulator,
    ``kilometres`` (district,) of pipe in each; ``days`` (node,): crew-days to restore its customers.
    """

    nodes: slice
    edges: slice
    ends: Ints
    source: Bools
    district: Ints
    kilometres: Floats
    days: Ints


class Debris(NamedTuple):
    """``street`` (building,): asset of the street that it would block, -1 for none; ``floor_area`` (building,), m2."""

    street: Ints
    floor_area: Floats


class ShutOff(NamedTuple):
    """What can be shut off in a city, None where it has no such network."""

    gas: Gas | None
    debris: Debris | None


def shut_off_of(city: City, listed: Assets) -> ShutOff:
    """What damage can shut off in a city, whose assets are `listed`."""
    first = {}
    node, edge = listed.buildings, listed.buildings + listed.nodes
    for name, net in city.networks.items():
        first[name] = slice(node, node + len(net.nodes)), slice(edge, edge + len(net.edges))
        node, edge = node + len(net.nodes), edge + len(net.edges)
    gas = _gas(city, city.networks[GAS], *first[GAS]) if GAS in first else None
    debris = _debris(city, listed, city.networks[ROADS], first[ROADS][1]) if ROADS in first else None
    return ShutOff(gas, debris)


def _gas(city: City, network: Network, nodes: slice, edges: slice) -> Gas:
    """The gas network of a city."""
    ends, source, count = edge_ends(network), sources_of(network), len(network.nodes)
    length = np.maximum(network.edges["length_m"].to_numpy(np.float64), SHORTEST)
    matrix = sparse.coo_matrix((length, (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    roots = np.flatnonzero(source)
    found = csgraph.dijkstra(matrix, directed=False, indices=roots, return_predecessors=True, min_only=True)
    nearest = pd.Index(roots).get_indexer(found[2])  # -1 where none reaches
    people = np.maximum(city.buildings["residents"], city.buildings["workers"]).to_numpy(np.float64)
    place = network.nodes.index.get_indexer(city.buildings[f"{GAS}_node"])
    customers = np.bincount(place, weights=people, minlength=count) / figure("persons_per_customer")
    district = np.where(nearest < 0, 0, nearest).astype(np.int64)
    return Gas(
        nodes,
        edges,
        ends,
        source,
        district,
        np.bincount(district[ends[:, 0]], weights=length / M_PER_KM, minlength=len(roots)).astype(np.float64),
        np.ceil(customers / figure("gas_restored_per_crew_day")).astype(np.int64),
    )


def _debris(city: City, listed: Assets, network: Network, edges: slice) -> Debris:
    """The street before every building of two stories or more: one of those at its node, in turn."""
    ends, buildings = edge_ends(network), city.buildings
    order = np.argsort(ends.ravel(), kind="stable")
    at, street = ends.ravel()[order], order // 2
    node = network.nodes.index.get_indexer(buildings[f"{ROADS}_node"])
    low, high = np.searchsorted(at, node), np.searchsorted(at, node, side="right")
    turn = pd.Series(node).groupby(node).cumcount().to_numpy()
    chosen = np.where(high > low, low + turn % np.maximum(high - low, 1), 0)
    tall = buildings["stories"].to_numpy(np.float64) >= 2 if "stories" in buildings else np.ones(len(buildings), bool)
    there = tall & (high > low)
    found = np.full(len(buildings), -1, dtype=np.int64)
    found[there] = edges.start + street[chosen[there]]
    return Debris(found, listed.floor_area[: listed.buildings])


def with_shut_off(damage: Damage, parts: ShutOff, rng: np.random.Generator) -> Damage:
    """The damage of a draw with what is shut off because of it, in new arrays of states, days and work.

    Nodes whose customers are to be restored and streets under debris count as moderately damaged; they cost nothing. One number
    is taken from `rng` for each building of a city with roads.
    """
    if parts.gas is None and parts.debris is None:
        return damage
    found = damage._replace(
        damage_state=damage.damage_state.copy(),
        repair_days=damage.repair_days.copy(),
        repair_work=damage.repair_work.copy(),
    )
    if parts.gas is not None:
        _shut_gas(found, parts.gas)
    if parts.debris is not None:
        _block(found, parts.debris, rng)
    return found


def _shut_gas(damage: Damage, gas: Gas) -> None:
    """Shut off leaking pipes and districts, in place; customers who lose gas are to be restored."""
    state, leaks = damage.damage_state[gas.edges], damage.leaks[gas.edges] + damage.breaks[gas.edges]
    hit = state > 0
    repairs = np.bincount(gas.district[gas.ends[:, 0]], weights=leaks, minlength=gas.kilometres.size)
    closed = repairs > figure("gas_shutoff_rate") * gas.kilometres
    sound = damage.damage_state[gas.nodes] < DOWN
    lost = ~reached(gas.ends, gas.source, sound, ~hit) | closed[gas.district]
    state[hit] = np.maximum(state[hit], DOWN)
    _add_days(damage, gas.nodes.start + np.flatnonzero(lost & (gas.days > 0)), gas.days[lost & (gas.days > 0)])


def _block(damage: Damage, debris: Debris, rng: np.random.Generator) -> None:
    """Close the streets under collapsed buildings, in place."""
    falls = rng.random(debris.street.size) < figure("debris_blocks")
    # what water took the half of still stands
    down = (damage.damage_state == COMPLETE) & (damage.water_depth == 0)
    on = falls & (debris.street >= 0) & down[: debris.street.size]
    streets, place = np.unique(debris.street[on], return_inverse=True)
    area = np.bincount(place, weights=debris.floor_area[on], minlength=streets.size)
    _add_days(damage, streets, np.ceil(area / figure("debris_cleared_per_crew_day")).astype(np.int64))


def _add_days(damage: Damage, assets: Ints, days: Ints) -> None:
    """Put assets out of service for so many more days of a crew, 1 at least."""
    damage.damage_state[assets] = np.maximum(damage.damage_state[assets], DOWN)
    damage.repair_days[assets] += np.maximum(days, 1)
    damage.repair_work[assets] += np.maximum(days, 1)
