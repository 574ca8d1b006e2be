"""What damaged pipes lose in one draw: until broken ones are shut off, and until they are repaired."""

from typing import NamedTuple

import numpy as np

from holdfast.data import figure
from holdfast.recovery.city import City
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.networks.graph import DOWN, Graph
from holdfast.recovery.networks.pressure import pipe_losses
from holdfast.types import Bools, Floats, Ints


class PipeLosses(NamedTuple):
    """What one leak, and one break, of each edge loses at the pressure that suffices, (edge,); 0 where none counts.

    ``mean_days``: until a break is shut off.
    """

    leak: Floats
    burst: Floats
    mean_days: float


def losses_of_pipes(city: City, graph: Graph, external: Bools) -> PipeLosses:
    """Losses of the pipes of all networks that lose pressure by the loop's own rule, or by a model that takes leaks.

    `external` are the networks whose model takes them, bool (network,).
    """
    parts = [np.zeros((2, len(net.edges))) for net in city.networks.values()]
    for n, net in enumerate(city.networks.values()):
        if graph.pressure.leaky[n] or external[n]:
            parts[n] = np.stack(pipe_losses(net.edges))
    leak, burst = np.concatenate([np.zeros((2, 0)), *parts], axis=1)
    return PipeLosses(leak, burst, figure("water_isolation_days"))


def with_losses(asset: np.ndarray, damage: Damage, losses: PipeLosses, rng: np.random.Generator) -> Ints:
    """Write what each damaged pipe loses into the tasks, in place; when broken ones are shut off, by day, (row, 2).

    Where states are given, and no counts, a pipe out of service has one break and another damaged one a leak.

    Parameters
    ----------
    asset : ndarray
        Records of all tasks, edges last.
    damage : Damage
        Of the draw.
    losses : PipeLosses
        Of one leak and one break of each edge.
    rng : Generator
        One number is taken from it for each edge.
    """
    first = asset.size - losses.leak.size
    state, leaks, breaks = (a[first:] for a in (damage.damage_state, damage.leaks, damage.breaks))
    counted = leaks + breaks > 0
    own = asset[first:]
    own["leak"] = losses.leak * np.where(counted, leaks, (state > 0) & (state < DOWN))
    own["spill"] = losses.burst * np.where(counted, breaks, state >= DOWN)
    day = np.ceil(rng.exponential(losses.mean_days, losses.leak.size)).astype(np.int64)
    broken = np.flatnonzero(own["spill"] > 0)
    order = broken[np.argsort(day[broken], kind="stable")]
    return np.column_stack([day[order], order]).astype(np.int64)
