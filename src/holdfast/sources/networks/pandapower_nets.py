"""Power networks from pandapower nets (JSON), read as data alone.

The reader of pandapower itself imports modules and builds objects that a file names. This one never does: it takes
numbers and text out of the tables, and refuses a file that holds anything else.
"""

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.sources.files import locate
from holdfast.sources.networks.read import LoadedNetwork, checked, no_needs, require_crs, with_assets
from holdfast.sources.tidy import input_file
from holdfast.types import Network

DATA_CLASSES = {"pandapowerNet", "DataFrame", "Series", "ndarray"}
MODULES = re.compile(r'\\*"_(module|class)\\*"\s*:\s*\\*"([^"\\]*)')
DATA_MODULES = {"pandapower.auxiliary", "pandas", "pandas.core.frame", "pandas.core.series", "numpy"}
ELEMENTS = (
    "bus",
    "line",
    "trafo",
    "trafo3w",
    "impedance",
    "switch",
    "load",
    "gen",
    "sgen",
    "ext_grid",
    "shunt",
    "motor",
    "ward",
    "xward",
    "storage",
    "asymmetric_load",
    "asymmetric_sgen",
)
LEFT_OUT = ("dcline", "line_dc", "vsc", "b2b_vsc", "svc", "tcsc", "ssc", "controller")
KINDS = ("float64", "float32", "int64", "int32", "uint32", "uint64", "uint8", "bool", "object", "Int64", "string")
ENDS = {"line": ("from_bus", "to_bus"), "impedance": ("from_bus", "to_bus"), "trafo": ("hv_bus", "lv_bus")}
BUS_SWITCH, LINE_SWITCH = "b", {"l": "line", "t": "trafo"}
UNLIMITED_KA = 1000.0
UNLIMITED_MW = 1e9
ROOT3 = np.sqrt(3.0)
SHOWN = 5


def pandapower(name: str, options: TableOptions, folder: Path) -> LoadedNetwork:
    """Read a power network.

    Parameters
    ----------
    name : str
        Table of the study, such as ``power``.
    options : TableOptions
        ``path`` of the JSON file that `pandapower.to_json` writes, and ``crs`` of the buses' positions.
    folder : Path
        Folder of the input files.

    Returns
    -------
    LoadedNetwork
        Nodes: buses, with load (MW) as demand; sources where an external grid or a generator stands. Edges: lines,
        transformers, impedances and switches between buses, with their rating (MVA) as capacity. Elements out of
        service are left out and counted; open switches are edges that are off. ``details`` holds the element tables.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If it is no pandapower net, holds code, lacks positions, or breaks a rule of networks.
    """
    file = locate(folder, options.path, f"tables.{name}.path", (".json",))
    crs = require_crs(options, name, file)
    tables, facts = _tables(file)
    positions = _positions(tables, file)
    nodes = _nodes(tables, positions, crs)
    edges, notes = _edges(tables)
    told = with_assets(nodes, edges, "power")
    details = {kind: tables[kind] for kind in ELEMENTS if kind in tables} | {"net": pd.DataFrame([facts])}
    left = [f"{len(tables[k])} rows of {k}" for k in LEFT_OUT if k in tables and len(tables[k])]
    notes += [f"left out, since no model here knows them: {', '.join(left)}"] if left else []
    network, dead = checked(Network("power", nodes, edges, no_needs(), False, details), str(file))
    record = input_file(name, file, len(nodes) + len(edges), options, [*notes, *told, *dead])
    return LoadedNetwork(network, (record,))


