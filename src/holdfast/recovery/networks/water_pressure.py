"""Water pressure: EPANET's pressure-driven demand through wntr, for one moment of a normal day.

What is in the tables is what is solved: mean demands, tanks at the level in the file, pumps and valves as the operator
left them. A broken pipe is taken as shut off at both ends, so it neither carries nor leaks. A tank that no reservoir
reaches any more is empty, since tanks last hours and repairs take days. Time patterns, controls and rules are not run.
"""

import contextlib
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.data import figure
from holdfast.errors import DataMissing, NotConverged, Problem, TableError
from holdfast.recovery.networks.connection import External, ends_of, place, positive, reached
from holdfast.types import Network

PIPE, PUMP, VALVE, SUCTION = "pipe", "pump", "valve", "suction"
HELD = ("reservoir", "tank")
INFLOW = "inflow"
SHUT, OPENED = 0.0, 1.0
SHORTEST = 0.1  # m; EPANET has no pipes of no length
HAIR = 1e-3  # m; a check valve cannot be shut in EPANET, so a broken one becomes this thin
WIDE = 10.0  # m; diameter of the joint between a source that is a street corner and the head it holds
SERVED = 1e-6
REMEMBERED = 4096
UNBALANCED = {1, 2}
EN_DIAMETER, EN_INITSTATUS, EN_INITSETTING, EN_PRESSURE = 0, 4, 5, 11  # codes of the EPANET 2.2 toolkit
FATAL = 100  # EPANET's codes below are warnings


def epanet(network: Network, tanks_last: bool = False) -> External:
    """Network model: pressure-driven water supply with the EPANET solver of the package wntr.

    Parameters
    ----------
    network : Network
        Edges with ``diameter_m`` and ``roughness`` (and ``kind``, ``status``, ``minor_loss``), nodes with ``demand``
        (m3/s) and ``elevation_m``, ``head_m`` at reservoirs, tanks and other sources; pumps and valves in
        ``details`` (see `holdfast.sources.networks.epanet`).
    tanks_last : bool
        Whether a tank that no source reaches keeps its level, as in the first hours, instead of being empty.

    Returns
    -------
    External
        Delivered over wanted water at the node's pressure, over that of the undamaged network, at most 1. A node
        that has no pressure even then counts as served while a source reaches it.

    Raises
    ------
    DataMissing
        If wntr is not installed.
    TableError
        If the network lacks what a hydraulic model needs.
    NotConverged
        If EPANET finds no balance for the undamaged network. For a damaged one without balance the answer falls
        back on connection, since a repair plan must not stop there.

    References
    ----------
    Rossman et al. (2020), EPANET 2.2 user manual, EPA/600/R-20/133; Wagner, Shamir & Marks (1988), Water
    distribution reliability: simulation methods (the demand-pressure curve).
    """
    solve = solver(network)
    ends, source = ends_of(network), network.nodes["source"].to_numpy(bool)
    kind = column(network.nodes, "kind", "").to_numpy(object)
    lasting = source | (kind == "tank") if tanks_last else source
    normal = solve(np.ones(len(source), bool), np.ones(len(ends), bool), np.ones(len(source), bool))
    if normal is None:
        text = f"{network.name} network: EPANET finds no balance before the event; check heads, diameters and pumps"
        raise NotConverged(text)
    dry = normal <= SERVED
    remembered: dict[bytes, np.ndarray] = {}

    def satisfaction(node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
        key = np.packbits(np.concatenate([node_works, edge_works])).tobytes()
        if key not in remembered:
            lit = reached(ends, lasting, node_works, edge_works)
            now = solve(node_works, edge_works, lit) if lit.any() else np.zeros(len(lit))
            share = lit.astype(np.float64) if now is None else np.minimum(now / np.where(dry, 1.0, normal), 1.0)
            share = np.where(share >= 1.0 - SERVED, 1.0, share)
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            remembered[key] = np.where(lit, np.where(dry, 1.0, share), 0.0)
        return remembered[key].copy()

    return satisfaction


Solve = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray | None]


