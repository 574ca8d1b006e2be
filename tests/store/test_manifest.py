"""What stands in a manifest is believed only as far as it has our form and our digests."""

import json
import os
import sqlite3
from contextlib import closing

import pytest
from results import everything, forge, write

from holdfast.errors import DataMissing, TableError
from holdfast.store import open_result
from holdfast.store.result_files import read_curves, read_lines, read_shapes_of, read_summary, read_table_of

LINK = os.symlink


def edit(folder, **changes):
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(content | changes))


FORMS = {
    "a run that leads out": lambda f: edit(f, run="../../report"),
    "a run that is another": lambda f: edit(f, run="0" * 12),
    "a run that is a number": lambda f: edit(f, run=123456789012),
    "a file above": lambda f: edit(f, files={"../mine.txt": "0" * 64}),
    "a file from the root": lambda f: edit(f, files={"/etc/passwd": "0" * 64}),
    "a file of Windows": lambda f: edit(f, files={"C:\\mine.txt": "0" * 64}),
    "a hidden file": lambda f: edit(f, files={".profile": "0" * 64}),
    "a digest that is none": lambda f: edit(f, files={"rating.json": "x"}),
    "digests that are a list": lambda f: edit(f, files=["rating.json"]),
    "no provenance": lambda f: edit(f, provenance=None),
    "a provenance of another form": lambda f: edit(f, provenance={"verb": "rate"}),
    "a study that is a list": lambda f: edit(
        f, provenance=json.loads((f / "manifest.json").read_text())["provenance"] | {"study": []}
    ),
    "another format": lambda f: edit(f, format=1),
    "another version": lambda f: edit(f, version=99),
    "a list": lambda f: (f / "manifest.json").write_text("[]"),
    "deep": lambda f: (f / "manifest.json").write_text("[" * 100_000),
    "a long number": lambda f: (f / "manifest.json").write_text('{"format": ' + "9" * 5000 + "}"),
    "no text": lambda f: (f / "manifest.json").write_bytes(b"\xff\xfe{}"),
    "nothing": lambda f: (f / "manifest.json").write_text(""),
    "a link": lambda f: (f / "manifest.json").rename(f / "m.json") and LINK("m.json", f / "manifest.json"),
}


@pytest.mark.parametrize("name", FORMS)
def test_another_form_is_no_result(tmp_path, name):
    out = write(tmp_path / "out")
    FORMS[name](out)
    before = everything(tmp_path)
    with pytest.raises(DataMissing, match=r"again|no Holdfast result"):
        open_result(out)
    assert everything(tmp_path) == before


CHANGES = {
    "changed": lambda f: (f / "rating.json").write_text("{}"),
    "missing": lambda f: (f / "rating.json").unlink(),
    "a link to a file outside": lambda f: (
        (f / "rating.json").rename(f.parent / "x") and LINK(f.parent / "x", f / "rating.json")
    ),
    "a folder": lambda f: (f / "rating.json").unlink() or (f / "rating.json").mkdir(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_is_not_as_written_is_named(tmp_path, name):
    out = write(tmp_path / "out")
    CHANGES[name](out)
    with pytest.raises(TableError, match=r"rating\.json (was changed|is missing).*run the study again"):
        open_result(out)


def test_a_named_pipe_is_not_waited_for(tmp_path):
    out = write(tmp_path / "out")
    (out / "rating.json").unlink()
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    os.mkfifo(out / "rating.json")
    with pytest.raises(TableError, match="is missing"):
        open_result(out)


READERS = {
    "rating.json": read_summary,
    "cells.parquet": read_shapes_of,
    "exceedance.csv": read_table_of,
    "recovery.nc": read_curves,
    "networks.gpkg": read_lines,
}


def sqlite() -> bytes:
    """A database that says it is a GeoPackage and has no layer."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA application_id = 1196444487")
        database.execute("PRAGMA user_version = 10300")
        database.execute("CREATE TABLE a (b)")
        return database.serialize()


CONTENTS = {
    "nothing": b"",
    "a virtual dataset": b"<OGRVRTDataSource><OGRVRTLayer name='a_edges'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    "a list": b"[1, 2]",
    "HDF5, which can name other files": b"\x89HDF\r\n\x1a\n" + bytes(500),
    "SQLite without layers": sqlite(),
    "a head of Parquet": b"PAR1" + bytes(50),
    "a head of NetCDF": b"CDF\x05" + b"\xff" * 60,
    "NUL bytes": bytes(1000),
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("file", READERS)
def test_a_file_of_another_kind_under_a_name_of_ours_is_refused(tmp_path, file, content):
    out = write(tmp_path / "out")
    (out / file).write_bytes(CONTENTS[content])
    forge(out)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"][file] = "0" * 64
    (out / "manifest.json").write_text(json.dumps(manifest))
    forge(out)
    result = open_result(out)
    if file == "exceedance.csv" and content not in ("nothing",):
        return  # nearly any text is a table; what it lacks is found when it is used
    with pytest.raises(DataMissing, match="run the study again"):
        READERS[file](result, file)
