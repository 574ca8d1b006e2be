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
from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.network_frames import no_needs, with_assets
from holdfast.gate.text import parse_json, whole_number
from holdfast.numerals import to_numbers
from holdfast.sources.counts import named, of
from holdfast.sources.files import locate
from holdfast.sources.networks.read import LoadedNetwork, checked, placed_nodes, require_crs
from holdfast.sources.tidy import input_file
from holdfast.types import Network

DATA_CLASSES = {"pandapowerNet", "DataFrame", "Series", "ndarray"}
MODULES = re.compile(r'\\*"_(module|class)\\*"\s*:\s*\\*"([^"\\]*)')
# what a module or class may be named; tables stand as text inside the text, hence the backslashes in MODULES
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
BUS_SWITCH, LINE_SWITCH, THREE_SWITCH = "b", {"l": "line", "t": "trafo"}, "t3"
# what converters to pandapower write where nothing binds
UNLIMITED_KA = 1000.0
UNLIMITED_MW = 1e9
ROOT3 = np.sqrt(3.0)
SHOWN = 5
MOST_DEPTH = 12  # nested brackets, which a parser of JSON takes on its own stack
YES_NO = {"True": 1.0, "False": 0.0}
KIND_TYPES = {"number": "float64", "bus": "int64", "yes_no": "bool"}
CONSUMERS = ("load", "asymmetric_load", "motor", "ward", "xward")
FEEDERS = ("sgen", "asymmetric_sgen", "storage")
EDGE_COLUMNS = ["from_node", "to_node", "length_m", "kind", "capacity", "status"]


def pandapower(name: str, options: TableOptions, folder: Path) -> LoadedNetwork:
    """Read a power network from the JSON file that `pandapower.to_json` writes; the study states ``crs`` of its positions.

    Signature and errors as in `holdfast.sources.networks.read.Reader`. Nodes: buses, with the load (MW) of all consumers as
    demand; sources where an external grid or a generator stands. Edges: lines, transformers, impedances and switches
    between buses, with their rating (MVA) as capacity. Elements out of service are left out and counted; open switches are
    edges that are off. ``details`` holds the element tables.

    Raises
    ------
    TableError
        Also if the file is no pandapower net, holds code, or lacks positions.
    """
    file = locate(folder, options.path, f"tables.{name}.path", (".json",))
    crs = require_crs(options, name, file)
    tables, facts = _tables(file)
    positions = _positions(tables, file)
    nodes, loads = _nodes(tables, positions, crs)
    nodes = placed_nodes(nodes, file, crs)
    edges, switched = _edges(tables)
    notes = [*loads, *switched]
    told = with_assets(nodes, edges, "power")
    details = {kind: tables[kind] for kind in ELEMENTS if kind in tables} | {"net": pd.DataFrame([facts])}
    left = [f"{len(tables[k])} rows of {k}" for k in LEFT_OUT if k in tables and len(tables[k])]
    notes += [f"left out, since no model here knows them: {', '.join(left)}"] if left else []
    network, dead = checked(Network("power", nodes, edges, no_needs(), False, details), str(file))
    record = input_file(name, file, len(nodes) + len(edges), options, [*notes, *told, *dead])
    return LoadedNetwork(network, (record,))


