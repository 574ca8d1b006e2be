"""The hydraulic model of a network: what stands in its tables, as wntr and EPANET want it.

Node i is called ``n<i>``, edge i ``e<i>``; a pump is a node with a suction edge in the tables and one link in the model; a
source that is a street corner is joined to a reservoir ``h<i>``.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data import figure
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.recovery.networks.connection import edge_ends, label, required_column, sources_of
from holdfast.types import Ints, Network

PIPE, PUMP, VALVE, SUCTION = "pipe", "pump", "valve", "suction"
HELD = ("reservoir", "tank")
INFLOW = "inflow"
SHORTEST = 0.1
"""m; EPANET has no pipes of no length."""
WIDE = 10.0
"""m; diameter of the joint between a source that is a street corner and the head it holds."""
SMOOTH = 100.0
"""Roughness of that joint (Hazen-Williams), whose loss of head is then nothing."""
TRIALS = 10
"""More trials of EPANET where it finds no balance."""


def wntr_package() -> Any:
    """The package wntr.

    Raises
    ------
    DataMissing
        If it is not installed.
    """
    try:
        import wntr
        import wntr.epanet.exceptions
        import wntr.epanet.toolkit
    except ImportError:
        text = 'the network model "wntr" needs the package wntr: pip install "holdfast[water]"'
        raise DataMissing(text) from None
    return wntr


def column(table: pd.DataFrame, name: str, default: object) -> pd.Series:
    """A column of a table; `default` stands for what is empty or absent."""
    if name not in table.columns:
        return pd.Series([default] * len(table), index=table.index, name=name)
    return table[name].astype(object).where(table[name].notna(), default)


def edge_kinds(network: Network) -> NDArray[np.object_]:
    """Kind of every edge, such as ``pipe``, shape (edge,)."""
    return np.asarray(column(network.edges, "kind", PIPE), dtype=object)


def hydraulic_model(network: Network) -> Any:
    """The wntr model of a network with the tables that `epanet` takes, for one moment, pressure-driven, in SI units.

    Raises
    ------
    DataMissing
        If wntr is not installed.
    TableError
        If the network lacks what a hydraulic model needs.
    """
    built = wntr_package().network.WaterNetworkModel()
    _set_options(built, network)
    for name, points in network.details.get("curves", pd.DataFrame({"curve": []})).groupby("curve"):
        built.add_curve(str(name), str(points["kind"].iloc[0]), list(zip(points["x"], points["y"], strict=True)))
    _add_nodes(built, network)
    kinds = edge_kinds(network)
    _require_sizes(network, kinds)
    _add_pipes(built, network, kinds)
    if (kinds == PUMP).any():
        _add_pumps(built, network, kinds)
    if (kinds == VALVE).any():
        _add_valves(built, network, kinds)
    return built


def _set_options(built: Any, network: Network) -> None:
    """Formula of head loss and the demand-pressure curve, of the file where it states them."""
    stated = network.details.get("hydraulics", pd.DataFrame(index=[0])).iloc[0]
    hydraulic = built.options.hydraulic
    hydraulic.headloss = stated.get("headloss", "H-W")
    hydraulic.viscosity = float(stated.get("viscosity", 1.0))
    hydraulic.specific_gravity = float(stated.get("specific_gravity", 1.0))
    hydraulic.demand_model = "PDA"
    hydraulic.minimum_pressure = float(stated.get("minimum_pressure_m", figure("water_minimum_pressure")))
    hydraulic.required_pressure = float(stated.get("required_pressure_m", figure("water_required_pressure")))
    hydraulic.pressure_exponent = float(stated.get("pressure_exponent", 0.5))
    hydraulic.unbalanced, hydraulic.unbalanced_value = "CONTINUE", TRIALS
    built.options.time.duration = 0  # one moment
    built.options.report.status = "NO"
    if hydraulic.required_pressure <= hydraulic.minimum_pressure:
        text = "the required pressure is not above the minimum pressure; correct the options of the file"
        raise TableError(label(network), [Problem(text)])


def _add_nodes(built: Any, network: Network) -> None:
    """Junctions, and reservoirs for all heads that are held."""
    nodes = network.nodes
    demand = required_column(network, "demand")
    kind = column(nodes, "kind", "junction").to_numpy(object)
    elevation = column(nodes, "elevation_m", 0.0).to_numpy(np.float64)
    head = column(nodes, "head_m", np.nan).to_numpy(np.float64)
    holds = (sources_of(network) & (kind != INFLOW)) | np.isin(kind, HELD)
    lacking = holds & np.isnan(head)
    if lacking.any():
        text = "node {}: is a source without a head; give head_m (height of the water surface above the datum)"
        problems = [Problem(text.format(nodes.index[i]), column="head_m") for i in np.flatnonzero(lacking)]
        raise TableError(label(network), problems)
    inflow = np.where(kind == INFLOW, column(nodes, "supply", 0.0).to_numpy(np.float64), 0.0)
    for i in range(len(nodes)):
        if kind[i] in HELD:
            built.add_reservoir(f"n{i}", base_head=head[i])
        elif kind[i] != PUMP:  # a pump becomes a link
            built.add_junction(f"n{i}", base_demand=demand[i] - inflow[i], elevation=elevation[i])
            if holds[i]:
                built.add_reservoir(f"h{i}", base_head=head[i])
                built.add_pipe(f"h{i}", f"h{i}", f"n{i}", length=1.0, diameter=WIDE, roughness=SMOOTH)


def _require_sizes(network: Network, kinds: NDArray[np.object_]) -> None:
    """Refuse pipes and valves that lack a diameter, pipes that lack a roughness."""
    problems = []
    for name, concerned in (("diameter_m", np.isin(kinds, (PIPE, VALVE))), ("roughness", kinds == PIPE)):
        lacking = concerned & ~(column(network.edges, name, 0.0).to_numpy(np.float64) > 0)
        text = f"is empty or zero for {int(lacking.sum())} of {int(concerned.sum())} edges, such as {{}}; a hydraulic model needs it"
        if lacking.any():
            problems.append(Problem(text.format(network.edges.index[np.argmax(lacking)]), column=name))
    if problems:
        raise TableError(label(network), problems)


def _add_pipes(built: Any, network: Network, kinds: NDArray[np.object_]) -> None:
    """All edges of the kind pipe."""
    edges, ends = network.edges, edge_ends(network)
    length = np.maximum(edges["length_m"].to_numpy(np.float64), SHORTEST)
    diameter, roughness, loss = (
        column(edges, c, 0.0).to_numpy(np.float64) for c in ("diameter_m", "roughness", "minor_loss")
    )
    status = column(edges, "status", "on").to_numpy(object)
    for i in np.flatnonzero(kinds == PIPE):
        tail, head = ends[i]
        sizes = {"length": length[i], "diameter": diameter[i], "roughness": roughness[i], "minor_loss": loss[i]}
        state = {"initial_status": "CLOSED" if status[i] == "off" else "OPEN", "check_valve": status[i] == "check"}
        built.add_pipe(f"e{i}", f"n{tail}", f"n{head}", **sizes, **state)


def pump_edges(network: Network) -> dict[int, Ints]:
    """Edges (suction and delivery) of every node that is a pump."""
    kind = column(network.nodes, "kind", "").to_numpy(object)
    ends = edge_ends(network)
    return {int(node): np.flatnonzero((ends == node).any(axis=1)) for node in np.flatnonzero(kind == PUMP)}


def _add_pumps(built: Any, network: Network, kinds: NDArray[np.object_]) -> None:
    """A pump from the far end of its suction edge to the far end of its delivery edge."""
    ends, table = edge_ends(network), network.details.get("pumps", pd.DataFrame()).rename_axis("edge_id")
    # the node of a pump stands between its two edges
    suction = {int(ends[i, 1]): int(ends[i, 0]) for i in np.flatnonzero(kinds == SUCTION)}
    for i in np.flatnonzero(kinds == PUMP):
        edge, (node, delivery) = network.edges.index[i], ends[i]
        if edge not in table.index or int(node) not in suction:
            text = f"pump {edge}: has no row in the table of pumps or no suction edge; read it from an EPANET file"
            raise TableError(label(network), [Problem(text)])
        row = table.loc[edge]
        # constant power, or a curve of head against flow
        parameter = float(row["power_w"]) if row["kind"] == "POWER" else str(row["curve"])
        status = "CLOSED" if network.edges["status"].iloc[i] == "off" else "OPEN"
        state = {"speed": float(row["speed"]), "pattern": None, "initial_status": status}
        built.add_pump(f"e{i}", f"n{suction[int(node)]}", f"n{delivery}", row["kind"], parameter, **state)


def _add_valves(built: Any, network: Network, kinds: NDArray[np.object_]) -> None:
    """Valves with their type and setting."""
    ends, table = edge_ends(network), network.details.get("valves", pd.DataFrame())
    for i in np.flatnonzero(kinds == VALVE):
        edge, (tail, head) = network.edges.index[i], ends[i]
        if edge not in table.index:
            text = f"valve {edge}: has no row in the table of valves; read it from an EPANET file, or make it a pipe"
            raise TableError(label(network), [Problem(text)])
        row = table.loc[edge]
        # a general-purpose valve is set by a curve, all others by a number
        setting = str(row["curve"]) if row["type"] == "GPV" else float(row["setting"])
        sizes = {"diameter": float(network.edges["diameter_m"].iloc[i]), "minor_loss": float(row["minor_loss"])}
        state = {"initial_setting": setting, "initial_status": row["status"].upper()}
        built.add_valve(f"e{i}", f"n{tail}", f"n{head}", valve_type=row["type"], **sizes, **state)
