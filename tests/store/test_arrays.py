"""Blocks of draws are taken for what they are and for no other."""

import io
import zipfile

import numpy as np
import pytest

from holdfast.errors import TableError
from holdfast.store import read_arrays, write_arrays

ARRAYS = {
    "cost": np.arange(12.0).reshape(3, 4),
    "done": np.array([True, False]),
    "count": np.arange(3),
    "one": np.array(2.5),
}


def test_what_was_written_is_read(tmp_path):
    arrays = ARRAYS | {"turned": np.asfortranarray(ARRAYS["cost"]), "none": np.empty((0, 3))}
    write_arrays(tmp_path / "a.npz", arrays, "run a, block 1")
    found = read_arrays(tmp_path / "a.npz", "run a, block 1")
    assert set(found) == set(arrays)
    for name, values in arrays.items():
        assert found[name].dtype == values.dtype
        assert np.array_equal(found[name], values)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def member(name, shape, data=b"", dtype="<f8"):
    """An archive with one array whose header says what it likes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.npy", header.getvalue() + data)
    return packed.getvalue()


def changed(**arrays):
    packed = io.BytesIO()
    np.savez_compressed(packed, **(ARRAYS | arrays))
    return packed.getvalue()


SPOILT = {
    "of another run": lambda _: None,
    "another number": lambda f: f.write_bytes(changed(cost=ARRAYS["cost"] * 10, bound=read_arrays_raw(f)["bound"])),
    "another shape": lambda f: f.write_bytes(changed(cost=ARRAYS["cost"].T.copy(), bound=read_arrays_raw(f)["bound"])),
    "another type": lambda f: f.write_bytes(changed(count=np.arange(3, dtype="i4"), bound=read_arrays_raw(f)["bound"])),
    "no digest": lambda f: f.write_bytes(changed()),
    "half of it": lambda f: f.write_bytes(f.read_bytes()[: f.stat().st_size // 2]),
    "a byte turned": lambda f: f.write_bytes(f.read_bytes()[:60] + b"\x00" + f.read_bytes()[61:]),
    "no archive": lambda f: f.write_bytes(b"half a block"),
    "nothing": lambda f: f.write_bytes(b""),
    "a header that asks for the world": lambda f: f.write_bytes(member("cost", (10**15,))),
    "a header that asks for less than nothing": lambda f: f.write_bytes(member("cost", (-1,), bytes(8))),
    "objects": lambda f: f.write_bytes(member("cost", (1,), b"x" * 8, "|O")),
    "text": lambda f: f.write_bytes(member("cost", (1,), b"x" * 8, "|S8")),
}


def read_arrays_raw(file):
    with np.load(file) as content:
        return dict(content)


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_block_is_refused(tmp_path, name):
    file = tmp_path / "block-000001.npz"
    write_arrays(file, ARRAYS, "run a, block 1")
    SPOILT[name](file)
    with pytest.raises(TableError, match=r"block-000001\.npz") as refused:
        read_arrays(file, "run b, block 1" if name == "of another run" else "run a, block 1")
    assert "again" in str(refused.value)
