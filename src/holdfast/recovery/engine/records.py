"""What the loop works on: flat arrays, gathered by what they describe.

Amounts of money, persons and functionality are counted in whole multiples of a small unit (`whole`): sums of whole
numbers do not depend on their order, so that differences keep a total exact and a repaired city is exactly its normal self.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from holdfast.recovery.engine.queue import Queue
from holdfast.recovery.function.service_capacity import WHOLE, People
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.network_state import NetworkState
from holdfast.types import Floats, Ints

MINUTES = 1440
"""Minutes of a day: the clock of the loop."""
FUNCTION_UNIT = float(WHOLE)
"""Shares of the city's functionality are counted in whole multiples of its inverse."""
PRODUCTION, CAPACITY, UNMET, FIRST = range(4)
"""Places in the totals of the city; from FIRST on the occupants with service by network, then the persons
served by category, then the production by kind of maker."""
STARTED, FINISHED, WITHDRAWN = 1, 2, 3
"""What a line of the trace says."""
CONVERT, SHELTER, MOVE = 0, 1, 2
"""Codes of actions."""

Records = NDArray[np.void]

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
        ("since", "i8"),
        ("lost_production", "f8"),
        ("lost_service", "f8"),
        ("lost_home", "f8"),
        ("changed", "?"),
    ],
    align=True,
)
REPAIR = np.dtype(
    [("began", "i8"), ("since", "i8"), ("left", "i8"), ("finished", "i8"), ("following", "i8"), ("running", "?")],
    align=True,
)
ZONE = np.dtype(
    [
        ("changed", "?"),
        ("residents", "i8"),
        ("habitable", "i8"),
        ("unmet", "i8"),
        ("normal", "i8"),
        ("since", "i8"),
        ("unmet_days", "f8"),
    ],
    align=True,
)
TRADE = np.dtype([("capacity", "i8"), ("committed", "i8")])
CURSOR = np.dtype(
    [
        ("day", "i8"),
        ("now", "i8"),  # minutes since the event
        ("opened", "?"),  # today's events have been dealt with
        ("updating", "?"),  # an update of the networks waits for a model outside
        ("backup_ends", "i8"),  # minute in which the next backup ends, -1 if none
        ("unfinished", "i8"),  # damaged assets still to be repaired
        ("buildings", "i8"),  # length of the list of changed buildings
        ("zones", "i8"),  # and of changed zones
        ("assign", "?"),  # something happened after which crews are assigned
        ("events", "i8"),
        ("lines", "i8"),  # of the trace
        ("aid", "i8"),  # next rows of the calendar
        ("delivery", "i8"),
        ("action", "i8"),
    ],
    align=True,
)


class CityArrays(NamedTuple):
    """What all draws of a city share.

    ``occupants`` (node,): persons x person_unit behind each node; ``dependent`` (building, network): share of the
    city's functionality that a building loses without a network; ``layout``: empty queue; ``trade_network`` (trade,):
    network that a trade repairs, -1 for buildings.
    """

    graph: Graph
    people: People
    occupants: Ints
    dependent: Floats
    layout: Queue
    trade_network: Ints


class Baseline(NamedTuple):
    """The undamaged city: ``city`` totals, ``dependent`` (node,) functionality, ``unmet`` (zone,) persons x unit."""

    networks: NetworkState
    city: Ints
    dependent: Ints
    unmet: Ints


class Tasks(NamedTuple):
    """Repairs of one draw.

    ``asset``: records, buildings then nodes then edges, with ``damaged``, ``down`` (a network asset out of
    service), ``release`` (first day on which repair can start), ``expected`` and ``duration`` (days that
    planners reckon with, and that it takes), ``crews``, ``trade``, ``value`` (of buildings, 1/day), ``access``
    (node of the roads without which nobody gets there, -1 if none), ``material`` (-1 if none) and its
    ``amount``. ``usable`` (building,): share before repair. ``order``: damaged assets, trade by trade, each by
    priority; ``order_start`` (trade + 1,). ``replans``, ``sees_durations``: traits of the strategy, see
    `holdfast.recovery.strategy.Strategy`. ``commitment``: days after which crews may leave a task, 0 for never before
    it is done. ``least_service``: service of a node from which another that needs it works, and a road is open.
    """

    asset: Records
    usable: Floats
    order: Ints
    order_start: Ints
    replans: bool
    sees_durations: bool
    commitment: int
    least_service: float


