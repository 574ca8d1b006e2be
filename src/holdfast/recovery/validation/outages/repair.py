"""Repair of damaged devices by the recovery engine, with the hour in the place of the day."""

from functools import cache
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from holdfast.recovery.engine import TASK, Calendar, Run, Sites, Tasks, baseline, city_arrays, run_draw
from holdfast.recovery.function.service_capacity import HOME, People, people, services
from holdfast.recovery.networks.graph import flat_graph
from holdfast.recovery.strategy import repair_tree
from holdfast.recovery.validation.outages.network import NONE
from holdfast.types import Floats, Ints

SOURCE = 1
"""Nodes before the first device: that of the substation, which works."""


class Repairs(NamedTuple):
    """Work on the damaged devices.

    ``above``, ``district``: as in `Devices`; ``hours``: that a crew takes, whole, at least 1; ``order``: number by which
    the crews of a district take them, least first; all (device,). ``crews`` (district,): at the beginning;
    ``changes`` (row, 3): hour, district, change of crews, sorted by hour.
    """

    above: Ints
    district: Ints
    hours: Ints
    order: Floats
    crews: Ints
    changes: Ints


def hours_until_power(repairs: Repairs, horizon: int) -> Ints:
    """Hour from which each device has power for good, shape (device,); `horizon` + 1 where there is none by then.

    Examples
    --------
    >>> one_crew = (np.array([1]), np.empty((0, 3), np.int64))
    >>> feeder_then_lateral = Repairs(*map(np.array, ([-1, 0], [0, 0], [4, 3], [1.0, 0.0])), *one_crew)
    >>> hours_until_power(feeder_then_lateral, 20).tolist()
    [7, 7]
    """
    count = repairs.above.size
    nodes = count + SOURCE
    # a device is a node, fed through an edge from that of the device above, or from node 0, the substation
    ends = np.column_stack([np.where(repairs.above == NONE, 0, repairs.above + SOURCE), np.arange(SOURCE, nodes)])
    source = np.zeros(nodes, dtype=np.bool_)
    source[0] = True
    graph = flat_graph(
        ends.astype(np.int64), source, np.empty((0, 3), np.int64), np.zeros((1, 1), np.int64), [(nodes, count)]
    )
    who = _nobody()
    first = len(who.building) + SOURCE
    own = slice(first, first + count)
    # assets as the engine lists them: buildings, nodes, edges; damaged are the nodes from the first device on
    asset = np.zeros(len(who.building) + nodes + count, dtype=TASK)
    asset["expected"] = asset["duration"] = asset["crews"] = 1
    asset["access"] = asset["material"] = -1
    asset["damaged"][own] = asset["down"][own] = True
    # the engine is that of a city; what it calls a day is an hour here; one crew works on a device without pause
    asset["expected"][own] = asset["duration"][own] = repairs.hours
    asset["trade"][own] = repairs.district
    pools = repairs.crews.size
    place = city_arrays(graph, who, np.zeros((1, 1, 2)), asset["crews"], asset["trade"], np.zeros(pools, np.int64))
    tasks = Tasks(
        asset=asset,
        usable=np.ones(len(who.building)),
        reoccupied=np.ones(len(who.building)),
        # the crews of a district take its devices in order, also those below a device that is still out of service
        order=(np.lexsort((repairs.order, repairs.district)) + first).astype(np.int64),
        order_start=np.concatenate([[0], np.cumsum(np.bincount(repairs.district, minlength=pools))]).astype(np.int64),
        replans=False,
        sees_durations=False,
        commitment=0,
        least_service=1.0,
    )
    sites = Sites(np.empty(0, np.int64), np.empty(0, np.bool_), np.empty((0, 2), np.int64))
    none, changes = np.empty((0, 5), np.int64), repairs.changes.astype(np.int64)
    calendar = Calendar(changes, np.empty((0, 3), np.int64), none, np.empty(0), sites)
    # the tree serves plans alone, which this order does not make
    tree = repair_tree(graph, np.zeros(nodes), np.zeros(count))
    stock = (repairs.crews.astype(np.int64), np.zeros(0, np.int64))
    before = baseline(place, np.array([False]))
    back = run_draw(place, before, tasks, tree, calendar, stock, horizon, Run({})).restored[SOURCE:]
    return np.where(back < 0, horizon + 1, back)


@cache
def _nobody() -> People:
    """One building at the substation: the engine wants somebody, and customers are counted by device."""
    building = pd.DataFrame({"residents": [1.0], "workers": [0.0], "zone_id": ["all"]}, index=["substation"])
    zone = gpd.GeoDataFrame(index=["all"], geometry=[box(0, 0, 1, 1)], crs="EPSG:32617")
    table = services(pd.DataFrame({"category": [HOME], "weight": [1.0], "power_residual": [0.0]}), ("power",))
    return people(
        building, zone, pd.Series([0.0], index=building.index), pd.Series([HOME], index=building.index), table
    )
