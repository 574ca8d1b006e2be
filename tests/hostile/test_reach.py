"""A run opens nothing but its inputs, its outputs, the package and the interpreter's own files, and asks for no host.

Python's audit hooks see what Python opens and every socket; libraries that open files by themselves are not seen here.
"""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from towns import write_town

import holdfast

WATCHED = """
import json, os, sys
opened, asked = set(), []

def hear(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        opened.add(os.path.realpath(os.fsdecode(arguments[0])))
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.gethostby", "urllib.", "ftplib.", "smtplib.")):
        asked.append(event)

sys.addaudithook(hear)
import holdfast
verb, given, out = sys.argv[1:]
getattr(holdfast, verb)(given, **({} if verb == "check" else {"out": out}))
print(json.dumps([sorted(opened), asked]))
"""
ENDINGS = {"report": "report.html"}


def watched(verb, given, out):
    """What a verb opens, and whom it asks, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", WATCHED, verb, given, out], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def results(shared_study, town, tmp_path_factory):
    """A result of a rating, and one of a simulation."""
    folder = tmp_path_factory.mktemp("results")
    holdfast.rate(shared_study, out=folder / "rated")
    holdfast.simulate(town, out=folder / "simulated")
    return folder


RUNS = {
    "check of a region": ("check", "study"),
    "check of a city": ("check", "town"),
    "rate": ("rate", "study"),
    "simulate": ("simulate", "town"),
    "report of a rating": ("report", "rated"),
    "report of a simulation": ("report", "simulated"),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_reaches_for_nothing_else(name, shared_study, town, results, tmp_path):
    verb, given = RUNS[name]
    given = {"study": shared_study, "town": town}.get(given, results / given)
    out = tmp_path / ENDINGS.get(verb, "out")
    opened, asked = watched(verb, given, out)
    assert asked == []
    assert out.exists() == (verb != "check")
    own = {sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")}
    inputs = given if given.is_dir() else given.parent
    package = Path(holdfast.__file__).parent
    allowed = [Path(p).resolve() for p in (*own, sys.prefix, sys.base_prefix, package, inputs, tmp_path)]
    systems = [Path(p) for p in ("/proc", "/sys", "/dev", "/etc/localtime", "/usr/share/zoneinfo", "/usr/lib", "/lib")]
    outside = [p for p in opened if not any(Path(p).is_relative_to(a) for a in (*allowed, *systems))]
    assert [p for p in outside if "kernels-" not in p and "numba" not in p] == []
    assert any(Path(p).is_relative_to(inputs) for p in opened), "the inputs were seen"
