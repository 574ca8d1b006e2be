"""Every reader on files that hypothesis spoils: what comes out is a table or one of our four errors.

Fifty examples a reader here; `-m slow` tries 10,000 a reader.
"""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_inputs import READERS, lay, sound

from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName

OURS = (TableError, UnknownName, DataMissing, NotConverged)
FEW, MANY = 50, 10_000
TEXT = (".csv", ".inp", ".json", ".geojson", ".xml")
WORDS = [
    "",
    "0",
    "-1",
    "1e308",
    "1e400",
    "1e2147483700",
    "1e30899999999999999999999",
    "-inf",
    "nan",
    "NULL",
    "None",
    "true",
    "9" * 400,
    "é",
    "\x00",
    "\ufeff",
    '"',
    "'",
    ",",
    ";",
    "\t",
    "\n",
    "[",
    "]",
    "{",
    "}",
    "[[[[",
    '{"type": "FeatureCollection"}',
    "[PATTERNS]",
    "[COORDINATES]",
    "[END]",
    "<a>",
    "</grid_data>",
    "<!DOCTYPE x>",
    "&e;",
    "180.5",
    "-91",
    "1;2",
    "1,5",
    "50%",
    "=1+1",
    "t" * 3000,
]


@st.composite
def spoilt(draw, content, is_text):
    """The content of a file with some bytes cut, put in, moved, turned or repeated."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), at + draw(st.integers(0, 40)))
        how = draw(st.sampled_from(["cut", "put in", "turn", "repeat", "end", "word", "swap"]))
        if how == "cut":
            del data[at:end]
        elif how == "put in":
            data[at:at] = draw(st.binary(max_size=20))
        elif how == "turn" and data:
            data[at] ^= draw(st.integers(1, 255))
        elif how == "repeat":
            data[at:at] = data[at:end] * draw(st.integers(1, 30))
        elif how == "end":
            del data[at:]
        elif how == "word" and is_text:
            data[at : min(end, at + draw(st.integers(0, 6)))] = draw(st.sampled_from(WORDS)).encode()
        elif how == "swap":
            other = draw(st.integers(0, max(len(data) - 1, 0)))
            piece = bytes(data[at:end])
            data[other : other + len(piece)] = piece
    return bytes(data)


def tried(name, examples):
    reader = READERS[name]
    with tempfile.TemporaryDirectory() as place:
        folder = lay(Path(place))

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(content=spoilt(sound()[reader.file], reader.file.endswith(TEXT)))
        def reads_or_refuses(content):
            (folder / reader.file).write_bytes(content)
            try:
                reader.read(folder)
            except OURS as refused:
                assert str(refused)
            finally:
                left = {f.name for f in folder.iterdir()} - set(sound())
                assert left == set(), "a reader writes nothing"

        reads_or_refuses()


@pytest.mark.parametrize("name", READERS)
def test_a_spoilt_file_is_read_or_refused(name):
    tried(name, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_spoilt_files_are_read_or_refused(name):
    tried(name, MANY)
