"""Network function: who has service, by connection, capacity-limited flow, water pressure or power flow.

The seam is `NETWORK_MODELS`: each model takes a `Network` and prepares a `ServiceModel`, a function of which nodes and
edges work that gives the service satisfaction of every node. What the engine itself runs, connection through all
networks and their dependencies, is compiled: `graph`, `network_state`, `service`, `spread`.
"""

from collections.abc import Callable, Mapping

from holdfast.errors import UnknownName
from holdfast.recovery.networks.capacity_flow import capacity, leaking_capacity
from holdfast.recovery.networks.connection import ServiceModel, connectivity, islands, reached
from holdfast.recovery.networks.power_flow import pandapower
from holdfast.recovery.networks.water_pressure import epanet, leaking_epanet
from holdfast.types import Bools, Floats, Network

LeakModel = Callable[[Bools, Bools, Floats], Floats]
"""As a `ServiceModel`, and what each edge loses at the pressure that suffices (edge,), in the unit of the demand."""
NetworkModel = Callable[[Network], ServiceModel]
"""Takes a network, refuses one that lacks what the model needs, and prepares the model for any state of it."""

__all__ = [
    "LEAK_MODELS",
    "NETWORK_MODELS",
    "LeakModel",
    "NetworkModel",
    "ServiceModel",
    "capacity",
    "connectivity",
    "epanet",
    "islands",
    "network_model",
    "outside_models",
    "pandapower",
    "reached",
]


def network_model(name: str, network: Network) -> ServiceModel:
    """Prepare a network model by its name.

    Raises
    ------
    UnknownName
        If `NETWORK_MODELS` has no such key.
    TableError, DataMissing, NotConverged
        If the network lacks what the model needs, its package is not installed, or it has no solution even
        before the event.
    """
    if name not in NETWORK_MODELS:
        raise UnknownName("network model", name, NETWORK_MODELS, f"recovery.network_models.{network.name}")
    return NETWORK_MODELS[name](network)


def leak_model(name: str, network: Network) -> LeakModel:
    """Prepare a network model by its name so that it takes leaks; one that knows none goes without them.

    Raises
    ------
    UnknownName, TableError, DataMissing, NotConverged
        As `network_model`.
    """
    if name in LEAK_MODELS:
        return LEAK_MODELS[name](network)
    model = network_model(name, network)
    return lambda node_works, edge_works, _: model(node_works, edge_works)


def outside_models(chosen: Mapping[str, str], networks: Mapping[str, Network]) -> dict[int, LeakModel]:
    """Models of the networks whose service is found outside the loop, by the position of the network.

    Parameters
    ----------
    chosen : mapping
        Network to name of its model; the others, and those with ``connectivity``, the engine's own kernel serves.

    Raises
    ------
    UnknownName
        If there is no such network or model.
    TableError, DataMissing, NotConverged
        As `network_model`.
    """
    names = list(networks)
    for name in chosen:
        if name not in names:
            raise UnknownName("network", name, names, "recovery.network_models")
    # all are prepared, so that each refuses what it lacks
    found = {names.index(n): leak_model(model, networks[n]) for n, model in chosen.items()}
    return {n: model for n, model in found.items() if NETWORK_MODELS[chosen[names[n]]] is not connectivity}


NETWORK_MODELS: dict[str, NetworkModel] = {
    "connectivity": connectivity,
    "capacity": capacity,
    "wntr": epanet,
    "pandapower": pandapower,
}
LEAK_MODELS: dict[str, Callable[[Network], LeakModel]] = {"capacity": leaking_capacity, "wntr": leaking_epanet}
"""The models of the table above that know what leaks take, in their form that takes it."""
