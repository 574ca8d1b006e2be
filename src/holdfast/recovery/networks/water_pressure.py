"""Water pressure: EPANET's pressure-driven demand through wntr, for one moment of a normal day.

What is in the tables is what is solved: mean demands, tanks at the level in the file, pumps and valves as the operator
left them. A broken pipe is taken as shut off at both ends, so it neither carries nor leaks, unless leaks are given (`leaking_epanet`). A tank that no reservoir
reaches any more is empty, since tanks last hours and repairs take days. Time patterns, controls and rules are not run.
"""

import contextlib
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.errors import NotConverged, Problem, TableError
from holdfast.recovery.networks.connection import ServiceModel, edge_ends, label, reached, sources_of
from holdfast.recovery.networks.epanet_model import (
    HELD,
    PUMP,
    SUCTION,
    column,
    edge_kinds,
    hydraulic_model,
    pump_edges,
    wntr_package,
)
from holdfast.types import Bools, Floats, Network

SHUT, OPENED = 0.0, 1.0
HAIR = 1e-3
"""m; a check valve cannot be shut in EPANET, so a broken one becomes this thin."""
MM_PER_M = 1e3
LITRES = 1e3
SERVED = 1e-6
"""Share of the wanted water below which a node gets nothing, and short of all of it by which it gets all."""
REMEMBERED = 4096
"""States whose answers are kept, since draws come through the same ones again."""
UNBALANCED = {1, 2}
EN_DIAMETER, EN_EMITTER, EN_INITSTATUS, EN_INITSETTING, EN_PRESSURE = 0, 3, 4, 5, 11
"""Codes of the EPANET 2.2 toolkit."""
FATAL = 100
"""EPANET's codes below are warnings."""

Solve = Callable[[Bools, Bools, Bools, Floats], Floats | None]
"""(node_works, edge_works, wet, leak) -> share of the wanted water that each node's pressure lets out (node,), 0..1, or None
where EPANET finds no balance; nodes that are not `wet` are cut off and get nothing; `leak` is what each edge loses
at the required pressure, m3/s."""


def epanet(network: Network, tanks_last: bool = False) -> ServiceModel:
    """Network model: pressure-driven water supply with the EPANET solver of the package wntr.

    Parameters
    ----------
    network : Network
        Edges with ``diameter_m`` and ``roughness`` (and ``kind``, ``status``, ``minor_loss``), nodes with ``demand``
        (m3/s) and ``elevation_m``, ``head_m`` at reservoirs, tanks and other sources; pumps and valves in
        ``details`` (see `holdfast.sources.networks.epanet`).
    tanks_last : bool
        Whether a tank that no source reaches keeps its level, as in the first hours, instead of being empty.

    Raises
    ------
    DataMissing
        If wntr is not installed.
    TableError
        If the network lacks what a hydraulic model needs.
    NotConverged
        If EPANET finds no balance for the undamaged network.

    References
    ----------
    Rossman et al. (2020), EPANET 2.2 user manual, EPA/600/R-20/133; Wagner, Shamir & Marks (1988), Water
    distribution reliability: simulation methods (the demand-pressure curve).
    """
    with_leaks = leaking_epanet(network, tanks_last)
    tight = np.zeros(len(network.edges))

    def satisfaction(node_works: Bools, edge_works: Bools) -> Floats:
        return with_leaks(node_works, edge_works, tight)

    return satisfaction


def leaking_epanet(network: Network, tanks_last: bool = False) -> Callable[[Bools, Bools, Floats], Floats]:
    """As `epanet`, with what each pipe loses at the required pressure, m3/s (edge,): emitters, half at each end.

    Raises
    ------
    DataMissing, TableError, NotConverged
        As `epanet`.
    """
    solve = solver(network)
    ends, source = edge_ends(network), sources_of(network)
    kind = column(network.nodes, "kind", "").to_numpy(object)
    lasting = source | (kind == "tank") if tanks_last else source
    tight = np.zeros(len(ends))
    normal = solve(np.ones(len(source), bool), np.ones(len(ends), bool), np.ones(len(source), bool), tight)
    if normal is None:
        text = f"{network.name} network: EPANET finds no balance before the event; check heads, diameters and pumps"
        raise NotConverged(text)
    dry = normal <= SERVED
    remembered: dict[bytes, Floats] = {}

    def satisfaction(node_works: Bools, edge_works: Bools, leak: Floats) -> Floats:
        key = np.packbits(np.concatenate([node_works, edge_works])).tobytes() + leak.tobytes()
        if key not in remembered:
            # delivered over wanted water, over that of the undamaged network; a node that has no pressure even then
            # counts as served while a source reaches it; a damaged network without balance falls back on connection,
            # since a repair plan must not stop there
            wet = reached(ends, lasting, node_works, edge_works)
            now = solve(node_works, edge_works, wet, leak) if wet.any() else np.zeros(len(wet))
            share = wet.astype(np.float64) if now is None else np.minimum(now / np.where(dry, 1.0, normal), 1.0)
            share = np.where(share >= 1.0 - SERVED, 1.0, share)  # rounding of the solver
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            remembered[key] = np.where(wet, np.where(dry, 1.0, share), 0.0)
        return remembered[key].copy()

    return satisfaction