def solver(network: Network) -> Solve:
    """The hydraulic model, built once and solved for any state.

    Parameters
    ----------
    network : Network
        As in `epanet`.

    Returns
    -------
    callable
        (node_works, edge_works, wet) -> share of the wanted water that each node's pressure lets out (node,), 0..1,
        or None where EPANET finds no balance; nodes that are not `wet` are cut off and get nothing.

    Raises
    ------
    DataMissing, TableError
        As in `epanet`.
    """
    wntr = _wntr()
    built = model(network)
    folder = tempfile.TemporaryDirectory(prefix="holdfast-epanet-")
    base = Path(folder.name) / "network"
    wntr.network.write_inpfile(built, f"{base}.inp", units="LPS")
    project = _without_log(wntr.epanet.toolkit.ENepanet(), wntr.epanet.exceptions.EpanetException)
    try:
        project.ENopen(f"{base}.inp", f"{base}.rpt", f"{base}.bin")
    except wntr.epanet.exceptions.EpanetException as error:
        text = f"EPANET cannot read the network as a hydraulic model ({error})"
        raise TableError(place(network), [Problem(text)]) from None
    links = _links(network, built, project)
    nodes = _node_numbers(network, project)
    options = built.options.hydraulic
    low, high, power = options.minimum_pressure, options.required_pressure, options.pressure_exponent
    ends, pumps = ends_of(network), _pump_nodes(network)

    def solve(node_works: np.ndarray, edge_works: np.ndarray, wet: np.ndarray) -> np.ndarray | None:
        works = edge_works & (node_works & wet)[ends].all(axis=1)
        for node, edges in pumps.items():
            works[edges] = works[edges].all() and bool(node_works[node])
        for link, opened in zip(links, works, strict=True):
            link(bool(opened))
        if not _balance(project):
            return None
        pressure = np.array([project.ENgetnodevalue(n, EN_PRESSURE) if n else high for n in nodes])
        share = (np.clip((pressure - low) / (high - low), 0.0, 1.0)) ** power
        return np.where(node_works & wet, share, 0.0)

    weakref.finalize(solve, _close, project, folder)
    return solve


def _wntr() -> Any:
    """The package, if it is there."""
    try:
        import wntr
        import wntr.epanet.exceptions
        import wntr.epanet.toolkit
    except ImportError:
        text = 'the network model "wntr" needs the package wntr: pip install "holdfast[water]"'
        raise DataMissing(text) from None
    return wntr


def _without_log(project: Any, refusal: type[Exception]) -> Any:
    """The toolkit, raising its errors but logging neither them nor warnings: the caller answers both."""

    def error(*_: object) -> None:
        if project.errcode >= FATAL:
            raise refusal(project.errcode)

    project._error = error
    return project


def _close(project: Any, folder: Any) -> None:
    """Give back EPANET's memory and the files in the temporary folder."""
    project.ENclose()
    folder.cleanup()


def _balance(project: Any) -> bool:
    """Solve one moment; False where EPANET does not converge."""
    from wntr.epanet.exceptions import EpanetException

    try:
        project.ENopenH()
        project.ENinitH(0)
        project.ENrunH()
        balanced = project.errcode not in UNBALANCED
        project.ENcloseH()
    except EpanetException:
        with contextlib.suppress(EpanetException):  # where nothing was open
            project.ENcloseH()
        return False
    return balanced


def column(table: pd.DataFrame, name: str, default: object) -> pd.Series:
    """A column of a table, `default` where empty or absent.

    Parameters
    ----------
    table : DataFrame
        Any.
    name : str
        The column.
    default : object
        Value that stands for empty.
    """
    if name not in table.columns:
        return pd.Series([default] * len(table), index=table.index, name=name)
    return table[name].astype(object).where(table[name].notna(), default)


def model(network: Network) -> Any:
    """The wntr model of a network.

    Parameters
    ----------
    network : Network
        As in `epanet`. Node i is called ``n<i>``, edge i ``e<i>``; a pump is a node with a suction edge here and
        one link there; a source that is a street corner is joined to a reservoir ``h<i>``.

    Returns
    -------
    wntr.network.WaterNetworkModel
        For one moment, pressure-driven, in SI units.

    Raises
    ------
    DataMissing, TableError
        As in `epanet`.
    """
    built = _wntr().network.WaterNetworkModel()
    _options(built, network)
    for name, points in network.details.get("curves", pd.DataFrame({"curve": []})).groupby("curve"):
        built.add_curve(str(name), str(points["kind"].iloc[0]), list(zip(points["x"], points["y"], strict=True)))
    _add_nodes(built, network)
    kinds = column(network.edges, "kind", PIPE).to_numpy(object)
    _require_sizes(network, kinds)
    _add_pipes(built, network, kinds)
    if (kinds == PUMP).any():
        _add_pumps(built, network, kinds)
    if (kinds == VALVE).any():
        _add_valves(built, network, kinds)
    return built


