"""What the report shows of a simulation."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from holdfast.pages.charts import Band, band_chart, stacked_chart
from holdfast.pages.colour import CATEGORIES, NO_DATA, SEQUENTIAL
from holdfast.pages.maps import point_map
from holdfast.pages.qgis import DAYS, days_labels
from holdfast.pages.under_map import nearest_names
from holdfast.pages.words import plain
from holdfast.recovery.losses.whole_persons import chance_of_none_worse

DASHES = ("", "7 4", "2 3", "10 3 2 3")  # as well as by colour, for print in grey
NEARLY = 0.995  # of normal, from which on a curve counts as back
LETTERS = 26
FIRST_ZONES = 400  # rows of the table beside the map
SHORTEST_AXIS = 10  # days


def recovery_parts(
    curves: xr.Dataset,
    summary: dict[str, Any],
    buildings: gpd.GeoDataFrame,
    lines: np.ndarray,
    ground: gpd.GeoDataFrame | None = None,
    outlines: gpd.GeoSeries | None = None,
) -> dict[str, Any]:
    """Pictures, tables and figures of a simulation, for a template.

    Parameters
    ----------
    curves, summary, buildings : Dataset, dict, GeoDataFrame
        Content of ``recovery.nc``, ``losses.json`` and ``buildings.parquet``.
    lines : ndarray
        Shape (line, 2, 2): ends of streets or network edges in the CRS of `buildings`.
    ground : GeoDataFrame, optional
        Places, roads, water and borders under the map, in this CRS, as of `holdfast.sources.osm_ground.ground`.
    outlines : GeoSeries, optional
        Outlines of the buildings by their ids, in this CRS, where the study gives any.

    Returns
    -------
    dict
        ``summary``, ``functions``, ``people``, ``damage``, ``services`` (charts), ``days_map``, ``classes`` (rows of
        the legend), ``zones`` (table twin), ``causes`` (root causes with the letter on the map and the place near),
        ``none_worse`` (probability that no draw is among the worst twentieth).
    """
    last, first = _last_day(curves), int(curves["time"][0])
    functions = _functions(curves)
    people = [
        _band("Without the place and services of a normal day", 4, curves["gap"]),
        _band("Displaced", 5, curves["displaced"]),
        _band("Without any place to live", 7, curves["without_home"]),
    ]
    # what has no length is not written to a file, so that a city without networks comes back without their names
    networks = [str(n) for n in curves["network"].to_numpy()] if "network" in curves else []
    services = (
        []
        if float(curves["SC0"]) == 0
        else [_band(plain(n), i, 100 * curves["service"].sel(network=n)) for i, n in enumerate(networks)]
    )
    classes, marked = _classes(buildings["mean_days_to_repair"]), _marked(summary, buildings)
    colours = [*SEQUENTIAL, NO_DATA]
    return {
        "summary": summary,
        # an economy that makes up for what it has lost, and people who come, stand above normal for a while
        "functions": band_chart(
            functions,
            last,
            _top_share(functions),
            "% of normal",
            "Production, service capacity and demand by day",
            first,
        )
        if functions
        else "",
        "people": band_chart(
            people,
            last,
            _top(np.max([p.high for p in people])),
            "persons",
            "People without place or services by day",
            first,
        ),
        "damage": _damage(curves, last, first),
        "services": band_chart(
            services, _last_service(services, last), 100, "% of occupants", "Service by network and day", first
        )
        if services
        else "",
        "days_map": _days_map(buildings, classes, lines, (ground, marked, outlines)),
        "classes": _legend(buildings, classes, colours),
        "zones": _zones(buildings, ground),
        "causes": _causes(summary, marked, ground),
        "none_worse": chance_of_none_worse(summary["draws"]),
    }


def _days_map(
    buildings: gpd.GeoDataFrame,
    classes: np.ndarray,
    lines: np.ndarray,
    shown: tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame, gpd.GeoSeries | None],
) -> str:
    """Map of the days to repair; `shown` are the ground under it, the root causes on it, and outlines of the buildings."""
    ground, marked, outlines = shown
    label = "Map of mean days until each building is repaired; letters are root causes of outages"
    # one letter for all assets at a spot
    letters = marked.drop_duplicates("letter").set_index("letter").geometry
    return point_map(buildings, classes, [*SEQUENTIAL, NO_DATA], lines, label, ground, letters, outlines)


def _marked(summary: dict[str, Any], buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Where the root causes lie, by their ids, with a letter for each spot in the order of the table."""
    places = summary.get("cause_places") or {}
    degrees = np.array(list(places.values()), dtype=np.float64).reshape(-1, 2)
    spots = gpd.GeoSeries.from_xy(*degrees.T, index=list(places), crs="EPSG:4326")
    # assets of several networks stand at one corner and share its letter
    numbers = pd.factorize(pd.Series([f"{x} {y}" for x, y in degrees], dtype=object))[0]
    names = [chr(ord("A") + n) if n < LETTERS else str(n + 1) for n in numbers]
    return gpd.GeoDataFrame({"letter": names}, index=spots.index, geometry=spots.to_crs(buildings.crs))


