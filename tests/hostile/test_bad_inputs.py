"""Every table and key takes every fault: what comes out is a result or one of our errors, within a minute.

A seeded sample runs here; `-m slow` runs all. `check` reads all that a run reads and writes nothing.
"""

import shutil
import signal
import sys
import tomllib
from collections import Counter

import pytest
from faults import cases

import holdfast
from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName

SEED, SAMPLE, SECONDS = 1, 120, 60
FOREIGN = (
    "NoneType",
    "Traceback",
    "Input should",
    "codec can't",
    "0x",
    "<class",
    "object has no",
    "HDF error",
    "numpy.",
)


@pytest.fixture(scope="module")
def sound(shared_study):
    folder = shared_study.parent
    files = {f.name: f.read_bytes() for f in folder.iterdir() if f.name != "study.toml"}
    return folder, files, shared_study.read_text()


def outcome(case, sound, tmp_path):
    """What `check` makes of a case."""
    _, files, text = sound
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    study = tomllib.loads(text) | {"data": str(tmp_path)}
    case.spoil(tmp_path, study)
    before = {f.name for f in tmp_path.iterdir()}
    if hasattr(signal, "SIGALRM"):
        signal.alarm(SECONDS)
    try:
        holdfast.check(study)
        return "good"
    except (TableError, UnknownName, DataMissing, NotConverged) as refused:
        words = [w for w in FOREIGN if w in str(refused)]
        return f"words of a library: {words}" if words else f"refused by {type(refused).__name__}"
    except Exception as fault:
        return f"FAULT {type(fault).__name__}: {str(fault)[:80]}"
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)
        if {f.name for f in tmp_path.iterdir()} != before:
            raise AssertionError(case.name)


def tried(chosen, sound, tmp_path):
    found, told = Counter(), []
    for number, case in enumerate(chosen):
        folder = tmp_path / str(number)
        folder.mkdir()
        result = outcome(case, sound, folder)
        found[result.split(":")[0]] += 1
        if result.startswith(("FAULT", "words")):
            told.append(f"{case.name}: {result}")
        shutil.rmtree(folder)
    print(dict(found), *told, sep="\n", file=sys.stderr)
    return told


def test_there_are_a_thousand(sound):
    assert len({case.name for case in cases(sound[1], SEED)}) > 1000


def test_a_sample_ends_in_a_result_or_an_error_of_ours(sound, tmp_path):
    assert not tried(cases(sound[1], SEED)[:SAMPLE], sound, tmp_path)


@pytest.mark.slow
def test_all_end_in_a_result_or_an_error_of_ours(sound, tmp_path):
    assert not tried(cases(sound[1], SEED), sound, tmp_path)
