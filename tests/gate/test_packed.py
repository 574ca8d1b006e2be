"""Large and packed files are refused before they are unpacked, with the limit."""

import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest
import rasterio

import holdfast.gate.packed as packed
from holdfast.errors import TableError
from holdfast.gate import limits
from holdfast.gate.files import refuse_disguised
from holdfast.gate.geodata import refuse_large_raster
from holdfast.gate.packed import refuse_large_parquet, refuse_large_text, refuse_large_zip, unpacked

FREE = 64 * limits.GIB


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine with 64 GiB free, so that the limits are those that are stated."""
    monkeypatch.setattr(packed, "memory", lambda: FREE)


def bomb(file, megabytes):
    """Zeros, packed by themselves so that no more than a megabyte is ever held."""
    with gzip.open(file, "wb", compresslevel=9) as stream:
        for _ in range(megabytes):
            stream.write(bytes(limits.MIB))
    return file


def test_a_packed_table_that_unpacks_too_well_is_refused_early(tmp_path, monkeypatch):
    file = bomb(tmp_path / "a.csv.gz", 300)
    assert file.stat().st_size < 400_000
    read = []
    inner = packed.refuse_unpacked
    monkeypatch.setattr(packed, "refuse_unpacked", lambda f, size: (read.append(size), inner(f, size)))
    with pytest.raises(TableError, match=r"a\.csv\.gz, 1 error\n  unpacks to more than 250 times its size"):
        unpacked(file)
    assert max(read) <= limits.UNPACKED_FREE + packed.CHUNK


def test_a_packed_table_that_compresses_like_tables_do_is_read(tmp_path):
    text = "\n".join(f"{i},{i * 7 % 1000},synthetic" for i in range(300_000)).encode()
    with gzip.open(tmp_path / "a.csv.gz", "wb") as stream:
        stream.write(text)
    assert unpacked(tmp_path / "a.csv.gz") == text
    (tmp_path / "a.csv").write_bytes(text)
    assert unpacked(tmp_path / "a.csv") == text


DAMAGED = {
    "cut off": lambda b: b[:-30],
    "a byte turned": lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 255]) + b[len(b) // 2 + 1 :],
    "a corrupt stream": lambda b: b[:12] + b"\xff" * 40 + b[52:],
    "no stream": lambda b: b[:10],
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_told(tmp_path, name):
    file = tmp_path / "a.csv.gz"
    file.write_bytes(DAMAGED[name](gzip.compress(b"a,b\n" + b"1,2\n" * 5000 + np.random.default_rng(1).bytes(500))))
    with pytest.raises(TableError, match="cut off or damaged"):
        unpacked(file)


def test_text_that_takes_more_memory_than_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "memory", lambda: 1000)
    file = tmp_path / "a.csv"
    file.write_bytes(b"x" * 200)
    with pytest.raises(TableError, match="takes about 1,200 bytes of memory to read, of 1,000 that are free"):
        unpacked(file)
    (tmp_path / "a.geojson").write_bytes(b"{" + b"x" * 100)
    with pytest.raises(TableError, match="takes about 1,010 bytes of memory"):
        refuse_disguised(tmp_path / "a.geojson")
    refuse_large_text(file, 130)


def test_archives_and_sheets(tmp_path):
    file = tmp_path / "a.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("sheet.xml", "w") as sheet:
        for _ in range(300):
            sheet.write(bytes(limits.MIB))
    with pytest.raises(TableError, match="unpacks to more than 250 times its size"):
        refuse_large_zip(file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", "<row/>" * 1000)
    refuse_large_zip(file)
    content = file.read_bytes()
    for spoilt in (content[:-10], b"PK\x03\x04", b""):
        file.write_bytes(spoilt)
        with pytest.raises(TableError, match="cut off or damaged"):
            refuse_large_zip(file)


def test_parquet_by_its_rows_and_columns(tmp_path, monkeypatch):
    """A column of one value is packed to nothing, whatever the number of rows."""
    file = tmp_path / "a.parquet"
    pd.DataFrame({"a": np.zeros(2_000_000), "b": np.zeros(2_000_000)}).to_parquet(file)
    assert file.stat().st_size < 100_000
    refuse_large_parquet(file)
    monkeypatch.setattr(packed, "memory", lambda: 30 * limits.MIB)
    with pytest.raises(TableError, match="unpacks to more than 25,165,824 bytes"):
        refuse_large_parquet(file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        refuse_large_parquet(file)


@pytest.mark.parametrize(
    ("side", "tiled", "told"), [(2_000_000, True, "has 4,000,000,000,000 pixels"), (100_000, False, "in blocks of")]
)
def test_rasters_by_their_pixels(tmp_path, side, tiled, told):
    """Sparse files: none of their pixels is stored."""
    file = tmp_path / "a.tif"
    layout = {"tiled": True, "blockxsize": 16_384, "blockysize": 16_384} if tiled else {"blockysize": side // 4}
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="uint8",
        crs="EPSG:32615",
        transform=rasterio.Affine(2, 0, 0, 0, -2, 0),
        SPARSE_OK=True,
        BIGTIFF="YES",
        **layout,
    ):
        pass
    assert file.stat().st_size < 4_000_000
    with rasterio.open(file) as dataset, pytest.raises(TableError, match=told):
        refuse_large_raster(file, dataset)


def test_a_file_of_another_kind(tmp_path):
    for name in ("a.gpkg", "a.tif", "a.parquet", "a.json", "a.gz", "a.shp"):
        (tmp_path / name).write_bytes(b"<VRTDataset/>")
        with pytest.raises(TableError, match=r"is no .* but a virtual file"):
            refuse_disguised(tmp_path / name)
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(TableError, match="the file is empty"):
            refuse_disguised(tmp_path / name)
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\x00xxxx")
    with pytest.raises(TableError, match="is truncated: 20 bytes"):
        refuse_disguised(tmp_path / "a.gpkg")
    (tmp_path / "a.tif").write_bytes(b"  II*\x00")
    with pytest.raises(TableError, match=r"does not hold what \.tif says"):
        refuse_disguised(tmp_path / "a.tif")
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf \n{}")
    refuse_disguised(tmp_path / "a.json")


def test_what_is_written_by_others_is_read(tmp_path):
    buffer = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_excel(buffer)
    (tmp_path / "a.xlsx").write_bytes(buffer.getvalue())
    refuse_large_zip(tmp_path / "a.xlsx")
