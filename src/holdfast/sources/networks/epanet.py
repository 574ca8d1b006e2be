"""Water networks from EPANET input files (.inp), through wntr, which turns every unit into SI."""

import contextlib
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.sources.files import locate
from holdfast.sources.networks.read import LoadedNetwork, checked, no_needs, require_crs, with_assets
from holdfast.sources.tidy import input_file
from holdfast.types import Network

UNITS = ("CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD")
SECTION = re.compile(r"^\s*\[(\w+)")
WIDE = 3.0
STATUS = {"OPEN": "on", "ACTIVE": "on", "CLOSED": "off"}


def epanet(name: str, options: TableOptions, folder: Path) -> LoadedNetwork:
    """Read a water network.

    Parameters
    ----------
    name : str
        Table of the study, such as ``water``.
    options : TableOptions
        ``path`` of the ``.inp`` file and ``crs`` of its coordinates, which the format does not state.
    folder : Path
        Folder of the input files.

    Returns
    -------
    LoadedNetwork
        Nodes: junctions with mean demand (m3/s, base demands times multiplier times the mean of their patterns),
        tanks and reservoirs with head (m), and one node for each pump, behind a suction edge of no length, so that
        a pump can be damaged and depend on power. Edges: pipes, pumps, valves. Sources: reservoirs and inflows;
        tanks are none, since they last hours, unless there is nothing else. What an EPANET model needs besides
        stands in ``details``.

    Raises
    ------
    DataMissing
        If there is no such file, or wntr is not installed.
    TableError
        If it is no EPANET file, has an unknown unit, or breaks a rule of networks.
    """
    file = locate(folder, options.path, f"tables.{name}.path", (".inp",))
    crs = require_crs(options, name, file)
    text = _text(file)
    model = _model(file)
    nodes, edges, details = _nodes(model, crs), _edges(model), _details(model)
    nodes, edges = _pumps_as_nodes(nodes, edges, crs)
    told = with_assets(nodes, edges, "water")
    network, dead = checked(Network("water", nodes, edges, no_needs(), False, details), str(file))
    notes = [*_remarks(model, edges, text), *told, *dead]
    return LoadedNetwork(network, (input_file(name, file, len(nodes) + len(edges), options, notes),))


def _text(file: Path) -> str:
    """The file's text, after the faults that wntr would not name."""
    text = file.read_bytes().decode("utf-8", errors="replace")
    sections = [m[1].upper() for m in (SECTION.match(line) for line in text.splitlines()) if m]
    if "JUNCTIONS" not in sections and "PIPES" not in sections:
        raise TableError(str(file), [Problem("has no [JUNCTIONS] or [PIPES]; is it an EPANET input file?")])
    place = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = SECTION.match(line)
        place = found[1].upper() if found else place
        words = line.split(";")[0].split()
        if (
            place.startswith("OPTION")
            and len(words) > 1
            and words[0].upper() == "UNITS"
            and words[1].upper() not in UNITS
        ):
            known = ", ".join(UNITS)
            raise TableError(
                str(file), [Problem(f'"{words[1]}" is no unit of flow of EPANET; known: {known}', number, "Units")]
            )
    return text


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Remarks of wntr are put into the notes instead."""
    logger = logging.getLogger("wntr")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _model(file: Path) -> Any:
    """The file as wntr reads it."""
    try:
        import wntr
    except ImportError:
        text = 'reading an EPANET file needs the package wntr: pip install "holdfast[water]"'
        raise DataMissing(text) from None
    try:
        with _quiet():
            return wntr.network.WaterNetworkModel(str(file))
    except Exception as error:  # wntr raises a dozen kinds for a broken file
        reason = str(error.__cause__ or error) or type(error).__name__
        text = f"EPANET's reader refuses it: {reason}"
        raise TableError(str(file), [Problem(text)]) from None


def _nodes(model: Any, crs: str) -> gpd.GeoDataFrame:
    """Junctions, tanks and reservoirs."""
    with _quiet():
        demand = _mean_demand(model)
    rows = {}
    for name, node in model.nodes():
        kind = node.node_type.lower()
        own = {"kind": kind, "demand": 0.0, "supply": np.nan, "elevation_m": np.nan, "head_m": np.nan}
        if kind == "reservoir":
            pattern = node.head_timeseries.pattern
            own["head_m"] = node.base_head * (float(np.mean(pattern.multipliers)) if pattern is not None else 1.0)
        elif kind == "tank":
            own |= {"elevation_m": node.elevation, "head_m": node.elevation + node.init_level}
        else:
            wanted = float(demand[name])
            own |= {"elevation_m": node.elevation, "demand": max(wanted, 0.0)}
            if wanted < 0:
                own |= {"kind": "inflow", "supply": -wanted}
        rows[name] = own | {"x": node.coordinates[0], "y": node.coordinates[1]}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table["source"] = table["kind"].isin(["reservoir", "inflow"])
    if not table["source"].any():
        table["source"] = table["kind"] == "tank"
    table["serves"] = table["kind"] == "junction"
    geometry = gpd.points_from_xy(table.pop("x"), table.pop("y"))
    return gpd.GeoDataFrame(table, geometry=geometry, crs=crs)


def _mean_demand(model: Any) -> dict[str, float]:
    """Mean demand of every junction, m3/s: base times pattern mean times the file's multiplier."""
    factor = model.options.hydraulic.demand_multiplier
    mean = {name: float(np.mean(p.multipliers)) if len(p.multipliers) else 1.0 for name, p in model.patterns()}
    return {
        name: factor * sum(d.base_value * mean.get(d.pattern_name, 1.0) for d in junction.demand_timeseries_list)
        for name, junction in model.junctions()
    }


