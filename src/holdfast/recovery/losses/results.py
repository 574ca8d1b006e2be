"""Results: the draws of all blocks put together, as curves, losses and a table of buildings."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.function.productivity import normal_production, production
from holdfast.recovery.losses.losses import losses
from holdfast.recovery.losses.milestones import SHARES
from holdfast.types import City, Losses, Parameters

REPAIRED_BY = (30, 90, 180, 365, 730)
"""Days for which the share of draws is kept in which a building is repaired by then."""


@dataclass(frozen=True)
class BlockResult:
    """What one block of draws gives; plain arrays that a store can write.

    What belongs to single buildings and nodes is summed over the draws, so that the size of a result does
    not grow with buildings x draws.

    Parameters
    ----------
    EP, SC, unmet : ndarray
        Shape (draw, time), means over each day since the event from 0; money per day, persons, persons of unmet
        need above the normal value. A draw that ends before the longest repeats its last day.
    service : ndarray
        Shape (draw, time, network): share of occupants with service.
    normal : ndarray
        EP and SC of the undamaged city, shape (2,).
    lost_production, unmet_days : ndarray
        Money, person-days, shape (draw,): summed to the end of each draw alone.
    repair_cost : ndarray
        Money, shape (draw, 2): buildings, networks.
    recovered : ndarray of bool
        All repaired by the horizon, shape (draw,).
    state_count : ndarray
        Buildings in each damage state, shape (draw, 5).
    days_use : ndarray
        Days until the buildings of each use serve 30, 60, 90, 95 % of their daytime occupants again, null if not by
        the end; shape (draw, category, share).
    zone_production, zone_unmet : ndarray
        Lost production (money) and unmet need (person-days), shape (draw, zone).
    resettled : ndarray
        Persons who left for good, shape (draw,).
    root, root_person_days : ndarray
        Per network the asset that was the root of most person-days without service (node, or number of nodes +
        edge, through all networks; -1 if nobody was dark), and those person-days; shape (draw, network).
    injured, displaced : ndarray
        Persons hurt by severity 1 to 4, shape (draw, 4), and out of their homes, shape (draw,); null without the tables.
    building_states : ndarray
        Draws in which each building is in each damage state, shape (5, building).
    repair_days, unrepaired, repaired_by : ndarray
        Sum of the days until each building is repaired, draws in which it is not by the horizon, shape (building,);
        draws in which it is by the days `REPAIRED_BY`, shape (day, building).
    building_repair_cost, lost_days, lost_service, lost_home : ndarray
        Sums over the draws, shape (building,): money; integrals of 1 - share of the three functions, days.
    restored_days, unrestored : ndarray
        Sum of the first days with service for good, draws without, shape (node,).
    """

    EP: np.ndarray
    SC: np.ndarray
    unmet: np.ndarray
    service: np.ndarray
    normal: np.ndarray
    lost_production: np.ndarray
    unmet_days: np.ndarray
    repair_cost: np.ndarray
    recovered: np.ndarray
    state_count: np.ndarray
    days_use: np.ndarray
    zone_production: np.ndarray
    zone_unmet: np.ndarray
    resettled: np.ndarray
    root: np.ndarray
    root_person_days: np.ndarray
    injured: np.ndarray
    displaced: np.ndarray
    building_states: np.ndarray
    repair_days: np.ndarray
    unrepaired: np.ndarray
    repaired_by: np.ndarray
    building_repair_cost: np.ndarray
    lost_days: np.ndarray
    lost_service: np.ndarray
    lost_home: np.ndarray
    restored_days: np.ndarray
    unrestored: np.ndarray


CURVES = ("EP", "SC", "unmet", "service")
NAMES = tuple(f.name for f in fields(BlockResult))
SUMS = NAMES[NAMES.index("building_states") :]
"""Fields that are sums over the draws."""


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
        if name in CURVES:
            parts = [np.stack([extended(row, length) for row in part]) for part in parts]
        if name == "normal":
            arrays[name] = parts[0]
        else:
            arrays[name] = sum(parts[1:], parts[0]) if name in SUMS else np.concatenate(parts)
    return BlockResult(**arrays)


def summarise(
    city: City, parameters: Parameters, blocks: Sequence[BlockResult], first_day: int = 0
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
    first_day : int
        Day since the event on which they begin; losses count from then on.

    Returns
    -------
    Dataset
        ``EP``, ``SC``, ``demand``, ``unmet`` (draw, time), ``service`` (draw, time, network);
        ``repair_cost``, ``lost_production``, ``service_capacity_loss``, ``recovered`` (draw); by zone, use, network
        and severity what `_more` lists; units in the attributes;
        ``EP0`` and ``SC0`` are the normal levels. Where ``recovered`` is false the horizon cut the draw off, and its
        losses run to the horizon only.
    Losses
        Over all draws.
    DataFrame
        Index ``building_id``: ``mean_days_to_repair`` (null where some of the draws end unrepaired),
        ``repaired_by_<day>_days`` (share of the draws), ``p_none`` to ``p_complete``, ``mean_repair_cost``,
        ``mean_lost_production``, ``mean_loss`` (money), ``mean_days_until_<network>``.
    """
    every = joined(blocks)
    money = f"{city.currency}_{city.price_year}"
    dataset = _dataset(city, parameters, every, money)
    dataset["days_to_use"] = dataset["days_to_use"].copy(data=dataset["days_to_use"].to_numpy() + first_day)
    dataset = dataset.assign_coords(time=dataset["time"].copy(data=dataset["time"].to_numpy() + first_day))
    cost, missing, unmet = (dataset[n].to_numpy() for n in ("repair_cost", "lost_production", "service_capacity_loss"))
    totals = losses(cost, missing, unmet, float(city.buildings["floor_area_m2"].sum()), money)
    return dataset, totals, _building_table(city, parameters, every)


