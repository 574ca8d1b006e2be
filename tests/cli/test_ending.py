"""However a command ends, there is one message and the exit code that belongs to it."""

import errno
import io
import signal
import subprocess
import sys

import pytest

import holdfast.flows.check as flow
from holdfast.errors import DataMissing, NotConverged, Problem, TableError, UnknownName

ENDS = {
    "bad input": (TableError("a.csv", [Problem("wrong", 3)]), 2, "a.csv, 1 error\n  row 3: wrong"),
    "a name": (UnknownName("method", "x", ["a"]), 2, '"x" is not a known method'),
    "missing": (DataMissing("a.csv: no such file"), 2, "a.csv: no such file"),
    "not converged": (NotConverged("no five levels"), 1, "no five levels"),
    "stopped": (KeyboardInterrupt(), 1, "stopped; nothing was written"),
    "stopped with blocks": (KeyboardInterrupt("3 blocks are kept"), 1, "stopped; 3 blocks are kept"),
    "no permission": (PermissionError(errno.EACCES, "Permission denied", "a.csv"), 1, "a.csv: no permission"),
    "a full disk": (OSError(errno.ENOSPC, "No space left on device"), 1, "a file: the disk is full"),
    "a full disk, in our words": (OSError(errno.ENOSPC, "out: could not be written"), 1, "out: could not be written"),
    "a worker": (ChildProcessError(errno.ECHILD, "a worker process was ended"), 1, "a worker process was ended"),
    "no memory": (MemoryError("Unable to allocate 9 PiB"), 1, "the memory is full"),
    "a fault": (ZeroDivisionError("division by zero"), 1, "this is a fault of Holdfast"),
    "another fault": (RecursionError("maximum recursion depth"), 1, "this is a fault of Holdfast"),
    "a library's fault": (ValueError("cannot reindex on an axis"), 1, "this is a fault of Holdfast"),
}


@pytest.mark.parametrize("name", ENDS)
def test_every_error_ends_in_one_message(name, cli, monkeypatch, tmp_path):
    error, code, text = ENDS[name]

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(flow, "check", fail)
    result = cli("--traceback", tmp_path / "told.txt", "check", "x.toml")
    assert result.code == code
    assert result.out == ""
    assert f"holdfast: {text}" in result.err
    assert "Traceback" not in result.err
    for words in ("division by zero", "reindex", "PiB", "Permission denied", "No space left", "maximum recursion"):
        assert words not in result.err, "the words of a library"
    assert type(error).__name__ in (tmp_path / "told.txt").read_text()


def test_a_fault_says_where_it_is_and_how_to_report_it(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(flow, "check", lambda *_, **__: {}["nothing"])
    monkeypatch.chdir(tmp_path)
    told = cli("check", "x.toml").err
    assert "KeyError in tests/cli/test_ending.py, line" in told.replace("\\", "/")
    assert "--traceback FILE" in told
    assert list(tmp_path.iterdir()) == [], "a traceback is written on request alone"


MISUSED = {
    "an unknown verb": (["rat"], "No such command 'rat'"),
    "an unknown option": (["rate", "a.toml", "--draws", "3"], "see `holdfast rate --help`"),
    "a missing argument": (["validate", "recovery"], "give the observed table"),
    "a word for a number": (["simulate", "a.toml", "--workers", "two"], "--workers takes another kind of value"),
    "an option without a value": (["rate", "a.toml", "--seed"], "requires an argument"),
    "no equals sign": (["rate", "a.toml", "--set", "seed"], "is no key=value"),
    "no workers": (["simulate", "a.toml", "--workers", "0"], "at least one worker"),
    "too many workers": (["demo", "--workers", "5000"], "at least one worker"),
    "workers below none": (["compare", "a.toml", "--workers", "-3"], "at least one worker"),
}


@pytest.mark.parametrize("name", MISUSED)
def test_a_command_that_cannot_be_is_refused_before_anything(name, cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    arguments, text = MISUSED[name]
    result = cli(*arguments)
    assert result.code == 2
    assert text in result.err
    assert result.err.count("holdfast: ") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_text_can_hold_is_shown(cli, monkeypatch):
    """As a shell passes a file name that is not UTF-8."""
    error = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", error)
    result = cli("check", "a\udcff.toml")
    error.flush()
    assert result.code == 2
    assert b"a\\udcff.toml: no such study file" in error.buffer.getvalue()


def test_signals_are_handed_back(cli):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    cli("check", "nothing.toml")
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_stop_of_a_process_that_is_ending_changes_nothing(name):
    """Found by killing runs: a stop after the last word ended the process by the signal, without a message."""
    code = (
        "import atexit, sys\n"
        "from holdfast.cli import main\n"
        "atexit.register(lambda: (print('ending', flush=True), sys.stdin.readline()))\n"
        "sys.argv = ['holdfast', '--version']\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert "ending\n" in iter(run.stdout.readline, "")
        run.send_signal(getattr(signal, name))
        _, told = run.communicate("go on\n")
    assert run.returncode == 0
    assert told == ""
