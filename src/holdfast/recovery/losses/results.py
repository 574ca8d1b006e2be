"""Results: the draws of all blocks put together, as curves, losses and a table of buildings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from holdfast.recovery.city import City
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.function.productivity import normal_production, production
from holdfast.recovery.losses.block_result import PARTS, PERSONS, PURPOSES, REPAIRED_BY, BlockResult, joined
from holdfast.recovery.losses.losses import losses
from holdfast.recovery.losses.milestones import SHARES
from holdfast.recovery.losses.whole_persons import labels
from holdfast.types import Losses, Parameters

Row = tuple[tuple[str, ...], ArrayLike, str, str]
"""Dimensions, values, unit and long name of a variable."""
SEVERITY_NAMES = ("first aid is enough", "hospital needed", "life in danger", "killed")
LOSSES = ("total_economic_loss", "repair_cost", "lost_production", "service_capacity_loss")


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
        ``EP``, ``EP_net``, ``SC``, ``demand``, ``supply_ratio`` and where people are (draw, time), ``service`` (draw, time,
        network); ``buildings_in_state``, ``networks_damaged``: means over the draws by day; ``repair_cost`` (also of
        buildings and of networks alone), ``lost_production``, ``net_lost_production``, ``service_capacity_loss``,
        ``recovered`` (draw); by zone, use, network, severity and part what `_draw_rows` lists; units in the attributes;
        ``EP0``, ``SC0`` and ``demand0`` are the normal levels. Where ``recovered`` is false the horizon cut the draw off, and
        its losses run to the horizon only.
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
    totals = losses(
        every.draws.repair_cost.sum(axis=1),
        every.draws.lost_production,
        {
            "service_capacity_loss": every.draws.gap_days,
            "without_home": every.draws.homeless_days,
            "without_services": every.draws.unserved_days,
        },
        float(city.buildings["floor_area_m2"].sum()),
        money,
    )
    return dataset, totals, _building_table(city, parameters, every)


def _dataset(city: City, parameters: Parameters, every: BlockResult, money: str) -> xr.Dataset:
    """Curves and totals with their units."""
    rows = _curve_rows(every, money) | _damage_rows(every) | _draw_rows(every, money) | _root_row(city, every)
    return xr.Dataset(
        {name: (dims, values, {"units": unit, "long_name": text}) for name, (dims, values, unit, text) in rows.items()},
        coords={
            "draw": np.arange(len(every.curves.EP)),
            "time": (
                "time",
                np.arange(every.curves.EP.shape[1]),
                {"units": "days", "long_name": "days since the event"},
            ),
            "network": list(city.networks),
            "use": sorted(parameters.services["category"].astype(str)),
            "share": ("share", list(SHARES), {"units": "1", "long_name": "share of the normal level"}),
            "zone_id": city.zones.index.to_numpy(),
            "part": list(PARTS),
            "severity": (
                "severity",
                np.arange(1, 5, dtype=np.int32),
                {"long_name": "severity of injury", **labels(SEVERITY_NAMES)},
            ),
            **_people_coordinates(every),
            "damage_state": list(STATES),
        },
    )


def _curve_rows(every: BlockResult, money: str) -> dict[str, Row]:
    """Curves by day, and their normal levels."""
    curves, days = every.curves, ("draw", "time")
    _, capacity, demand = curves.normal
    normal = curves.demand * (capacity / demand if demand > 0 else 0.0)
    ratio = np.divide(curves.SC, normal, out=np.ones_like(normal), where=normal > 0)
    return {
        "EP": (days, curves.EP, f"{money}/day", "economic productivity"),
        "EP_net": (days, curves.EP_net, f"{money}/day", "economic productivity after supply and demand"),
        "SC": (days, curves.SC, "persons", "service capacity, persons x (1 + r_SS)"),
        "demand": (days, curves.demand, "persons", "people who need a place and services"),
        "supply_ratio": (days, ratio, "1", "service capacity over what the people there use on a normal day"),
        "gap": (days, curves.gap, "persons", "people without the place and services of a normal day"),
        "without_home": (days, curves.homeless, "persons", "people without any place to live"),
        "without_services": (days, curves.unserved, "persons", "people without essential services"),
        "displaced": (days, curves.displaced, "persons", "people out of their homes"),
        "with_hosts": (days, curves.hosted, "persons", "displaced people with hosts"),
        "in_shelters": (days, curves.sheltered, "persons", "displaced people in shelters"),
        "in_converted_buildings": (days, curves.converted, "persons", "displaced people in converted buildings"),
        "service": ((*days, "network"), curves.service, "1", "share of occupants with service"),
        "EP0": ((), curves.normal[0], f"{money}/day", "normal economic productivity"),
        "SC0": ((), capacity, "persons", "normal service capacity"),
        "demand0": ((), demand, "persons", "normal demand"),
    }


def _damage_rows(every: BlockResult) -> dict[str, Row]:
    """What is still damaged on each day, means over the draws."""
    draws, damaged = len(every.curves.EP), every.damaged
    return {
        "buildings_in_state": (
            ("time", "use", "damage_state"),
            damaged.buildings / draws,
            "buildings",
            "mean number of buildings in each damage state",
        ),
        "networks_damaged": (
            ("time", "network"),
            damaged.networks / draws,
            "assets",
            "mean number of nodes and edges out of service by their own damage",
        ),
    }


def _draw_rows(every: BlockResult, money: str) -> dict[str, Row]:
    """Totals of each draw, of the city and by zone, use, network and severity."""
    of, economy, zones, causes = every.draws, every.production, every.zones, every.causes
    rows: dict[str, Row] = {
        "repair_cost": ((), of.repair_cost.sum(axis=1), money, "direct repair cost"),
        "repair_cost_buildings": ((), of.repair_cost[:, 0], money, "direct repair cost of buildings"),
        "repair_cost_networks": ((), of.repair_cost[:, 1], money, "direct repair cost of networks"),
        "lost_production": ((), of.lost_production, money, "production lost until recovered"),
        "net_lost_production": (
            (),
            economy.net_lost,
            money,
            "production lost after supply and demand, until the economy has recovered",
        ),
        "production_change": (("part",), economy.changes, money, "what a part of supply and demand adds to production"),
        "service_capacity_loss": ((), of.gap_days, "person-days", "service capacity short of demand until recovered"),
        "without_home_days": ((), of.homeless_days, "person-days", "people without any place to live until recovered"),
        "without_services_days": (
            (),
            of.unserved_days,
            "person-days",
            "people without essential services until recovered",
        ),
        "recovered": ((), of.recovered, "1", "all repaired by the horizon"),
        "zone_lost_production": (
            ("zone_id",),
            zones.lost_production,
            money,
            "production lost by the buildings of the zone",
        ),
        "zone_service_capacity_loss": (
            ("zone_id",),
            zones.gap_days,
            "person-days",
            "service capacity short of the demand of the people of the zone",
        ),
        "zone_unmet_need": (("zone_id",), zones.unmet_days, "person-days", "unmet need of the people of the zone"),
        "days_to_use": (("use", "share"), of.days_use, "days", "days until the buildings of a use serve again"),
        "root": (
            ("network",),
            causes.asset,
            "1",
            "asset that was the root of most person-days without service: node, or nodes + edge",
        ),
        "root_person_days": (("network",), causes.person_days, "person-days", "without service because of the root"),
        "injured": (("severity",), of.injured, "persons", "expected persons injured, by severity"),
        "most_displaced": ((), of.displaced, "persons", "most persons out of their homes on one day"),
        "resettled": ((), of.resettled, "persons", "persons who left for good"),
    }
    # of water alone: an earthquake has no row of zeros
    if of.repair_cost[:, 2].any():
        rows["repair_cost_contents"] = ((), of.repair_cost[:, 2], money, "contents and stock lost to water")
    if of.in_water.any():
        rows["in_water"] = ((), of.in_water, "persons", "persons inside buildings that water stands around")
    rows |= _people_rows(every, money)
    return {name: (("draw", *dims), values, unit, text) for name, (dims, values, unit, text) in rows.items()}


def asset_ids(city: City) -> list[str]:
    """Ids of all nodes, then of all edges, through all networks: what the number of a root counts."""
    networks = city.networks.values()
    return [str(i) for table in (*(n.nodes for n in networks), *(n.edges for n in networks)) for i in table.index]


def _root_row(city: City, every: BlockResult) -> dict[str, Row]:
    """Root assets by their ids; empty text where everybody had service."""
    ids = np.array([*asset_ids(city), ""], dtype=object)
    # -1 stands for no root, and so for the last
    names = ids[every.causes.asset.astype(np.int64)]
    return {
        "root_asset": (
            ("draw", "network"),
            names,
            "1",
            "id of the asset that was the root of most person-days without service",
        )
    }


def _people_coordinates(every: BlockResult) -> dict[str, list[str]]:
    """Names of what is counted of people who decide; none where nobody does."""
    return {"deed": list(PERSONS), "purpose": list(PURPOSES)} if every.people.passes.any() else {}


def _people_rows(every: BlockResult, money: str) -> dict[str, Row]:
    """What people did, of each draw, where they decide."""
    of = every.people
    if not of.passes.any():
        return {}
    return {
        "persons_who": (
            ("deed",),
            of.persons,
            "persons",
            "residents who left their home, left the city, came back, settled elsewhere; people from outside who came",
        ),
        "public_spending": (("purpose",), of.money, money, "money that the government spent"),
        "passes": ((), of.passes, "1", "times that people decided again"),
        "unsettled": ((), of.unsettled, "persons", "residents who decided otherwise in the last pass"),
        "cycle": ((), of.cycle, "1", "passes after which the same decisions recur, 0 where they settle"),
    }


def _building_table(city: City, parameters: Parameters, every: BlockResult) -> pd.DataFrame:
    """Means over the draws of each building."""
    draws, of, nodes = len(every.curves.EP), every.buildings, every.nodes
    normal = normal_production(city.buildings, parameters.productivity).to_numpy()
    lost_production = production(normal, of.lost_days) / draws
    cost = of.repair_cost / draws
    columns = {
        "mean_days_to_repair": _mean_days(of.repair_days, of.unrepaired, draws),
        **{f"repaired_by_{day}_days": of.repaired_by[i] / draws for i, day in enumerate(REPAIRED_BY)},
        **{f"p_{s}": of.states[i] / draws for i, s in enumerate(STATES)},
        "mean_repair_cost": cost,
        "mean_lost_production": lost_production,
        "mean_loss": cost + lost_production,
    }
    start = 0
    for name, net in city.networks.items():
        node = start + net.nodes.index.get_indexer(city.buildings[f"{name}_node"])
        columns[f"mean_days_until_{name}"] = _mean_days(nodes.restored_days[node], nodes.unrestored[node], draws)
        start += len(net.nodes)
    return pd.DataFrame(columns, index=city.buildings.index)


def _mean_days(total: NDArray[np.int64], without: NDArray[np.int64], draws: int) -> NDArray[np.float64]:
    """Mean over draws; null where a draw has no day."""
    return np.where(without > 0, np.nan, total / draws)


def draw_losses(curves: xr.Dataset) -> pd.DataFrame:
    """Losses of every draw.

    Parameters
    ----------
    curves : Dataset
        From `summarise`.

    Returns
    -------
    DataFrame
        Index ``draw``; columns ``LOSSES``, the total being repair cost and lost production.
    """
    table = pd.DataFrame({name: curves[name].to_numpy() for name in LOSSES[1:]})
    table.insert(0, LOSSES[0], table["repair_cost"] + table["lost_production"])
    return table.rename_axis("draw")


def compared_losses(curves: xr.Dataset) -> pd.DataFrame:
    """Losses of every draw, and those that stand beside them: after supply and demand, and of people without what they need.

    Parameters
    ----------
    curves : Dataset
        From `summarise`.

    Returns
    -------
    DataFrame
        Index ``draw``; columns of `draw_losses`, ``net_economic_loss`` (repair cost and net lost production),
        ``net_lost_production`` in the same money; ``unmet_need`` (half of each of the two others), ``without_home`` and
        ``without_services``, person-days. ``attrs["units"]``: column to unit.
    """
    table = draw_losses(curves)
    table["net_economic_loss"] = table["repair_cost"] + curves["net_lost_production"].to_numpy()
    table["net_lost_production"] = curves["net_lost_production"].to_numpy()
    parts = {name: curves[f"{name}_days"].to_numpy() for name in ("without_home", "without_services")}
    money, people = (curves[name].attrs["units"] for name in ("repair_cost", "service_capacity_loss"))
    units = {name: people if name == "service_capacity_loss" else money for name in table.columns}
    table = table.assign(unmet_need=(parts["without_home"] + parts["without_services"]) / 2, **parts)
    table.attrs["units"] = units | dict.fromkeys(("unmet_need", *parts), people)
    return table


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
