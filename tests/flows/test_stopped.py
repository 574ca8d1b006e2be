"""A run that is ended, whatever ends it, is finished by `--resume` to the same bytes and leaves nothing behind.

The child says where it is by its lines of progress, so that nothing races the clock.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from towns import write_town

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
DRAWS = ("--draws", "120")  # so many blocks that the signal comes before the last


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def whole(town, tmp_path_factory):
    """Digests of the result of a run that nobody stopped."""
    out = tmp_path_factory.mktemp("whole") / "out"
    subprocess.run([*command(town, out), "--quiet"], check=True)
    return digests(out)


def command(town, out, *more):
    return [sys.executable, "-m", "holdfast", "simulate", str(town), "--out", str(out), *DRAWS, *more]


def digests(folder: Path) -> dict[str, str]:
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def below(process: int) -> list[int]:
    """Processes that a process has started, where the kernel tells them."""
    there = Path(f"/proc/{process}/task/{process}/children")
    return [int(p) for p in there.read_text().split()] if there.exists() else []


def ended(processes: list[int], within: float = 10.0) -> bool:
    until = time.perf_counter() + within
    while time.perf_counter() < until:
        states = [Path(f"/proc/{p}/stat") for p in processes]
        if not any(s.exists() and s.read_text().rsplit(")", 1)[1].split()[0] != "Z" for s in states):
            return True
        time.sleep(0.05)
    return False


ENDS = {
    "parent killed": ("parent", signal.SIGKILL, ""),
    "parent terminated": ("parent", signal.SIGTERM, r"stopped; \d+ finished blocks.*--resume"),
    "parent interrupted": ("parent", signal.SIGINT, r"stopped; \d+ finished blocks.*--resume"),
    "terminal closed": ("parent", signal.SIGHUP, r"stopped; \d+ finished blocks.*--resume"),
    "worker killed": ("worker", signal.SIGKILL, r"ended from outside \(signal 9\).*finished blocks.*--resume"),
    "worker terminated": ("worker", signal.SIGTERM, r"ended from outside \(signal 15\).*finished blocks.*--resume"),
}


USUAL = ("parent killed", "parent interrupted", "worker killed")


@pytest.mark.parametrize("name", [n if n in USUAL else pytest.param(n, marks=pytest.mark.slow) for n in ENDS])
def test_a_run_that_is_ended_goes_on_to_the_same_bytes(name, town, whole, tmp_path):
    who, number, told = ENDS[name]
    out = tmp_path / "out"
    with subprocess.Popen(command(town, out, "--workers", "2"), stderr=subprocess.PIPE, text=True) as run:
        lines = iter(run.stderr.readline, "")
        next(line for line in lines if json.loads(line)["step"].startswith("draws"))  # the first block is stored
        family = below(run.pid)
        if who == "worker" and not family:
            pytest.skip("needs the kernel's list of children")
        os.kill(run.pid if who == "parent" else family[-1], number)
        rest = run.stderr.read()
        code = run.wait(300)
    message = [line for line in rest.splitlines() if line and not line.startswith("{")]
    if told:
        assert code == 1
        assert len(message) == 1
        assert re.search(told, message[0]), rest
    assert ended(family)
    assert not out.exists()
    assert list(tmp_path.glob(".out.blocks-*/*.npz"))
    subprocess.run([*command(town, out, "--resume"), "--quiet"], check=True)
    assert digests(out) == whole
    assert [p.name for p in tmp_path.iterdir()] == ["out"], "nothing is left beside"


def test_a_run_that_is_stopped_before_its_first_block_leaves_nothing(town, tmp_path):
    with subprocess.Popen(command(town, tmp_path / "out", "--workers", "2"), stderr=subprocess.PIPE, text=True) as run:
        assert "city" in run.stderr.readline()
        run.send_signal(signal.SIGTERM)
        rest = run.stderr.read()
        assert run.wait(300) == 1
    assert "holdfast: stopped; nothing was written" in rest
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


def test_two_runs_to_one_place_do_not_meet(town, whole, tmp_path):
    out = tmp_path / "out"
    with subprocess.Popen(command(town, out), stderr=subprocess.PIPE, text=True) as run:
        lines = iter(run.stderr.readline, "")
        next(line for line in lines if json.loads(line)["step"].startswith("draws"))
        run.send_signal(signal.SIGSTOP)
        second = subprocess.run([*command(town, out), "--quiet"], stderr=subprocess.PIPE, text=True)
        run.send_signal(signal.SIGCONT)
        run.stderr.read()
        assert run.wait(300) == 0
    assert second.returncode == 2
    assert "another process runs this study" in second.stderr
    assert digests(out) == whole


def test_blocks_that_a_stopped_run_left_are_told_and_old_ones_cleared(town, tmp_path):
    for name, age in (("aaaaaaaaaaaa", 2), ("bbbbbbbbbbbb", 40)):
        folder = tmp_path / f".out.blocks-{name}"
        folder.mkdir()
        block = folder / "block-000000.npz"
        block.write_bytes(b"some")
        then = time.time() - age * 86_400
        os.utime(block, (then, then))
    done = subprocess.run(command(town, tmp_path / "out"), capture_output=True, text=True, check=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.blocks-aaaaaaaaaaaa", "out"]
    assert re.search(r"left .*\.out\.blocks-aaaaaaaaaaaa \(1 blocks, 0\.0 MB, 2 days old\)", done.stdout)
