"""What the loop works on: flat arrays, gathered by what they describe."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.engine.queue import Queue
from holdfast.recovery.function.service_capacity import WHOLE, People
from holdfast.recovery.networks.reachability import Graph, Light

MINUTES = 1440
"""Minutes of a day: the clock of the loop."""
STAKE_UNIT = float(WHOLE)
"""Shares of the city's functionality are counted in whole multiples of its inverse."""

TASK = np.dtype(
    [
        ("damaged", "?"),
        ("down", "?"),
        ("release", "i8"),
        ("expected", "i8"),
        ("duration", "i8"),
        ("crews", "i8"),
        ("trade", "i8"),
        ("value", "f8"),
        ("access", "i8"),
        ("material", "i8"),
        ("amount", "i8"),
    ],
    align=True,
)
BUILDING = np.dtype(
    [
        ("usable", "f8"),
        ("production", "f8"),
        ("service", "f8"),
        ("home", "f8"),
        ("shelter", "f8"),
        ("changed", "i8"),
        ("lost_production", "f8"),
        ("lost_service", "f8"),
        ("lost_home", "f8"),
        ("touched", "?"),
    ],
    align=True,
)
REPAIR = np.dtype(
    [("began", "i8"), ("since", "i8"), ("left", "i8"), ("finished", "i8"), ("following", "i8"), ("running", "?")],
    align=True,
)
ZONE = np.dtype(
    [
        ("dirty", "?"),
        ("residents", "i8"),
        ("habitable", "i8"),
        ("unmet", "i8"),
        ("normal", "i8"),
        ("changed", "i8"),
        ("unmet_days", "f8"),
    ],
    align=True,
)
TRADE = np.dtype([("capacity", "i8"), ("committed", "i8")])
PRODUCTION, CAPACITY, UNMET, FIRST = range(4)
"""Places in the totals of the city; from FIRST on the occupants with service by network, then the persons
served by category."""
DAY, NOW, OPENED, SETTLING, ANSWERED, RUNS_OUT, LEFT, TOUCHED, DIRTY, NEWS, EVENTS, LOGGED, AID, DELIVERY, ACTION = (
    range(15)
)
"""Places in the cursor of the loop."""
STARTED, FINISHED, WITHDRAWN = 1, 2, 3
"""What a line of the trace tells."""
CONVERT, SHELTER, MOVE = 0, 1, 2
"""Codes of actions."""


class Town(NamedTuple):
    """What all draws share.

    ``graph``, ``people``: of the city; ``occupants`` (node,): persons x person_unit behind each node; ``stake``
    (building, network): share of the city's functionality that a building loses without a network; ``layout``:
    empty queue; ``trade_network`` (trade,): network that a trade repairs, -1 for buildings.
    """

    graph: Graph
    people: People
    occupants: np.ndarray
    stake: np.ndarray
    layout: Queue
    trade_network: np.ndarray


class Tasks(NamedTuple):
    """Repairs of one draw.

    ``asset``: records, buildings then nodes then edges, with ``damaged``, ``down`` (a network asset out of
    service), ``release`` (first day on which repair can start), ``expected`` and ``duration`` (days that
    planners reckon with, and that it takes), ``crews``, ``trade``, ``value`` (of buildings, 1/day), ``access``
    (node of the roads without which nobody gets there, -1 if none), ``material`` (-1 if none) and its
    ``amount``. ``usable`` (building,): share before repair. ``order``: damaged assets, trade by trade, each by
    priority; ``order_start`` (trade + 1,). ``replans``, ``sees_durations``: traits of the
    strategy, see `holdfast.recovery.strategy.Strategy`. ``commitment``: days after which crews
    may leave a task, 0 for never before it is done. ``least_service``: service of a node from which another
    that needs it works, and a road is open.
    """

    asset: np.ndarray
    usable: np.ndarray
    order: np.ndarray
    order_start: np.ndarray
    replans: bool
    sees_durations: bool
    commitment: int
    least_service: float


class Calendar(NamedTuple):
    """What comes on fixed days, each sorted by day.

    ``aid`` (row, 3): day, trade, change of crews; ``deliveries`` (row, 3): day, material, amount; ``actions``
    (row, 5): day, kind, building, zone, to_zone (-1: none); ``persons`` (row,): their amounts.
    """

    aid: np.ndarray
    deliveries: np.ndarray
    actions: np.ndarray
    persons: np.ndarray


class State(NamedTuple):
    """What changes in a draw.

    ``building``: records with ``usable``, the three shares of function now (``production``, ``service``,
    ``home``), ``shelter`` (persons, where converted), ``changed`` (minute) and the integrals of 1 - share until
    then, days. ``light``: the networks. ``zone``: records; ``offered`` (zone, category): persons served.
    ``city``: totals, `PRODUCTION` and so on. All persons and money here are whole multiples of a small unit, so
    that sums do not depend on their order. ``potential`` (node,): functionality that hangs on the service of
    each node, the same way. ``repair``: records by asset with ``began`` (day, -1 before), ``since`` (day of the
    present commitment), ``left`` (days of work), ``finished`` (day, -1 before), ``following``
    (next asset of its list), ``running``. ``trade``: records. ``queue``: released tasks without a crew.
    ``released``, ``ending``, ``leaving`` (day,): first asset of the lists of those days. ``cut`` (node,) and
    ``lacking`` (material,): first of the tasks that wait for a road or a delivery. ``stock`` (material,).
    ``persons``: resettled for good. ``touched``, ``dirty``: buildings and zones to be looked at. ``day_sum``:
    totals x minutes of this day. ``restored`` (node,): first day with service for good, 0 if never lost, -1 not yet. ``cursor``: where the loop stands. ``trace`` (line, 4): day, asset, what, crews.
    """

    building: np.ndarray
    light: Light
    zone: np.ndarray
    offered: np.ndarray
    city: np.ndarray
    potential: np.ndarray
    repair: np.ndarray
    trade: np.ndarray
    queue: Queue
    released: np.ndarray
    ending: np.ndarray
    leaving: np.ndarray
    cut: np.ndarray
    lacking: np.ndarray
    stock: np.ndarray
    persons: np.ndarray
    touched: np.ndarray
    dirty: np.ndarray
    day_sum: np.ndarray
    restored: np.ndarray
    cursor: np.ndarray
    trace: np.ndarray


class Outcome(NamedTuple):
    """What one draw gives.

    By day since the event, means over the day, from the first day simulated to the last event:
    ``production`` (money/day), ``capacity`` (persons), ``unmet`` (persons above normal), ``service`` (day,
    network: share of occupants), ``use`` (day, category: share of the daytime occupants served). ``normal``:
    the first three on a normal day. By building the integrals of 1 - share: ``lost_days`` (production),
    ``lost_service``, ``lost_home``; by asset ``began`` and ``finished`` (day, -1 if not by the horizon); by
    node ``restored``; by zone ``unmet_days`` above normal. ``resettled``: persons gone for good. ``events``:
    how many there were. ``trace``: see `State`. ``stock`` (material,) at the end.
    """

    production: np.ndarray
    capacity: np.ndarray
    unmet: np.ndarray
    service: np.ndarray
    use: np.ndarray
    normal: np.ndarray
    lost_days: np.ndarray
    lost_service: np.ndarray
    lost_home: np.ndarray
    began: np.ndarray
    finished: np.ndarray
    restored: np.ndarray
    unmet_days: np.ndarray
    resettled: float
    events: int
    trace: np.ndarray
    stock: np.ndarray
