"""Blocks of draws on disk, each bound to its run and its place in it."""

import hashlib
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from holdfast.errors import Problem, TableError
from holdfast.gate.limits import UNPACKED_BYTES
from holdfast.store.beside import PARTIAL

BOUND = "bound"
"""Name of the array that holds the digest."""
PLAIN = "biuf"
"""Kinds of numbers that a block may hold."""


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], place: str) -> None:
    """Write arrays of numbers to one ``.npz`` file that is whole or not there.

    `place` says where the file belongs, such as run and number of the block; `read_arrays` takes it for no other.
    """
    partial = path.with_name(f".{path.name}{PARTIAL}{os.getpid()}")
    try:
        with partial.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays, **{BOUND: _digest(arrays, place)})
            # on the disk before it has its name: a file under its name is whole even after a power cut
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_arrays(path: Path, place: str) -> dict[str, np.ndarray]:
    """Read arrays that `write_arrays` wrote for this place.

    Raises
    ------
    TableError
        If the file is none, was changed, or belongs elsewhere.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            # beyond the limit nothing is read, and the digest then fails as that of any foreign file
            small = sum(info.file_size for info in members) <= UNPACKED_BYTES
            arrays = {m.filename.removesuffix(".npy"): _array(packed, m) for m in members if small}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError):
        arrays = {}
    digest = arrays.pop(BOUND, None)
    if digest is None or not np.array_equal(digest, _digest(arrays, place)):
        text = "is not this block of this run, or was changed; delete it and run again with --resume"
        raise TableError(str(path), [Problem(text)])
    return arrays


def _array(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """One array, of the size that its header and the archive both say."""
    with packed.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
        # header and archive are both written by anybody: no array is made larger than its member, and none of objects
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in PLAIN or size > info.file_size:
            text = "no array of numbers"
            raise ValueError(text)
        return np.frombuffer(stream.read(size), dtype).reshape(shape, order="F" if fortran else "C")


def _digest(arrays: Mapping[str, np.ndarray], place: str) -> np.ndarray:
    """SHA-256 of a place and of the names, types, shapes and numbers of arrays."""
    whole = hashlib.sha256(place.encode())
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        # names, types and shapes too: the same bytes under another shape are another block
        whole.update(f"{name} {values.dtype.str} {arrays[name].shape} ".encode())
        whole.update(values.tobytes())
    return np.frombuffer(whole.digest(), np.uint8)
