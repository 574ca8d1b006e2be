"""The exact optimum of small cities: the truth that strategies are measured against.

A city at the moment of the event becomes a `Case`: tasks with release, duration, crews and trade, and
*terms*. A term is an amount of functionality per day that comes back on the first day on which each of
its clauses holds; a clause holds once one of its tasks is done. A building's own repair is a clause of
one task; service at a node gives the clauses of its minimal cuts: sets of damaged network assets that
keep the node out of service while all of them are down, found from the engine's own model of the networks, so
that interdependence is in them. The loss of a schedule is then the sum over terms of amount x day.
"""

from itertools import permutations
from typing import NamedTuple

import highspy
import numpy as np

from holdfast.errors import NotConverged, Problem, TableError
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.service import in_service

Clause = tuple[int, ...]
MOST_DOWN = 18
"""Damaged network assets up to which all of their states are listed."""
ROUNDING = 1e-12
HALF = 0.5
"""Above it the solver's 0 or 1 is a 1."""


class Case(NamedTuple):
    """Tasks of one trade each, and what is lost until they are done.

    ``release``, ``duration`` (days), ``crews``, ``trade``: (task,) int; ``pools`` (trade,): crews there
    are; ``amount`` (term,): share of the city's functionality lost per day; ``clauses``: per term the
    sets of tasks of which one each must be done.
    """

    release: np.ndarray
    duration: np.ndarray
    crews: np.ndarray
    trade: np.ndarray
    pools: np.ndarray
    amount: np.ndarray
    clauses: tuple[tuple[Clause, ...], ...]


class Optimum(NamedTuple):
    """The best schedule found: its ``loss`` (days of the whole city's functionality) and ``start`` (task,).

    ``bound``: no schedule loses less; ``proved``: the two agree within the solver's tolerance.
    """

    loss: float
    bound: float
    proved: bool
    start: np.ndarray


def loss_of(case: Case, end: np.ndarray) -> float:
    """Loss of a schedule.

    sum over terms of amount x (latest over clauses of the earliest end in the clause)

    Parameters
    ----------
    case : Case
        The tasks.
    end : ndarray of int
        Day from which each task is done, shape (task,).

    Returns
    -------
    float
        Days of the whole city's functionality.

    Examples
    --------
    >>> one = np.array([1, 1])
    >>> case = Case(one * 0, one * 2, one, one * 0, one[:1], np.array([0.5, 0.25]), (((0,),), ((0,), (1,))))
    >>> loss_of(case, np.array([2, 4]))
    2.0
    """
    days = [max(min(end[a] for a in clause) for clause in term) for term in case.clauses]
    return float(case.amount @ np.array(days, dtype=np.float64)) if days else 0.0


def minimal_cuts(unserved: np.ndarray, tasks: np.ndarray) -> tuple[Clause, ...]:
    """Minimal sets of tasks that keep a node out of service while all of them are undone.

    Parameters
    ----------
    unserved : ndarray of bool
        Whether the node is out of service in each state; bit i of the position is 1 while task i is undone.
    tasks : ndarray of int
        Number of the task of each bit.

    Returns
    -------
    tuple of tuple of int
        Empty where the node is never out of service.

    Examples
    --------
    >>> unserved = np.array([False, True, False, True])  # bit 0 alone decides
    >>> minimal_cuts(unserved, np.array([7, 9]))
    ((7,),)
    """
    state = np.arange(unserved.size)
    minimal = unserved.copy()
    for bit in range(tasks.size):
        less = state & ~(1 << bit)
        minimal &= (less == state) | ~unserved[less]
    found = np.flatnonzero(minimal)
    return tuple(tuple(int(tasks[i]) for i in range(tasks.size) if s >> i & 1) for s in found)


