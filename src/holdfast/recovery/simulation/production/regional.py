"""The economy of a city and its region, day by day: what is made under limits of premises, inputs and demand.

An adaptive regional input-output model after Hallegatte (2014), Risk Analysis 34(1):152-167, doi 10.1111/risa.12090
(inventories, overproduction, proportional rationing) and Hallegatte (2008), Risk Analysis 28(3):779-799, doi
10.1111/j.1539-6924.2008.01046.x (rebuilding as demand, prices). Sector i of the city, buyer j, day t:

    p_i = 1 + price_rise scarcity_i(t-1)
    D_i = r_i [sum_j O_ij + f_i h p_i^-elasticity] + e_i + M_i                demand of all customers but rebuilding
    x*_j = min(alpha_j K_j + M_j, D_j + R_j)                                 premises and demand
    x_j = x*_j min(1, min_i S_ij / (psi n_j a_ij x*_j))                       inputs
    q_i = min(1, x_i / D_i)                                                  proportional rationing; rebuilding: the rest
    S_ij += [q_i r_i + (1 - r_i) + u_i (1 - q_i) r_i] O_ij - a_ij x_j         deliveries less use
    O_ij = max(0, a_ij x_j + (n_j a_ij x*_j - S_ij) / tau_S)                  orders for tomorrow
    scarcity_i = 1 - q_i;  u_i += (1 - u_i) / tau_u with scarcity, or (u - u_i) / tau_u without
    z_i = 1 - x_i / (D_i + R_i);  alpha_i += (alpha_max_i - alpha_i) z_i / tau, or (1 - alpha_i) / tau where z_i = 0

x output; K what premises, services and labour allow; O orders; S inventories; a input per output (Leontief); r share bought
in the city; f final use at home and h the share of the residents who are there; e what goes to the rest of the region; R
rebuilding, which lands on construction, and through its orders on what construction buys; M late orders that firms make up
after an interruption; u share of a failed delivery that is bought outside, at first; n, tau_S, tau, tau_u days; psi as in
Hallegatte.

Not specified in the paper (Zhou, Xiao & Xu 2025): the demand side beyond "consumption, price, quantity; short run price and
output, long run investment and labour". Prices move final demand in the short run, rebuilding is the investment. Departs
from Hallegatte in: the rest of the region is undamaged, delivers its usual share and a share of what the city fails to, at
first u and in the end all (his "easy to replace with imports" in the long run), and keeps buying; prices act on the demand of the same city alone and are no part of value added (production counts at the
prices of a normal day); builders serve their usual customers first, and rebuilding that they cannot do is done by others at
once, so that repairs follow the crews of the engine and the economy does not delay them.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.types import Floats

ROUNDING = 1e-12
"""Relative difference of demand and capacity that counts as none, so that a normal day is exactly normal."""
STILL = 1e-6
"""Relative change of output below which the economy counts as back to normal."""


class Behaviour(NamedTuple):
    """How firms and buyers behave.

    ``input_days`` (sector,): n of the buyer; ``most`` (sector,): alpha_max; ``overproduction_days``: tau;
    ``inventory_share``: psi; ``restock_days``: tau_S; ``outside``: u; ``adaptation_days``: tau_u; ``price_rise``,
    ``elasticity``: of prices.
    """

    input_days: Floats
    most: Floats
    overproduction_days: float
    inventory_share: float
    restock_days: float
    outside: float
    adaptation_days: float
    price_rise: float
    elasticity: float


class Economy(NamedTuple):
    """A normal day; money in output (sales), not value added.

    ``output`` (sector,): money per day; ``direct`` (sector, sector): a; ``local`` (sector,): r; ``final`` (sector,): f and
    ``exports`` (sector,): e, money per day; ``builder``: sector on which rebuilding lands.
    """

    output: Floats
    direct: Floats
    local: Floats
    final: Floats
    exports: Floats
    builder: int
    behaviour: Behaviour


class Flows(NamedTuple):
    """What was made, all (day, sector) and money per day, as far as the economy was followed.

    ``output``: x; ``demand``: D + R; ``outside``: inputs bought in the rest of the region, by product; ``inventory``: inputs in
    store at the end of the day, money, by product.
    """

    output: Floats
    demand: Floats
    outside: Floats
    inventory: Floats


def follow(economy: Economy, capacity: Floats, made_up: Floats, rebuilding: Floats, here: Floats, until: int) -> Flows:
    """Run the economy day by day from its normal state.

    Parameters
    ----------
    economy : Economy
        Of a normal day.
    capacity : ndarray
        K: output that premises, services and labour allow, money per day, shape (day, sector).
    made_up : ndarray
        M: late orders that are made up on each day, same shape.
    rebuilding : ndarray
        R: money spent on repairs on each day, shape (day,).
    here : ndarray
        h: share of the residents who are in the city, 0..1, shape (day,).
    until : int
        Days that are run in any case; after them it ends when all sectors are as on a normal day.

    Returns
    -------
    Flows
        Shape (day, sector) up to the day on which it ended.

    Examples
    --------
    >>> same = Behaviour(np.array([90.0]), np.array([1.25]), 365.0, 0.8, 60.0, 0.5, 180.0, price_rise=0.1, elasticity=0.5)
    >>> one = Economy(np.array([10.0]), np.array([[0.2]]), np.array([1.0]), np.array([8.0]), np.array([0.0]), 0, same)
    >>> days = follow(one, np.full((3, 1), 5.0), np.zeros((3, 1)), np.zeros(3), np.ones(3), 3)
    >>> days.output[0].tolist(), days.demand[0].tolist()
    ([5.0], [10.0])
    """
    shape = capacity.shape
    flows = Flows(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape))
    last = _run(economy, capacity, made_up, rebuilding, here, until, flows)
    return Flows(*(values[:last] for values in flows))


@numba.njit(cache=True)
def _run(
    economy: Economy,
    capacity: Floats,
    made_up: Floats,
    rebuilding: Floats,
    here: Floats,
    until: int,
    flows: Flows,
) -> int:
    """Fill the flows day by day; the number of days run."""
    sectors = economy.output.size
    orders = np.empty((sectors, sectors))
    stock = np.empty((sectors, sectors))
    for i in range(sectors):
        for j in range(sectors):
            orders[i, j] = economy.direct[i, j] * economy.output[j]
            stock[i, j] = economy.behaviour.input_days[j] * orders[i, j]
    factor, scarcity, best, usual = np.ones(sectors), np.zeros(sectors), np.zeros(sectors), np.zeros(sectors)
    found = np.full(sectors, economy.behaviour.outside)
    for t in range(capacity.shape[0]):
        demand, output = flows.demand[t], flows.output[t]
        for i in range(sectors):
            price = (1.0 + economy.behaviour.price_rise * scarcity[i]) ** -economy.behaviour.elasticity
            demand[i] = economy.local[i] * (orders[i].sum() + economy.final[i] * here[t] * price) + economy.exports[i]
            demand[i] += made_up[t, i]
            usual[i] = demand[i]
            if i == economy.builder:
                demand[i] += rebuilding[t]
            best[i] = factor[i] * capacity[t, i] + made_up[t, i]
            if best[i] > demand[i] * (1.0 + ROUNDING):  # what is less is the rounding of a sum
                best[i] = demand[i]
        _make(economy, stock, best, output)
        for i in range(sectors):
            served = min(1.0, output[i] / usual[i]) if usual[i] > 0.0 else 1.0
            scarcity[i] = 1.0 - served
            _deliver(i, served, found[i], economy, orders, stock, output, flows.outside[t])
            flows.inventory[t, i] = stock[i].sum()
            lack = 1.0 - output[i] / demand[i] if demand[i] > 0.0 else 0.0
            more = (economy.behaviour.most[i] - factor[i]) * lack if lack > 0.0 else 1.0 - factor[i]
            factor[i] += more / economy.behaviour.overproduction_days
            goal = 1.0 if scarcity[i] > 0.0 else economy.behaviour.outside
            found[i] += (goal - found[i]) / economy.behaviour.adaptation_days
        _order(economy, stock, best, output, orders)
        if t + 1 >= until and _is_normal(economy, output):
            return t + 1
    return capacity.shape[0]


@numba.njit(cache=True)
def _make(economy: Economy, stock: Floats, best: Floats, output: Floats) -> None:
    """What inputs at hand let each sector make of the best it could."""
    for j in range(best.size):
        least = 1.0
        for i in range(best.size):
            wanted = (
                economy.behaviour.inventory_share * economy.behaviour.input_days[j] * economy.direct[i, j] * best[j]
            )
            if wanted > stock[i, j]:
                least = min(least, stock[i, j] / wanted)
        output[j] = best[j] * least


@numba.njit(cache=True)
def _deliver(
    i: int,
    served: float,
    found: float,
    economy: Economy,
    orders: Floats,
    stock: Floats,
    output: Floats,
    outside: Floats,
) -> None:
    """Bring a product to its buyers, from the city and from outside, and take what they use of it today."""
    local = economy.local[i]
    bought = (1.0 - local) + found * (1.0 - served) * local
    for j in range(output.size):
        outside[i] += bought * orders[i, j]
        stock[i, j] += (served * local + bought) * orders[i, j] - economy.direct[i, j] * output[j]


@numba.njit(cache=True)
def _order(economy: Economy, stock: Floats, best: Floats, output: Floats, orders: Floats) -> None:
    """Orders for the next day: what was used, and a part of what lacks in store."""
    for i in range(best.size):
        for j in range(best.size):
            lack = economy.behaviour.input_days[j] * economy.direct[i, j] * best[j] - stock[i, j]
            orders[i, j] = max(0.0, economy.direct[i, j] * output[j] + lack / economy.behaviour.restock_days)


@numba.njit(cache=True)
def _is_normal(economy: Economy, output: Floats) -> bool:
    """Whether every sector makes what it makes on a normal day."""
    return bool(np.all(np.abs(output - economy.output) <= STILL * economy.output))
