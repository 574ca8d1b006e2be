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
from holdfast.types import Bools, Floats, Ints

MINUTES = 1440
"""Minutes of a day: the clock of the loop."""
FUNCTION_UNIT = float(WHOLE)
"""Shares of the city's functionality are counted in whole multiples of its inverse."""
(PRODUCTION, CAPACITY, GAP, DEMAND, HOMELESS, UNSERVED, DISPLACED, HOSTED, SHELTERED, CONVERTED, FIRST) = range(11)
"""Places in the totals of the city: money; service capacity, and what it falls short of demand; persons there, without
any place to live, without essential services, displaced, with hosts, in shelters, in converted buildings. From FIRST on
the occupants with service by network, then the persons served by category, then the production by kind of maker."""
STARTED, FINISHED, WITHDRAWN = 1, 2, 3
"""What a line of the trace says."""
CONVERT, SHELTER, MOVE = range(3)
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
        ("leak", "f8"),
        ("spill", "f8"),
    ],
    align=True,
)
BUILDING = np.dtype(
    [
        ("usable", "f8"),
        ("reoccupied", "f8"),
        ("production", "f8"),
        ("place", "f8"),
        ("service", "f8"),
        ("home", "f8"),
        ("supply", "f8"),
        ("shelter", "f8"),
        ("since", "i8"),
        ("lost_production", "f8"),
        ("unserved_since", "i8"),
        ("staying", "f8"),
        ("listed", "?"),
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
        ("supplied", "i8"),
        ("hosted", "i8"),
        ("sheltered", "i8"),
        ("capacity", "i8"),
        ("gap", "i8"),
        ("homeless", "i8"),
        ("unserved", "i8"),
        ("since", "i8"),
        ("gap_days", "f8"),
        ("unmet_days", "f8"),
        ("day_gap_until", "f8"),
    ],
    align=True,
)
SITE = np.dtype([("places", "i8"), ("inside", "i8"), ("closed", "?")], align=True)
CITY = np.dtype(
    [
        ("day_places", "i8"),  # capacity that buildings give by day, and on a normal day
        ("day_normal", "i8"),
        ("day_capacity", "i8"),  # as far as people use it
        ("day_gap", "i8"),
        ("day_demand", "i8"),  # persons whose gap it is
        ("day_since", "i8"),
        ("day_gap_each", "f8"),  # integral of the gap by day per person there, days
        ("normal_demand", "i8"),
        ("resettled", "i8"),
        ("unserved", "i8"),  # length of the list of unserved buildings
        ("rehouse", "?"),  # places or people have changed since the displaced were last housed
        ("sites_changed", "?"),
        ("site_supply", "f8"),  # mean r_SS of the people in shelters
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
        ("isolation", "i8"),
        ("eased", "i8"),  # next row of the temporary repairs
    ],
    align=True,
)


class CityArrays(NamedTuple):
    """What all draws of a city share.

    ``occupants`` (node,): persons x person_unit behind each node; ``dependent`` (building, network): share of the
    city's functionality that a building loses without a network, (building, network, 2): of work and of living; ``layout``: empty queue; ``trade_network`` (trade,):
    network that a trade repairs, -1 for buildings.
    """

    graph: Graph
    people: People
    occupants: Ints
    dependent: Floats
    layout: Queue
    trade_network: Ints


class Baseline(NamedTuple):
    """The undamaged city: ``city`` totals, ``dependent`` (node,) functionality, ``zone`` and ``shared`` as in `Functions`."""

    networks: NetworkState
    city: Ints
    dependent: Ints
    zone: Records
    shared: Records


class Tasks(NamedTuple):
    """Repairs of one draw.

    ``asset``: records, buildings then nodes then edges, with ``damaged``, ``down`` (a network asset out of
    service), ``release`` (first day on which repair can start), ``expected`` and ``duration`` (days that
    planners reckon with, and that it takes), ``crews``, ``trade``, ``value`` (of buildings, 1/day), ``access``
    (node of the roads without which nobody gets there, -1 if none), ``material`` (-1 if none) and its
    ``amount``. ``usable``, ``reoccupied`` (building,): shares before repair that can be used, and lived in. ``order``: damaged assets, trade by trade, each by
    priority; ``order_start`` (trade + 1,). ``replans``, ``sees_durations``: traits of the strategy, see
    `holdfast.recovery.strategy.Strategy`. ``commitment``: days after which crews may leave a task, 0 for never before
    it is done. ``least_service``: service of a node from which another that needs it works, and a road is open.
    ``isolation`` (row, 2): day on which a broken pipe is shut off, and its edge, by day; until then it loses ``spill``, and
    ``leak`` until it is repaired, at the pressure that suffices.
    ``eased`` (row, 2): day and building of temporary repairs, by day; ``eased_share`` (row,): share that can be lived in from
    then until the repair.
    """

    asset: Records
    usable: Floats
    reoccupied: Floats
    order: Ints
    order_start: Ints
    replans: bool
    sees_durations: bool
    commitment: int
    least_service: float
    isolation: Ints = np.empty((0, 2), dtype=np.int64)
    eased: Ints = np.empty((0, 2), dtype=np.int64)
    eased_share: Floats = np.empty(0)