def _dataset(city: City, parameters: Parameters, every: BlockResult, money: str) -> xr.Dataset:
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
                every.lost_production,
                {"units": money, "long_name": "production lost until recovered"},
            ),
            "service_capacity_loss": (
                "draw",
                every.unmet_days,
                {"units": "person-days", "long_name": "unmet need until recovered"},
            ),
            "recovered": ("draw", every.recovered, {"units": "1", "long_name": "all repaired by the horizon"}),
            **_more(every, money),
            "EP0": ((), every.normal[0], {"units": f"{money}/day", "long_name": "normal economic productivity"}),
            "SC0": ((), every.normal[1], {"units": "persons", "long_name": "normal service capacity"}),
        },
        coords={
            "draw": np.arange(len(every.EP)),
            "time": ("time", np.arange(every.EP.shape[1]), {"units": "days", "long_name": "days since the event"}),
            "network": list(city.networks),
            "use": sorted(parameters.services["category"].astype(str)),
            "share": ("share", list(SHARES), {"units": "1", "long_name": "share of the normal level"}),
            "zone_id": city.zones.index.to_numpy(),
            "severity": [1, 2, 3, 4],
        },
    )


def _more(every: BlockResult, money: str) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]:
    """What is told of every draw beside the curves and losses."""
    rows = {
        "zone_lost_production": (
            ("zone_id",),
            every.zone_production,
            money,
            "production lost by the buildings of the zone",
        ),
        "zone_service_capacity_loss": (
            ("zone_id",),
            every.zone_unmet,
            "person-days",
            "unmet need of the residents of the zone",
        ),
        "days_to_use": (("use", "share"), every.days_use, "days", "days until the buildings of a use serve again"),
        "root": (
            ("network",),
            every.root,
            "1",
            "asset that was the root of most dark person-days: node, or nodes + edge",
        ),
        "root_person_days": (
            ("network",),
            every.root_person_days,
            "person-days",
            "without service because of the root",
        ),
        "injured": (("severity",), every.injured, "persons", "expected persons hurt, by severity"),
        "displaced": ((), every.displaced, "persons", "expected persons out of their homes"),
        "resettled": ((), every.resettled, "persons", "persons who left for good"),
    }
    return {n: (("draw", *d), v, {"units": unit, "long_name": text}) for n, (d, v, unit, text) in rows.items()}


def _building_table(city: City, parameters: Parameters, every: BlockResult) -> pd.DataFrame:
    """Means over the draws of each building."""
    draws = len(every.EP)
    normal = normal_production(city.buildings, parameters.productivity).to_numpy()
    lost_production = production(normal, every.lost_days) / draws
    cost = every.building_repair_cost / draws
    columns = {
        "mean_days_to_repair": _mean_days(every.repair_days, every.unrepaired, draws),
        **{f"repaired_by_{day}_days": every.repaired_by[i] / draws for i, day in enumerate(REPAIRED_BY)},
        **{f"p_{s}": every.building_states[i] / draws for i, s in enumerate(STATES)},
        "mean_repair_cost": cost,
        "mean_lost_production": lost_production,
        "mean_loss": cost + lost_production,
    }
    start = 0
    for name, net in city.networks.items():
        node = start + net.nodes.index.get_indexer(city.buildings[f"{name}_node"])
        columns[f"mean_days_until_{name}"] = _mean_days(every.restored_days[node], every.unrestored[node], draws)
        start += len(net.nodes)
    return pd.DataFrame(columns, index=city.buildings.index)


def _mean_days(total: np.ndarray, without: np.ndarray, draws: int) -> np.ndarray:
    """Mean over draws; null where a draw has no day."""
    return np.where(without > 0, np.nan, total / draws)


def by_group(dataset: xr.Dataset, zones: pd.DataFrame) -> pd.DataFrame:
    """Service-capacity loss of each group of residents.

    The loss of a zone is shared in proportion to its residents, as the groups live mixed there. Not
    specified in the paper.

    Parameters
    ----------
    dataset : Dataset
        As from `summarise`.
    zones : DataFrame
        Index ``zone_id``; ``residents``, and per group a column ``group_<name>``: its share of them, 0..1.

    Returns
    -------
    DataFrame
        Index ``group``; ``residents`` (persons), ``person_days``, ``person_days_per_resident``: means over the draws.
        Empty where the zones name no groups.

    Examples
    --------
    >>> zones = pd.DataFrame({"residents": [10.0, 30.0], "group_old": [0.5, 0.1]}, index=["a", "b"])
    >>> data = xr.Dataset({"zone_service_capacity_loss": (("draw", "zone_id"), [[20.0, 30.0]])})
    >>> by_group(data, zones).loc["old"].tolist()
    [8.0, 13.0, 1.625]
    """
    loss = dataset["zone_service_capacity_loss"].mean("draw").to_numpy()
    rows = {}
    for column in (c for c in zones if str(c).startswith("group_")):
        share = zones[column].to_numpy(np.float64)
        persons, days = float(share @ zones["residents"]), float(share @ loss)
        rows[str(column).removeprefix("group_")] = (persons, days, days / persons if persons > 0 else np.nan)
    names = ["residents", "person_days", "person_days_per_resident"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("group")
