"""Plain tables as the arrays of the engine; the faults of all tables are named at once."""

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.numerals import to_numbers
from holdfast.recovery.function.response import from_residuals
from holdfast.recovery.function.service_capacity import BUILDING, ROOM, People, unit
from holdfast.recovery.networks.graph import Graph, graph
from holdfast.recovery.networks.service import check_service
from holdfast.recovery.settings.run_settings import Households
from holdfast.types import Floats, Ints, Network

TRADE = "building"
NEEDS = ("node_id", "on_network", "on_node", "backup_hours")
WORK = np.dtype([("release", "i8"), ("expected", "i8"), ("duration", "i8"), ("crews", "i8"), ("trade", "i8")])


class Inputs(NamedTuple):
    """A city as the engine takes it; assets are buildings, then nodes, then edges.

    ``work``: records by asset, days and crews of its repair, ``expected`` 0 where undamaged; ``names`` (asset,);
    ``site`` (asset, 2): places, m, 0 where unknown; ``cost`` (asset,): money; ``usable`` (building,): share before
    repair; ``pools``, ``trade_network`` (trade,): crews, and the network that they repair, -1 for buildings.
    """

    buildings: pd.DataFrame
    networks: dict[str, Network]
    graph: Graph
    people: People
    work: NDArray[np.void]
    names: pd.Index
    site: Floats
    cost: Floats
    usable: Floats
    pools: Ints
    trade_network: Ints


class _Table(NamedTuple):
    """One table of assets and the trade that repairs them; reads its columns and collects what is wrong."""

    trade: str
    rows: pd.DataFrame
    problems: list[Problem]

    def numbers(self, column: str, default: float | Floats) -> Floats:
        """A column of numbers of at least 0, `default` where it is absent."""
        if column not in self.rows:
            return np.array(np.broadcast_to(default, len(self.rows)), dtype=np.float64)
        values = to_numbers(self.rows[column]).to_numpy(np.float64)
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            text = f"{self.trade} {self.rows.index[np.argmax(bad)]}: is below 0 or no number"
            self.problems.append(Problem(text, column=column))
        return np.where(bad, 0.0, values)

    def shares(self, column: str, default: float | Floats) -> Floats:
        """A column of numbers between 0 and 1."""
        values = self.numbers(column, default)
        if (values > 1).any():
            text = f"{self.trade} {self.rows.index[np.argmax(values > 1)]}: is above 1; give a share"
            self.problems.append(Problem(text, column=column))
        return values

    def whole(self, column: str, default: float | Ints) -> Ints:
        """A column of whole numbers of at least 0."""
        values = self.numbers(column, np.asarray(default, dtype=np.float64))
        if (values != np.rint(values)).any():
            text = f"{self.trade} {self.rows.index[np.argmax(values != np.rint(values))]}: is no whole number"
            self.problems.append(Problem(text, column=column))
        return values.astype(np.int64)

    def work(self, number: int, pool: int) -> NDArray[np.void]:
        """Days and crews of the repairs; a task must fit the crews that there are."""
        found = np.zeros(len(self.rows), dtype=WORK)
        found["expected"] = self.whole("repair_days", 0.0)
        # what turns out to take no time still keeps its crew until tomorrow
        found["duration"] = np.maximum(self.whole("actual_days", found["expected"]), found["expected"] > 0)
        found["release"], found["crews"] = self.whole("release_day", 0.0), self.whole("crews", 1.0)
        found["trade"] = number
        wide = (found["expected"] > 0) & ((found["crews"] > pool) | (found["crews"] < 1))
        if wide.any():
            place = int(np.argmax(wide))
            text = f"{self.trade} {self.rows.index[place]}: takes {found['crews'][place]} crews, there are {pool}"
            self.problems.append(Problem(text, column="crews"))
        return found


def read_tables(
    buildings: pd.DataFrame, crews: Mapping[str, int], networks: Mapping[str, Network | tuple[pd.DataFrame, ...]]
) -> Inputs:
    """Check tables as `recover` takes them and put them into arrays.

    Raises
    ------
    TableError, UnknownName
        As `recover`.
    """
    nets = {name: _network(name, tables) for name, tables in networks.items()}
    trades, problems = (TRADE, *nets), list[Problem]()
    for trade in crews:
        if trade not in trades:
            raise UnknownName("trade", trade, trades)
    required = ("function_per_day", "repair_days", *(f"{n}_node" for n in nets))
    problems += [Problem("the buildings need this column", column=c) for c in required if c not in buildings]
    pools = np.array([crews.get(trade, 0) for trade in trades], dtype=np.int64)
    own = _Table(TRADE, buildings, problems)
    tables = [own, *(_Table(n, w.nodes, problems) for n, w in nets.items())]
    tables += [_Table(n, w.edges, problems) for n, w in nets.items()]
    work = np.concatenate([t.work(trades.index(t.trade), pools[trades.index(t.trade)]) for t in tables])
    damaged = work["expected"][: len(buildings)] > 0
    usable = own.shares("usable_share", np.where(damaged, 0.0, 1.0))
    left = [own.shares(f"{n}_left", 0.0) for n in nets]
    people = _people(own.numbers("function_per_day", 0.0), np.array(left).reshape(len(nets), len(buildings)).T)
    cost = np.concatenate([t.numbers("repair_cost", 0.0) for t in tables])
    if problems:  # all of them at once, before anything is computed
        raise TableError("recover", problems)
    flat = graph(buildings, nets)
    check_service(flat, buildings, nets)
    names = pd.Index([f"{t.trade}:{i}" for t in tables for i in t.rows.index], name="asset")
    site = np.concatenate([_site(t.rows) for t in tables])
    return Inputs(buildings, nets, flat, people, work, names, site, cost, usable, pools, np.arange(len(trades)) - 1)


def _network(name: str, tables: Network | tuple[pd.DataFrame, ...]) -> Network:
    """A network of its tables, if it is none yet."""
    if isinstance(tables, Network):
        return tables
    if len(tables) not in (2, 3):
        problem = Problem("give (nodes, edges) or (nodes, edges, dependencies)", column=name)
        raise TableError("recover", [problem])
    nodes, edges, *needs = tables
    return Network(name, nodes, edges, needs[0] if needs else pd.DataFrame(columns=list(NEEDS)), synthetic=False)


def _people(function: Floats, left: Floats) -> People:
    """Buildings that give their function and serve nobody: one zone, no residents, one category without weight.

    Each building counts as one occupant, so that shares of occupants are shares of buildings.
    """
    count, networks = left.shape
    building = np.zeros(count, dtype=BUILDING)
    building["production"], building["occupants"], building["maker"] = function, 1.0, np.arange(count)
    nobody = np.zeros((1, 1), dtype=np.int64)
    return People(
        building=building,
        productive=from_residuals(left),
        capable=from_residuals(np.ones((2, networks))),  # one row for the category, the last for homes
        counted_residents=nobody[0],
        counted_daytime=nobody,
        catchment=nobody - 1,  # no zone serves this one
        serves_start=np.zeros((1, 2), dtype=np.int64),
        serves=np.empty(0, dtype=np.int64),
        weight=np.zeros(1),
        households=Households(),
        money_unit=unit(float(function.sum())),
        person_unit=unit(float(ROOM * count)),
    )


def _site(table: pd.DataFrame) -> Floats:
    """Places of the rows of a table, m; 0 where it has no points."""
    if not isinstance(table, gpd.GeoDataFrame):
        return np.zeros((len(table), 2))
    points = table.geometry.representative_point()
    return np.column_stack([points.x, points.y])
