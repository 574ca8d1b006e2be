"""Whole numbers of hundreds of digits in every file of JSON, one at a time: read, or refused in words of ours.

Found by fuzzing: a year of 330 digits in an outline of a building ended in a fault of the table's library.
"""

import re

import pytest
from small_inputs import READERS, lay, sound

from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName

OURS = (TableError, UnknownName, DataMissing, NotConverged)
NUMBER = re.compile(rb"(?<=[ :,\[])-?\d+(?:\.\d+)?(?=[ ,\]}])")
FILES = {name: r.file for name, r in READERS.items() if r.file.endswith(("json", "geojson"))}


@pytest.mark.parametrize("digits", [330, 5000])
@pytest.mark.parametrize("name", FILES)
def test_every_number_of_a_file_may_be_endless(name, digits, tmp_path):
    folder, file = lay(tmp_path), tmp_path / FILES[name]
    content = sound()[FILES[name]]
    places = [found.span() for found in NUMBER.finditer(content)]
    assert len(places) > 3
    for begin, end in places[:: max(len(places) // 40, 1)]:
        file.write_bytes(content[:begin] + b"9" * digits + content[end:])
        try:
            READERS[name].read(folder)
        except OURS as refused:
            assert str(refused)
