"""Blocks: where units of work run, and how their results come back in order."""

import ctypes
import errno
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from holdfast.errors import Problem, TableError, UnknownName

Work = Callable[[Any], Any]
Make = Callable[[], Work]
Executor = Callable[[Work, Sequence[Any], int, Make | None], Iterator[Any]]

AHEAD = 2
"""Blocks per worker that are handed out before their results are asked for."""
MOST_WORKERS = 1024
PATIENCE = 5.0
"""Seconds that a worker has to end by itself."""
END_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux: the signal that a process gets when its parent dies."""
STOPS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Worker(NamedTuple):
    """A process and the parent's end of its pipe."""

    process: BaseProcess
    pipe: Connection


def local(function: Work, blocks: Sequence[Any], workers: int, make: Make | None = None) -> Iterator[Any]:
    """Run on this machine: in this process, or in freshly started ones.

    Parameters
    ----------
    function : callable
        Takes one block; with more than one worker it must be picklable (such as a ``functools.partial``
        of a module's function).
    blocks : sequence
        Work to do, one entry for each call of `function`.
    workers : int
        Processes; 1 runs in this one.
    make : callable, optional
        Makes each new process its own `function`, once, before its first block: for what is costly to prepare or cannot
        be sent. It must be picklable itself; `function` is then what this process does.

    Yields
    ------
    object
        Result of each block, in the order of `blocks`.

    Raises
    ------
    ChildProcessError
        If a worker was ended from outside.
    TableError
        If `function`, or `make`, cannot be sent.

    Examples
    --------
    >>> list(local(sum, [[1, 2], [3]], workers=1))
    [3, 3]
    """
    if workers == 1 or len(blocks) < 2:
        yield from map(function, blocks)
        return
    # the function goes to each process once; workers end with their parent, whatever ended it
    with _started(partial(_itself, function) if make is None else make, min(workers, len(blocks))) as team:
        window, handed, ready = AHEAD * len(team), 0, dict[int, Any]()
        idle = [worker for _ in range(AHEAD) for worker in team]
        for number in range(len(blocks)):
            while True:
                # handed out only as results are taken: memory does not grow with the number of blocks
                while idle and handed < min(number + window, len(blocks)):
                    idle.pop(0).pipe.send((handed, blocks[handed]))
                    handed += 1
                if number in ready:
                    break
                for worker, done, result in _answers(team):
                    ready[done] = result
                    idle.append(worker)
            yield ready.pop(number)


def _answers(team: Sequence[Worker]) -> Iterator[tuple[Worker, int, Any]]:
    """Results that have come, at least one; raises what a worker raised."""
    # its pipe or its end, whichever comes first: a worker that was killed writes nothing any more
    waited: dict[Any, Worker] = {w.pipe: w for w in team} | {w.process.sentinel: w for w in team}
    for worker in {id(waited[there]): waited[there] for there in wait(list(waited))}.values():
        try:
            number, result, fault = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join(PATIENCE)
            code = worker.process.exitcode
            how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
            text = f"a worker process was ended from outside ({how}); if the memory was full, take fewer workers"
            raise ChildProcessError(errno.ECHILD, text) from None
        if fault is not None:
            raise fault
        yield worker, number, result


@contextmanager
def _started(make: Make, count: int) -> Iterator[list[Worker]]:
    """Processes that make the function, ended when the block is left."""
    # spawned, never forked, since compiled code and its threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    team: list[Worker] = []
    try:
        with _stops_held_back():
            for _ in range(count):
                mine, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
                process.start()
                # a pipe whose other end stays open here would not say that the worker is gone
                theirs.close()
                team.append(Worker(process, mine))
        for worker in team:
            with suppress(BrokenPipeError):  # it died; its answer will say so
                _send(worker.pipe, make)
        yield team
        for worker in team:
            worker.pipe.close()  # which it takes for the end of its work
            worker.process.join(PATIENCE)
    finally:
        for worker in team:
            worker.process.kill()
        for worker in team:
            worker.process.join(PATIENCE)
            worker.pipe.close()


def _send(pipe: Connection, make: Make) -> None:
    """Send what makes the function to a process."""
    try:
        pipe.send(make)
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        text = f"cannot be sent to other processes ({error}); define functions at the top of a module, or take 1 worker"
        raise TableError("study", [Problem(text, column="--workers")]) from None


def _itself(function: Work) -> Work:
    """A function as it was sent."""
    return function


@contextmanager
def _stops_held_back() -> Iterator[None]:
    """Let no stop of a user reach a process before it can deal with it; it reaches this one afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it releases the signals when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, parent: int) -> None:
    """Do blocks until there are no more: the life of a worker."""
    _end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the whole group of processes; the parent ends its workers
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    with suppress(EOFError, OSError):  # the parent has no more work, or has died
        function = cache(pipe.recv())
        while True:
            number, block = pipe.recv()
            pipe.send((number, *_answer(function, block)))


def _answer(function: Make, block: Any) -> tuple[Any, Exception | None]:
    """Result of a block, or what was raised instead; the function is made with the first."""
    try:
        return function()(block), None
    except Exception as fault:
        return None, _sendable(fault)


def _sendable(fault: Exception) -> Exception:
    """An error that can be sent to the parent, with the place where it was raised."""
    fault.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(fault))
    except Exception:
        return RuntimeError(traceback.format_exc())
    return fault


def _end_with_parent(parent: int) -> None:
    """See to it that this process ends when its parent does: by the kernel where it can, and by a watching thread.

    The thread alone would be late where a compiled kernel holds the interpreter.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
    if hasattr(os, "getppid") and os.getppid() != parent:
        os._exit(1)
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    """End this process at once when its parent has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


EXECUTORS: dict[str, Executor] = {"local": local}


def require_workers(workers: int) -> None:
    """Refuse a number of workers below 1 or above 1,024, in a `TableError`."""
    if not 1 <= workers <= MOST_WORKERS:
        text = f"{workers} is not between 1 and {MOST_WORKERS:,}; give at least one worker, at most one per processor"
        raise TableError("study", [Problem(text, column="--workers")])


def run(
    function: Work,
    blocks: Sequence[Any],
    workers: int = 1,
    executor: str = "local",
    make: Make | None = None,
) -> Iterator[Any]:
    """Run a function on every block and give the results in order, each as soon as it and all before it are there.

    Parameters
    ----------
    function : callable
        Takes one block and gives its result.
    blocks : sequence
        Work to do; cut the same way whatever the number of workers, so that results are the same.
    workers : int
        How many blocks run at a time.
    executor : str
        Key of ``EXECUTORS``, such as ``local``.
    make : callable, optional
        As of `local`: makes the function in another process.

    Raises
    ------
    UnknownName, TableError
        If there is no such executor; if `workers` is below 1 or above 1,024.

    Examples
    --------
    >>> list(run(len, ["ab", "c"]))
    [2, 1]
    """
    if executor not in EXECUTORS:
        raise UnknownName("executor", executor, EXECUTORS)
    require_workers(workers)
    return EXECUTORS[executor](function, blocks, workers, make)