def _options(built: Any, network: Network) -> None:
    """Formula of head loss and the demand-pressure curve."""
    told = network.details.get("hydraulics", pd.DataFrame(index=[0])).iloc[0]
    hydraulic = built.options.hydraulic
    hydraulic.headloss = told.get("headloss", "H-W")
    hydraulic.viscosity = float(told.get("viscosity", 1.0))
    hydraulic.specific_gravity = float(told.get("specific_gravity", 1.0))
    hydraulic.demand_model = "PDA"
    hydraulic.minimum_pressure = float(told.get("minimum_pressure_m", figure("water_minimum_pressure")))
    hydraulic.required_pressure = float(told.get("required_pressure_m", figure("water_required_pressure")))
    hydraulic.pressure_exponent = float(told.get("pressure_exponent", 0.5))
    hydraulic.unbalanced, hydraulic.unbalanced_value = "CONTINUE", 10
    built.options.time.duration = 0
    built.options.report.status = "NO"
    if hydraulic.required_pressure <= hydraulic.minimum_pressure:
        text = "the required pressure is not above the minimum pressure; correct the options of the file"
        raise TableError(place(network), [Problem(text)])


def _add_nodes(built: Any, network: Network) -> None:
    """Junctions, and reservoirs for all heads that are held."""
    nodes = network.nodes
    demand = positive(network, "demand")
    kind = column(nodes, "kind", "junction").to_numpy(object)
    elevation = column(nodes, "elevation_m", 0.0).to_numpy(np.float64)
    head = column(nodes, "head_m", np.nan).to_numpy(np.float64)
    holds = (nodes["source"].to_numpy(bool) & (kind != INFLOW)) | np.isin(kind, HELD)
    lacking = holds & np.isnan(head)
    if lacking.any():
        text = "node {}: is a source without a head; give head_m (height of the water surface above the datum)"
        problems = [Problem(text.format(nodes.index[i]), column="head_m") for i in np.flatnonzero(lacking)]
        raise TableError(place(network), problems)
    inflow = np.where(kind == INFLOW, column(nodes, "supply", 0.0).to_numpy(np.float64), 0.0)
    for i in range(len(nodes)):
        if kind[i] in HELD:
            built.add_reservoir(f"n{i}", base_head=head[i])
        elif kind[i] != PUMP:
            built.add_junction(f"n{i}", base_demand=demand[i] - inflow[i], elevation=elevation[i])
            if holds[i]:
                built.add_reservoir(f"h{i}", base_head=head[i])
                built.add_pipe(f"h{i}", f"h{i}", f"n{i}", length=1.0, diameter=WIDE, roughness=100.0)


def _require_sizes(network: Network, kinds: np.ndarray) -> None:
    """Refuse pipes and valves that lack a diameter, pipes that lack a roughness."""
    problems = []
    for name, concerned in (("diameter_m", np.isin(kinds, (PIPE, VALVE))), ("roughness", kinds == PIPE)):
        lacking = concerned & ~(column(network.edges, name, 0.0).to_numpy(np.float64) > 0)
        text = f"is empty or zero for {int(lacking.sum())} of {int(concerned.sum())} edges, such as {{}}; a hydraulic model needs it"
        if lacking.any():
            problems.append(Problem(text.format(network.edges.index[np.argmax(lacking)]), column=name))
    if problems:
        raise TableError(place(network), problems)


def _add_pipes(built: Any, network: Network, kinds: np.ndarray) -> None:
    """All edges of the kind pipe."""
    edges, ends = network.edges, ends_of(network)
    length = np.maximum(edges["length_m"].to_numpy(np.float64), SHORTEST)
    diameter, roughness, loss = (
        column(edges, c, 0.0).to_numpy(np.float64) for c in ("diameter_m", "roughness", "minor_loss")
    )
    status = column(edges, "status", "on").to_numpy(object)
    for i in np.flatnonzero(kinds == PIPE):
        tail, head = ends[i]
        built.add_pipe(
            f"e{i}",
            f"n{tail}",
            f"n{head}",
            length[i],
            diameter[i],
            roughness[i],
            loss[i],
            "CLOSED" if status[i] == "off" else "OPEN",
            bool(status[i] == "check"),
        )


