"""Blocks: where units of work run, and how their results come back in order."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from holdfast.errors import Problem, TableError, UnknownName

Executor = Callable[[Callable[[Any], Any], Sequence[Any], int], Iterator[Any]]

AHEAD = 2
"""Blocks per worker that are handed out before their results are asked for."""

_work: Callable[[Any], Any] | None = None  # of a worker process: what it does with each block


def local(function: Callable[[Any], Any], blocks: Sequence[Any], workers: int) -> Iterator[Any]:
    """Run on this machine: in this process, or in freshly started ones.

    Processes are spawned, never forked, since compiled code and its threads do not survive a fork. The
    function goes to each process once; a block is handed out only when a result has been taken, so that
    memory does not grow with the number of blocks.

    Parameters
    ----------
    function : callable
        Takes one block; with more than one worker it must be picklable (such as a ``functools.partial``
        of a module's function).
    blocks : sequence
        Work to do.
    workers : int
        Processes; 1 runs in this one.

    Yields
    ------
    object
        Result of each block, in the order of `blocks`.

    Examples
    --------
    >>> list(local(sum, [[1, 2], [3]], workers=1))
    [3, 3]
    """
    if workers == 1 or len(blocks) < 2:
        yield from map(function, blocks)
        return
    context = multiprocessing.get_context("spawn")
    count = min(workers, len(blocks))
    with ProcessPoolExecutor(count, mp_context=context, initializer=_receive, initargs=(function,)) as pool:
        waiting = deque(pool.submit(_do, block) for block in blocks[: AHEAD * count])
        try:
            for block in blocks[AHEAD * count :]:
                yield waiting.popleft().result()
                waiting.append(pool.submit(_do, block))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _receive(function: Callable[[Any], Any]) -> None:
    """Keep the function in a new process."""
    global _work
    _work = function


def _do(block: Any) -> Any:
    """Run the kept function on a block."""
    if _work is None:
        text = "a worker process started without its function"
        raise RuntimeError(text)
    return _work(block)


EXECUTORS: dict[str, Executor] = {"local": local}


def run(
    function: Callable[[Any], Any], blocks: Sequence[Any], workers: int = 1, executor: str = "local"
) -> Iterator[Any]:
    """Run a function on every block and give the results in order.

    Parameters
    ----------
    function : callable
        Takes one block.
    blocks : sequence
        Work to do; cut the same way whatever the number of workers, so that results are the same.
    workers : int
        How many blocks run at a time.
    executor : str
        Key of ``EXECUTORS``.

    Returns
    -------
    iterator
        Results in the order of `blocks`, each as soon as it and all before it are there.

    Raises
    ------
    UnknownName
        If there is no such executor.
    TableError
        If `workers` is below 1.

    Examples
    --------
    >>> list(run(len, ["ab", "c"]))
    [2, 1]
    """
    if executor not in EXECUTORS:
        raise UnknownName("executor", executor, EXECUTORS)
    if workers < 1:
        raise TableError("study", [Problem(f"{workers} is below 1; give at least one worker", column="workers")])
    return EXECUTORS[executor](function, blocks, workers)
