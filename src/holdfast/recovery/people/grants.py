"""Grants: the government pays for repairs whose owners would wait for aid, as far as the money goes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.rebuilding.rebuilding import rebuilt_states, sellers, waits, ways
from holdfast.recovery.damage.rebuilding.rebuilding_inputs import AID, HOME, RebuildingInputs
from holdfast.types import Floats, Ints


class Granted(NamedTuple):
    """``delay`` (asset,): days until a crew may be asked, with the grants; ``paid`` (building,): money to each owner."""

    delay: Ints
    paid: Floats


def granted(
    damage: Damage,
    key: np.uint64,
    rebuilding: RebuildingInputs,
    held: Ints | None,
    figures: Mapping[str, float],
    budget: float,
) -> Granted:
    """Grants to owners of homes who would wait for public aid, in the order of their inspection while the money lasts.

    The money is there some days after the inspection, and after the day from which grants are paid at all; aid that comes
    sooner than that is not made later. Who gets no grant waits as before.

    Parameters
    ----------
    damage : Damage
        With the waits of rebuilding in it.
    key : uint64
        Of the random numbers of rebuilding in this draw.
    rebuilding : RebuildingInputs
        Desks and owners of the city.
    held : ndarray of int or None
        Day before which nobody looks at a building, shape (building,).
    figures : mapping of str to float
        Of all agents by name, as from `holdfast.recovery.people.agent_figures.agent_figures`.
    budget : float
        Money that all grants may cost.

    References
    ----------
    Not specified in the paper, whose government pays aid; the rule and its figures are assumed.
    """
    delay, paid = damage.delay.copy(), np.zeros(rebuilding.units.size)
    own = np.flatnonzero(damage.damage_state[: paid.size] > 0)
    if not own.size:
        return Granted(delay, paid)
    state, late = rebuilt_states(own, damage, key, rebuilding), None if held is None else held[own]
    way = ways(own, state, sellers(own, state, key, rebuilding), key, rebuilding)
    wait = waits(own, state, key, rebuilding, late)
    asking = np.flatnonzero((way == AID) & (rebuilding.use[own] == HOME))
    asking = asking[np.lexsort((own[asking], wait.seen[asking]))]
    cost = figures["grant_cover_share"] * damage.repair_cost[own[asking]]
    # whole grants in their order: the first that the rest does not cover ends the list
    chosen = asking[np.cumsum(cost) <= budget]
    paid[own[chosen]] = cost[: chosen.size]
    money = np.full(own.size, np.inf)
    money[chosen] = np.maximum(wait.seen[chosen], figures["grants_from"]) + figures["grant_days"]
    soon = waits(own, state, key, rebuilding, late, money).release
    delay[own[chosen]] = np.ceil(soon[chosen]).astype(np.int64)
    return Granted(delay, paid)