class Sites(NamedTuple):
    """Where displaced people can go, shape (site,).

    ``building``: that is converted, -1 for shelters of a zone; ``fixed``: closes by its date alone; ``nearest`` (pair,
    2): zone and site, all pairs by distance.
    """

    building: Ints
    fixed: Bools
    nearest: Ints


class Calendar(NamedTuple):
    """What comes on fixed days, each sorted by day.

    ``aid`` (row, 3): day, trade, change of crews; ``deliveries`` (row, 3): day, material, amount; ``actions``
    (row, 5): day, kind, site, zone, to_zone (-1: none); ``persons`` (row,): their amounts.
    """

    aid: Ints
    deliveries: Ints
    actions: Ints
    persons: Floats
    sites: Sites


class Functions(NamedTuple):
    """What the city does now.

    ``building``: records with the shares that can be used and lived in (``usable``, ``reoccupied``), those at work now
    (``production``, ``place``, ``service`` = place x r_SS, ``home``, ``supply`` = home x r_SS), ``shelter`` (persons,
    where converted), ``since`` (minute of the last change), the integral of 1 - production until then, days;
    ``unserved_since`` (minute from which too little power or water keeps people from living there, -1), the share of
    them ``staying`` in spite of it, whether it is ``listed`` as unserved, and ``changed``, so that the building must be looked at. ``zone``: records,
    persons x unit, capacity and gap in persons x (1 + r_SS) x unit. ``site``: records by shelter. ``offered`` (zone,
    category): daytime occupants served. ``city``: totals, `PRODUCTION` and so on; ``day_sum``: totals x minutes of this
    day; ``shared`` (1,): what else the city has once. ``dependent`` (node,): functionality that hangs on the service of
    each node. ``changed_buildings``, ``changed_zones``: lists of those to be looked at; ``unserved``: of buildings.
    """

    building: Records
    zone: Records
    site: Records
    offered: Ints
    city: Ints
    day_sum: Ints
    shared: Records
    dependent: Ints
    changed_buildings: Ints
    changed_zones: Ints
    unserved: Ints


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

    ``production`` (money/day); ``capacity``: SC, persons x (1 + r_SS); in persons: ``gap`` (what SC falls short of
    demand, as persons without any place and service), ``demand``, ``homeless`` (without a place to live), ``unserved``
    (without essential services), ``displaced``, of these ``hosted``, ``sheltered``, ``converted``; all (day,).
    ``service`` (day, network): share of occupants; ``use`` (day, category): share of the daytime occupants served;
    ``made`` (day, kind): the production by kind of occupancy, money/day.
    """

    production: Floats
    capacity: Floats
    gap: Floats
    demand: Floats
    homeless: Floats
    unserved: Floats
    displaced: Floats
    hosted: Floats
    sheltered: Floats
    converted: Floats
    service: Floats
    use: Floats
    made: Floats


class Outcome(NamedTuple):
    """What one draw gives.

    ``normal``: production, capacity and demand of a normal day. ``lost_production`` (building,): integral of 1 - share, days. ``began``, ``finished`` (asset,): day, -1 if not
    by the horizon. ``restored``: see `State`. ``gap_days``, ``unmet_days`` (zone,): person-days of missing service capacity, and of unmet needs. ``resettled``: persons
    gone for good. ``events``: how many there were. ``trace``: see `State`. ``stock`` (material,) at the end.
    """

    curves: Curves
    normal: Floats
    lost_production: Floats
    began: Ints
    finished: Ints
    restored: Ints
    gap_days: Floats
    unmet_days: Floats
    resettled: float
    events: int
    trace: Ints
    stock: Ints
