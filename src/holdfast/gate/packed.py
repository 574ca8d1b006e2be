"""Packed files: how large they will be, before they are unpacked."""

import struct
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.errors import Problem, TableError
from holdfast.gate.limits import SHARE_OF_MEMORY, UNPACKED_BYTES, UNPACKED_FREE, UNPACKED_RATIO
from holdfast.gate.machine import memory

BYTES_PER_CELL = 8


def refuse_large_parquet(file: Path) -> None:
    """Refuse a Parquet file whose rows and columns, or their bytes, are more than can be held.

    Parameters
    ----------
    file : Path
        That begins as Parquet.

    Raises
    ------
    TableError
        With the limit.
    """
    try:
        facts = pq.read_metadata(file)
        groups = [facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError):
        raise TableError(str(file), [Problem("cannot be read as Parquet; copy or download it again")]) from None
    refuse_unpacked(file, max(sum(groups), facts.num_rows * facts.num_columns * BYTES_PER_CELL), packed=False)


def refuse_large_zip(file: Path) -> None:
    """Refuse an archive, such as a sheet of Excel, that unpacks to more than can be held.

    Parameters
    ----------
    file : Path
        That begins as a zip archive.

    Raises
    ------
    TableError
        With the limit.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError):
        raise TableError(str(file), [Problem("cannot be unpacked; copy or download it again")]) from None
    refuse_unpacked(file, size)


def refuse_unpacked(file: Path, size: int, packed: bool = True) -> None:
    """Refuse what a file would unpack to.

    Parameters
    ----------
    file : Path
        The packed file.
    size : int
        Bytes that it unpacks to, or more than are allowed.
    packed : bool
        Hold it to `UNPACKED_RATIO` too.

    Raises
    ------
    TableError
        If it is more than the limit, than a table can be packed, or than the memory holds.
    """
    most = min(UNPACKED_BYTES, int(SHARE_OF_MEMORY * memory()))
    if size > most:
        text = f"unpacks to more than {most:,} bytes, the most that is read here; split it"
    elif packed and size > max(UNPACKED_FREE, UNPACKED_RATIO * file.stat().st_size):
        text = f"unpacks to more than {UNPACKED_RATIO} times its size, which no table does; copy or download it again"
    else:
        return
    raise TableError(str(file), [Problem(text)])
