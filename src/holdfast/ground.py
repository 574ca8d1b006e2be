"""Where on Earth numbers lie: which coordinate systems are taken, what they do to lengths, longitudes that wrap."""

import re

import geopandas as gpd
import numpy as np
import pyproj

from holdfast.errors import Problem, TableError

WGS84 = "EPSG:4326"
TURN = 360.0
HALF_TURN = 180.0
TRUE_SCALE = 0.01  # share by which a CRS of a grid may stretch lengths
# what PROJ or GDAL would open, from the disk or the network, where only a code or a definition is meant
ADDRESS = re.compile(r"^\s*(?:\w+://|[\\/~.@]|file:)|\.(?:prj|wkt|json|xml)\s*$", re.I)
GRID_FILE = re.compile(
    r"PARAMETERFILE\[\"[^\"]*\",\"(?!@null)|\+?(?:nad|geoid)grids\s*=\s*(?!@null)|\+(?:init|grids)\s*=|\+proj=pipeline",
    re.I,
)
LONG_NAME = 60
# how the placeholders for "not stated" are called
UNDEFINED = ("undefined", "unknown", "unnamed engineering")

pyproj.network.set_network_enabled(active=False)


def known_crs(text: object, where: str, key: str) -> pyproj.CRS:
    """A coordinate reference system that says where on Earth its numbers lie; nothing is looked up for it.

    Parameters
    ----------
    text : str or CRS
        Such as ``"EPSG:32610"``, WKT, or a PROJ string without files; or what a file holds.
    where, key : str
        File or study, and key of the study or ``geometry``, for messages.

    Raises
    ------
    TableError
        If it is unknown, names a file or an address, or is local: an engineering, vertical or geocentric CRS.

    Examples
    --------
    >>> known_crs("EPSG:32610", "study", "region.crs").name
    'WGS 84 / UTM zone 10N'
    >>> known_crs("https://epsg.io/32610.prj", "study", "region.crs")
    Traceback (most recent call last):
    holdfast.errors.TableError: study, 1 error
      column region.crs: "https://epsg.io/32610.prj" names a file or an address, which is not looked up; write a code such as EPSG:32610
    """
    shown = crs_name(text)
    elsewhere = "names a file or an address, which is not looked up; write a code such as EPSG:32610"
    if isinstance(text, str) and (ADDRESS.search(text) or GRID_FILE.search(text)):
        raise TableError(where, [Problem(f'"{shown}" {elsewhere}', column=key)])
    try:
        system = pyproj.CRS.from_user_input(text)
        definition = system.to_wkt()
    except (pyproj.exceptions.CRSError, ValueError, TypeError):
        advice = "is no known CRS; write a code such as EPSG:4326 (degrees) or EPSG:32610 (metres)"
        raise TableError(where, [Problem(f'"{shown}" {advice}', column=key)]) from None
    # again: a code may stand for a definition that names a file of grid shifts
    if GRID_FILE.search(definition):
        raise TableError(where, [Problem(f'"{shown}" {elsewhere}', column=key)])
    # a CRS with a shift of datum or a height: what counts is its horizontal part
    flat = system.source_crs if system.is_bound and system.source_crs is not None else system
    flat = flat.sub_crs_list[0] if flat.is_compound else flat
    if flat.is_engineering or flat.is_vertical or flat.is_geocentric or not (flat.is_geographic or flat.is_projected):
        advice = (
            "is a local CRS: it does not say where on Earth its numbers lie; give the file its true CRS, or write the "
            "coordinates in EPSG:4326"
        )
        raise TableError(where, [Problem(f'"{shown}" {advice}', column=key)])
    return system


def crs_name(crs: object) -> str:
    """Short name of a CRS for messages: its code, else its title.

    Examples
    --------
    >>> crs_name(pyproj.CRS("EPSG:4326"))
    'EPSG:4326'
    """
    label = crs.to_string() if isinstance(crs, pyproj.CRS) else str(crs)
    label = "".join(c if c.isprintable() else "?" for c in label[:LONG_NAME])
    if len(label) < LONG_NAME:
        return label
    return crs.name if isinstance(crs, pyproj.CRS) else f"{label}..."


