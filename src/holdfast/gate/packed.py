"""Large and packed files: what they will take, before they are read or unpacked."""

import gzip
import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.errors import Problem, TableError
from holdfast.gate.limits import (
    MIB,
    SHARE_OF_MACHINE,
    TEXT_MEMORY,
    UNPACKED_BYTES,
    UNPACKED_FREE,
    UNPACKED_RATIO,
)
from holdfast.gate.machine import memory

BYTES_PER_CELL = 8  # float64, which a column becomes at least
CHUNK = 16 * MIB  # unpacked between two looks at the limits
DAMAGED = "cannot be unpacked: it is cut off or damaged; copy or download it again"


def unpacked(file: Path) -> bytes:
    """Content of a text file, packed with gzip if it ends in ``.gz``, held to the limits while it is unpacked.

    Raises
    ------
    TableError
        If it is damaged, or larger than can be held.
    """
    if file.suffix.lower() != ".gz":
        refuse_large_text(file, file.stat().st_size)
        return file.read_bytes()
    parts, size = [], 0
    try:
        with gzip.open(file) as stream:
            # counted, since the size that a gzip file states may be any, and wraps at 4 GiB
            while part := stream.read(CHUNK):
                parts.append(part)
                size += len(part)
                refuse_unpacked(file, size)
                refuse_large_text(file, size)
    except (EOFError, OSError, zlib.error):
        raise TableError(str(file), [Problem(DAMAGED)]) from None
    return b"".join(parts)


def refuse_large_text(file: Path, size: int, factor: int = TEXT_MEMORY) -> None:
    """Refuse text of so many bytes that it takes more memory than there is, at `factor` bytes of memory for each.

    Raises
    ------
    TableError
        With what there is; names `file`.
    """
    have = memory()
    if size * factor > SHARE_OF_MACHINE * have:
        text = (
            f"takes about {size * factor:,} bytes of memory to read, of {have:,} that are free; split it, or free some"
        )
        raise TableError(str(file), [Problem(text)])


def refuse_large_parquet(file: Path) -> None:
    """Refuse a Parquet file whose rows and columns, or their bytes, are more than can be held.

    Raises
    ------
    TableError
        If it is damaged, or larger than the limit.
    """
    try:
        facts = pq.read_metadata(file)
        groups = [facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError):
        raise TableError(str(file), [Problem("cannot be read as Parquet; copy or download it again")]) from None
    # rows times columns too: a column of one value packs to nothing, and its stated bytes with it
    refuse_unpacked(file, max(sum(groups), facts.num_rows * facts.num_columns * BYTES_PER_CELL), packed=False)


def refuse_large_zip(file: Path) -> None:
    """Refuse an archive, such as a sheet of Excel, that unpacks to more than can be held.

    Raises
    ------
    TableError
        If it is damaged, or larger than the limit.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            # as the archive states; Python's reader stops at the stated size of each member
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError):
        raise TableError(str(file), [Problem(DAMAGED)]) from None
    refuse_unpacked(file, size)
    refuse_large_text(file, size)


def refuse_unpacked(file: Path, size: int, packed: bool = True) -> None:
    """Refuse what a file would unpack to: so many bytes in all, or until now; `packed` holds it to `UNPACKED_RATIO` too.

    Raises
    ------
    TableError
        If it is more than the limit, than a table can be packed, or than the memory holds.
    """
    most = min(UNPACKED_BYTES, int(SHARE_OF_MACHINE * memory()))
    if size > most:
        text = f"unpacks to more than {most:,} bytes, the most that is read here; split it"
    elif packed and size > max(UNPACKED_FREE, UNPACKED_RATIO * file.stat().st_size):
        text = f"unpacks to more than {UNPACKED_RATIO} times its size, which no table does; copy or download it again"
    else:
        return
    raise TableError(str(file), [Problem(text)])