def terms_of(
    usable: np.ndarray,
    repair: np.ndarray,
    weights: np.ndarray,
    corners: np.ndarray,
    cuts: list[list[tuple[Clause, ...]]],
) -> tuple[np.ndarray, tuple[tuple[Clause, ...], ...]]:
    """Terms of buildings whose function is usable share x response to services that are there or not.

    weight x (u + (1 - u) repaired) x response, multiplied out: the response is a sum over sets of networks of
    a coefficient x (all of the set serve); each product of repaired and serving is one term.

    Parameters
    ----------
    usable : ndarray
        Share of each building before repair, shape (building,).
    repair : ndarray of int
        Task that repairs the building, -1 if none.
    weights : ndarray
        Share of the city's functionality in each kind of function, shape (building, kind).
    corners : ndarray
        Response of each kind where every network serves fully or not at all, first network slowest, shape
        (building, kind, 2 ** network).
    cuts : list of list
        Per building and network the minimal cuts of the serving node, as from `minimal_cuts`.

    Returns
    -------
    amount : ndarray
        Shape (term,).
    clauses : tuple
        Of the same length.

    Raises
    ------
    TableError
        If two services together are worth less than the sum of each alone, which the programme cannot hold.

    Examples
    --------
    >>> corners = np.array([[[0.25, 1.0]]])
    >>> terms_of(np.zeros(1), np.array([0]), np.ones((1, 1)), corners, [[((1,),)]])
    (array([0.25, 0.75]), (((0,),), ((0,), (1,))))
    """
    networks = int(np.log2(corners.shape[2]))
    found: dict[tuple[Clause, ...], float] = {}
    for b in range(usable.size):
        own: tuple[Clause, ...] = ((int(repair[b]),),) if repair[b] >= 0 else ()
        parts = [((), usable[b]), (own, 1.0 - usable[b])] if own else [((), 1.0)]
        share = _coefficients(weights[b] @ corners[b], networks)
        for served in range(share.size):
            needs = [c for n in range(networks) if served >> (networks - 1 - n) & 1 for c in cuts[b][n]]
            for clauses, part in parts:
                key = tuple(sorted({*clauses, *needs}))
                if key:
                    found[key] = found.get(key, 0.0) + part * share[served]
    kept = {key: amount for key, amount in found.items() if abs(amount) > ROUNDING}
    if min(kept.values(), default=0.0) < 0:
        text = "two services together restore less than each alone; the exact optimum needs a response without that"
        raise TableError("responses", [Problem(text)])
    return np.array(list(kept.values())), tuple(kept)


def _coefficients(corner: np.ndarray, networks: int) -> np.ndarray:
    """Coefficient of each set of serving networks, so that the response is the sum over the sets that serve."""
    share = corner.astype(np.float64).copy()
    sets = np.arange(share.size)
    for bit in range(networks):
        with_it = sets >> bit & 1 == 1
        share[with_it] -= share[sets[with_it] ^ (1 << bit)]
    return share


def cuts_of(graph: Graph, down: np.ndarray, task: np.ndarray) -> list[tuple[Clause, ...]]:
    """Minimal cuts of every node, from all states of the damaged network assets.

    Parameters
    ----------
    graph : Graph
        The networks; no dependency may have a backup, whose end would depend on the time.
    down : ndarray of int
        Damaged assets out of service: nodes, then edges, numbered from the first node.
    task : ndarray of int
        Task of each.

    Returns
    -------
    list of tuple
        Per node as from `minimal_cuts`.

    Raises
    ------
    TableError
        If there are more than 18 such assets, or a dependency has a backup.
    """
    problems = (
        [Problem(f"{down.size} damaged network assets; list at most {MOST_DOWN}")] if down.size > MOST_DOWN else []
    )
    if (graph.needs.minutes > 0).any():
        problems.append(Problem("a backup bridges an outage; set backup_hours to 0", column="backup_hours"))
    if problems:
        raise TableError("case", problems)
    nodes = graph.source.size
    served = np.ones((2**down.size, nodes), dtype=np.bool_)
    for state in range(len(served)):
        works = np.ones(nodes + len(graph.ends), dtype=np.bool_)
        works[down[[bool(state >> i & 1) for i in range(down.size)]]] = False
        served[state] = in_service(graph, works[:nodes], works[nodes:])
    return [minimal_cuts(~served[:, v], task) for v in range(nodes)]


