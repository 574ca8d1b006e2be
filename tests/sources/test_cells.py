"""A ready cell table and its companion."""

import pytest

from holdfast.errors import DataMissing, TableError
from holdfast.sources.cells import read_cells

CELLS = "column,row,region_m2,housing_units,source_area,poverty\n0,0,4000000,20,a,0.1\n1,0,4000000,30,a,0.2\n"


def test_a_companion_needs_neither_link_nor_note(tmp_path):
    (tmp_path / "mine.csv").write_text(CELLS)
    with pytest.raises(DataMissing, match="mine_sources"):
        read_cells("mine.csv", tmp_path, ["poverty"])
    (tmp_path / "mine_sources.csv").write_text("column,title,licence,date\npoverty,synthetic,CC0,2026\n")
    table = read_cells("mine.csv", tmp_path, ["poverty"])
    assert table.features["poverty"].tolist() == [0.1, 0.2]
    assert table.cells["source_area"].tolist() == ["a", "a"]
    assert (table.files[0].source, table.files[0].link, table.files[0].notes) == ("synthetic", "", ())
    (tmp_path / "mine_sources.csv").write_text("column,title,licence,date\n")
    with pytest.raises(TableError):
        read_cells("mine.csv", tmp_path, ["poverty"])
