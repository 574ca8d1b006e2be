"""The engine on plain tables: buildings, crews and networks in, days of repair and curves out; no study, no files."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.engine.baseline import baseline, city_arrays
from holdfast.recovery.engine.plain_tables import Inputs, read_tables
from holdfast.recovery.engine.records import TASK, Calendar, Outcome, Sites, Tasks
from holdfast.recovery.engine.run import Run, run_draw
from holdfast.recovery.networks import outside_models
from holdfast.recovery.strategy import Inspected, Strategy, Tree, city_order, repair_tree
from holdfast.recovery.strategy import strategy as named
from holdfast.recovery.strategy.valuation import PRODUCTION, dependent_function, left_without, marginal_value
from holdfast.types import Floats, Ints, Network

LEAST_SERVICE = 0.5
"""Service of a node from which another that needs it works; as by default in a study, assumed."""


@dataclass(frozen=True)
class Recovered:
    """What became of a city.

    Parameters
    ----------
    assets : DataFrame
        Index ``asset``, ``building:<id>`` or ``<network>:<id>``; ``began_day``, ``finished_day``: first day of work, and
        day from which the asset works again; 0 where nothing is damaged, null where it is not done by the horizon.
    days : DataFrame
        Index ``day`` since the event, to the last repair; means of each day: ``function`` (sum over buildings, in the
        unit of ``function_per_day``) and per network the share of the buildings with service, 0..1.
    lost_function : float
        Normal less actual function, summed over the days.
    """

    assets: pd.DataFrame
    days: pd.DataFrame
    lost_function: float


def recover(
    buildings: pd.DataFrame,
    crews: Mapping[str, int],
    networks: Mapping[str, Network | tuple[pd.DataFrame, ...]] | None = None,
    *,
    strategy: str | Strategy = "semi_flexible",
    models: Mapping[str, str] | None = None,
    commitment_days: int = 0,
    horizon_days: int = 7300,
    seed: int = 1,
) -> Recovered:
    """Repair a damaged city with limited crews, day by day.

    Parameters
    ----------
    buildings : DataFrame
        Index: ids. ``function_per_day`` (what a building gives when all is well, >= 0, any unit); ``repair_days`` (whole,
        0 where undamaged). Optional: ``usable_share`` before repair, 0..1 (0 where damaged); ``crews`` that a repair
        takes (1); ``release_day`` from which it can start (0); ``actual_days`` that it really takes (`repair_days`).
        For each network ``<network>_node``, which serves the building, and optionally ``<network>_left``, the share of
        its function that is left without that service, 0..1 (0).
    crews : mapping of str to int
        Crews for ``building`` and for each network with damage.
    networks : mapping, optional
        Per name a `Network`, or its tables (nodes, edges) or (nodes, edges, dependencies): nodes with ``source``, edges
        with ``from_node`` and ``to_node``, dependencies as in schema ``network_dependencies``. Nodes and edges are out
        of service until repaired where they have ``repair_days``; ``crews``, ``release_day``, ``actual_days`` as above.
    strategy : str or Strategy
        Key of `STRATEGIES`, or one of your own; a list of ranks needs ``occupancy`` and what it goes by.
    models : mapping, optional
        Network to key of `NETWORK_MODELS`; by connection if omitted.
    commitment_days : int
        After so many days crews may leave a task that is not done; 0: never.
    horizon_days : int
        Last day simulated.
    seed : int
        For a strategy that draws.

    Returns
    -------
    Recovered
        Assets in the order of the tables: buildings, all nodes, all edges.

    Raises
    ------
    TableError
        Naming every missing column, wrong value, unknown node, and task that no number of crews can do.
    UnknownName
        If there is no such strategy, trade, network or model.

    References
    ----------
    Zhou, Xiao & Xu (2025), doi 10.1016/j.eng.2025.05.007; what they leave open is said in ``docs/strategies.md``.

    Examples
    --------
    >>> buildings = pd.DataFrame({"function_per_day": [10, 90], "repair_days": [5, 20], "power_node": ["a", "b"]})
    >>> nodes = pd.DataFrame({"source": [True, False]}, index=["a", "b"])
    >>> lines = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "repair_days": [2]}, index=["ab"])
    >>> out = recover(buildings, {"building": 1, "power": 1}, {"power": (nodes, lines)})
    >>> out.assets["finished_day"].tolist(), out.lost_function
    ([25, 20, 0, 0, 2], 2050.0)
    """
    if horizon_days < 1 or commitment_days < 0:
        raise TableError("recover", [Problem("give at least 1 day to simulate, and a commitment of at least 0 days")])
    chosen = named(strategy) if isinstance(strategy, str) else strategy
    inputs = read_tables(buildings, crews, networks or {})
    outside = outside_models(models or {}, inputs.networks)
    share = marginal_value(inputs.people, weight=1.0)
    dependent = dependent_function(share, left_without(inputs.people))
    work = inputs.work
    city = city_arrays(inputs.graph, inputs.people, dependent, work["crews"], work["trade"], inputs.trade_network)
    before = baseline(city, np.array([n in outside for n in range(len(inputs.networks))], dtype=np.bool_))
    commitment = 1 if chosen.moves_crews else commitment_days
    tasks = _tasks(inputs, share[:, PRODUCTION], chosen, commitment, np.random.default_rng(seed))
    out = run_draw(
        city, before, tasks, _tree(inputs, tasks), _no_calendar(), (inputs.pools, _none(1)), horizon_days, Run(outside)
    )
    return _recovered(inputs, out)


def _none(columns: int) -> Ints:
    """An empty table of whole numbers."""
    return np.empty((0, columns) if columns > 1 else 0, dtype=np.int64)


def _no_calendar() -> Calendar:
    """Nothing comes on fixed days."""
    sites = Sites(building=_none(1), fixed=np.empty(0, dtype=np.bool_), nearest=_none(2))
    return Calendar(aid=_none(3), deliveries=_none(3), actions=_none(5), persons=np.empty(0), sites=sites)


def _tree(inputs: Inputs, tasks: Tasks) -> Tree:
    """Spanning forest for the damage of the networks."""
    low, high = len(inputs.usable), len(inputs.usable) + inputs.graph.source.size
    work = np.where(tasks.asset["down"], tasks.asset["expected"], 0).astype(np.float64)
    return repair_tree(inputs.graph, work[low:high], work[high:])


def _tasks(inputs: Inputs, share: Floats, chosen: Strategy, commitment: int, rng: np.random.Generator) -> Tasks:
    """Repairs in the order of the strategy, trade by trade; `share` of all function (building,)."""
    work, count = inputs.work, len(inputs.usable)
    damaged = work["expected"] > 0
    known = np.maximum(work["duration" if chosen.sees_durations else "expected"], 1)
    asset = np.zeros(work.size, dtype=TASK)
    for name in ("release", "expected", "duration", "crews", "trade"):
        asset[name] = work[name]
    asset["damaged"], asset["down"] = damaged, damaged & (np.arange(work.size) >= count)
    asset["access"] = asset["material"] = -1  # neither roads nor materials hold a task up
    asset["value"][:count] = share * (1.0 - inputs.usable) / known[:count]
    # tasks without a gain follow by crew-days
    inspected = Inspected(asset["value"], work["crews"], (known * work["crews"]).astype(np.float64), inputs.cost)
    ordered = city_order(chosen, inputs.buildings, inputs.graph, inputs.site)
    order = [ordered(np.flatnonzero(damaged & (work["trade"] == t)), inspected, rng) for t in range(inputs.pools.size)]
    return Tasks(
        asset=asset,
        usable=inputs.usable,
        reoccupied=np.ones(count),  # nobody lives there
        order=np.concatenate(order).astype(np.int64),
        order_start=np.cumsum([0, *map(len, order)]).astype(np.int64),
        replans=chosen.replans,
        sees_durations=chosen.sees_durations,
        commitment=commitment,
        least_service=LEAST_SERVICE,
    )


def _recovered(inputs: Inputs, out: Outcome) -> Recovered:
    """Put the outcome into tables."""

    def day(values: Ints) -> pd.Series:
        return pd.Series(values, index=inputs.names, dtype="Int64").where(values >= 0)

    # undamaged assets began as they finished, on day 0
    began = np.where((out.finished == 0) & (out.began < 0), 0, out.began)
    days = pd.DataFrame({"function": out.curves.production})
    for n, name in enumerate(inputs.networks):
        days[name] = out.curves.service[:, n]
    return Recovered(
        assets=pd.DataFrame({"began_day": day(began), "finished_day": day(out.finished)}),
        days=days.rename_axis("day"),
        lost_function=float((out.normal[0] - out.curves.production).sum()),
    )