def solver(network: Network) -> Solve:
    """The hydraulic model of a network, built once and solved for any state.

    Raises
    ------
    DataMissing, TableError
        As in `epanet`.
    """
    wntr = wntr_package()
    built = hydraulic_model(network)
    folder = tempfile.TemporaryDirectory(prefix="holdfast-epanet-")
    project = _opened(wntr, built, Path(folder.name) / "network", network)
    links = _links(network, built, project)
    nodes = _node_numbers(network, project)
    options = built.options.hydraulic
    low, high, power = options.minimum_pressure, options.required_pressure, options.pressure_exponent
    ends, pumps = edge_ends(network), pump_edges(network)

    emit = _emitters(network, project, nodes, high)

    def solve(node_works: Bools, edge_works: Bools, wet: Bools, leak: Floats) -> Floats | None:
        lost = np.bincount(ends.ravel(), weights=np.repeat(leak / 2, 2), minlength=len(nodes))
        emit(np.where(wet, lost, 0.0))
        works = edge_works & (node_works & wet)[ends].all(axis=1)
        for node, edges in pumps.items():  # a pump is one link: all of it works or nothing
            works[edges] = works[edges].all() and bool(node_works[node])
        for link, opened in zip(links, works, strict=True):
            link(bool(opened))
        if not _balance(project):
            return None
        pressure = np.array([project.ENgetnodevalue(n, EN_PRESSURE) if n else high for n in nodes])
        share = (np.clip((pressure - low) / (high - low), 0.0, 1.0)) ** power
        return np.where(node_works & wet, share, 0.0)

    # the toolkit holds memory and open files: they go when nobody can call the model any more
    weakref.finalize(solve, _close, project, folder)
    return solve


def _emitters(network: Network, project: Any, nodes: list[int], pressure: float) -> Callable[[Floats], None]:
    """A function that lets every junction lose what it is told, m3/s at the required `pressure`, m."""
    kind = column(network.nodes, "kind", "junction").to_numpy(object)
    # the far end of a pump's delivery would count twice
    able = [i for i, n in enumerate(nodes) if n and kind[i] != PUMP]
    now = np.zeros(len(nodes))

    def emit(lost: Floats) -> None:
        for i in able:
            if lost[i] != now[i]:
                # an emitter gives coefficient x pressure^0.5, in litres a second and metres
                project.ENsetnodevalue(nodes[i], EN_EMITTER, lost[i] * LITRES / pressure**0.5)
                now[i] = lost[i]

    return emit


def _opened(wntr: Any, built: Any, base: Path, network: Network) -> Any:
    """A project of the EPANET toolkit with the model in it."""
    wntr.network.write_inpfile(built, f"{base}.inp", units="LPS")
    project = _without_log(wntr.epanet.toolkit.ENepanet(), wntr.epanet.exceptions.EpanetException)
    try:
        project.ENopen(f"{base}.inp", f"{base}.rpt", f"{base}.bin")
    except wntr.epanet.exceptions.EpanetException as error:
        text = f"EPANET cannot read the network as a hydraulic model ({error})"
        raise TableError(label(network), [Problem(text)]) from None
    return project


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


def _node_numbers(network: Network, project: Any) -> list[int]:
    """EPANET's number of every node; that of its delivery's far end for a pump, 0 for a held head."""
    kind = column(network.nodes, "kind", "junction").to_numpy(object)
    ends, kinds = edge_ends(network), edge_kinds(network)
    beyond = {int(ends[i, 0]): int(ends[i, 1]) for i in np.flatnonzero(kinds == PUMP)}
    number = {i: beyond.get(i, i) for i in range(len(kind))}
    return [0 if kind[j] in HELD else project.ENgetnodeindex(f"n{j}") for j in number.values()]


def _links(network: Network, built: Any, project: Any) -> list[Callable[[bool], None]]:
    """For every edge a function that opens it as on a normal day, or shuts it."""
    kinds = edge_kinds(network)
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
        code, shut, normal = EN_DIAMETER, HAIR * MM_PER_M, link.diameter * MM_PER_M
    elif link.link_type == "Valve" and link.initial_status.name == "Active":
        # a setting opens an active valve, a status shuts it
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
