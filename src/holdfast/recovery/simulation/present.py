"""Present state: from a run to a table that people can read and edit, and back."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.city import City
from holdfast.recovery.engine import Present, Tasks

COLUMNS = ("began_day", "since_day", "left_days", "running", "finished_day")


class Observed(NamedTuple):
    """What is known on a day since the event: ``table``, schema ``present``, index ``asset``."""

    day: int
    table: pd.DataFrame


def observed_states(table: pd.DataFrame, names: pd.Index) -> np.ndarray:
    """Damage state of every asset, int8 of shape (asset,), by a table ``present``; what that does not name is undamaged.

    Raises
    ------
    TableError
        Naming every asset that the city lacks.

    Examples
    --------
    >>> table = pd.DataFrame({"damage_state": [3]}, index=["power:p2"])
    >>> observed_states(table, pd.Index(["building:b1", "power:p1", "power:p2"])).tolist()
    [0, 0, 3]
    """
    place = names.get_indexer(table.index)
    if (place < 0).any():
        text = '"{}" is not in the city; assets are called building:<id>, or <network>:<id> of a node or edge'
        raise TableError("present", [Problem(text.format(a), column="asset") for a in table.index[place < 0]])
    states = np.zeros(len(names), dtype=np.int8)
    states[place] = table["damage_state"]
    return states


def asset_names(city: City) -> pd.Index:
    """Names of all assets, buildings, then all nodes, then all edges: ``building:<id>``, ``<network>:<id>``."""
    names = [f"building:{b}" for b in city.buildings.index]
    for table in ("nodes", "edges"):
        names += [f"{n}:{i}" for n, net in city.networks.items() for i in getattr(net, table).index]
    return pd.Index(names, name="asset")


def present_table(present: Present, damaged: np.ndarray, names: pd.Index) -> pd.DataFrame:
    """What was damaged and what has been done, one row per damaged asset.

    Parameters
    ----------
    present : Present
        State, as from `holdfast.recovery.engine.state_at`.
    damaged : ndarray of bool
        Assets that the event damaged, shape (asset,).
    names : Index
        Names of all assets, as from `asset_names`.

    Returns
    -------
    DataFrame
        Index ``asset``; ``began_day`` (first day of work), ``since_day`` (from which the present crew works),
        ``finished_day``, null where that has not been; ``left_days`` (days of work to do); ``running``.
    """
    own = np.flatnonzero(damaged)

    def day(values: np.ndarray, known: np.ndarray) -> pd.Series:
        return pd.Series(np.where(known[own], values[own], 0), index=names[own], dtype="Int64").where(known[own])

    return pd.DataFrame(
        {
            "began_day": day(present.began, present.began >= 0),
            "since_day": day(present.since, present.running),
            "left_days": pd.Series(present.left[own], index=names[own]),
            "running": pd.Series(present.running[own], index=names[own]),
            "finished_day": day(present.finished, present.finished >= 0),
        }
    )


def present_from_table(day: int, table: pd.DataFrame, tasks: Tasks, names: pd.Index, dependencies: int) -> Present:
    """Present state from an observed table, with the crews of that morning still to be assigned.

    Parameters
    ----------
    day : int
        Days since the event.
    table : DataFrame
        As from `present_table`; ``left_days`` may be null for the days of the draw.
    tasks, names : Tasks, Index
        Those of the draw, and the names of all assets.
    dependencies : int
        How many dependencies the networks have.

    Raises
    ------
    TableError
        If an asset is unknown or undamaged, or its days contradict each other.
    """
    table = table.reindex(columns=list(COLUMNS))
    place = names.get_indexer(table.index)
    known = place >= 0
    problems = [Problem(f'"{a}" is not in the city', column="asset") for a in table.index[~known]]
    # every damaged asset has a task, and so a place in the order
    hit = np.zeros(len(names), dtype=np.bool_)
    hit[tasks.order] = True
    problems += [Problem(f'"{a}" is not damaged', column="asset") for a in table.index[known][~hit[place[known]]]]
    began, since, finished = (
        table[c].to_numpy(dtype=float, na_value=-1.0) for c in ("began_day", "since_day", "finished_day")
    )
    running = table["running"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    # contradictions: work without a first day of the crew or after the end; an end before the beginning; days to come
    wrong = (
        (running & ((since < 0) | (finished >= 0)))
        | ((finished >= 0) & (began > finished))
        | (began > day)
        | (finished > day)
        | (since > day)
    )
    problems += [
        Problem(f'"{a}": running, since, began and finished do not fit together on day {day}', column="running")
        for a in table.index[wrong]
    ]
    if problems:
        raise TableError("present", problems)
    left = table["left_days"].to_numpy(dtype=float, na_value=-1.0)
    # what the table does not name keeps the days of its draw, not begun
    full = Present(
        day=day,
        began=np.full(len(names), -1),
        since=np.zeros(len(names), dtype=np.int64),
        left=tasks.asset["duration"].copy(),
        running=np.zeros(len(names), dtype=np.bool_),
        finished=np.where(tasks.asset["damaged"], -1, 0),
        # Not specified in the paper: what lacks a service has lacked it since the event (minutes), so that a backup of
        # less is empty; people's patience begins on that day; materials are those of the first day, as no stock is given
        outage=np.full(dependencies, day * 1440),
        stock=np.zeros(0, dtype=np.int64),
        unserved=np.zeros(0, dtype=np.int64),
        staying=np.zeros(0),
        closed=np.zeros(0, dtype=np.bool_),
        assigned=False,
    )
    full.began[place], full.running[place], full.finished[place] = began, running, finished
    full.since[place] = np.maximum(since, 0)
    full.left[place] = np.where(left >= 0, left, full.left[place])
    return full
