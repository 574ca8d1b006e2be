"""Inputs and results that try to reach further than they may: what lies beside a file, names addresses, or links away."""

import json
import os
import sqlite3

import numpy as np
import pytest
import small_inputs
from results import everything, forge
from small_inputs import READERS, lay
from towns import write_town

import holdfast
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.flows.report import report

ADDRESS = "http://127.0.0.1:9/evil"
SECRET = "a secret of somebody else"
OURS = (TableError, DataMissing, UnknownName)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inputs").mkdir()
    (tmp_path / "secret.txt").write_text(SECRET)
    return lay(tmp_path / "inputs")


AUX = """<PAMDataset>
 <SRS>EPSG:3857</SRS><GeoTransform>0, 1, 0, 0, 0, -1</GeoTransform>
 <GCPList Projection="EPSG:4326"><GCP Id="1" Pixel="0" Line="0" X="0" Y="0"/></GCPList>
 <Metadata domain="xml:VRT"><VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset></Metadata>
 <PAMRasterBand band="1"><NoDataValue>0.5</NoDataValue><Scale>100</Scale><Offset>7</Offset></PAMRasterBand>
</PAMDataset>"""


def beside_a_raster(folder):
    """Every file that a library might read with a raster."""
    (folder / "ndvi.tif.aux.xml").write_text(AUX)
    for name in ("ndvi.tfw", "ndvi.tifw", "ndvi.wld"):
        (folder / name).write_text("1\n0\n0\n-1\n0\n0\n")
    (folder / "ndvi.prj").write_text('GEOGCS["WGS 84",DATUM["x",SPHEROID["x",1,0]]]')
    zeros = np.zeros((10, 10), np.float32)
    small_inputs.raster(folder / "other.tif", zeros)
    for name in ("ndvi.tif.ovr", "ndvi.tif.msk"):
        (folder / name).write_bytes((folder / "other.tif").read_bytes())
    (folder / "ndvi.rpb").write_text("x")
    (folder / "ndvi_rpc.txt").write_text("LINE_OFF: 1\n")


def test_nothing_beside_a_raster_says_anything_about_it(folder):
    read = READERS["raster"].read
    before = read(folder).table["ndvi"]
    beside_a_raster(folder)
    listing = everything(folder)
    assert read(folder).table["ndvi"].equals(before)
    assert everything(folder) == listing, "nothing is written beside an input"


def beside_a_shapefile(folder):
    (folder / "areas.shp.xml").write_text(f"<!DOCTYPE x [<!ENTITY e SYSTEM '{ADDRESS}'>]><x>&e;</x>")
    (folder / "areas.qix").write_bytes(b"SQT" + bytes(100))
    (folder / "areas.sbn").write_bytes(bytes(100))
    (folder / "areas.idm").write_text("x")


def test_nothing_beside_a_shapefile_but_its_parts(folder):
    read = READERS["areas, shapefile"].read
    before = read(folder).table
    beside_a_shapefile(folder)
    assert read(folder).table.equals(before)


ELSEWHERE = [
    ADDRESS,
    "https://epsg.io/32632.prj",
    "file:///etc/passwd",
    "/etc/passwd",
    "+init=/etc/passwd:1",
    "+proj=utm +zone=32 +nadgrids=/etc/passwd",
    "+proj=utm +zone=32 +geoidgrids=http://127.0.0.1:9/g.gtx",
    "\\\\server\\share\\x.prj",
]
STUDY = """
name = "x"
[city]
source = "networks"
[tables.water]
source = "epanet"
path = "water.inp"
"""


@pytest.mark.parametrize("crs", ELSEWHERE)
@pytest.mark.parametrize("key", ["region.crs", "tables.areas.crs", "city.crs", "tables.water.crs"])
def test_a_crs_elsewhere_is_refused_by_every_key(key, crs, folder, shared_study):
    section, name = key.rsplit(".", 1)
    if section in ("region", "tables.areas"):
        with pytest.raises(TableError, match="not looked up") as told:
            holdfast.check(shared_study, overrides={key: crs})
    else:
        (folder / "study.toml").write_text(STUDY + ('crs = "EPSG:4326"\n' if section == "city" else ""))
        with pytest.raises(TableError, match="not looked up") as told:
            holdfast.check(folder / "study.toml", overrides={key: crs})
    assert "EPSG:" in str(told.value)
    assert name in str(told.value)


