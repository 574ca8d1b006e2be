"""The recovery engine: state in flat arrays, one compiled loop.

`records` says what the arrays are; `baseline` is the city before the event, `initial` the state after it; `run` runs a
draw through `loop`, which opens each day (`opening`), updates networks and `totals` (buildings, zones, the city) and
assigns crews (`assign`, `assign_networks`, `lookahead`) within what `resources` allow.
"""

from holdfast.recovery.engine.baseline import baseline, city_arrays
from holdfast.recovery.engine.records import (
    CONVERT,
    FINISHED,
    MINUTES,
    MOVE,
    SHELTER,
    STARTED,
    TASK,
    WITHDRAWN,
    Baseline,
    Calendar,
    CityArrays,
    Outcome,
    Sites,
    Tasks,
)
from holdfast.recovery.engine.recover import Recovered, recover
from holdfast.recovery.engine.restart import Present
from holdfast.recovery.engine.run import Run, run_draw, run_until

__all__ = [
    "CONVERT",
    "FINISHED",
    "MINUTES",
    "MOVE",
    "SHELTER",
    "STARTED",
    "TASK",
    "WITHDRAWN",
    "Baseline",
    "Calendar",
    "CityArrays",
    "Outcome",
    "Present",
    "Recovered",
    "Run",
    "Sites",
    "Tasks",
    "baseline",
    "city_arrays",
    "recover",
    "run_draw",
    "run_until",
]
