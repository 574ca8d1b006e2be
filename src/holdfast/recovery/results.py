"""Results: the draws of all blocks put together, as curves, losses and a table of buildings."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.recovery.fragility import STATES
from holdfast.recovery.losses import losses, lost
from holdfast.recovery.productivity import normal_production, production
from holdfast.types import City, Losses, Parameters


@dataclass(frozen=True)
class BlockResult:
    """What one block of draws gives; plain arrays that a store can write.

    Parameters
    ----------
    EP, SC, unmet : ndarray
        Shape (draw, time), time in days since the event from 0; money per day, persons, persons of unmet
        need above the normal value. A draw that ends before the longest repeats its last day.
    service : ndarray
        Shape (draw, time, network): share of occupants with service.
    normal : ndarray
        EP and SC of the undamaged city, shape (2,).
    repair_cost : ndarray
        Money, shape (draw, 2): buildings, networks.
    damage_state, completion_day, building_repair_cost, lost_days : ndarray
        Shape (draw, building): state 0..4; day since the event from which the building is repaired (0 if
        undamaged, -1 if not by the horizon); money; integral of 1 - functionality, days.
    network_state, network_completion_day : ndarray
        Shape (draw, asset): all nodes, then all edges, networks in order.
    restored_day : ndarray
        Shape (draw, node): first day with service for good, 0 if never dark, -1 if not by the horizon.
    zone_unmet : ndarray
        Person-days, shape (draw, zone).
    """

    EP: np.ndarray
    SC: np.ndarray
    unmet: np.ndarray
    service: np.ndarray
    normal: np.ndarray
    repair_cost: np.ndarray
    damage_state: np.ndarray
    completion_day: np.ndarray
    building_repair_cost: np.ndarray
    lost_days: np.ndarray
    network_state: np.ndarray
    network_completion_day: np.ndarray
    restored_day: np.ndarray
    zone_unmet: np.ndarray


def extended(rows: np.ndarray, length: int) -> np.ndarray:
    """Repeat the last day up to a length.

    Parameters
    ----------
    rows : ndarray
        First axis: days.
    length : int
        Days wanted, at least those there are.
    """
    return np.concatenate([rows, np.repeat(rows[-1:], length - len(rows), axis=0)])


def joined(blocks: Sequence[BlockResult]) -> BlockResult:
    """Put blocks end to end.

    Parameters
    ----------
    blocks : sequence of BlockResult
        Of one city and scenario, in the order of their draws.

    Returns
    -------
    BlockResult
        All draws; curves as long as the longest.
    """
    length = max(block.EP.shape[1] for block in blocks)
    arrays = {}
    for name in (f.name for f in fields(BlockResult)):
        parts = [getattr(block, name) for block in blocks]
        if name in ("EP", "SC", "unmet", "service"):
            parts = [np.stack([extended(row, length) for row in part]) for part in parts]
        arrays[name] = parts[0] if name == "normal" else np.concatenate(parts)
    return BlockResult(**arrays)


def summarise(
    city: City, parameters: Parameters, blocks: Sequence[BlockResult]
) -> tuple[xr.Dataset, Losses, pd.DataFrame]:
    """Recovery curves, losses and a table of buildings over all draws.

    Parameters
    ----------
    city : City
        That was simulated.
    parameters : Parameters
        That it was simulated with.
    blocks : sequence of BlockResult
        In the order of their draws.

    Returns
    -------
    Dataset
        ``EP``, ``SC``, ``demand``, ``unmet`` (draw, time), ``service`` (draw, time, network);
        ``repair_cost``, ``lost_production``, ``service_capacity_loss``, ``recovered`` (draw); units in the attributes;
        ``EP0`` and ``SC0`` are the normal levels. Where ``recovered`` is false the horizon cut the draw off, and its
        losses run to the horizon only.
    Losses
        Over all draws.
    DataFrame
        Index ``building_id``: ``mean_days_to_repair`` and ``median_days_to_repair`` (null where some, or half,
        of the draws end unrepaired), ``p_none`` to ``p_complete``, ``mean_repair_cost``,
        ``mean_lost_production``, ``mean_loss`` (money), ``mean_days_until_<network>``.
    """
    every = joined(blocks)
    money = f"{city.currency}_{city.price_year}"
    recovered = np.asarray((every.completion_day >= 0).all(axis=1) & (every.network_completion_day >= 0).all(axis=1))
    dataset = _dataset(city, every, money, recovered)
    cost, missing, unmet = (dataset[n].to_numpy() for n in ("repair_cost", "lost_production", "service_capacity_loss"))
    totals = losses(cost, missing, unmet, float(city.buildings["floor_area_m2"].sum()), money)
    return dataset, totals, _building_table(city, parameters, every)


def _dataset(city: City, every: BlockResult, money: str, recovered: np.ndarray) -> xr.Dataset:
    """Curves with their units."""
    need = np.full(every.EP.shape, float(city.buildings["residents"].sum()))
    curve = ("draw", "time")
    return xr.Dataset(
        {
            "EP": (curve, every.EP, {"units": f"{money}/day", "long_name": "economic productivity"}),
            "SC": (curve, every.SC, {"units": "persons", "long_name": "service capacity"}),
            "demand": (curve, need, {"units": "persons", "long_name": "residents with needs"}),
            "unmet": (curve, every.unmet, {"units": "persons", "long_name": "unmet need above the normal level"}),
            "service": (
                (*curve, "network"),
                every.service,
                {"units": "1", "long_name": "share of occupants with service"},
            ),
            "repair_cost": ("draw", every.repair_cost.sum(axis=1), {"units": money, "long_name": "direct repair cost"}),
            "lost_production": (
                "draw",
                lost(np.full(len(every.EP), every.normal[0]), every.EP),
                {"units": money, "long_name": "production lost until recovered"},
            ),
            "service_capacity_loss": (
                "draw",
                every.unmet.sum(axis=1),
                {"units": "person-days", "long_name": "unmet need until recovered"},
            ),
            "recovered": ("draw", recovered, {"units": "1", "long_name": "all repaired by the horizon"}),
            "EP0": ((), every.normal[0], {"units": f"{money}/day", "long_name": "normal economic productivity"}),
            "SC0": ((), every.normal[1], {"units": "persons", "long_name": "normal service capacity"}),
        },
        coords={
            "draw": np.arange(len(every.EP)),
            "time": ("time", np.arange(every.EP.shape[1]), {"units": "days", "long_name": "days since the event"}),
            "network": list(city.networks),
        },
    )


def _building_table(city: City, parameters: Parameters, every: BlockResult) -> pd.DataFrame:
    """Means over the draws of each building."""
    normal = normal_production(city.buildings, parameters.productivity).to_numpy()
    lost_production = production(normal, every.lost_days).mean(axis=0)
    cost = every.building_repair_cost.mean(axis=0)
    columns = {
        "mean_days_to_repair": _mean_days(every.completion_day),
        "median_days_to_repair": _median_days(every.completion_day),
        **{f"p_{s}": (every.damage_state == i).mean(axis=0) for i, s in enumerate(STATES)},
        "mean_repair_cost": cost,
        "mean_lost_production": lost_production,
        "mean_loss": cost + lost_production,
    }
    start = 0
    for name, net in city.networks.items():
        node = net.nodes.index.get_indexer(city.buildings[f"{name}_node"])
        columns[f"mean_days_until_{name}"] = _mean_days(every.restored_day[:, start : start + len(net.nodes)])[node]
        start += len(net.nodes)
    return pd.DataFrame(columns, index=city.buildings.index)


def _mean_days(days: np.ndarray) -> np.ndarray:
    """Mean over draws; null where a draw has no day."""
    return np.where((days < 0).any(axis=0), np.nan, days.mean(axis=0))


def _median_days(days: np.ndarray) -> np.ndarray:
    """Median over draws, those without a day counted as longer than any; null where the median is one of them."""
    middle = np.median(np.where(days < 0, np.inf, days), axis=0)
    return np.where(np.isfinite(middle), middle, np.nan)