def case_of(
    graph: Graph, share: np.ndarray, corners: np.ndarray, usable: np.ndarray, tasks: np.ndarray, pools: np.ndarray
) -> tuple[Case, np.ndarray]:
    """Put one draw of a city, as the engine is given it, into a `Case`.

    Parameters
    ----------
    graph : Graph
        The networks.
    share : ndarray
        Worth of the buildings, shape (building, kind).
    corners : ndarray
        Responses of the buildings, shape (building, kind, 2 ** network).
    usable : ndarray
        Share of each building before repair.
    tasks : ndarray
        Records by asset with ``damaged``, ``down``, ``release``, ``expected``, ``crews``, ``trade``.
    pools : ndarray of int
        Crews of each trade.

    Returns
    -------
    Case
        Durations are the expected ones.
    ndarray of int
        Asset of each task.
    """
    count = usable.size
    asset = np.flatnonzero(tasks["damaged"])
    task = np.full(tasks.size, -1)
    task[asset] = np.arange(asset.size)
    down = np.flatnonzero(tasks["down"])
    cuts = cuts_of(graph, down - count, task[down])
    repair = np.where(usable < 1.0, task[:count], -1)
    amount, clauses = terms_of(usable, repair, share, corners, [[cuts[v] for v in row] for row in graph.serving])
    own = tasks[asset]
    return Case(own["release"], own["expected"], own["crews"], own["trade"], pools, amount, clauses), asset


def solve(case: Case, seconds: float = 60.0, end: np.ndarray | None = None) -> Optimum:
    """The schedule of least loss, without preemption, by a time-indexed mixed-integer programme.

    Unknown is, for every task and day, whether it has started; crews in use never exceed the pool of the
    trade; a term is back no earlier than each of its clauses. All tasks of a trade end by the latest
    release plus the sum of its durations: past the last release no best schedule leaves a trade idle.

    Parameters
    ----------
    case : Case
        The tasks.
    seconds : float
        Time limit; then the best schedule so far and the bound are given, not `proved`.
    end : ndarray of int or None
        Ends of a known schedule to start from.

    Returns
    -------
    Optimum
        Best schedule and bound.

    Raises
    ------
    NotConverged
        If no schedule was found in time.
    TableError
        If a task wants more crews than its trade has.

    References
    ----------
    Pritsker, Watters & Wolfe (1969), Management Science 16: time-indexed scheduling under resource
    constraints; here in its "step" form (started by day t). Solved by HiGHS.

    Examples
    --------
    >>> two = np.array([2, 3])
    >>> case = Case(two * 0, two, two * 0 + 1, two * 0, np.array([1]), np.array([0.1, 0.9]), (((0,),), ((1,),)))
    >>> best = solve(case)
    >>> best.proved, best.start.tolist(), round(best.loss, 9)
    (True, [3, 0], 3.2)
    """
    wide = np.flatnonzero(case.crews > case.pools[case.trade])
    if wide.size:
        text = "wants more crews than its trade has"
        raise TableError("case", [Problem(f"task {j}: {text}", column="crews") for j in wide])
    if case.release.size == 0 or case.amount.size == 0:
        return Optimum(0.0, 0.0, True, case.release.copy())
    grid = _grid(case)
    if grid.started == 0:  # each task alone in its trade: nothing to choose
        loss = loss_of(case, case.release + case.duration)
        return Optimum(loss, loss, True, case.release.copy())
    model = _model(case, grid)
    solver = highspy.Highs()
    solver.silent()
    for key, value in (("time_limit", seconds), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 1e-6)):
        solver.setOptionValue(key, value)
    solver.passModel(model)
    if end is not None:
        _suggest(solver, case, grid, end)
    solver.run()
    return _read(solver, case, grid)


