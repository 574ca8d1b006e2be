"""A ready table of cells with their features, such as the one that the package ships."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.gate.files import sha256
from holdfast.sources.files import locate
from holdfast.sources.text_tables import read_table
from holdfast.tables import check
from holdfast.types import InputFile


@dataclass(frozen=True)
class CellTable:
    """Cells by position in the grid, their features, and where each column comes from."""

    cells: pd.DataFrame
    features: pd.DataFrame
    files: tuple[InputFile, ...]


def read_cells(path: str, folder: Path, known: list[str]) -> CellTable:
    """Read cells and features from a CSV file, and its companion ``<name>_sources.csv``.

    Parameters
    ----------
    path : str
        CSV file with the columns of schema ``cell_table`` and of features.
    folder : Path
        Folder that `path` counts from.
    known : list of str
        Names of all features; those that are columns of the file are read.

    Returns
    -------
    CellTable
        Row by row as in the file.

    Raises
    ------
    DataMissing, TableError
        If a file is missing, or naming every bad row, column and feature without a source.
    """
    file = locate(folder, path, "region.cells", (".csv", ".csv.gz"))
    raw, read = read_table(file)
    cells = check(raw, "cell_table", str(file))
    present = [name for name in known if name in raw.columns]
    features = check(raw, "features", str(file), only=present)
    twice = cells.duplicated(["column", "row"])
    if twice.any():
        text = "another row has the same column and row of the grid"
        raise TableError(str(file), [Problem(text, row=int(r)) for r in cells.index[twice]])
    companion = locate(folder, path.replace(".csv", "_sources.csv"), "region.cells", (".csv", ".csv.gz"))
    origins = check(read_table(companion)[0], "cell_sources", str(companion))
    nameless = sorted(set(present) - set(origins["column"]))
    if nameless:
        raise TableError(
            str(companion), [Problem("has no row in this file; say where it comes from", column=c) for c in nameless]
        )
    digest = sha256(file)
    # one record per feature, all with the digest of the one file: each feature has a source and a licence of its own
    files = tuple(
        InputFile(
            table=row["column"],
            file=file.name,
            sha256=digest,
            rows=len(raw),
            source=row["title"],
            licence=row["licence"],
            date=row["date"],
            link=row["link"] if pd.notna(row.get("link")) else "",
            notes=(*read, *((row["note"],) if pd.notna(row.get("note")) else ())),
        )
        for row in origins.to_dict("records")
    )
    return CellTable(cells, features, files)
