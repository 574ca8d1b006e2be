"""Passes: people decide from a recovery, it is run again with what they do, until they decide nothing else."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

Choice = TypeVar("Choice")
Result = TypeVar("Result")


class Passes(NamedTuple, Generic[Choice, Result]):
    """How the passes ended.

    ``chosen``: what was done in the last pass, ``result``: what came of it, ``again``: what would be decided from that;
    ``passes`` that were made; ``cycle``: after how many passes the same decisions recur, 0 where none do.
    """

    chosen: Choice
    result: Result
    again: Choice
    passes: int
    cycle: int


def passes_until_settled(
    first: Choice,
    step: Callable[[Choice], tuple[Result, Choice]],
    settled: Callable[[Choice, Choice], bool],
    mark: Callable[[Choice], bytes],
    most: int,
) -> Passes[Choice, Result]:
    """Decide and run again until nothing else is decided, decisions recur, or the passes are used up.

    Parameters
    ----------
    first : Choice
        What is decided and done in the first pass.
    step : callable
        What comes of a choice, and what is decided from that.
    settled : callable
        Whether two choices, one after the other, are near enough to end.
    mark : callable
        A digest that two different choices do not share.
    most : int
        Passes at most, of which the first is always made.

    Examples
    --------
    A fixed point, and two choices of which each leads to the other:

    >>> halved = passes_until_settled(8, lambda x: (-x, x // 2), int.__eq__, str, 9)
    >>> halved.chosen, halved.result, halved.passes, halved.cycle
    (0, 0, 5, 0)
    >>> passes_until_settled(1, lambda x: (-x, 3 - x), int.__eq__, str, 9).cycle
    2
    """
    chosen, marks, cycle = first, [mark(first)], 0
    result, again = step(chosen)
    while not settled(chosen, again) and len(marks) < most:
        now = mark(again)
        if now in marks:
            cycle = len(marks) - marks.index(now)
            break
        chosen = again
        marks.append(now)
        result, again = step(chosen)
    return Passes(chosen, result, again, len(marks), cycle)
