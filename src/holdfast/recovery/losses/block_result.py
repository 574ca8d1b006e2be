"""What a block of draws gives, as plain arrays that a store can write, and blocks put end to end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

REPAIRED_BY = (30, 90, 180, 365, 730)
"""Days for which the share of draws is kept in which a building is repaired by then."""
PARTS = ("backup", "relocation", "labour", "recapture", "demand")
"""What changes production beyond what the buildings allow, in the order in which the changes are counted; stocks and
rebuilding belong to demand."""
PERSONS = ("dislocated", "left", "returned", "resettled", "newcomers")
"""What is counted of residents who decide: out of their home, gone from the city, back in it, gone for good; and people from outside
in homes that were left for good."""
PURPOSES = ("grants", "crews", "shelters")
"""What a government that decides spends money on."""
Part = TypeVar("Part")


@dataclass(frozen=True)
class Curves:
    """Means over each day since the event from 0.

    A draw that ends before the longest repeats its last day.

    Parameters
    ----------
    EP, EP_net, SC : ndarray
        Money per day, before and after supply and demand; persons x (1 + r_SS); shape (draw, time).
    gap, demand, homeless, unserved, displaced, hosted, sheltered, converted : ndarray
        Persons, as in the curves of the engine, shape (draw, time).
    service : ndarray
        Share of occupants with service, shape (draw, time, network).
    normal : ndarray
        EP, SC and demand of the undamaged city, shape (3,).
    """

    EP: NDArray[np.float64]
    EP_net: NDArray[np.float64]
    SC: NDArray[np.float64]
    gap: NDArray[np.float64]
    demand: NDArray[np.float64]
    homeless: NDArray[np.float64]
    unserved: NDArray[np.float64]
    displaced: NDArray[np.float64]
    hosted: NDArray[np.float64]
    sheltered: NDArray[np.float64]
    converted: NDArray[np.float64]
    service: NDArray[np.float64]
    normal: NDArray[np.float64]


@dataclass(frozen=True)
class DrawTotals:
    """Each draw, summed to its own end.

    Parameters
    ----------
    lost_production, gap_days, homeless_days, unserved_days : ndarray
        Money; person-days of missing service capacity, without a home, without essential services; shape (draw,).
    repair_cost : ndarray
        Money, shape (draw, 3): buildings, networks, contents and stock.
    recovered : ndarray of bool
        All repaired by the horizon, shape (draw,).
    state_count : ndarray of int
        Buildings in each damage state, shape (draw, 5).
    days_use : ndarray
        Days until the buildings of each use serve 30, 60, 90, 95 % of their daytime occupants again, null if not by
        the end; shape (draw, category, share).
    resettled, displaced : ndarray
        Persons who left for good, and the most who were displaced on one day, shape (draw,).
    injured : ndarray
        Persons by severity 1 to 4, shape (draw, 4); null without the tables.
    in_water : ndarray
        Persons inside buildings that water stands around, shape (draw,).
    """

    lost_production: NDArray[np.float64]
    gap_days: NDArray[np.float64]
    homeless_days: NDArray[np.float64]
    unserved_days: NDArray[np.float64]
    repair_cost: NDArray[np.float64]
    recovered: NDArray[np.bool_]
    state_count: NDArray[np.int64]
    days_use: NDArray[np.float64]
    resettled: NDArray[np.float64]
    displaced: NDArray[np.float64]
    injured: NDArray[np.float64]
    in_water: NDArray[np.float64]


@dataclass(frozen=True)
class ProductionTotals:
    """Production of each draw after supply and demand, money.

    Parameters
    ----------
    net_lost : ndarray
        Less than on normal days, to the end of the economy's own recovery, shape (draw,).
    changes : ndarray
        What each part adds to production, shape (draw, part).
    """

    net_lost: NDArray[np.float64]
    changes: NDArray[np.float64]


@dataclass(frozen=True)
class ZoneTotals:
    """Of each draw, shape (draw, zone): lost production (money), missing service capacity, unmet needs (person-days)."""

    lost_production: NDArray[np.float64]
    gap_days: NDArray[np.float64]
    unmet_days: NDArray[np.float64]


@dataclass(frozen=True)
class Damaged:
    """What is still damaged on each day, summed over the draws.

    Parameters
    ----------
    buildings : ndarray of int
        Buildings by use and damage state, shape (time, category, 5).
    networks : ndarray of int
        Nodes and edges out of service by their own damage, shape (time, network).
    """

    buildings: NDArray[np.int64]
    networks: NDArray[np.int64]


@dataclass(frozen=True)
class RootCauses:
    """Per draw and network the asset that was the root of most person-days without service, shape (draw, network).

    ``asset``: node, or number of nodes + edge, through all networks, -1 if everybody had service; ``person_days``:
    without service because of it.
    """

    asset: NDArray[np.int64]
    person_days: NDArray[np.float64]


@dataclass(frozen=True)
class BuildingSums:
    """Sums over the draws, so that the size of a result does not grow with buildings x draws.

    Parameters
    ----------
    states : ndarray of int
        Draws in which each building is in each damage state, shape (5, building).
    repair_days, unrepaired : ndarray of int
        Days until each building is repaired; draws in which it is not by the horizon; shape (building,).
    repaired_by : ndarray of int
        Draws in which it is by the days `REPAIRED_BY`, shape (day, building).
    repair_cost : ndarray
        Money, shape (building,).
    lost_days : ndarray
        Integral of 1 - share of production, days, shape (building,).
    """

    states: NDArray[np.int64]
    repair_days: NDArray[np.int64]
    unrepaired: NDArray[np.int64]
    repaired_by: NDArray[np.int64]
    repair_cost: NDArray[np.float64]
    lost_days: NDArray[np.float64]


@dataclass(frozen=True)
class NodeSums:
    """Sum over the draws of the first days with service for good; draws without; shape (node,)."""

    restored_days: NDArray[np.int64]
    unrestored: NDArray[np.int64]


@dataclass(frozen=True)
class PeopleTotals:
    """What the people of each draw did, where they decide.

    Parameters
    ----------
    persons : ndarray
        Persons by `PERSONS`, null where they do not decide, shape (draw, 5).
    money : ndarray
        Money of the government by `PURPOSES`, null where it does not decide, shape (draw, 3).
    passes : ndarray of int
        Times that they decided again, shape (draw,).
    unsettled : ndarray
        Persons who decided otherwise in the last pass, shape (draw,).
    cycle : ndarray of int
        Passes after which the same decisions recur, 0 where they settle, shape (draw,).
    """

    persons: NDArray[np.float64]
    money: NDArray[np.float64]
    passes: NDArray[np.int64]
    unsettled: NDArray[np.float64]
    cycle: NDArray[np.int64]


@dataclass(frozen=True)
class BlockResult:
    """What one block of draws gives, by what it belongs to."""

    curves: Curves
    draws: DrawTotals
    production: ProductionTotals
    zones: ZoneTotals
    damaged: Damaged
    causes: RootCauses
    buildings: BuildingSums
    nodes: NodeSums
    people: PeopleTotals


KINDS = {
    "curves": Curves,
    "draws": DrawTotals,
    "production": ProductionTotals,
    "zones": ZoneTotals,
    "damaged": Damaged,
    "causes": RootCauses,
    "buildings": BuildingSums,
    "nodes": NodeSums,
    "people": PeopleTotals,
}
NAMES = frozenset(f"{part}.{f.name}" for part, kind in KINDS.items() for f in fields(kind))
"""Dotted names of the arrays of a block."""


def arrays_of(block: BlockResult) -> dict[str, NDArray[Any]]:
    """Arrays of a block by dotted name, such as ``curves.EP``."""
    return {
        f"{part}.{f.name}": getattr(getattr(block, part), f.name) for part, kind in KINDS.items() for f in fields(kind)
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> BlockResult:
    """The block whose `arrays_of` these are."""
    return BlockResult(
        **{part: kind(**{f.name: arrays[f"{part}.{f.name}"] for f in fields(kind)}) for part, kind in KINDS.items()}
    )


def extended(rows: NDArray[Any], length: int) -> NDArray[Any]:
    """Repeat the last day up to a length; the first axis is days."""
    return np.concatenate([rows, np.repeat(rows[-1:], length - len(rows), axis=0)])


def joined(blocks: Sequence[BlockResult]) -> BlockResult:
    """Put blocks of one city and scenario end to end, in the order of their draws; curves as long as the longest."""
    length = max(block.curves.EP.shape[1] for block in blocks)

    def prolonged(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        if curves[0].ndim == 1:  # the normal levels, equal in all blocks
            return curves[0]
        return np.concatenate([np.stack([extended(row, length) for row in curve]) for curve in curves])

    return BlockResult(
        curves=_joined([b.curves for b in blocks], prolonged),
        draws=_joined([b.draws for b in blocks], np.concatenate),
        production=_joined([b.production for b in blocks], np.concatenate),
        zones=_joined([b.zones for b in blocks], np.concatenate),
        damaged=_joined([b.damaged for b in blocks], lambda days: _summed([extended(d, length) for d in days])),
        causes=_joined([b.causes for b in blocks], np.concatenate),
        buildings=_joined([b.buildings for b in blocks], _summed),
        nodes=_joined([b.nodes for b in blocks], _summed),
        people=_joined([b.people for b in blocks], np.concatenate),
    )


def _joined(parts: Sequence[Part], way: Callable[[list[NDArray[Any]]], NDArray[Any]]) -> Part:
    """One part of the same kind, every field of which is put together in one way."""
    kind = type(parts[0])
    return kind(**{name: way([getattr(p, name) for p in parts]) for name in _names(kind)})


def _summed(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """Sum in the order of the blocks."""
    return sum(arrays[1:], arrays[0])


def _names(kind: Any) -> Iterator[str]:
    return (f.name for f in fields(kind))