def _pump_nodes(network: Network) -> dict[int, np.ndarray]:
    """Edges (suction and delivery) of every node that is a pump."""
    kind = column(network.nodes, "kind", "").to_numpy(object)
    ends = ends_of(network)
    return {int(node): np.flatnonzero((ends == node).any(axis=1)) for node in np.flatnonzero(kind == PUMP)}


def _add_pumps(built: Any, network: Network, kinds: np.ndarray) -> None:
    """A pump from the far end of its suction edge to the far end of its delivery edge."""
    ends, table = ends_of(network), network.details.get("pumps", pd.DataFrame()).rename_axis("edge_id")
    suction = {int(ends[i, 1]): int(ends[i, 0]) for i in np.flatnonzero(kinds == SUCTION)}
    for i in np.flatnonzero(kinds == PUMP):
        edge = network.edges.index[i]
        if edge not in table.index or int(ends[i, 0]) not in suction:
            text = f"pump {edge}: has no row in the table of pumps or no suction edge; read it from an EPANET file"
            raise TableError(place(network), [Problem(text)])
        row = table.loc[edge]
        parameter = float(row["power_w"]) if row["kind"] == "POWER" else str(row["curve"])
        status = "CLOSED" if network.edges["status"].iloc[i] == "off" else "OPEN"
        built.add_pump(
            f"e{i}",
            f"n{suction[int(ends[i, 0])]}",
            f"n{ends[i, 1]}",
            row["kind"],
            parameter,
            float(row["speed"]),
            None,
            status,
        )


def _add_valves(built: Any, network: Network, kinds: np.ndarray) -> None:
    """Valves with their type and setting."""
    ends, table = ends_of(network), network.details.get("valves", pd.DataFrame())
    for i in np.flatnonzero(kinds == VALVE):
        edge = network.edges.index[i]
        if edge not in table.index:
            text = f"valve {edge}: has no row in the table of valves; read it from an EPANET file, or make it a pipe"
            raise TableError(place(network), [Problem(text)])
        row = table.loc[edge]
        setting = str(row["curve"]) if row["type"] == "GPV" else float(row["setting"])
        built.add_valve(
            f"e{i}",
            f"n{ends[i, 0]}",
            f"n{ends[i, 1]}",
            float(network.edges["diameter_m"].iloc[i]),
            row["type"],
            float(row["minor_loss"]),
            setting,
            row["status"].upper(),
        )


def _node_numbers(network: Network, project: Any) -> list[int]:
    """EPANET's number of every node; that of its delivery's far end for a pump, 0 for a held head."""
    kind = column(network.nodes, "kind", "junction").to_numpy(object)
    ends, kinds = ends_of(network), column(network.edges, "kind", PIPE).to_numpy(object)
    beyond = {int(ends[i, 0]): int(ends[i, 1]) for i in np.flatnonzero(kinds == PUMP)}
    number = {i: beyond.get(i, i) for i in range(len(kind))}
    return [0 if kind[j] in HELD else project.ENgetnodeindex(f"n{j}") for j in number.values()]


def _links(network: Network, built: Any, project: Any) -> list[Callable[[bool], None]]:
    """For every edge a function that opens it as on a normal day, or shuts it."""
    kinds = column(network.edges, "kind", PIPE).to_numpy(object)
    status = column(network.edges, "status", "on").to_numpy(object)
    return [
        _switch(project, f"e{i}", status[i], built) if kinds[i] != SUCTION else (lambda _: None)
        for i in range(len(kinds))
    ]


def _switch(project: Any, name: str, status: str, built: Any) -> Callable[[bool], None]:
    """Set what differs from the last state only."""
    number = project.ENgetlinkindex(name)
    code, shut, normal = EN_INITSTATUS, SHUT, OPENED
    link = built.get_link(name)
    if status == "check":
        code, shut, normal = EN_DIAMETER, HAIR * 1e3, link.diameter * 1e3  # mm
    elif link.link_type == "Valve" and link.initial_status.name == "Active":
        code, normal = EN_INITSETTING, project.ENgetlinkvalue(number, EN_INITSETTING)
    elif link.initial_status.name == "Closed":
        normal = SHUT
    now = [True]

    def switch(opened: bool) -> None:
        if opened == now[0]:
            return
        now[0] = opened
        if opened:
            project.ENsetlinkvalue(number, code, normal)
        else:
            project.ENsetlinkvalue(number, EN_INITSTATUS if code == EN_INITSETTING else code, shut)

    return switch