class Calendar(NamedTuple):
    """What comes on fixed days, each sorted by day.

    ``aid`` (row, 3): day, trade, change of crews; ``deliveries`` (row, 3): day, material, amount; ``actions``
    (row, 5): day, kind, building, zone, to_zone (-1: none); ``persons`` (row,): their amounts.
    """

    aid: Ints
    deliveries: Ints
    actions: Ints
    persons: Floats


class Functions(NamedTuple):
    """What the city does now.

    ``building``: records with ``usable``, the three shares of function now (``production``, ``service``, ``home``),
    ``shelter`` (persons, where converted), ``since`` (minute of the last change), the integrals of 1 - share until
    then, days, and whether it ``changed``, so that it must be looked at. ``zone``: records, persons x unit. ``offered``
    (zone, category): daytime occupants served. ``city``: totals, `PRODUCTION` and so on; ``day_sum``: totals x minutes
    of this day. ``dependent`` (node,): functionality that hangs on the service of each node. ``resettled`` (1,): persons
    gone for good. ``changed_buildings``, ``changed_zones``: lists of those to be looked at.
    """

    building: Records
    zone: Records
    offered: Ints
    city: Ints
    day_sum: Ints
    dependent: Ints
    resettled: Ints
    changed_buildings: Ints
    changed_zones: Ints


class Repairs(NamedTuple):
    """What the crews do now.

    ``asset``: records with ``began`` (day, -1 before), ``since`` (day of the present commitment), ``left`` (days of
    work), ``finished`` (day, -1 before), ``following`` (next asset of its list), ``running``. ``trade``: records.
    ``queue``: released tasks without a crew. Lists of assets, each by its first and ``following``: ``released``,
    ``ending``, ``leaving`` (day,) say what falls due on a day; ``awaiting_road`` (node,) and ``awaiting_material``
    (material,) what waits there. ``stock`` (material,).
    """

    asset: Records
    trade: Records
    queue: Queue
    released: Ints
    ending: Ints
    leaving: Ints
    awaiting_road: Ints
    awaiting_material: Ints
    stock: Ints


class State(NamedTuple):
    """What changes in a draw.

    ``restored`` (node,): first day with service for good, 0 if never lost, -1 not yet. ``cursor`` (1,): where the
    loop stands. ``trace`` (line, 4): day, asset, what, crews.
    """

    functions: Functions
    repairs: Repairs
    networks: NetworkState
    restored: Ints
    cursor: Records
    trace: Ints


class Curves(NamedTuple):
    """Means over each day, from the first day simulated to the last event.

    ``production`` (money/day), ``capacity`` (persons), ``unmet`` (persons above normal), all (day,); ``service`` (day,
    network): share of occupants; ``use`` (day, category): share of the daytime occupants served; ``made`` (day, kind):
    the production by kind of occupancy, money/day.
    """

    production: Floats
    capacity: Floats
    unmet: Floats
    service: Floats
    use: Floats
    made: Floats


class LostDays(NamedTuple):
    """Integrals of 1 - share of function, days, all (building,)."""

    production: Floats
    service: Floats
    home: Floats


class Outcome(NamedTuple):
    """What one draw gives.

    ``normal``: production, capacity and unmet persons of a normal day. ``began``, ``finished`` (asset,): day, -1 if not
    by the horizon. ``restored``: see `State`. ``unmet_days`` (zone,): person-days above normal. ``resettled``: persons
    gone for good. ``events``: how many there were. ``trace``: see `State`. ``stock`` (material,) at the end.
    """

    curves: Curves
    normal: Floats
    lost: LostDays
    began: Ints
    finished: Ints
    restored: Ints
    unmet_days: Floats
    resettled: float
    events: int
    trace: Ints
    stock: Ints