class _Grid(NamedTuple):
    """Columns of the programme: that task j has started by day d is column first[j] + d - release[j], up to last[j].

    ``term_first`` (term,): column of a term on the first day ``term_day`` on which it can be back, -1 where it
    is one task's own; ``days``: length of the schedule; ``started``, ``columns``: columns of tasks, and all.
    """

    last: np.ndarray
    first: np.ndarray
    term_first: np.ndarray
    term_day: np.ndarray
    days: int
    started: int
    columns: int


Row = tuple[list[tuple[int, float]], float]
"""Sum of coefficient x column <= upper."""


def _grid(case: Case) -> _Grid:
    """Number the columns."""
    until = np.zeros(case.pools.size, dtype=np.int64)
    for t in range(case.pools.size):
        own = case.trade == t
        if own.any():
            until[t] = case.release[own].max() + case.duration[own].sum()
    last = until[case.trade] - case.duration
    first = np.concatenate([[0], np.cumsum(last - case.release)])  # on its last day a task has started: no column
    term_first, term_day, column = [], [], int(first[-1])
    earliest, days = case.release + case.duration, int(until.max())
    for term in case.clauses:
        single = len(term) == 1 and len(term[0]) == 1
        term_day.append(int(max(min(earliest[a] for a in clause) for clause in term)))
        term_first.append(-1 if single else column)
        column += 0 if single else days - term_day[-1]
    return _Grid(last, first[:-1], np.array(term_first), np.array(term_day), days, int(first[-1]), column)


def _by(case: Case, grid: _Grid, task: int, day: int) -> int | None:
    """Column that says whether a task has started by a day; -1 for surely not, None for surely so."""
    if day < case.release[task]:
        return -1
    if day >= grid.last[task]:
        return None
    return int(grid.first[task] + day - case.release[task])


def _model(case: Case, grid: _Grid) -> highspy.HighsLp:
    """The programme: minimise sum of amount x days - sum over days of amount x (term is back)."""
    rows: list[Row] = []
    cost, offset = np.zeros(grid.columns), float(case.amount.sum() * grid.days)
    for j in range(case.release.size):
        low = int(grid.first[j])
        rows += [([(c, 1.0), (c + 1, -1.0)], 0.0) for c in range(low, low + int(grid.last[j] - case.release[j]) - 1)]
    for trade in range(case.pools.size):
        rows += _crew_rows(case, grid, trade)
    for k, term in enumerate(case.clauses):
        if grid.term_first[k] < 0:
            offset -= case.amount[k] * _own_term(case, grid, k, term[0][0], cost)
        else:
            rows += _term_rows(case, grid, k, term, cost)
    return _packed(rows, cost, offset, grid)


def _crew_rows(case: Case, grid: _Grid, trade: int) -> list[Row]:
    """Crews at work on a day, those of tasks started and not ended, are no more than the pool."""
    own, rows = np.flatnonzero(case.trade == trade), []
    if case.crews[own].sum() <= case.pools[trade]:
        return []
    for day in range(int(case.release[own].min()), int(grid.last[own].max()) + 1):
        parts, upper = [], float(case.pools[trade])
        for j in own:
            for when, crews in ((day, float(case.crews[j])), (day - int(case.duration[j]), -float(case.crews[j]))):
                column = _by(case, grid, int(j), when)
                if column is None:
                    upper -= crews
                elif column >= 0:
                    parts.append((column, crews))
        rows.append((parts, upper))
    return rows


def _own_term(case: Case, grid: _Grid, k: int, task: int, cost: np.ndarray) -> int:
    """Credit the days on which one task's own term is back; how many days it is back for sure."""
    sure = 0
    for day in range(int(grid.term_day[k]), grid.days):
        column = _by(case, grid, task, day - int(case.duration[task]))
        if column is None:
            sure += 1
        else:
            cost[column] -= case.amount[k]
    return sure


def _term_rows(case: Case, grid: _Grid, k: int, term: tuple[Clause, ...], cost: np.ndarray) -> list[Row]:
    """A term is back on a day only if of each clause a task is done by then."""
    rows = []
    for day in range(int(grid.term_day[k]), grid.days):
        own = int(grid.term_first[k]) + day - int(grid.term_day[k])
        cost[own] -= case.amount[k]
        for clause in term:
            done = [_by(case, grid, a, day - int(case.duration[a])) for a in clause]
            if None not in done:
                rows.append(([(own, 1.0), *((c, -1.0) for c in done if c is not None and c >= 0)], 0.0))
    return rows


