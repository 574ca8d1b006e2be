"""Assignment in networks: crews follow the branch of the spanning tree that brings back most per crew-day."""

import numba
import numpy as np

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.records import FUNCTION_UNIT, CityArrays, State, Tasks
from holdfast.recovery.engine.resources import days_left, free_crews, may_start, start
from holdfast.recovery.strategy.branches import best_branch, branches
from holdfast.recovery.strategy.spanning_tree import Tree
from holdfast.types import Floats, Ints


@numba.njit(cache=True)
def unserved_function(city: CityArrays, tree: Tree, state: State, least: float) -> Floats:
    """Functionality that each node would give back if it had service.

    Of each building that the node serves: usable share x what it loses without the network. A node on which
    another network's node depends is credited with all that is out of service behind that node in its tree.

    Parameters
    ----------
    least : float
        Service of a node, 0..1, from which another that needs it works.

    Returns
    -------
    ndarray
        Share of the city's functionality, shape (node,); 0 where there is service.
    """
    needs, served = city.graph.needs, state.networks.satisfaction
    demand = np.zeros(served.size)
    for v in range(served.size):
        if served[v] < 1.0:
            demand[v] = state.functions.dependent[v] / FUNCTION_UNIT * (1.0 - served[v])
    if needs.node.size > 0:
        behind = demand.copy()
        for i in range(tree.order.size - 1, -1, -1):  # leaves first: each hands its sum to its parent
            v = tree.order[i]
            if tree.parent[v] >= 0:
                behind[tree.parent[v]] += behind[v]
        for d in range(needs.node.size):
            if served[needs.node[d]] < least and served[needs.on[d]] < least:
                demand[needs.on[d]] += behind[needs.node[d]]
    return demand


@allocation_free
def _first_on_path(h: int, above: Ints, assets: Ints, tasks: Tasks, state: State) -> int:
    """Asset nearest the source on the path to a branch that can be given a crew today, -1 if none."""
    found = -1
    while h > 0:  # upwards, so that the last one found is the nearest; of one branch the edge before the node
        for k in range(assets.shape[1] - 1, -1, -1):
            a = assets[h, k]
            if a >= 0 and state.repairs.queue.place[a] >= 0 and may_start(a, tasks, state):
                found = a
        h = above[h]
    return found


@numba.njit(cache=True)
def start_branches(trade: int, day: int, city: CityArrays, tasks: Tasks, tree: Tree, state: State) -> None:
    """Give the crews of a network, one by one, to the path that brings back most per crew-day."""
    low = tasks.usable.size
    demand = unserved_function(city, tree, state, tasks.least_service)
    # what is down and nobody works on; what is being repaired counts as working, since it soon will
    pending = np.empty(tasks.asset.size - low, dtype=np.bool_)
    for k in range(pending.size):
        own = state.repairs.asset[low + k]
        pending[k] = tasks.asset[low + k].down and own.finished < 0 and not own.running
    above, assets, gain = branches(city.graph, tree, demand, pending, city.trade_network[trade])
    work = np.zeros(above.size)
    for h in range(1, above.size):
        for k in range(assets.shape[1]):
            if assets[h, k] >= 0:
                assets[h, k] += low
                work[h] += days_left(assets[h, k], tasks, state)
    blocked = np.zeros(above.size, dtype=np.bool_)
    while free_crews(trade, state) > 0:
        h = best_branch(above, work, gain, blocked)
        if h == 0:
            return
        a = _first_on_path(h, above, assets, tasks, state)
        if a < 0:  # nothing on its path can start today: roads or materials are lacking
            blocked[h] = True
            continue
        spare = days_left(a, tasks, state)
        start(a, day, tasks, state)
        # back up to the branch whose asset was started
        while a != assets[h, 0] and a != assets[h, 1]:
            h = above[h]
        work[h] -= spare  # assigned work no longer weighs on the path
