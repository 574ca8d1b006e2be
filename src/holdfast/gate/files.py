"""What a file holds, by its first bytes: nothing is opened that its ending does not say."""

import hashlib
import struct
from pathlib import Path

from holdfast.errors import Problem, TableError
from holdfast.gate.limits import JSON_MEMORY
from holdfast.gate.packed import refuse_large_text

# The first bytes of each kind of file; a virtual GDAL file under another name can read any file on disk.
SIGNATURES = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".parquet": (b"PAR1",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".gz": (b"\x1f\x8b",),
    ".nc": (b"CDF\x05",),
    ".npz": (b"PK\x03\x04",),
}
TEXT = (".geojson", ".json")
MARKS = b"\xef\xbb\xbf\xff\xfe\x1e\x00 \t\r\n"  # of byte order and of records, and blanks, before the text of a file
GPKG_PAGE_SIZE, GPKG_PAGES, LARGEST_PAGE = slice(16, 18), slice(28, 32), 65536
HEAD = 100


def refuse_disguised(file: Path, column: str | None = None) -> None:
    """Refuse a file that is empty, cannot be opened, or does not hold what its ending says.

    Raises
    ------
    TableError
        With the remedy; names the key of the study, `column`.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        raise TableError(str(file), [Problem("cannot be opened; is it readable for you?", column=column)]) from None
    if not head:
        raise TableError(str(file), [Problem("the file is empty; copy or download it again", column=column)])
    kind = file.suffix.lower()
    # text has no header that states its size: what reading takes is reckoned from the bytes
    if kind in TEXT:
        refuse_large_text(file, file.stat().st_size, JSON_MEMORY)
    start = head.lstrip(MARKS) if kind in TEXT else head
    if kind in SIGNATURES and not start.startswith(SIGNATURES[kind]):
        text = f"does not hold what {file.suffix} says; give it its true ending, or copy or download it again"
        if head.lstrip().startswith(b"<"):
            text = f"is no {file.suffix} but a virtual file, which could name any other; convert it first"
        raise TableError(str(file), [Problem(text, column=column)])
    if kind == ".gpkg":
        _refuse_truncated(file, head)


def _refuse_truncated(file: Path, head: bytes) -> None:
    """Compare the size of an SQLite file with the number of pages in its header."""
    size, expected = file.stat().st_size, HEAD
    if len(head) == HEAD:
        page = struct.unpack(">H", head[GPKG_PAGE_SIZE])[0]
        # a database that was cut off opens and reads well until the page that is missing
        expected = (LARGEST_PAGE if page == 1 else page) * struct.unpack(">I", head[GPKG_PAGES])[0]
    if size < expected:
        text = f"the file is truncated: {size:,} bytes of {expected:,}; copy or download it again"
        raise TableError(str(file), [Problem(text)])


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have, too long or with a NUL, names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; a name that none can have names none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def sha256(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal, read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
