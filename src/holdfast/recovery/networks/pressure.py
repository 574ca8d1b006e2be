"""Lost pressure: what flows out of damaged pipes is missing at the taps, by connection alone.

In a part of the network that hangs together, sources give G, customers want W at the pressure that suffices, and damaged
pipes lose L at that pressure. Taps and leaks both follow the square root of the pressure (pressure-driven demand, an
emitter with exponent 1/2), so that at a share s of the wanted flow everything together takes s (W + L): where that is more
than G the pressure falls until s = G / (W + L). Until the storage of a network has run out, it makes up for what is lost.
Not specified in the paper: the rule is ours; ``benchmarks/lost_pressure.py`` holds it to EPANET.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import figure, packaged
from holdfast.kernels import allocation_free
from holdfast.recovery.networks.connection import components, edge_ends, sources_of
from holdfast.types import Bools, Floats, Network

LEAKY = ("water",)
"""Networks that lose pressure; gas is shut off instead."""
GRAVITY = 9.81
MINUTES_PER_HOUR = 60.0
ROUNDING = 1e-9
LEAK, BREAK = "leak", "break"


class Pressure(NamedTuple):
    """Which networks lose pressure, and what they have against it.

    ``leaky`` (network,); ``want``, ``supply`` (node,): flow, in the unit of the network's demand, supply of sources
    alone; ``storage`` (network,): in that unit x minutes; ``step``: shares of service are multiples of it.
    """

    leaky: Bools
    want: Floats
    supply: Floats
    storage: Floats
    step: float


def no_pressure(networks: int, nodes: int) -> Pressure:
    """No network loses pressure."""
    zero = np.zeros(nodes)
    return Pressure(np.zeros(networks, np.bool_), zero, zero, np.zeros(networks), 1.0)


def pressure_of(networks: Mapping[str, Network], external: Collection[str] = ()) -> Pressure:
    """What the networks of a city have against leaks, in the order of the mapping and of its tables.

    A network loses pressure by this rule if it is of a leaky kind, says what its nodes want, and no other model finds its
    service. A source without a limit gives its share of the wanted flow with the usual reserve (figure
    ``source_reserve``). Where sources could not supply the undamaged network, they are taken to.
    """
    sizes = [len(net.nodes) for net in networks.values()]
    found, start = no_pressure(len(sizes), sum(sizes)), 0
    want, supply, storage, leaky = np.zeros(sum(sizes)), np.zeros(sum(sizes)), found.storage, found.leaky
    for n, (name, net) in enumerate(networks.items()):
        own = slice(start, start + sizes[n])
        start += sizes[n]
        wanted = net.nodes["demand"].to_numpy(np.float64) if "demand" in net.nodes else np.zeros(sizes[n])
        if name not in LEAKY or name in external or not np.nansum(wanted) > 0:
            continue
        leaky[n], want[own] = True, np.nan_to_num(wanted)
        supply[own] = _supply(net, want[own])
        storage[n] = figure("water_storage_hours") * MINUTES_PER_HOUR * want[own].sum()
    return Pressure(leaky, want, supply, storage, figure("water_service_step"))


def _supply(network: Network, want: Floats) -> Floats:
    """Most that each source gives, (node,), enough for the undamaged network."""
    source = sources_of(network)
    stated = network.nodes["supply"].to_numpy(np.float64) if "supply" in network.nodes else np.full(len(want), np.nan)
    usual = figure("source_reserve") * want.sum() / max(source.sum(), 1)
    given = np.where(source, np.where(np.isnan(stated), usual, stated), 0.0)
    ends = edge_ends(network)
    part = components(len(want), ends, np.ones(len(want), np.bool_), np.ones(len(ends), np.bool_))
    wanted, there = np.bincount(part, weights=want), np.bincount(part, weights=given)
    short = (there > 0) & (there < wanted)
    factor = np.where(short, wanted / np.where(there > 0, there, 1.0), 1.0)
    return np.asarray(given * factor[part], dtype=np.float64)


def pipe_losses(edges: pd.DataFrame) -> tuple[Floats, Floats]:
    """What a leak, and a break that is not shut off, of each pipe loses at the pressure that suffices, m3/s, (edge,).

    An orifice: coefficient x area x sqrt(2 g pressure), its area the share of the bore of the packaged table
    ``pipe_openings``. A pipe of no known diameter has the usual one (figure ``pipe_usual_diameter``).

    Examples
    --------
    >>> leak, burst = pipe_losses(pd.DataFrame({"diameter_m": [0.15]}))
    >>> float(leak[0].round(5)), float(burst[0].round(4))
    (0.00176, 0.0352)
    """
    usual = figure("pipe_usual_diameter")
    given = edges["diameter_m"].to_numpy(np.float64) if "diameter_m" in edges else np.full(len(edges), np.nan)
    bore = np.pi / 4 * np.where(given > 0, given, usual) ** 2
    speed = np.sqrt(2 * GRAVITY * figure("water_required_pressure"))
    openings = packaged("pipe_openings").set_index("repair")
    leak, burst = (openings.loc[k, "discharge"] * openings.loc[k, "bore_share"] * speed * bore for k in (LEAK, BREAK))
    return np.asarray(leak, dtype=np.float64), np.asarray(burst, dtype=np.float64)


@allocation_free
def served_share(given: float, wanted: float, lost: float, step: float) -> float:
    """Share of the wanted flow that customers get, 0..1: given / (wanted + lost), rounded down to whole steps.

    Examples
    --------
    >>> served_share(1.5, 1.0, 0.2, 0.1), served_share(1.5, 1.0, 1.0, 0.1)
    (1.0, 0.7000000000000001)
    """
    taken = wanted + lost
    if given >= taken * (1.0 - ROUNDING):
        return 1.0
    return float(np.floor(given / taken / step + ROUNDING) * step)


@allocation_free
def drained_at(network: int, given: float, wanted: float, lost: float, pressure: Pressure) -> int:
    """Minute after the event in which the storage of a network has run out.

    Storage over what flows out beyond what sources give; where they give enough, over the wanted flow, as a part that is
    cut off from most of them has no more.
    """
    missing = wanted + lost - given
    return int(pressure.storage[network] / (missing if missing > 0.0 else max(wanted, ROUNDING)))