def is_undefined(crs: pyproj.CRS) -> bool:
    """Whether a CRS of a file is the placeholder that GeoPackages use for "not stated"."""
    return bool(crs.name.lower().startswith(UNDEFINED))


def with_named_crs(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same shapes, their CRS with a name where it has none: its method and its middle.

    Examples
    --------
    >>> place = gpd.GeoDataFrame(geometry=gpd.points_from_xy([9.5], [47.1]), crs=WGS84)
    >>> with_named_crs(place.to_crs(equal_area_crs(place))).crs.name
    'Lambert Azimuthal Equal Area, 47.1 N 9.5 E (WGS 84)'
    """
    system = shapes.crs
    if system is None or not is_undefined(system) or not system.is_projected:
        return shapes
    # a definition written without a name is called "unknown", which programs show as if nothing were known of it
    told = system.to_json_dict()
    about = {p["name"]: float(p["value"]) for p in told["conversion"]["parameters"]}
    north, east = (next((v for k, v in about.items() if k.startswith(name)), 0.0) for name in ("Latitude", "Longitude"))
    spot = f"{abs(north):g} {'N' if north >= 0 else 'S'} {abs(east):g} {'E' if east >= 0 else 'W'}"
    title = f"{told['conversion']['method']['name']}, {spot} (WGS 84)"
    told["name"] = told["conversion"]["name"] = title
    told["base_crs"]["name"] = "WGS 84"
    return shapes.set_crs(pyproj.CRS.from_json_dict(told), allow_override=True)


def wrapped(longitude: np.ndarray) -> np.ndarray:
    """Longitudes (degrees east) between -180 and 180 for those that count on past the date line; others are left.

    Examples
    --------
    >>> wrapped(np.array([179.0, 181.0, -190.0, 4e5])).tolist()
    [179.0, -179.0, 170.0, 400000.0]
    """
    values = np.asarray(longitude, dtype=np.float64)
    low = (values < -HALF_TURN) & (values >= -TURN)
    high = (values > HALF_TURN) & (values <= TURN)
    return np.where(low, values + TURN, np.where(high, values - TURN, values))


def middle(shapes: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[float, float]:
    """Longitude and latitude of the middle of some shapes of any CRS, also across the date line.

    Examples
    --------
    >>> middle(gpd.GeoSeries.from_xy([179.0, -179.0], [-17.0, -16.0], crs=WGS84))
    (180.0, -16.5)
    """
    bounds = shapes.geometry.to_crs(WGS84).bounds.to_numpy()
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    west, south = (float(v) for v in bounds[:, :2].min(axis=0))
    east, north = (float(v) for v in bounds[:, 2:].max(axis=0))
    if east - west > HALF_TURN:  # maybe across the date line: the way round on which the shapes lie together
        centre = np.radians((bounds[:, 0] + bounds[:, 2]) / 2)
        # the mean direction of the shapes, as points on a circle: there is no seam in it
        around = np.degrees(np.arctan2(np.sin(centre).mean(), np.cos(centre).mean()))
        off = (bounds[:, [0, 2]] - around + HALF_TURN) % TURN - HALF_TURN
        west, east = float(around + off.min()), float(around + off.max())
    return (west + east) / 2, (south + north) / 2


def equal_area_crs(shapes: gpd.GeoDataFrame | gpd.GeoSeries) -> str:
    """Lambert azimuthal equal-area CRS, as PROJ string, centred on the middle of some shapes, rounded to 0.1 degrees.

    Examples
    --------
    >>> equal_area_crs(gpd.GeoSeries.from_xy([-96, -95], [29, 30], crs=4326))
    '+proj=laea +lat_0=29.5 +lon_0=-95.5 +datum=WGS84 +units=m +no_defs'
    """
    # rounded, so that a few more buildings do not shift every coordinate of the city
    longitude, latitude = middle(shapes)
    return f"+proj=laea +lat_0={round(latitude, 1)} +lon_0={round(longitude, 1)} +datum=WGS84 +units=m +no_defs"


def require_true_scale(
    text: str, shapes: gpd.GeoDataFrame | gpd.GeoSeries, where: str, key: str
) -> tuple[float, float]:
    """Refuse a CRS in which lengths at some shapes are off by more than 1 %, as those of Web Mercator are.

    Parameters
    ----------
    text : str
        CRS as the study names it.
    shapes : GeoDataFrame or GeoSeries
        In any CRS; the scale is taken at the middle and the four corners of their bounds.
    where, key : str
        Study and its key, for messages.

    Returns
    -------
    length, area : float
        Largest error of a length and of an area, as shares.

    Raises
    ------
    TableError
        If the CRS is unknown, not projected in metres, or off by more than 1 %.

    Examples
    --------
    >>> place = gpd.GeoSeries.from_xy([9.5], [47.1], crs=WGS84)
    >>> require_true_scale("EPSG:3857", place, "study", "region.crs")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    holdfast.errors.TableError: study, 1 error
      column region.crs: in "EPSG:3857" lengths at longitude 9.5, latitude 47.1 are off by 47%; ...
    """
    system = known_crs(text, where, key)
    if not system.is_projected or system.axis_info[0].unit_name != "metre":
        text = f'"{text}" is not in metres; leave it out, or name a projected CRS such as EPSG:32610'
        raise TableError(where, [Problem(text, column=key)])
    flat = shapes.geometry.to_crs(WGS84)
    x, y = middle(flat)
    west, south, east, north = flat.total_bounds
    longitude, latitude = np.array([x, west, east, west, east]), np.array([y, south, south, north, north])
    factors = pyproj.Proj(system).get_factors(longitude, latitude)
    # the two axes of Tissot's ellipse: what a length of 1 becomes in the directions of most and least scale
    sides = np.stack([factors.tissot_semimajor, factors.tissot_semiminor])
    worst = np.abs(sides - 1).max(axis=0)
    if not np.isfinite(worst).all() or worst.max() > TRUE_SCALE:
        there = int(np.argmax(np.where(np.isfinite(worst), worst, np.inf)))
        off = f"are off by {worst[there]:.0%}" if np.isfinite(worst[there]) else "are not defined"
        advice = (
            "leave it out for an equal-area one around the place, or name one made for it, such as its UTM zone; "
            "or are longitude and latitude swapped?"
        )
        text = (
            f'in "{text}" lengths at longitude {longitude[there]:.4g}, latitude {latitude[there]:.4g} {off}; {advice}'
        )
        raise TableError(where, [Problem(text, column=key)])
    return float(worst.max()), float(np.abs(factors.areal_scale - 1).max())


def ground_area(shapes: gpd.GeoDataFrame | gpd.GeoSeries) -> np.ndarray:
    """Areas on the ellipsoid, m2; what encloses no area has 0.

    Examples
    --------
    >>> square = gpd.GeoSeries.from_wkt(["POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))"], crs=WGS84)
    >>> round(ground_area(square)[0] / 1e6)
    12309
    """
    degrees = shapes.geometry.to_crs(WGS84)
    geod = degrees.crs.get_geod()
    sized = degrees.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    return np.array(
        [abs(geod.geometry_area_perimeter(s)[0]) if ok else 0.0 for s, ok in zip(degrees, sized, strict=True)]
    )


def ground_length(lines: gpd.GeoDataFrame | gpd.GeoSeries) -> np.ndarray:
    """Lengths on the ellipsoid, m.

    Examples
    --------
    >>> round(ground_length(gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 0 1)"], crs=WGS84))[0])
    110574
    """
    degrees = lines.geometry.to_crs(WGS84)
    geod = degrees.crs.get_geod()
    return np.array([geod.geometry_length(shape) for shape in degrees], dtype=np.float64)