def _tables(file: Path) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Element tables, each with the columns that are read here, and the numbers that hold for the whole net."""
    content = file.read_bytes()
    try:
        net = parse_json(content, MOST_DEPTH)
    except ValueError as error:  # in our own words
        raise TableError(str(file), [Problem(f"{error}; copy or download it again")]) from None
    body = net.get("_object") if isinstance(net, dict) and net.get("_class") == "pandapowerNet" else None
    if not isinstance(body, dict):
        text = "is no pandapower net; write one with pandapower.to_json(net, file)"
        raise TableError(str(file), [Problem(text)])
    # on the whole text, before any table is taken out of it
    _refuse_code(content.decode("utf-8-sig"), file)
    tables = {
        name: _complete(_table(value, name, file), name, file)
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


def _complete(table: pd.DataFrame, name: str, file: Path) -> pd.DataFrame:
    """A table whose columns that are read here are there, numbers where numbers belong, with the format's defaults."""
    rules = packaged("pandapower_columns")
    for rule in rules[rules["table"] == name].itertuples():
        column = str(rule.column)
        if column not in table.columns:
            # what has no default and may not be null must be there, unless the table has no rows
            if rule.default == "" and rule.null != "yes" and len(table):
                text = f"the table {name} has no column {column}; write the net again with pandapower.to_json"
                raise TableError(str(file), [Problem(text, column=column)])
            table[column] = pd.Series(rule.default or None, index=table.index, dtype=object)
        if rule.kind == "text":
            continue
        values = table[column].map(lambda v: YES_NO.get(str(v), v)) if rule.kind == "yes_no" else table[column]
        numbers = to_numbers(values).astype("float64")
        bad = (numbers.isna() & values.notna()) | np.isinf(numbers)
        if rule.default != "":
            numbers = numbers.fillna(1.0 if rule.default == "True" else float(rule.default))
        bad |= numbers.isna() & (rule.null != "yes")
        # the number of a bus must be whole; 3.7 would be cut to 3 in silence
        bad |= (numbers != numbers.round()) & numbers.notna() & (rule.kind == "bus")
        if bad.any():
            text = f"{name} {named(table.index[bad])}: {column} is no finite number; correct it in the net"
            raise TableError(str(file), [Problem(text, column=column)])
        table[column] = numbers.astype(KIND_TYPES[rule.kind])
    return table


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
    try:
        inner = value["_object"]
        parsed = json.loads(inner, parse_int=whole_number) if isinstance(inner, str) else inner
        if value.get("orient", "split") == "split":
            table = pd.DataFrame(parsed["data"], index=parsed["index"], columns=parsed["columns"])
        else:
            table = pd.DataFrame(parsed)
        table.index = table.index.astype("int64")
        kinds = {c: k for c, k in value.get("dtype", {}).items() if c in table.columns and k in KINDS}
        for column, kind in kinds.items():
            # a null cannot become false by itself
            filled = table[column].fillna(value=False) if kind == "bool" else table[column]
            table[column] = filled.astype(kind)
        repeated = table.columns.has_duplicates
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        text = f"the table {name} is no table of pandapower's; write the net again with pandapower.to_json"
        raise TableError(str(file), [Problem(text, column=name)]) from None
    if table.index.has_duplicates or repeated:
        twice = table.columns[table.columns.duplicated()] if repeated else table.index[table.index.duplicated()]
        text = f"{name} {twice[0]} stands twice; names must differ"
        raise TableError(str(file), [Problem(text, column=name)])
    # by number, so that the order in the file changes nothing
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
        point = json.loads(value, parse_int=whole_number) if isinstance(value, str) else value
        # a third coordinate, the height, may follow
        x, y = point["coordinates"][:2]  # type: ignore[index]
        return float(x), float(y)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return np.nan, np.nan


def _consumption(tables: dict[str, pd.DataFrame], live: pd.Series) -> tuple[pd.Series, list[str]]:
    """Load at every bus, MW, of all kinds of consumers in service; and what is not counted, in words."""
    parts, notes = [], []
    for kind in CONSUMERS:
        table = tables.get(kind, pd.DataFrame())
        if table.empty:
            continue
        on = table["in_service"] & table["bus"].map(live).fillna(value=False).astype(bool)
        power = _power(table, kind)
        cut_off = table["in_service"] & ~on
        if cut_off.any():
            notes.append(
                f"{of(int(cut_off.sum()), len(table), f'rows of {kind}')} hang on buses out of service and are left out ({power[cut_off].sum():.4g} MW)"
            )
        # feed-in is not netted against load: connection and flow ask who is to be served, not for the balance
        back = on & (power < 0)
        if back.any():
            notes.append(
                f"{of(int(back.sum()), len(table), f'rows of {kind}')} feed in ({-power[back].sum():.4g} MW at {named(_bus_names(table.loc[back, 'bus']))}); feed-in serves nobody here and is not netted"
            )
        parts.append(power[on & (power > 0)].groupby(table["bus"]).sum())
        if kind != "load" and len(parts[-1]):
            notes.append(f"{len(table)} rows of {kind} count as load ({parts[-1].sum():.4g} MW)")
    for kind in FEEDERS:
        table = tables.get(kind, pd.DataFrame())
        if len(table):
            notes.append(
                f"{len(table)} rows of {kind} ({_power(table, kind).sum():.4g} MW) are no sources: only external grids and generators are"
            )
    total = pd.concat(parts).groupby(level=0).sum() if parts else pd.Series(dtype="float64")
    if not (total > 0).any():
        notes.append("no consumer takes any power: all buses in service count alike")
    return total.reindex(live.index).fillna(0.0), notes


