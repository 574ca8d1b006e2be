"""From levels before and after an intervention: who gains, who falls, and which falls are an artefact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from holdfast.rating.model.levels import LEVELS, level_pairs
from holdfast.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Moved:
    """Cells and people that moved one way: how many, and what share of all people these are."""

    cells: int
    people: float
    share: float


@dataclass(frozen=True)
class Transitions:
    """How levels changed in one mode.

    Parameters
    ----------
    mode : str
        ``frozen``, ``refitted`` or ``monotone``.
    matrix : tuple of tuple of float
        People by level before (rows, 1 to 5) and after (columns).
    gained, fell : Moved
        To a higher and to a lower level.
    artefact : Moved
        Of those that fell: no oriented feature of the cell is worse than before, so that the fall is none of its own. It
        comes of the borders between groups, or of a scale that moved.
    bystanders : tuple of Moved
        Of those that gained, and of those that fell: no feature of the cell changed at all.
    """

    mode: str
    matrix: tuple[tuple[float, ...], ...]
    gained: Moved
    fell: Moved
    artefact: Moved
    bystanders: tuple[Moved, Moved]

    @property
    def artefact_share(self) -> float:
        """Share of the people who fell whose fall is an artefact; not a number where nobody fell."""
        return self.artefact.people / self.fell.people if self.fell.people else float("nan")


@dataclass(frozen=True)
class Difference:
    """What an intervention did to the oriented features of cells, both of shape (cell,): any at all, and any for the worse."""

    changed: Bools
    worse: Bools


def difference(before: pd.DataFrame, after: pd.DataFrame, directions: Mapping[str, int]) -> Difference:
    """Where features changed, and where one of them got worse, from values in their own units and the same order of cells.

    Examples
    --------
    >>> one, two = pd.DataFrame({"poverty": [0.1, 0.2, 0.3]}), pd.DataFrame({"poverty": [0.1, 0.1, 0.4]})
    >>> found = difference(one, two, {"poverty": -1})
    >>> found.changed.tolist(), found.worse.tolist()
    ([False, True, True], [False, False, True])
    """
    turned = np.array([directions[str(name)] for name in before.columns])
    # null to null is no change, and null to a value is one, neither better nor worse
    old, new = (t[before.columns].to_numpy(np.float64) * turned for t in (before, after))
    same = (old == new) | (np.isnan(old) & np.isnan(new))
    return Difference(~same.all(axis=1), (new < old).any(axis=1))


def transitions(mode: str, before: Ints, after: Ints, people: Floats, moved: Difference) -> Transitions:
    """Transition matrix in people, and who moved, from levels 1..5 and people of the same cells.

    Examples
    --------
    >>> none = Difference(np.array([True, False]), np.array([False, False]))
    >>> found = transitions("frozen", np.array([1, 3]), np.array([2, 2]), np.array([10.0, 30.0]), none)
    >>> found.gained.people, found.artefact, found.artefact_share
    (10.0, Moved(cells=1, people=30.0, share=0.75), 1.0)
    """
    matrix = level_pairs(before, after, people)
    whole = max(float(people.sum()), 1e-300)

    def of(chosen: Bools) -> Moved:
        held = float(people[chosen].sum())
        return Moved(int(chosen.sum()), held, held / whole)

    up, down = after > before, after < before
    return Transitions(
        mode,
        tuple(tuple(float(v) for v in row) for row in matrix),
        of(up),
        of(down),
        of(down & ~moved.worse),
        (of(up & ~moved.changed), of(down & ~moved.changed)),
    )


def aligned(before: Ints, after: Ints, people: Floats) -> tuple[int, ...]:
    """New level of each level of a refit, so that most people keep theirs; the order of the refit where several do.

    Pass cells whose features did not change: whatever moves among them is the refit's. Groups that a refit finds have levels
    by ordering rules, and two groups of nearly the same rank may change places.

    Returns
    -------
    tuple of int
        Place 0 is the aligned level of what the refit calls 1.

    Examples
    --------
    >>> aligned(np.array([1, 2, 3]), np.array([2, 1, 3]), np.ones(3))
    (2, 1, 3, 4, 5)
    """
    kept = level_pairs(after, before, people)

    def held(order: Sequence[int]) -> float:
        return float(sum(kept[k, level - 1] for k, level in enumerate(order)))

    # 120 ways, the refit's own first, and only a larger sum takes its place
    return max(permutations(range(1, LEVELS + 1)), key=held)