def _packed(rows: list[Row], cost: np.ndarray, offset: float, grid: _Grid) -> highspy.HighsLp:
    """The rows in the form that the solver reads."""
    kinds = highspy.HighsVarType
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_, lp.offset_ = grid.columns, len(rows), offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(grid.columns), np.ones(grid.columns)
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([upper for _, upper in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(parts) for parts, _ in rows])]).astype(np.int32)
    lp.a_matrix_.index_ = np.array([c for parts, _ in rows for c, _ in parts], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([v for parts, _ in rows for _, v in parts])
    lp.integrality_ = [kinds.kInteger] * grid.started + [kinds.kContinuous] * (grid.columns - grid.started)
    return lp


def _suggest(solver: highspy.Highs, case: Case, grid: _Grid, end: np.ndarray) -> None:
    """Give the solver a known schedule to start from."""
    values = np.zeros(grid.columns)
    for j, start in enumerate(end - case.duration):
        low = int(grid.first[j])
        values[low + max(int(start - case.release[j]), 0) : low + int(grid.last[j] - case.release[j])] = 1.0
    for k, term in enumerate(case.clauses):
        if grid.term_first[k] >= 0:
            back = max(min(int(end[a]) for a in clause) for clause in term)
            low = int(grid.term_first[k])
            values[low + max(back - int(grid.term_day[k]), 0) : low + grid.days - int(grid.term_day[k])] = 1.0
    known = highspy.HighsSolution()
    known.col_value = values.tolist()
    solver.setSolution(known)


def _read(solver: highspy.Highs, case: Case, grid: _Grid) -> Optimum:
    """Best schedule and bound."""
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        problem = f"no schedule found for {case.release.size} tasks; allow more seconds"
        raise NotConverged(problem)
    values = np.array(solver.getSolution().col_value)
    start = np.empty_like(case.release)
    for j in range(start.size):
        low = int(grid.first[j])
        begun = values[low : low + int(grid.last[j] - case.release[j])] > HALF
        start[j] = case.release[j] + (begun.argmax() if begun.any() else begun.size)
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    loss = loss_of(case, start + case.duration)
    return Optimum(loss, loss if proved else min(float(info.mip_dual_bound), loss), proved, start)


def exhausted(case: Case) -> Optimum:
    """The schedule of least loss by trying every order of the tasks; for up to eight.

    In each order every task starts on the first day on which its crews are free throughout; one of these
    schedules is best, since the loss never falls when a task ends later.

    Parameters
    ----------
    case : Case
        The tasks.

    Returns
    -------
    Optimum
        Always proved.

    Examples
    --------
    >>> two = np.array([2, 3])
    >>> case = Case(two * 0, two, two * 0 + 1, two * 0, np.array([1]), np.array([0.1, 0.9]), (((0,),), ((1,),)))
    >>> exhausted(case).start.tolist()
    [3, 0]
    """
    best, start = np.inf, case.release
    horizon = int(case.release.max() + case.duration.sum())
    for order in permutations(range(case.release.size)):
        now = _in_order(case, order, horizon)
        loss = loss_of(case, now + case.duration)
        if loss < best:
            best, start = loss, now
    return Optimum(best, best, True, start)


def _in_order(case: Case, order: tuple[int, ...], horizon: int) -> np.ndarray:
    """Start the tasks one after another, each on the first day on which its crews are free throughout."""
    free = np.repeat(case.pools[:, None], horizon, axis=1)
    start = np.empty_like(case.release)
    for j in order:
        day, own = int(case.release[j]), free[case.trade[j]]
        while (own[day : day + case.duration[j]] < case.crews[j]).any():
            day += 1
        own[day : day + case.duration[j]] -= case.crews[j]
        start[j] = day
    return start
