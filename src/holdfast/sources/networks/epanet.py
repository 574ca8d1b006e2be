"""Water networks from EPANET input files (.inp), in SI units."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.config import TableOptions
from holdfast.errors import Problem
from holdfast.frames.network_frames import no_needs, with_assets
from holdfast.sources.counts import named, of
from holdfast.sources.files import locate
from holdfast.sources.networks.epanet_links import links_of
from holdfast.sources.networks.epanet_text import (
    UNUSED,
    Line,
    Text,
    Units,
    by_id,
    patterns,
    read_text,
    units_of,
)
from holdfast.sources.networks.read import LoadedNetwork, checked, placed_nodes, require_crs
from holdfast.sources.tidy import input_file
from holdfast.types import Network

FLOW = "flow"
WIDE = 3.0
INFLOW = "inflow"


def epanet(name: str, options: TableOptions, folder: Path) -> LoadedNetwork:
    """Read a water network from an EPANET input file (``.inp``).

    Signature and errors as in `holdfast.sources.networks.read.Reader`; an unknown unit and missing positions are errors too.
    The study states ``crs``, which the format does not, and ``units = { flow = "LPS" }`` for a file that states none, if
    gallons per minute, EPANET's default, are wrong.

    Nodes: junctions with mean demand (m3/s, base demands times multiplier times the mean of their patterns), tanks and
    reservoirs with head (m), and one node for each pump, behind a suction edge of no length, so that a pump can be damaged
    and depend on power. Edges: pipes, pumps, valves. Sources: reservoirs and inflows; tanks are none, since they last
    hours, unless there is nothing else. What an EPANET model needs besides stands in ``details``.

    References
    ----------
    Rossman et al. (2020), EPANET 2.2 User Manual, EPA/600/R-20/133, appendix C: input file format.
    """
    file = locate(folder, options.path, f"tables.{name}.path", (".inp",))
    crs = require_crs(options, name, file)
    text = read_text(file)
    units = units_of(text, options.units.get(FLOW))
    rows = _junctions(text, units) | _stores(text, units)
    links, details = links_of(text, units)
    # faults were gathered so far; no table is made of rows that have some
    _refuse_loose_ends(text, rows, links)
    text.refuse()
    nodes = placed_nodes(_nodes(text, rows, crs), file, crs)
    edges = pd.DataFrame.from_dict(links, orient="index").drop(columns="row")
    nodes, edges = _pumps_as_nodes(nodes, edges, crs)
    told = with_assets(nodes, edges, "water")
    network, dead = checked(Network("water", nodes, edges, no_needs(), False, details), str(file))
    notes = [*text.notes, *_remarks(text, units, nodes, edges), *told, *dead]
    return LoadedNetwork(network, (input_file(name, file, len(nodes) + len(edges), options, notes),))


def _junctions(text: Text, units: Units) -> dict[str, dict[str, Any]]:
    """Junctions by name, with their mean demand."""
    taken: dict[str, int] = {}
    made: dict[str, dict[str, Any]] = {}
    demands: dict[str, list[tuple[float, Line, int]]] = {}
    for line in by_id(text, "JUNC", 2, "a junction", taken):
        name = line.words[0]
        made[name] = {
            "kind": "junction",
            "elevation_m": text.number(line, 1, "the elevation") * units.length,
            "row": line.row,
        }
        demands[name] = [(text.number(line, 2, "the demand", 0.0), line, 3)]
    own = set(demands)  # junctions whose demand still is that of [JUNCTIONS], which [DEMANDS] replaces
    for line in text.lines("DEMA"):
        name = line.words[0]
        # a line of the whole file, not of a junction, unless a junction has that name
        if name.upper().startswith("MULT") and name not in demands:
            continue
        if name in demands and text.enough(line, 2, "a demand"):
            entry = (text.number(line, 1, "the demand"), line, 2)
            demands[name] = [entry] if name in own else [*demands[name], entry]  # the first takes the junction's place
            own.discard(name)
    mean = patterns(text)
    usual = mean.get(units.pattern, 1.0)
    for name, parts in demands.items():
        total = sum(value * _pattern_mean(text, line, at, mean, usual) for value, line, at in parts)
        # a negative demand feeds water in: it is a supply, and the node a source
        wanted = total * units.multiplier * units.flow
        made[name] |= {"demand": max(wanted, 0.0)}
        made[name] |= {"kind": INFLOW, "supply": -wanted} if wanted < 0 else {}
    return made


def _pattern_mean(text: Text, line: Line, at: int, mean: dict[str, float], usual: float) -> float:
    """Mean of the pattern that a line names at a place; the usual one where it names none."""
    if at >= len(line.words):
        return usual
    if line.words[at] not in mean:
        text.problems.append(Problem(f'"{line.words[at]}" is no pattern of the file', line.row))
    return mean.get(line.words[at], 1.0)


def _stores(text: Text, units: Units) -> dict[str, dict[str, Any]]:
    """Reservoirs and tanks by name; a tank of up to three words is a reservoir, as in the engine."""
    taken = {line.words[0]: line.row for line in text.lines("JUNC")}
    mean = patterns(text)
    made: dict[str, dict[str, Any]] = {}
    for section in ("RESE", "TANK"):
        for line in by_id(text, section, 2, "a reservoir or tank", taken):
            level = text.number(line, 1, "the elevation") * units.length
            if section == "RESE" or len(line.words) <= 3:
                # the head of a reservoir follows its pattern; its mean stands for it
                own = {"kind": "reservoir", "head_m": level * _pattern_mean(text, line, 2, mean, 1.0)}
            else:
                text.enough(line, 6, "a tank")
                first = text.number(line, 2, "the initial level") * units.length
                own = {"kind": "tank", "elevation_m": level, "head_m": level + first}
            made[line.words[0]] = own | {"demand": 0.0, "row": line.row}
    return made


def _nodes(text: Text, rows: dict[str, dict[str, Any]], crs: str) -> gpd.GeoDataFrame:
    """Table of nodes; those without coordinates have no geometry."""
    places: dict[str, tuple[float, float]] = {}
    strays = 0
    for line in text.lines("COOR"):
        if not text.enough(line, 3, "a position"):
            continue
        strays += line.words[0] not in rows
        places[line.words[0]] = (text.number(line, 1, "x"), text.number(line, 2, "y"))
    # before shapely sees a position that is no number
    text.refuse()
    if strays:
        text.notes.append(f"{strays:,} coordinates are of no node of the file")
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["kind", "demand", "supply", "elevation_m", "head_m"])
    table["source"] = table["kind"].isin(["reservoir", INFLOW])
    if not table["source"].any():
        table["source"] = table["kind"] == "tank"
    table["serves"] = table["kind"] == "junction"
    table = table.astype({"supply": "float64", "elevation_m": "float64", "head_m": "float64"})
    points = [shapely.Point(*places[name]) if name in places else None for name in table.index]
    return gpd.GeoDataFrame(table, geometry=points, crs=crs)


def _refuse_loose_ends(text: Text, nodes: dict[str, dict[str, Any]], links: dict[str, dict[str, Any]]) -> None:
    """Name every link whose end is no node, and every one that leads from a node to itself."""
    for name, link in links.items():
        for end in ("from_node", "to_node"):
            if link[end] not in nodes:
                text.problems.append(Problem(f'link {name} ends at "{link[end]}", which is no node', link["row"]))
        if link["from_node"] == link["to_node"]:
            text.problems.append(
                Problem(f'link {name} leads from "{link["to_node"]}" to itself; drop it or correct an end', link["row"])
            )
    if not nodes:
        text.problems.append(Problem("has no junction, tank or reservoir"))
    if not links:
        text.problems.append(Problem("has no pipe, pump or valve"))


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
        geometry=gpd.points_from_xy(*zip(*middle, strict=True)),
        index=ids,
        crs=crs,
    )
    # the pump's own edge keeps its name and begins at the new node; what leads there costs no head
    suction = pumps.assign(kind="suction", to_node=ids, status="on").set_axis("suction " + pumps.index.astype(str))
    edges.loc[pumps.index, "from_node"] = ids
    return pd.concat([nodes, added]), pd.concat([edges, suction])


def _remarks(text: Text, units: Units, nodes: gpd.GeoDataFrame, edges: pd.DataFrame) -> list[str]:
    """What a reader of the report must know of this file."""
    junctions = nodes[nodes["kind"].isin(["junction", INFLOW])]
    notes = [f"unit of flow {units.keyword}; mean demands, tanks at their first level"]
    if len(junctions) and not np.any(junctions["elevation_m"]):
        notes.append("all junctions lie at elevation 0: a skeleton; pressures are those of flat land")
    inflow = junctions[junctions["kind"] == INFLOW]
    if len(inflow):
        supply = inflow["supply"].sum()
        notes.append(
            f"{of(len(inflow), len(junctions), 'junctions')} have a demand below 0 and are inflows ({supply:.4g} m3/s; {named(inflow.index)})"
        )
    off = edges[edges["status"] == "off"]
    if len(off):
        kinds = ", ".join(f"{n} {kind}s" for kind, n in off["kind"].value_counts().items())
        notes.append(f"shut at the start: {kinds}; connection counts them as usable, the model wntr leaves them shut")
    if not (nodes["kind"] == "reservoir").any():
        notes.append("no reservoir: tanks and inflows are the sources")
    notes += _unused(text)
    wide = (edges["diameter_m"] > WIDE) & (edges["kind"] == "pipe")
    if wide.any():
        notes.append(
            f"{int(wide.sum())} pipes are wider than {WIDE:g} m ({named(edges.index[wide])}); is their unit right?"
        )
    return notes


def _unused(text: Text) -> list[str]:
    """Sections with something to tell of that no model here runs."""
    told = []
    for section, what in UNUSED.items():
        lines = text.lines(section)
        count = sum(line.words[0].upper().startswith("RULE") for line in lines) if section == "RULE" else len(lines)
        told += [f"{count} {what}"] if count else []
    return [f"left out, since no model here runs them: {', '.join(told)}"] if told else []
