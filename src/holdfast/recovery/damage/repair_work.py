"""Work of network repairs as crews do them: pipes by diameter and step, provisional service before the repair."""

import numpy as np

from holdfast.data import figure, packaged
from holdfast.recovery.damage.fragility import STATES

STEPS = ["isolate_hours", "repair_hours", "flush_hours", "connection_hours"]
REPAIRS = ("leak", "break")


def provisional_days(kinds: np.ndarray) -> np.ndarray:
    """Days of work until an asset serves again provisionally, by class and state 0 to 4, whole; infinite where none is known.

    Not specified in the paper: the packaged table ``provisional_service`` is assumed.

    Examples
    --------
    >>> provisional_days(np.array(["EP.S.L.A", "RES1"], dtype=object)).tolist()
    [[inf, inf, 1.0, 3.0, 7.0], [inf, inf, inf, inf, inf]]
    """
    table = packaged("provisional_service")
    wide = table.pivot_table(values="days", index="asset_class", columns="damage_state", aggfunc="first")
    wide = wide.reindex(index=kinds, columns=STATES).fillna(np.inf)
    return np.asarray(np.ceil(wide.to_numpy(np.float64)))


def pipe_crew_days() -> tuple[np.ndarray, np.ndarray]:
    """Least diameters, m, (size,), and crew-days of a leak and of a break from each on, (size, 2).

    To shut off, repair and flush the main, and to repair the service connections that broke with it.

    Examples
    --------
    >>> sizes, days = pipe_crew_days()
    >>> sizes.tolist(), days[0].tolist()
    ([0.0, 0.25, 0.5, 0.9], [1.5, 2.0])
    """
    table = packaged("pipe_work")
    days = table[STEPS].sum(axis=1) / figure("crew_day_hours")
    wide = table.assign(days=days).pivot_table(values="days", index="from_diameter_m", columns="repair")
    return wide.index.to_numpy(np.float64), wide[list(REPAIRS)].to_numpy(np.float64)


def work_by_diameter(kind: np.ndarray, pipe_days: np.ndarray, diameter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the crew-days of each asset, (asset,), and crew-days of a leak and a break, (row, 2).

    Parameters
    ----------
    kind : ndarray
        Class of each asset, (asset,).
    pipe_days : ndarray
        Crew-days by class, (kind, 2), which stay those of pipes of no known diameter.
    diameter : ndarray
        Inner diameter, m, NaN where none is known, (asset,).
    """
    sizes, days = pipe_crew_days()
    size = np.searchsorted(sizes, diameter, side="right") - 1
    row = np.where(diameter > 0, len(pipe_days) + size, kind)
    return row, np.concatenate([pipe_days, days])
