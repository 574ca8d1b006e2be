"""A result appears whole or not at all, and takes nothing away but the files of an earlier one."""

import errno
import json
import os
import signal
import subprocess
import sys

import pytest
from results import everything, provenance, write

from holdfast.store import new_result, open_result
from holdfast.store.beside import PREVIOUS


def test_files_that_no_result_lists_stay(tmp_path):
    out = write(tmp_path / "out", map="of before")
    (out / "notes.txt").write_text("mine")
    (out / "work").mkdir()
    (out / "work" / "more.txt").write_text("mine too")
    (out / "work" / "link").symlink_to("nowhere")
    write(out, seed=2, table="new")
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "work" / "more.txt").read_text() == "mine too"
    assert (out / "work" / "link").is_symlink()
    assert not (out / "map.txt").exists(), "listed by the earlier result, not by the new one"
    assert open_result(out).provenance.seed == 2
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_of_the_user_keeps_its_content_where_its_name_is_taken(tmp_path):
    out = write(tmp_path / "out")
    (out / "table.txt").write_text("mine")
    (out / "folder.txt").mkdir()
    (out / "folder.txt" / "deep.txt").write_text("mine too")
    write(out, seed=2, table="new", folder="new")
    assert (out / "table.txt").read_text() == "new"
    assert (out / "table.txt.kept").read_text() == "mine"
    assert (out / "folder.txt.kept" / "deep.txt").read_text() == "mine too"


def test_a_file_changed_while_the_run_went_on_is_kept(tmp_path):
    out = write(tmp_path / "out", map="as written")
    with new_result(out, provenance(seed=2)) as folder:
        (folder / "rating.json").write_text("{}")
        changed = out / "map.txt"
        changed.write_text("edited meanwhile")
        os.utime(changed, ns=(2**62, 2**62))
    assert (out / "map.txt").read_text() == "edited meanwhile"
    assert open_result(out).provenance.seed == 2


@pytest.mark.parametrize("fault", [ValueError("a bug"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
def test_a_failure_leaves_the_earlier_result_and_nothing_beside(tmp_path, fault):
    out = write(tmp_path / "out")
    blocks = tmp_path / ".out.blocks-0"
    blocks.mkdir()
    before = everything(out)

    def fail():
        with new_result(out, provenance(seed=2), blocks=[blocks]) as folder:
            (folder / "rating.json").write_text("half")
            raise fault

    with pytest.raises(type(fault)) as raised:
        fail()
    assert everything(out) == before
    full = isinstance(fault, OSError)
    assert {p.name for p in tmp_path.iterdir()} == ({"out"} if full else {"out", ".out.blocks-0"})
    if full:
        assert "the disk is full" in raised.value.strerror
        assert "Nothing was changed" in raised.value.strerror


LIMITED = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import numpy as np, geopandas as gpd, xarray as xr
from results import provenance
from holdfast.store import new_result, write_arrays, write_csv, write_geopackage, write_json, write_netcdf
import pandas as pd
values = np.random.default_rng(1).random(200_000)
shapes = gpd.GeoDataFrame({{"value": values}}, geometry=gpd.points_from_xy(values, values), crs=4326)
WRITE = {{
    "json": lambda f: write_json(f / "a.json", values.tolist()),
    "csv": lambda f: write_csv(f / "a.csv", pd.DataFrame({{"value": values}})),
    "gpkg": lambda f: write_geopackage(f / "a.gpkg", {{"a": shapes}}, {{}}, "synthetic"),
    "parquet": lambda f: shapes.to_parquet(f / "a.parquet"),
    "netcdf": lambda f: write_netcdf(f / "a.nc", xr.Dataset({{"value": ("row", values)}})),
    "npz": lambda f: write_arrays(f / "a.npz", {{"value": values}}, "here"),
}}
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
try:
    with new_result(Path(sys.argv[1]), provenance(seed=2)) as folder:
        WRITE[sys.argv[2]](folder)
except OSError as refused:
    sys.exit(str(refused.strerror))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("kind", ["json", "csv", "gpkg", "parquet", "netcdf", "npz"])
def test_every_writer_tells_a_refusal_of_the_system_in_plain_words(tmp_path, kind):
    """Origin of the refusal: the kernel, by a limit on the size of a file."""
    out = write(tmp_path / "out")
    before = everything(tmp_path)
    script = LIMITED.format(tests=os.path.dirname(__file__))  # noqa: PTH120  beside this file
    done = subprocess.run([sys.executable, "-c", script, out, kind], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "could not be written: the file is larger than this account may write" in done.stderr
    assert everything(tmp_path) == before


def test_a_run_that_died_while_the_result_changed_places_is_undone(tmp_path):
    """Killed after the earlier result was taken away, and after the new one was put."""
    out = write(tmp_path / "out", map="old")
    (out / "notes.txt").write_text("mine")
    before = everything(out)
    out.rename(tmp_path / f".out{PREVIOUS}")
    assert open_result(out).run
    assert everything(out) == before
    out.rename(tmp_path / f".out{PREVIOUS}")
    write(tmp_path / "new", seed=2).rename(out)
    assert open_result(out).provenance.seed == 2
    assert (out / "notes.txt").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_a_dead_run_left_is_cleared_and_a_living_one_is_left_alone(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    dead, living = (tmp_path / f".out.partial-{p}-x" for p in (child.pid, os.getpid()))
    for folder in (dead, living):
        folder.mkdir()
        (folder / "half.json").write_text("")
    write(tmp_path / "out")
    assert not dead.exists()
    assert living.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_while_it_writes(tmp_path, number):
    """The child says where it is, so that nothing races the clock."""
    script = (
        "import sys\nfrom pathlib import Path\n"
        f"sys.path.insert(0, {os.path.dirname(__file__)!r})\n"  # noqa: PTH120  beside this file
        "from results import provenance\nfrom holdfast.store import new_result\n"
        "with new_result(Path(sys.argv[1]), provenance(seed=2)) as f:\n"
        "    (f / 'a.txt').write_text('half')\n    print('here', flush=True)\n    sys.stdin.read()\n"
    )
    out = write(tmp_path / "out")
    before = everything(out)
    run = subprocess.Popen(
        [sys.executable, "-c", script, out], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout.readline() == "here\n"
    run.send_signal(number)
    run.communicate()
    assert everything(out) == before
    write(out, seed=3)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_same_content_same_bytes(tmp_path):
    assert everything(write(tmp_path / "a")) == everything(write(tmp_path / "b"))
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["format"] == "Holdfast result"