def _tables(file: Path) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Element tables and the numbers that hold for the whole net."""
    text = file.read_bytes().decode("utf-8", errors="replace")
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise TableError(str(file), [Problem(f"is not JSON ({error}); copy or download it again")]) from None
    if (
        not isinstance(content, dict)
        or content.get("_class") != "pandapowerNet"
        or not isinstance(content.get("_object"), dict)
    ):
        text = "is no pandapower net; write one with pandapower.to_json(net, file)"
        raise TableError(str(file), [Problem(text)])
    _refuse_code(text, file)
    body = content["_object"]
    tables = {
        name: _table(value, name, file)
        for name, value in body.items()
        if _is_table(value) and name in (*ELEMENTS, *LEFT_OUT, "bus_geodata")
    }
    missing = [n for n in ("bus", "line", "load", "ext_grid") if n not in tables]
    if missing or tables["bus"].empty:
        text = f"lacks {', '.join(missing) or 'buses'}; is it a whole net?"
        raise TableError(str(file), [Problem(text)])
    facts = {
        key: body[key]
        for key in ("sn_mva", "f_hz", "format_version", "version")
        if isinstance(body.get(key), (int, float, str))
    }
    return tables, facts


def _is_table(value: object) -> bool:
    """Whether an entry of the net is a table."""
    return isinstance(value, dict) and value.get("_class") == "DataFrame"


def _refuse_code(text: str, file: Path) -> None:
    """Refuse anything that pandapower would build by importing a module."""
    found = {(kind, name) for kind, name in MODULES.findall(text)}
    bad = sorted(name for kind, name in found if name not in (DATA_MODULES if kind == "module" else DATA_CLASSES))
    if bad:
        names = ", ".join(bad[:SHOWN])
        text = f"holds objects of code ({names}), not data alone, such as controllers or functions; drop them from the net and write it again"
        raise TableError(str(file), [Problem(text)])


def _table(value: dict[str, Any], name: str, file: Path) -> pd.DataFrame:
    """One table from its text, with the plain types that it states."""
    inner = value["_object"]
    try:
        parsed = json.loads(inner) if isinstance(inner, str) else inner
        if value.get("orient", "split") == "split":
            table = pd.DataFrame(parsed["data"], index=parsed["index"], columns=parsed["columns"])
        else:
            table = pd.DataFrame(parsed)
        table.index = table.index.astype("int64")
        kinds = {c: k for c, k in value.get("dtype", {}).items() if c in table.columns and k in KINDS}
        for column, kind in kinds.items():
            filled = table[column].fillna(value=False) if kind == "bool" else table[column]
            table[column] = filled.astype(kind)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise TableError(str(file), [Problem(f"the table {name} cannot be read ({error})")]) from None
    if table.index.has_duplicates:
        text = f"{name} {table.index[table.index.duplicated()][0]} stands twice; ids must differ"
        raise TableError(str(file), [Problem(text, column=name)])
    return table.sort_index()


def _positions(tables: dict[str, pd.DataFrame], file: Path) -> np.ndarray:
    """Coordinates of every bus, shape (bus, 2)."""
    bus, geodata = tables["bus"], tables.get("bus_geodata")
    if geodata is not None and len(geodata):
        places = geodata[["x", "y"]].reindex(bus.index).to_numpy(np.float64)
    else:
        texts = bus["geo"] if "geo" in bus.columns else pd.Series(None, index=bus.index, dtype=object)
        places = np.array([_place(value) for value in texts], dtype=np.float64).reshape(-1, 2)
    lacking = ~np.isfinite(places).all(axis=1)
    if lacking.any():
        names = ", ".join(str(i) for i in bus.index[lacking][:SHOWN])
        text = f"{int(lacking.sum())} of {len(bus)} buses have no position (such as {names}); a city needs them: fill bus.geo"
        raise TableError(str(file), [Problem(text, column="geo")])
    return np.asarray(places)


def _place(value: object) -> tuple[float, float]:
    """Coordinates of a GeoJSON point in text."""
    try:
        point = json.loads(value) if isinstance(value, str) else value
        x, y = point["coordinates"][:2]  # type: ignore[index]
        return float(x), float(y)
    except (ValueError, TypeError, KeyError, RecursionError):
        return np.nan, np.nan


def _nodes(tables: dict[str, pd.DataFrame], positions: np.ndarray, crs: str) -> gpd.GeoDataFrame:
    """One node for each bus."""
    bus = tables["bus"]
    bus["node_id"] = [f"bus-{i}" for i in bus.index]
    load = tables["load"][tables["load"]["in_service"].astype(bool)]
    demand = (load["p_mw"] * load.get("scaling", 1.0)).groupby(load["bus"]).sum().reindex(bus.index).fillna(0.0)
    leaders = [tables[kind][tables[kind]["in_service"].astype(bool)] for kind in ("ext_grid", "gen") if kind in tables]
    supply = pd.Series(0.0, index=bus.index)
    for table, default in zip(leaders, (np.inf, 0.0), strict=False):
        most = (
            table["max_p_mw"].fillna(default) if "max_p_mw" in table.columns else pd.Series(default, index=table.index)
        )
        most = most.where(most > 0, table["p_mw"] if "p_mw" in table.columns else default)
        supply = supply.add(most.groupby(table["bus"]).sum(), fill_value=0.0).reindex(bus.index)
    source = bus.index.isin(pd.concat([t["bus"] for t in leaders]))
    return gpd.GeoDataFrame(
        {
            "source": source,
            "kind": "bus",
            "serves": (demand > 0).to_numpy() if (demand > 0).any() else True,
            "demand": demand.clip(lower=0.0).to_numpy(),
            "supply": np.where(source & (supply < UNLIMITED_MW), supply, np.nan),
        },
        geometry=gpd.points_from_xy(*positions.T),
        index=pd.Index(bus["node_id"].to_numpy(), name="node_id"),
        crs=crs,
    )


def _edges(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    """Lines, transformers, impedances, and switches between buses; and what is out of service."""
    bus = tables["bus"]
    found, gone = [], []
    for kind, (tail, head) in ENDS.items():
        table = tables.get(kind, pd.DataFrame())
        if table.empty:
            continue
        table["edge_id"] = [f"{kind}-{i}" for i in table.index]
        live = table["in_service"].astype(bool)
        gone += [f"{int((~live).sum())} of kind {kind}"] if (~live).any() else []
        found.append(_rows(table[live], kind, tail, head, _rating(table, kind, bus)[live]))
    three = tables.get("trafo3w", pd.DataFrame())
    if len(three):
        for side in ("mv", "lv"):
            three[f"edge_id_{side}"] = [f"trafo3w-{i}-{side}" for i in three.index]
            live = three[three["in_service"].astype(bool)].assign(edge_id=lambda t, s=side: t[f"edge_id_{s}"])
            found.append(_rows(live, "trafo", "hv_bus", f"{side}_bus", live[f"sn_{side}_mva"]))
    edges = (
        pd.concat(found)
        if found
        else pd.DataFrame(columns=["from_node", "to_node", "length_m", "kind", "capacity", "status"])
    )
    switch = tables.get("switch", pd.DataFrame(columns=["bus", "element", "et", "closed"]))
    for et, kind in LINE_SWITCH.items():
        opened = switch[(switch["et"] == et) & ~switch["closed"].astype(bool)]["element"]
        edges.loc[edges.index.isin([f"{kind}-{i}" for i in opened]), "status"] = "off"
    if len(switch):
        switch["edge_id"] = [f"switch-{i}" for i in switch.index]
        between = switch[switch["et"] == BUS_SWITCH]
        rows = _rows(between, "switch", "bus", "element", pd.Series(np.nan, index=between.index))
        rows["status"] = np.where(between["closed"].astype(bool), "on", "off")
        edges = pd.concat([edges, rows])
    off = int((edges["status"] == "off").sum())
    notes = [f"out of service and left out: {', '.join(gone)}"] if gone else []
    notes += (
        [f"{off} edges are switched off; connection counts them as usable, the model pandapower leaves them open"]
        if off
        else []
    )
    return edges, notes


def _rows(table: pd.DataFrame, kind: str, tail: str, head: str, rating: pd.Series) -> pd.DataFrame:
    """Edges of one kind."""
    length = table["length_km"] * 1000.0 if kind == "line" else pd.Series(0.0, index=table.index)
    return pd.DataFrame(
        {
            "from_node": [f"bus-{i}" for i in table[tail]],
            "to_node": [f"bus-{i}" for i in table[head]],
            "length_m": length.to_numpy(np.float64),
            "kind": kind,
            "capacity": rating.to_numpy(np.float64),
            "status": "on",
        },
        index=table["edge_id"].to_numpy(),
    )


def _rating(table: pd.DataFrame, kind: str, bus: pd.DataFrame) -> pd.Series:
    """Rating in MVA; empty where the net states none that binds."""
    parallel = table.get("parallel", pd.Series(1, index=table.index)).astype("float64")
    if kind == "line":
        voltage = table["from_bus"].map(bus["vn_kv"])
        rating = ROOT3 * voltage * table["max_i_ka"] * table.get("df", 1.0) * parallel
        return rating.where(table["max_i_ka"] < UNLIMITED_KA)
    if kind == "trafo":
        return table["sn_mva"] * parallel
    return pd.Series(np.nan, index=table.index)
