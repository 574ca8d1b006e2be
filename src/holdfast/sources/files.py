"""Where input files lie, and what a path may be."""

from pathlib import Path

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.files import is_file, refuse_disguised

CSVS = (".csv", ".csv.gz")
CONVERT = {
    (".osm", ".osm.gz", ".osm.bz2"): "; convert it: osmium cat FILE -o city.osm.pbf",
    (".zip", ".7z", ".rar", ".tar", ".tgz"): "; unpack it first",
    (".kml", ".kmz", ".gml", ".fgb", ".gdb", ".tab"): "; convert it: ogr2ogr areas.gpkg FILE",
    (".xls", ".xlsx", ".ods", ".dbf"): "; save the sheet as CSV",
    (".vrt", ".img", ".hdf", ".nc", ".grd", ".asc"): "; convert it: gdal_translate FILE raster.tif",
}
"""Endings that are not read, and how such a file becomes one that is."""
VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".parquet")


def locate(folder: Path, path: str, key: str, suffixes: tuple[str, ...]) -> Path:
    """Find an existing, non-empty input file whose first bytes fit its ending; refuse anything else.

    Parameters
    ----------
    folder : Path
        Folder that `path` counts from.
    path : str
        As written in the study.
    key : str
        Key of the study that names the file, for messages.
    suffixes : tuple of str
        Endings that the reader can read.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If it is a URL or a virtual path, empty, of an unknown kind, or not what its ending says.
    """
    # GDAL opens both, over the network or inside archives, past every limit on what is read
    if "://" in path or path.startswith(("/vsi", "\\vsi")):
        raise TableError(path, [Problem("is not a local file; download it first", column=key)])
    file = folder / path
    if not is_file(file):
        text = f"{file}: no such file ({key}); pass the folder that holds it with --data, or correct the path"
        raise DataMissing(text.replace("\x00", "?"))  # a message stays printable
    if not str(file).lower().endswith(suffixes):
        remedy = next((words for ending, words in CONVERT.items() if str(file).lower().endswith(ending)), "")
        text = f"cannot be read here; known endings: {', '.join(suffixes)}{remedy}"
        raise TableError(str(file), [Problem(text, column=key)])
    refuse_disguised(file, key)
    return file


def found(folder: Path, names: tuple[str, ...], advice: str) -> Path:
    """The first of some files, the preferred `names` first, that a folder or one of its direct subfolders holds.

    Raises
    ------
    DataMissing
        If there is none of them; `advice` says where they come from.
    """
    for name in names:
        # sorted, since the order in which a folder lists its files differs between machines
        there = sorted([*folder.glob(name), *folder.glob(f"*/{name}")])
        if there:
            return there[0]
    text = f"{folder}: holds none of {', '.join(names)}, also not one folder down; {advice}"
    raise DataMissing(text)