@pytest.mark.parametrize("crs", ELSEWHERE)
def test_a_crs_elsewhere_that_a_file_names(crs, folder):
    content = json.loads((folder / "areas.geojson").read_text())
    content["crs"] = {"type": "name", "properties": {"name": crs}}
    (folder / "areas.geojson").write_text(json.dumps(content))
    with pytest.raises(TableError, match="not looked up"):
        READERS["areas, GeoJSON"].read(folder)
    with sqlite3.connect(folder / "areas.gpkg") as base:
        base.execute("update gpkg_spatial_ref_sys set definition = ?, organization_coordsys_id = 999999", (crs,))
    try:
        READERS["areas, GeoPackage"].read(folder)  # the number that the layer states may still be known
    except OURS as told:
        assert "EPSG" in str(told) or "CRS" in str(told)


def with_a_view(folder, sql):
    """A GeoPackage whose layer is what a statement of somebody says."""
    with sqlite3.connect(folder / "areas.gpkg") as base:
        base.execute("pragma writable_schema = on")
        base.execute("update gpkg_contents set table_name = 'areas'")
        base.execute("update sqlite_master set type = 'view', rootpage = 0, sql = ? where name = 'areas'", (sql,))


STATEMENTS = {
    "a virtual table of files": "create virtual table areas using VirtualOGR('{secret}')",
    "a virtual shapefile": "create virtual table areas using VirtualShape('{secret}', 'UTF-8', 4326)",
    "an address": "create virtual table areas using VirtualOGR('/vsicurl/http://127.0.0.1:9/evil')",
    "a function that reads": "create view areas as select 1 as fid, readfile('{secret}') as geom, 'a' as id",
    "an extension": "create view areas as select load_extension('{secret}') as geom, 1 as fid, 'a' as id",
    "a function of GDAL": "create view areas as select ogr_geocode('x') as geom, 1 as fid, 'a' as id",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_geopackage_that_says_more_than_data(name, folder):
    with_a_view(folder, STATEMENTS[name].format(secret=folder.parent / "secret.txt"))
    with pytest.raises(OURS) as told:
        READERS["areas, GeoPackage"].read(folder)
    assert SECRET not in str(told.value)
    assert "areas.gpkg" in str(told.value)


DISGUISES = {
    "areas, GeoPackage": b'<OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
    "areas, GeoJSON": b'<OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
    "areas, shapefile": b'<OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
    "areas, GeoParquet": b"<VRTDataset>%s</VRTDataset>",
    "raster": b'<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>%s</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>',
    "ShakeMap": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file://%s">]><shakemap_grid>&e;</shakemap_grid>',
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_virtual_file_under_another_ending(name, folder):
    (folder / READERS[name].file).write_bytes(DISGUISES[name] % str(folder.parent / "secret.txt").encode())
    with pytest.raises(OURS) as told:
        READERS[name].read(folder)
    assert SECRET not in str(told.value)


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
@pytest.mark.parametrize(
    "name", ["points, table", "areas, GeoPackage", "raster", "EPANET", "pandapower", "ready cells"]
)
def test_what_is_no_plain_file(name, folder):
    """A link to a file is that file; to nothing, to itself, to a folder or a pipe it is none."""
    file = folder / READERS[name].file
    there = folder / f"there{file.suffix}"
    file.rename(there)
    file.symlink_to(there)
    assert READERS[name].read(folder)
    for spoil in (
        lambda: file.symlink_to(folder / "nothing"),
        lambda: file.symlink_to(file),
        lambda: file.symlink_to(folder),
        file.mkdir,
        lambda: os.mkfifo(file),
        lambda: file.symlink_to("/dev/zero"),
    ):
        file.rmdir() if file.is_dir() and not file.is_symlink() else file.unlink()
        spoil()
        with pytest.raises(OURS, match=file.name):
            READERS[name].read(folder)


@pytest.mark.parametrize(
    "path",
    [
        ADDRESS,
        "/vsicurl/http://127.0.0.1:9/x.csv",
        "ftp://127.0.0.1/x",
        "\\vsizip\\x",
        "a\x00b.csv",
        "n" * 300,
        "",
        ".",
    ],
)
@pytest.mark.parametrize(
    "name", ["points, table", "areas, GeoPackage", "raster", "EPANET", "pandapower", "ready cells"]
)
def test_a_path_that_is_none(name, path, folder):
    with pytest.raises(OURS) as told:
        READERS[name].read(folder, path=path)
    assert "Errno" not in str(told.value)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    holdfast.simulate(write_town(folder), out=folder / "out", overrides={"recovery.draws": 3})
    return folder / "out"


@pytest.fixture
def result(simulated, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for name, content in everything(simulated).items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes(content) if (simulated / name).is_file() else (out / name).mkdir(exist_ok=True)
    (tmp_path / "secret.txt").write_text(SECRET)
    return out


FORGED = {
    "networks.gpkg": [
        DISGUISES["areas, GeoPackage"] % b"/etc/passwd",
        DISGUISES["areas, GeoPackage"] % ADDRESS.encode(),
        b"SQLite format 3\x00",
        b"",
    ],
    "recovery.nc": [
        b"\x89HDF\r\n\x1a\n" + bytes(600),
        b"CDF\x01" + bytes(60),
        b"CDF\x05" + b"\xff" * 60,
        ADDRESS.encode(),
    ],
    "buildings.parquet": [b"PAR1", b"PAR1" + bytes(50) + b"PAR1", DISGUISES["areas, GeoParquet"] % b"/etc/passwd"],
    "losses.json": [b"[]", b"{}", b'{"name": 1}', b"[" * 100_000, b'{"name": ' + b"9" * 5000 + b"}", b"\xff\xfe"],
    "manifest.json": [b"{}", b"[]", b"null", b'{"format": 2, "files": []}'],
}


@pytest.mark.parametrize(("name", "number"), [(n, i) for n, texts in FORGED.items() for i in range(len(texts))])
def test_a_forged_file_of_a_result(name, number, result, tmp_path):
    """Digests are made to fit; nothing is written and nothing outside is shown."""
    (result / name).write_bytes(FORGED[name][number])
    if name != "manifest.json":
        forge(result)
    before = everything(tmp_path)
    with pytest.raises(OURS) as told:
        report(result, out=tmp_path / "page.html")
    assert SECRET not in str(told.value)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ["networks.gpkg", "recovery.nc", "buildings.parquet", "losses.json"])
def test_a_link_in_a_result_is_no_file_of_it(name, result, tmp_path):
    (result / name).rename(tmp_path / name)
    (result / name).symlink_to(tmp_path / name)
    with pytest.raises(OURS, match=name):
        report(result, out=tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    "names", [["../secret.txt"], ["/etc/passwd"], ["a/../../secret.txt"], ["losses.json\x00"], ["n" * 300]]
)
def test_a_manifest_that_lists_what_lies_elsewhere(names, result, tmp_path):
    manifest = json.loads((result / "manifest.json").read_text())
    forge(result, files=manifest["files"] | dict.fromkeys(names, "0" * 64))
    with pytest.raises(OURS):
        report(result, out=tmp_path / "page.html")
    assert (tmp_path / "secret.txt").read_text() == SECRET


def test_a_second_run_keeps_what_is_the_users(result, tmp_path):
    """Notes beside our files stay, whatever they are called."""
    write_town(tmp_path)
    (result / "notes.txt").write_text("mine")
    (result / "sub").mkdir()
    (result / "sub" / "thesis.md").write_text("years")
    holdfast.simulate(tmp_path / "study.toml", out=result, overrides={"recovery.draws": 3})
    assert (result / "notes.txt").read_text() == "mine"
    assert (result / "sub" / "thesis.md").read_text() == "years"


@pytest.mark.parametrize("name", ["n" * 300, "a\x00b", "study.toml", "."])
@pytest.mark.parametrize("key", ["rating.model", "rating.pool"])
def test_a_result_that_can_be_none(key, name, shared_study):
    with pytest.raises(OURS) as told:
        holdfast.check(shared_study, overrides={key: [name] if key.endswith("pool") else name})
    assert "Errno" not in str(told.value)