def _edges(model: Any) -> pd.DataFrame:
    """Pipes, pumps and valves."""
    rows = {}
    for name, link in model.links():
        kind = link.link_type.lower()
        status = STATUS[link.initial_status.name.upper()]
        own: dict[str, Any] = {"from_node": link.start_node_name, "to_node": link.end_node_name, "kind": kind}
        own |= {"length_m": 0.0, "diameter_m": np.nan, "roughness": np.nan, "minor_loss": 0.0, "status": status}
        if kind == "pipe":
            own |= {"length_m": link.length, "roughness": link.roughness}
            own["status"] = "check" if link.check_valve else status
        if kind in ("pipe", "valve"):
            own |= {"diameter_m": link.diameter, "minor_loss": link.minor_loss}
        rows[name] = own
    return pd.DataFrame.from_dict(rows, orient="index")


def _details(model: Any) -> dict[str, pd.DataFrame]:
    """Pumps, valves, curves and hydraulic options, SI."""
    hydraulic = model.options.hydraulic
    pumps = {
        name: {
            "kind": pump.pump_type, "speed": pump.base_speed,
            "power_w": pump.power if pump.pump_type == "POWER" else np.nan,
            "curve": pump.pump_curve_name if pump.pump_type == "HEAD" else "",
        }
        for name, pump in model.pumps()
    }  # fmt: skip
    valves = {
        name: {
            "type": valve.valve_type, "minor_loss": valve.minor_loss, "status": valve.initial_status.name.upper(),
            "setting": valve.initial_setting if valve.valve_type != "GPV" else np.nan,
            "curve": valve.headloss_curve_name if valve.valve_type == "GPV" else "",
        }
        for name, valve in model.valves()
    }  # fmt: skip
    used = {row["curve"] for row in (*pumps.values(), *valves.values())}
    points = [
        (name, curve.curve_type or "HEAD", x, y)
        for name, curve in model.curves()
        if name in used
        for x, y in curve.points
    ]
    told = {
        "headloss": hydraulic.headloss,
        "viscosity": hydraulic.viscosity,
        "specific_gravity": hydraulic.specific_gravity,
    }
    if hydraulic.demand_model in ("PDA", "PDD"):
        told |= {
            "minimum_pressure_m": hydraulic.minimum_pressure,
            "required_pressure_m": hydraulic.required_pressure,
            "pressure_exponent": hydraulic.pressure_exponent,
        }
    return {
        "pumps": pd.DataFrame.from_dict(pumps, orient="index", columns=["kind", "speed", "power_w", "curve"]),
        "valves": pd.DataFrame.from_dict(
            valves, orient="index", columns=["type", "minor_loss", "status", "setting", "curve"]
        ),
        "curves": pd.DataFrame(points, columns=["curve", "kind", "x", "y"]),
        "hydraulics": pd.DataFrame([told]),
    }


def _pumps_as_nodes(nodes: gpd.GeoDataFrame, edges: pd.DataFrame, crs: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """A node for each pump half-way, between a suction edge of no length and the pump's own edge."""
    pumps = edges[edges["kind"] == "pump"]
    if pumps.empty:
        return nodes, edges
    ids = "pump " + pumps.index.astype(str)
    tail, head = (nodes.geometry.reindex(pumps[c]).to_numpy() for c in ("from_node", "to_node"))
    middle = [((a.x + b.x) / 2, (a.y + b.y) / 2) for a, b in zip(tail, head, strict=True)]
    added = gpd.GeoDataFrame(
        {"kind": "pump", "demand": 0.0, "source": False, "serves": False},
        geometry=gpd.points_from_xy(*zip(*middle, strict=True)), index=ids, crs=crs,
    )  # fmt: skip
    suction = pumps.assign(kind="suction", to_node=ids, status="on").set_axis("suction " + pumps.index.astype(str))
    edges.loc[pumps.index, "from_node"] = ids
    return pd.concat([nodes, added]), pd.concat([edges, suction])


def _remarks(model: Any, edges: pd.DataFrame, text: str) -> list[str]:
    """What a reader of the report must know of this file."""
    elevation = [node.elevation for _, node in model.junctions()]
    off = edges[(edges["status"] == "off")]
    notes = [f"unit of flow {model.options.hydraulic.inpfile_units}; mean demands, tanks at their first level"]
    if not re.search(r"^\s*units\s+\w", text, re.IGNORECASE | re.MULTILINE):
        notes.append("states no unit of flow: EPANET's own default, GPM, is taken")
    if elevation and not np.any(elevation):
        notes.append("all junctions lie at elevation 0: a skeleton; pressures are those of flat land")
    if len(off):
        kinds = ", ".join(f"{n} {kind}s" for kind, n in off["kind"].value_counts().items())
        notes.append(f"shut at the start: {kinds}; connection counts them as usable, the model wntr leaves them shut")
    controls = len(model.control_name_list)
    if not model.num_reservoirs:
        notes.append("no reservoir: tanks and inflows are the sources")
    if controls:
        notes.append(f"{controls} controls and rules are not run")
    wide = (edges["diameter_m"] > WIDE) & (edges["kind"] == "pipe")
    if wide.any():
        names = ", ".join(str(e) for e in edges.index[wide][:5])
        notes.append(f"{int(wide.sum())} pipes are wider than {WIDE:g} m ({names}); is their unit right?")
    return notes