def _causes(summary: dict[str, Any], marked: gpd.GeoDataFrame, ground: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Root causes, each with its letter on the map and the place that it lies near."""
    near = nearest_names(marked.geometry, ground)
    blank = {"letter": "", "near": ""}
    known = {i: {"letter": marked["letter"][i], "near": near[i]} for i in marked.index}
    return [row | known.get(row["asset"], blank) for row in summary["causes"]]


def _functions(curves: xr.Dataset) -> list[Band]:
    """Production, service capacity and demand, percent of normal."""
    names = {"EP": "Economic productivity (EP)", "SC": "Service capacity (SC)"}
    # a function that the city never had is left out: there is no share of nothing
    functions = [
        _band(words, i, 100 * curves[name] / curves[f"{name}0"])
        for i, (name, words) in enumerate(names.items())
        if float(curves[f"{name}0"]) > 0
    ]
    if float(curves["EP0"]) > 0 and bool((curves["EP_net"] != curves["EP"]).any()):
        functions.append(_band("EP after supply and demand", 2, 100 * curves["EP_net"] / curves["EP0"]))
    if float(curves["demand0"]) > 0:
        functions.append(_band("Demand: people there", 3, 100 * curves["demand"] / curves["demand0"]))
    return functions


def _band(name: str, number: int, values: xr.DataArray) -> Band:
    """Percentiles over the draws by day."""
    low, middle, high = np.percentile(values.transpose("draw", "time").to_numpy(), [5, 50, 95], axis=0)
    return Band(name, CATEGORIES[number], DASHES[number % len(DASHES)], low, middle, high)


def _last_day(curves: xr.Dataset) -> int:
    """Day by which nearly every draw is nearly back to normal."""
    shares = [(curves[name] / curves[f"{name}0"]).to_numpy() for name in ("EP", "SC") if float(curves[f"{name}0"]) > 0]
    if not shares:
        return SHORTEST_AXIS
    # the 5th percentile of the draws, of whichever function is behind
    below = np.flatnonzero(np.percentile(np.min(shares, axis=0), 5, axis=0) < NEARLY)
    return max(int(below[-1]) + 1 if len(below) else 0, SHORTEST_AXIS)


def _last_service(services: list[Band], last: int) -> int:
    """Day by which nearly all services are back."""
    below = np.flatnonzero(np.min([band.low for band in services], axis=0) < 100 * NEARLY)
    # networks are back long before buildings: an axis of their own, no longer than that of the functions
    return min(max(int(below[-1]) + 2 if len(below) else 0, SHORTEST_AXIS), max(last, SHORTEST_AXIS))


def _top_share(bands: list[Band]) -> float:
    """Upper end of an axis in percent of normal: 100, or the next ten above all bands."""
    return float(10 * np.ceil(round(max(100.0, *(float(band.high.max()) for band in bands)) / 10, 9)))


def _damage(curves: xr.Dataset, last: int, first: int) -> str:
    """Damaged buildings by state and day, worst state lowest; empty where nothing is damaged."""
    states = [str(s) for s in curves["damage_state"].to_numpy() if s != "none"][::-1]
    mean = curves["buildings_in_state"].sum("use").transpose("damage_state", "time")
    layers = {plain(s): mean.sel(damage_state=s).to_numpy() for s in states}
    if not any(layer.any() for layer in layers.values()):
        return ""
    return stacked_chart(
        layers, SEQUENTIAL[: len(layers)], last, "buildings", "Damaged buildings by state and day", first
    )


def _top(highest: float) -> float:
    """Round upper end of an axis."""
    highest = max(float(highest), 1.0)
    step = 10.0 ** np.floor(np.log10(highest)) / 2
    return float(np.ceil(highest / step) * step)


def _classes(days: pd.Series) -> np.ndarray:
    """Class of days to repair; the last is for buildings that some draws leave unrepaired."""
    # a class beyond the last for null, which searchsorted would put in some other
    return np.where(days.isna(), len(DAYS) + 1, np.searchsorted(DAYS, days.fillna(0), side="left"))


def _legend(buildings: gpd.GeoDataFrame, classes: np.ndarray, colours: list[str]) -> list[dict[str, Any]]:
    """Buildings and residents per class."""
    names = [*days_labels(), "not repaired by the horizon in every draw"]
    residents = buildings["residents"].to_numpy()
    return [
        {
            "name": name,
            "colour": colour,
            "buildings": int((classes == k).sum()),
            "residents": residents[classes == k].sum(),
        }
        for k, (name, colour) in enumerate(zip(names, colours, strict=True))
        # the row of the unrepaired only if there are some
        if k < len(DAYS) + 1 or (classes == k).any()
    ]


def _zones(buildings: gpd.GeoDataFrame, ground: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Table twin of the map: zones with the highest mean loss, with the place that each lies near."""
    table = buildings.groupby("zone_id").agg(
        buildings=("residents", "size"),
        residents=("residents", "sum"),
        days=("mean_days_to_repair", "mean"),
        # money: the sum, where of days the mean says how long it takes
        loss=("mean_loss", "sum"),
    )
    top = table.sort_values("loss", ascending=False).head(FIRST_ZONES)
    middle = buildings.geometry.groupby(buildings["zone_id"]).agg(
        lambda spots: shapely.centroid(shapely.multipoints(spots))
    )
    spots = gpd.GeoSeries(middle.loc[top.index], crs=buildings.crs)
    top["near"] = nearest_names(spots, ground)
    rows: list[dict[str, Any]] = top.reset_index().to_dict("records")
    return rows
