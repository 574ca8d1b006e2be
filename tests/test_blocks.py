"""Where blocks run: order, laziness, refusals, and how workers end."""

import operator
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from holdfast.blocks import EXECUTORS, run
from holdfast.errors import Problem, TableError, UnknownName

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
ENDED_WITHIN = 10.0


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(name, workers):
    assert list(run(partial(operator.mul, 3), list(range(7)), workers, name)) == [0, 3, 6, 9, 12, 15, 18]


def test_results_come_in_order_whoever_is_first():
    seconds = [0.3, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.1]
    assert list(run(slept, seconds, workers=3)) == seconds


def slept(seconds):
    time.sleep(seconds)
    return seconds


def test_nothing_runs_before_it_is_asked_for():
    seen = []
    results = run(seen.append, [1, 2, 3])
    assert seen == []
    next(results)
    assert seen == [1]


def test_an_error_in_a_worker_reaches_the_caller_with_its_place():
    with pytest.raises(ZeroDivisionError) as raised:
        list(run(partial(operator.floordiv, 1), [1, 0, 1], workers=2))
    assert "Traceback" in raised.value.__notes__[0]


def refuse(kind):
    if kind == "table":
        raise TableError("a.csv", [Problem("wrong", 3, "b")])
    raise UnknownName("method", kind, ["kmeans"], "study")


@pytest.mark.parametrize(("kind", "error"), [("table", TableError), ("other", UnknownName)])
def test_our_own_errors_come_whole(kind, error):
    with pytest.raises(error) as here:
        refuse(kind)
    with pytest.raises(error) as there:
        list(run(refuse, [kind, kind], workers=2))
    assert str(there.value) == str(here.value)


def test_refusals():
    with pytest.raises(UnknownName, match="known: local"):
        run(len, [], executor="cloud")
    for workers in (0, -1, 1025):
        with pytest.raises(TableError, match="at least one worker"):
            run(len, [], workers=workers)


def end_itself(number):
    os.kill(os.getpid(), number)
    time.sleep(60)


@POSIX
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_is_ended_from_outside_is_told(number):
    start = time.perf_counter()
    with pytest.raises(ChildProcessError) as raised:
        list(run(end_itself, [number, number, number], workers=2))
    assert f"signal {number.value}" in raised.value.strerror
    assert time.perf_counter() - start < 30


FAMILY = """
import os, sys, time
sys.path.insert(0, {folder!r})
from test_blocks import tell_and_sleep
from holdfast.blocks import run
if __name__ == "__main__":
    print(list(run(tell_and_sleep, [{spin}] * 4, workers=2)))
"""


def tell_and_sleep(spin):
    os.write(1, f"worker {os.getpid()}\n".encode())  # whole, whoever else writes
    end = time.perf_counter() + 60
    while time.perf_counter() < end:
        if spin:
            sum(range(10_000_000))  # holds the interpreter, as a compiled kernel does
        else:
            time.sleep(0.1)


def alive(process):
    """Whether a process runs; one that ended and was not yet buried does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = f"/proc/{process}/stat"
    if os.path.exists(stat):  # noqa: PTH110  a name of the kernel, not a file of ours
        with open(stat) as stream:  # noqa: PTH123  as above
            return stream.read().rsplit(")", 1)[1].split()[0] != "Z"
    return True


@POSIX
@pytest.mark.parametrize("spin", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_their_parent(tmp_path, number, spin):
    """The workers say where they are; the whole program is then ended by each way there is."""
    script = tmp_path / "family.py"
    script.write_text(FAMILY.format(folder=os.path.dirname(__file__), spin=spin))  # noqa: PTH120  beside this file
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        workers = [int(parent.stdout.readline().split()[1]) for _ in range(2)]
        parent.send_signal(number)
        parent.wait(30)
    until = time.perf_counter() + ENDED_WITHIN
    while any(map(alive, workers)) and time.perf_counter() < until:
        time.sleep(0.05)
    assert not [w for w in workers if alive(w)]


@POSIX
def test_workers_end_when_their_parent_dies_while_they_start(tmp_path):
    script = tmp_path / "family.py"
    script.write_text(FAMILY.format(folder=os.path.dirname(__file__), spin=False))  # noqa: PTH120  beside this file
    for wait in (0.0, 0.2):
        parent = subprocess.Popen(
            [sys.executable, script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        children = f"/proc/{parent.pid}/task/{parent.pid}/children"
        if not os.path.exists(children):  # noqa: PTH110  a name of the kernel, not a file of ours
            parent.kill()
            pytest.skip("needs the kernel's list of children")
        started = []
        while len(started) < 3 and parent.poll() is None:  # its tracker and two workers
            with open(children) as stream:  # noqa: PTH123  as above
                started = stream.read().split()
        time.sleep(wait)
        parent.kill()
        parent.wait()
        until = time.perf_counter() + ENDED_WITHIN
        while any(alive(int(p)) for p in started) and time.perf_counter() < until:
            time.sleep(0.05)
        assert not [p for p in started if alive(int(p))]
