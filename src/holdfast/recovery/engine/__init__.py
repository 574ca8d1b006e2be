"""The recovery engine: state in flat arrays, one compiled loop.

`records` says what the arrays are, `begin` fills them, `loop` runs, calling `resources` (crews, materials, roads),
`upkeep` (buildings, zones, totals) and `assign` (the strategies).
"""

from holdfast.recovery.engine.begin import Normal, Present, normal, town
from holdfast.recovery.engine.loop import External, Run, recover, state_at
from holdfast.recovery.engine.records import (
    CONVERT,
    FINISHED,
    MINUTES,
    MOVE,
    SHELTER,
    STARTED,
    TASK,
    WITHDRAWN,
    Calendar,
    Outcome,
    Tasks,
    Town,
)

__all__ = [
    "CONVERT",
    "FINISHED",
    "MINUTES",
    "MOVE",
    "SHELTER",
    "STARTED",
    "TASK",
    "WITHDRAWN",
    "Calendar",
    "External",
    "Normal",
    "Outcome",
    "Present",
    "Run",
    "Tasks",
    "Town",
    "normal",
    "recover",
    "state_at",
    "town",
]
