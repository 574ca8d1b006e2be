"""Where a result may go is settled before anything is computed."""

import os
import sys

import pytest
from results import everything, write

from holdfast.errors import TableError
from holdfast.store import result_place

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, mounts and modes of POSIX")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory with a result in `old` and a file."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "old")
    (tmp_path / "file.txt").write_text("mine")
    return tmp_path


@pytest.mark.parametrize(
    ("out", "is_at"),
    [
        ("new", "new"),
        ("old", "old"),
        ("a/b/c", "a/b/c"),
        ("old/../new", "new"),
        ("./x y - (1) ä", "x y - (1) ä"),
        ("n" * 200, "n" * 200),
    ],
)
def test_a_place_is_worked_out(here, out, is_at):
    before = everything(here)
    assert result_place(out, "rate", "Town") == here / is_at
    assert everything(here) == before, "nothing may be written"


BAD = {
    ".": "working directory",
    "": "working directory",
    "..": "working directory",
    "new/..": "working directory",
    "/": "root of a disk",
    "file.txt": "exists and is no folder",
    "file.txt/below": "is a file",
    "old/inside": "lies inside the result",
    "old/a/b": "lies inside the result",
    "line\nbreak": "line break",
    "bell\x07": "line break",
    "n" * 245: "too long",
    "n" * 300: "too long",
    "/".join(["n" * 100] * 40): "too long",
}


@POSIX
@pytest.mark.parametrize("out", BAD)
def test_a_place_is_refused_by_name(here, out):
    before = everything(here)
    with pytest.raises(TableError, match=BAD[out]) as refused:
        result_place(out, "rate", "Town")
    assert "choose another folder with --out" in str(refused.value)
    assert str(refused.value).isprintable() or "\n" not in str(refused.value).split("error\n")[1]
    assert everything(here) == before


@POSIX
def test_links_are_followed_and_kept(here):
    (here / "link").symlink_to("old")
    assert result_place("link", "rate", "Town") == here / "old"
    write(here / "link", seed=2)
    assert (here / "link").is_symlink()
    assert '"seed": 2' in (here / "old" / "rating.json").read_text()
    (here / "round").symlink_to("round")
    with pytest.raises(TableError, match="leads to itself"):
        result_place("round", "rate", "Town")
    (here / "loose").symlink_to("nowhere/yet")
    assert result_place("loose", "rate", "Town") == here / "nowhere" / "yet"


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may write everywhere")
def test_no_permission_is_said_before(here):
    (here / "closed").mkdir(mode=0o500)
    with pytest.raises(TableError, match="no permission"):
        result_place("closed/out", "rate", "Town")


@POSIX
def test_a_disk_that_takes_nothing_is_said_before():
    with pytest.raises(TableError, match="nothing can be written"):
        result_place("/proc/out", "rate", "Town")


def test_only_a_result_of_the_same_study_is_replaced(here):
    with pytest.raises(TableError, match=r'another study: `holdfast rate` of "Town"; --overwrite'):
        result_place("old", "rate", "Village")
    with pytest.raises(TableError, match="another study"):
        result_place("old", "simulate", "Town")
    assert result_place("old", "simulate", "Town", overwrite=True) == here / "old"


FOREIGN = {
    "a file of the user": lambda f: (f / "thesis.txt").write_text("years"),
    "a manifest of a browser extension": lambda f: (f / "manifest.json").write_text('{"manifest_version": 3}'),
    "a manifest that is no JSON": lambda f: (f / "manifest.json").write_text("{"),
    "an earlier format": lambda f: (f / "manifest.json").write_text('{"format": 1, "run": "0", "files": {}}'),
    "a folder": lambda f: (f / "sub").mkdir(),
    "a manifest that is a folder": lambda f: (f / "manifest.json").mkdir(),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_is_no_result_is_never_replaced(here, name, overwrite):
    (here / "mine").mkdir()
    FOREIGN[name](here / "mine")
    before = everything(here)
    with pytest.raises(TableError, match="no Holdfast result"):
        result_place("mine", "rate", "Town", overwrite)
    assert everything(here) == before


def test_files_that_were_changed_are_given_up_on_demand_alone(here):
    (here / "old" / "rating.json").write_text("edited")
    with pytest.raises(TableError, match=r"rating\.json changed after the run; --overwrite"):
        result_place("old", "rate", "Town")
    assert result_place("old", "rate", "Town", overwrite=True) == here / "old"


def test_what_file_managers_leave_does_not_count(here):
    (here / "seen").mkdir()
    (here / "seen" / ".DS_Store").write_text("")
    assert result_place("seen", "rate", "Town") == here / "seen"
