"""Tables without places, held to the schema of their name: known totals, measures, groups of people, interventions, unit costs."""

from pathlib import Path

from holdfast.config import TableOptions
from holdfast.sources.files import CSVS, locate
from holdfast.sources.shapes import Loaded
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.tables import check


def placeless(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read a table without places, such as ``totals``, from a CSV file.

    Signature and errors as in `holdfast.sources.readers.Source`.
    """
    file = locate(folder, options.path, f"tables.{name}.path", CSVS)
    raw, read = read_table(file)
    kept, notes = tidy(raw, options, file)
    table = check(kept, name, str(file))
    return Loaded(table, (input_file(name, file, len(table), options, [*read, *notes]),))