def _power(table: pd.DataFrame, kind: str) -> pd.Series:
    """Power of every row of a table of consumers or feeders, MW."""
    if kind in ("asymmetric_load", "asymmetric_sgen"):
        return table[["p_a_mw", "p_b_mw", "p_c_mw"]].sum(axis=1) * table["scaling"]
    if kind == "motor":
        share = table["loading_percent"] / table["efficiency_percent"].where(table["efficiency_percent"] > 0)
        return (table["pn_mech_mw"] * share * table["scaling"]).fillna(0.0)
    if kind in ("ward", "xward"):
        return table["ps_mw"] + table["pz_mw"]
    return table["p_mw"] * table["scaling"]


def _bus_names(buses: pd.Series) -> list[object]:
    """Names of the nodes of some buses."""
    return [f"bus-{int(i)}" for i in buses.unique()]


def _nodes(tables: dict[str, pd.DataFrame], positions: np.ndarray, crs: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """One node for each bus, and what of the loads is not counted, in words."""
    bus = tables["bus"]
    # written into the table, which goes on as details: the power flow finds its elements by these names
    bus["node_id"] = [f"bus-{i}" for i in bus.index]
    live = bus["in_service"]
    demand, notes = _consumption(tables, live)
    leaders = [tables[kind][tables[kind]["in_service"]] for kind in ("ext_grid", "gen") if kind in tables]
    supply = pd.Series(0.0, index=bus.index)
    for table, default in zip(leaders, (np.inf, 0.0), strict=False):
        most = table["max_p_mw"].fillna(default)
        # a generator without a limit gives what it is set to, an external grid whatever is asked
        most = most.where(most > 0, table["p_mw"] if "p_mw" in table.columns else default)
        supply = supply.add(most.groupby(table["bus"]).sum(), fill_value=0.0).reindex(bus.index)
    source = bus.index.isin(pd.concat([t["bus"] for t in leaders])) & live.to_numpy()
    if not live.all():
        notes.append(
            f"{of(int((~live).sum()), len(bus), 'buses')} are out of service ({named(_bus_names(bus.index[~live].to_series()))}); what hangs on them is not served"
        )
    table = gpd.GeoDataFrame(
        {
            "source": source,
            "kind": "bus",
            # where nothing has a load, as in a skeleton of a net, every bus in service counts as served
            "serves": ((demand > 0) if (demand > 0).any() else live).to_numpy(),
            "demand": demand.to_numpy(),
            "supply": np.where(source & (supply < UNLIMITED_MW), supply, np.nan),
        },
        geometry=gpd.points_from_xy(*positions.T),
        index=pd.Index(bus["node_id"].to_numpy(), name="node_id"),
        crs=crs,
    )
    return table, notes


def _edges(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    """Lines, transformers, impedances, and switches between buses; and what is out of service."""
    live = tables["bus"]["in_service"]
    found, gone = [], []
    for kind, (tail, head) in ENDS.items():
        table = tables.get(kind, pd.DataFrame())
        if table.empty:
            continue
        table["edge_id"] = [f"{kind}-{i}" for i in table.index]
        on = table["in_service"] & _live(table[tail], live) & _live(table[head], live)
        gone += [f"{int((~on).sum())} of kind {kind}"] if (~on).any() else []
        found.append(_rows(table[on], kind, tail, head, _rating(table, kind, tables["bus"])[on]))
    three = tables.get("trafo3w", pd.DataFrame())
    # a transformer of three windings is two edges from its high side, each with the rating of the other end
    for side in ("mv", "lv") if len(three) else ():
        three[f"edge_id_{side}"] = [f"trafo3w-{i}-{side}" for i in three.index]
        on = three["in_service"] & _live(three["hv_bus"], live) & _live(three[f"{side}_bus"], live)
        gone += [f"{int((~on).sum())} sides of kind trafo3w"] if (~on).any() else []
        rows = three[on].assign(edge_id=lambda t, s=side: t[f"edge_id_{s}"])
        found.append(_rows(rows, "trafo", "hv_bus", f"{side}_bus", rows[f"sn_{side}_mva"]))
    edges = pd.concat(found) if found else pd.DataFrame(columns=EDGE_COLUMNS)
    switch = tables.get("switch", pd.DataFrame(columns=["bus", "element", "et", "closed"]))
    for et, kind in LINE_SWITCH.items():
        opened = switch[(switch["et"] == et) & ~switch["closed"].astype(bool)]["element"]
        edges.loc[edges.index.isin([f"{kind}-{int(i)}" for i in opened]), "status"] = "off"
    edges.loc[edges.index.isin(_opened_sides(switch, three)), "status"] = "off"
    if len(switch):
        switch["edge_id"] = [f"switch-{i}" for i in switch.index]
        between = switch[switch["et"] == BUS_SWITCH]
        between = between[_live(between["bus"], live) & _live(between["element"], live)]
        rows = _rows(between, "switch", "bus", "element", pd.Series(np.nan, index=between.index))
        # open switches stay, as edges that are off: they are what crews can close
        rows["status"] = np.where(between["closed"], "on", "off")
        edges = pd.concat([edges, rows])
    off = int((edges["status"] == "off").sum())
    notes = [f"out of service, or at a bus out of service, and left out: {', '.join(gone)}"] if gone else []
    notes += (
        [f"{off} edges are switched off; connection counts them as usable, the model pandapower leaves them open"]
        if off
        else []
    )
    return edges, notes


def _opened_sides(switch: pd.DataFrame, three: pd.DataFrame) -> list[str]:
    """Sides of transformers of three windings that an open switch cuts off; one at the high side cuts off both."""
    found = []
    for row in switch[(switch["et"] == THREE_SWITCH) & ~switch["closed"].astype(bool)].itertuples():
        at = three.loc[row.element] if row.element in three.index else {}
        found += [
            f"trafo3w-{row.element}-{s}" for s in ("mv", "lv") if row.bus in (at.get("hv_bus"), at.get(f"{s}_bus"))
        ]
    return found


def _live(ends: pd.Series, live: pd.Series) -> pd.Series:
    """Whether the bus at an end is in service; a bus that is not there counts, for the check to name."""
    return ends.map(live).fillna(value=True).astype(bool)


def _rows(table: pd.DataFrame, kind: str, tail: str, head: str, rating: pd.Series) -> pd.DataFrame:
    """Edges of one kind."""
    length = table["length_km"] * 1000.0 if kind == "line" else pd.Series(0.0, index=table.index)
    return pd.DataFrame(
        {
            "from_node": [f"bus-{i:.0f}" for i in table[tail]],
            "to_node": [f"bus-{i:.0f}" for i in table[head]],
            "length_m": length.to_numpy(np.float64),
            "kind": kind,
            "capacity": rating.to_numpy(np.float64),
            "status": "on",
        },
        index=table["edge_id"].to_numpy(),
    )


def _rating(table: pd.DataFrame, kind: str, bus: pd.DataFrame) -> pd.Series:
    """Rating in MVA; empty where the net states none that binds."""
    if kind == "line":
        voltage = table["from_bus"].map(bus["vn_kv"])
        # root 3 x kV x kA is MVA; df derates, and parallel lines add up
        rating = ROOT3 * voltage * table["max_i_ka"] * table["df"] * table["parallel"]
        return rating.where(table["max_i_ka"] < UNLIMITED_KA)
    if kind == "trafo":
        return table["sn_mva"] * table["parallel"]
    return pd.Series(np.nan, index=table.index)
