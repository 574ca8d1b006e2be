"""Shapes from GeoPackage, GeoJSON, shapefile and GeoParquet, in a CRS that fits their coordinates."""

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from shapely import affinity
from shapely.geometry import shape

from holdfast.errors import Problem, TableError
from holdfast.gate import geodata
from holdfast.gate.text import whole_number
from holdfast.ground import HALF_TURN, TURN, WGS84, crs_name, is_undefined, known_crs
from holdfast.sources.text_tables import decoded
from holdfast.tables import LARGEST

GEOJSON = (".geojson", ".json")
GEOMETRY_TYPES = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
ROUND_TRIP = 1.0  # m; a place that does not come back from degrees lies outside of what the CRS can say
FAR_FROM_CRS = 20.0  # degrees beyond the area that a CRS is made for
UNREADABLE = "it is damaged, cut off or of another kind than its ending says; copy or download it again"
RECORD_MARK = "\x1e"  # RFC 8142 puts it before each feature of a sequence


def read_shapes(file: Path, layer: str | None = None, crs: str | None = None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read a layer of shapes.

    Parameters
    ----------
    file : Path
        GeoPackage, GeoJSON (a collection, or one feature a line), shapefile or GeoParquet that passed `locate`.
    layer : str, optional
        Layer of a GeoPackage that has several.
    crs : str, optional
        CRS of a file that states none; where the file states another, the file's own is taken.

    Returns
    -------
    GeoDataFrame
        Index ``row``, from 1; the CRS fits the coordinates; multipoints of one point are points.
    list of str
        What was changed or taken as given.

    Raises
    ------
    TableError
        If it cannot be read, holds nothing, has no CRS, or has coordinates that the CRS cannot mean.
    """
    name = f"{file}, layer {layer}" if layer else str(file)
    said = None if crs is None else known_crs(crs, name, "crs")
    kind = file.suffix.lower()
    if kind in GEOJSON:
        shapes, notes = _geojson(file)
    else:
        shapes, notes = _parquet(file) if kind == ".parquet" else _layer(file, layer), []
    if not len(shapes):
        raise TableError(name, [Problem("has no features; is it the right file or layer?")])
    shapes.index = pd.RangeIndex(1, len(shapes) + 1, name="row")
    shapes, single = _single_points(shapes)
    shapes, told = _with_crs(shapes, said, name, by_default=kind in GEOJSON)
    # before bounds are looked at, which one infinite coordinate would spoil
    _refuse_unsound(shapes, name)
    shapes, turned = within_crs(shapes, name, by_default=kind in GEOJSON)
    return shapes, [*notes, *single, *told, *turned]


def _layer(file: Path, layer: str | None) -> gpd.GeoDataFrame:
    """A layer of a GeoPackage or shapefile; its CRS is looked at before anything is made of it."""
    try:
        layers = geodata.layers(file)
    except TableError:
        raise
    except Exception:
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None
    if not layers:
        raise TableError(str(file), [Problem("holds no layer")])
    if layer is None and len(layers) > 1:
        raise TableError(str(file), [Problem(f"has several layers, say which: {', '.join(layers)}", column="layer")])
    if layer is not None and layer not in layers:
        raise TableError(str(file), [Problem(f'has no layer "{layer}"; it has: {", ".join(layers)}', column="layer")])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the reader, about what is answered here
            stated = pyogrio.read_info(file, layer=layer or layers[0])["crs"]
            if stated is not None:
                known_crs(stated, str(file), "geometry") if not _placeholder(stated) else None
            shapes = pyogrio.read_dataframe(file, layer=layer or layers[0])
    except TableError:
        raise
    except Exception:
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None
    if not isinstance(shapes, gpd.GeoDataFrame):
        raise TableError(str(file), [Problem("holds a table without shapes")])
    return shapes


def _placeholder(stated: str) -> bool:
    """Whether a file's CRS is the one that says that none is stated."""
    try:
        return is_undefined(pyproj.CRS.from_user_input(stated))
    except pyproj.exceptions.CRSError:
        return False


def _parquet(file: Path) -> gpd.GeoDataFrame:
    """A GeoParquet file."""
    try:
        return geodata.geoparquet(file)
    except TableError:
        raise
    except Exception as error:
        plain = "geo metadata" in str(error)
        text = "is a Parquet file without shapes; write GeoParquet" if plain else f"cannot be read: {UNREADABLE}"
        raise TableError(str(file), [Problem(text)]) from None


def _geojson(file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Features of a GeoJSON file; its CRS only where it states one."""
    text, notes = decoded(file.read_bytes(), file)
    features, member = _features(text, file)
    rows = [i for i, f in enumerate(features, 1) if not _is_feature(f)]
    if rows:
        raise TableError(str(file), [Problem("is no GeoJSON feature", row=i) for i in rows])
    columns = pd.DataFrame([f.get("properties") or {} for f in features], index=range(len(features)))
    for column in columns.columns[[kind.kind == "O" for kind in columns.dtypes]]:
        # lists and objects become text: a table has one value to a cell, and no comparison fails on them
        nested = columns[column].map(lambda v: isinstance(v, (dict, list)))
        columns[column] = (
            columns[column].mask(nested, columns[column].map(json.dumps)) if nested.any() else columns[column]
        )
    if "geometry" in columns:
        notes.append('the property "geometry" of the features is not read')
    if "id" not in columns and any("id" in f for f in features):
        columns["id"] = [f.get("id") for f in features]
    crs = None
    if isinstance(member, dict):
        properties = member.get("properties")
        stated = properties.get("name") if isinstance(properties, dict) else None
        if not isinstance(stated, str):
            text = "the member `crs` names no CRS; take it out for degrees (EPSG:4326), or write its code"
            raise TableError(str(file), [Problem(text, column="crs")])
        crs = known_crs(stated, str(file), "crs")
    geometry = _geometries([f.get("geometry") for f in features], file)
    return gpd.GeoDataFrame(columns.drop(columns="geometry", errors="ignore"), geometry=geometry, crs=crs), notes


def _features(text: str, file: Path) -> tuple[list[Any], object]:
    """Features and the member `crs` of a collection, a feature, a geometry, or a sequence of features."""
    try:
        content = json.loads(text, parse_int=whole_number)
    except RecursionError:
        raise TableError(str(file), [Problem("is nested too deep to be GeoJSON")]) from None
    except ValueError as error:
        # not one document: perhaps one feature a line (RFC 8142), if every line at least begins like an object
        lines = [(i, line.strip(RECORD_MARK + " \t\r")) for i, line in enumerate(text.split("\n"), 1)]
        lines = [(i, line) for i, line in lines if line]
        if len(lines) < 2 or not all(line.startswith("{") for _, line in lines):
            row = getattr(error, "lineno", None)
            text = "is no valid JSON from here on: it is cut off or damaged; copy or download it again"
            raise TableError(str(file), [Problem(text, row=row)]) from None
        return [_one(line, i, file) for i, line in lines], None
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        return content["features"], content.get("crs")
    if kind == "Feature":
        return [content], content.get("crs")
    if kind in GEOMETRY_TYPES:
        return [{"type": "Feature", "geometry": content}], None
    raise TableError(str(file), [Problem('is no GeoJSON: it has no "type": "FeatureCollection" with "features"')])


def _one(line: str, number: int, file: Path) -> Any:
    """One feature of a sequence."""
    try:
        return json.loads(line, parse_int=whole_number)
    except (ValueError, RecursionError):
        text = "is no valid JSON; each line of a sequence holds one feature"
        raise TableError(str(file), [Problem(text, row=number)]) from None


def _is_feature(feature: object) -> bool:
    """Whether an entry is a feature with properties and a geometry, or none of them."""
    if not isinstance(feature, dict):
        return False
    return all(feature.get(part) is None or isinstance(feature[part], dict) for part in ("properties", "geometry"))


def _geometries(parts: list[dict[str, Any] | None], file: Path) -> np.ndarray:
    """Shapes of features; points, of which there can be many, all at once."""
    if parts and all(p is not None and p.get("type") == "Point" for p in parts):
        try:
            # one array instead of a million Python objects
            places = np.array([p["coordinates"][:2] for p in parts if p is not None], dtype=np.float64)
            if places.shape == (len(parts), 2):
                return np.asarray(gpd.points_from_xy(*places.T))
        except (ValueError, TypeError, KeyError, IndexError, OverflowError):
            pass  # one by one, so that the faulty ones can be named
    made, bad = np.full(len(parts), None, dtype=object), []
    for i, part in enumerate(parts):
        try:
            made[i] = None if part is None else shapely.force_2d(shape(part))
        except Exception:
            bad.append(i + 1)
    if bad:
        raise TableError(
            str(file), [Problem("has a geometry that is no valid GeoJSON", row=i, column="geometry") for i in bad]
        )
    return made


def _single_points(shapes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Multipoints of one point as points."""
    geometry = shapes.geometry.to_numpy(copy=True)
    single = (shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(geometry) == 1
    )
    if not single.any():
        return shapes, []
    geometry[single] = shapely.get_geometry(geometry[single], 0)
    made = shapes.set_geometry(gpd.GeoSeries(geometry, index=shapes.index, crs=shapes.crs))
    return made, [f"{int(single.sum()):,} multipoints of one point taken as points"]


def _with_crs(
    shapes: gpd.GeoDataFrame, said: pyproj.CRS | None, name: str, *, by_default: bool
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The CRS of the file, else of the study, else that of the format (degrees for GeoJSON)."""
    own = shapes.crs
    if own is not None and is_undefined(own):
        # GDAL gives a layer without a CRS the placeholder "Undefined geographic SRS" or an engineering one
        own, shapes = None, shapes.set_crs(None, allow_override=True)
    if own is not None:
        known_crs(own, name, "geometry")
        if said is not None and not own.equals(said, ignore_axis_order=True):
            text = f"the study says crs = {crs_name(said)}, the file itself {crs_name(own)}: the file's own is taken"
            return shapes, [f"warning: {text}"]
        return shapes, []
    if said is not None:
        return shapes.set_crs(said), [f"the file states no CRS: {crs_name(said)} as the study says"]
    if by_default:
        return shapes.set_crs(WGS84), []
    text = 'states no CRS; add `crs = "EPSG:..."` to the table in the study'
    raise TableError(name, [Problem(text, column="geometry")])


def _refuse_unsound(shapes: gpd.GeoDataFrame, name: str) -> None:
    """Name every shape with a coordinate that is no finite number of a sensible size."""
    places, row = shapely.get_coordinates(shapes.geometry.to_numpy(), return_index=True)
    bad = np.unique(row[~((np.abs(places) <= LARGEST).all(axis=1))])
    if len(bad):
        text = "has a coordinate that is infinite, no number or far too large; correct or drop it"
        raise TableError(name, [Problem(text, row=int(shapes.index[i]), column="geometry") for i in bad])


def within_crs(shapes: gpd.GeoDataFrame, name: str, *, by_default: bool = False) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Catch degrees that claim to be metres, the other way round, and places that the CRS cannot mean.

    Shapes beyond the date line are turned by a full circle, and counted. `by_default` says that the CRS is only that of the
    format, for the remedy.

    Raises
    ------
    TableError
        If coordinates and CRS do not fit; names file and layer.
    """
    bounds = shapes.total_bounds
    if not np.isfinite(bounds).all():
        return shapes, []
    label = crs_name(shapes.crs)
    extent = f"x {bounds[0]:.6g} to {bounds[2]:.6g}, y {bounds[1]:.6g} to {bounds[3]:.6g}"
    if shapes.crs.is_geographic:
        if np.abs(bounds[[0, 2]]).max() > TURN or np.abs(bounds[[1, 3]]).max() > HALF_TURN / 2:
            remedy = (
                'add its true CRS to the table in the study, crs = "EPSG:..."' if by_default else "state the true CRS"
            )
            text = f"the CRS {label} is in degrees but the coordinates are not ({extent}); {remedy}"
            raise TableError(name, [Problem(text, column="geometry")])
        return _turned(shapes)
    # a city within 180 m of the origin of a projection does not occur
    if np.abs(bounds).max() <= HALF_TURN:
        text = f"the CRS {label} is in metres but the coordinates look like degrees ({extent}); is it {WGS84}?"
        raise TableError(name, [Problem(text, column="geometry")])
    corners = shapes.bounds.to_numpy()
    corners = corners[np.isfinite(corners).all(axis=1)]
    there = pyproj.Transformer.from_crs(shapes.crs, WGS84, always_xy=True)
    longitude, latitude = there.transform(corners[:, [0, 2]].ravel(), corners[:, [1, 3]].ravel())
    # a projection gives numbers far outside of its area as well, but they do not lead back to where they came from
    back = np.column_stack(there.transform(longitude, latitude, direction="INVERSE"))
    off = np.abs(back - np.column_stack([corners[:, [0, 2]].ravel(), corners[:, [1, 3]].ravel()])).max(axis=1)
    lost = ~(np.isfinite(longitude) & np.isfinite(latitude) & (off < ROUND_TRIP))
    if lost.any() or _all_far(shapes.crs, longitude, latitude):
        many = (
            f"{int(lost.reshape(-1, 2).any(axis=1).sum()):,} of {len(corners):,} shapes" if lost.any() else "all shapes"
        )
        text = f"{many} lie where the CRS {label} says nothing ({extent}); state the true CRS of the file"
        raise TableError(name, [Problem(text, column="geometry")])
    return shapes, []


def _all_far(crs: pyproj.CRS, longitude: np.ndarray, latitude: np.ndarray) -> bool:
    """Whether no place lies anywhere near the area that a CRS is made for."""
    area = crs.area_of_use
    if area is None:
        return False
    # an area of use may lie across the date line, where its east is smaller than its west
    middle = (area.west + (area.east if area.east >= area.west else area.east + TURN)) / 2
    half = ((area.east - area.west) % TURN or TURN) / 2
    off = np.abs((longitude - middle + HALF_TURN) % TURN - HALF_TURN)
    near = (
        (off <= half + FAR_FROM_CRS) & (latitude >= area.south - FAR_FROM_CRS) & (latitude <= area.north + FAR_FROM_CRS)
    )
    return not near.any()


def _turned(shapes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Shapes beyond the date line at longitudes between -180 and 180; those across it stay in one piece."""
    bounds = shapes.bounds.to_numpy()
    east, west = bounds[:, 0] >= HALF_TURN, bounds[:, 2] <= -HALF_TURN
    # what only touches the date line stays where it is
    east &= bounds[:, 2] > HALF_TURN
    west &= bounds[:, 0] < -HALF_TURN
    if not (east | west).any():
        return shapes, []
    geometry = shapes.geometry.to_numpy(copy=True)
    shift = np.where(east, -TURN, TURN)[east | west]
    geometry[east | west] = [
        affinity.translate(g, xoff=off) for g, off in zip(geometry[east | west], shift, strict=True)
    ]
    made = shapes.set_geometry(gpd.GeoSeries(geometry, index=shapes.index, crs=shapes.crs))
    return made, [f"{int((east | west).sum()):,} shapes beyond 180 degrees turned by a full circle"]
