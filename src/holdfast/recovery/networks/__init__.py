"""Network function beyond connection: capacity-limited flow, water pressure, power flow.

Each model is a factory: it takes a `Network` and prepares an `External`, a function of which nodes and edges work
that gives the service satisfaction of every node. ``connectivity`` stands for the engine's own compiled kernel.
"""

from collections.abc import Callable

from holdfast.errors import UnknownName
from holdfast.recovery.networks.capacity_flow import capacity
from holdfast.recovery.networks.connection import External, connectivity, islands, reached
from holdfast.recovery.networks.power_flow import pandapower
from holdfast.recovery.networks.water_pressure import epanet
from holdfast.types import Network

Factory = Callable[[Network], External]

__all__ = [
    "NETWORK_MODELS",
    "External",
    "Factory",
    "capacity",
    "connectivity",
    "epanet",
    "islands",
    "network_model",
    "pandapower",
    "reached",
]


def network_model(name: str, network: Network) -> External | None:
    """Prepare a network model by its name.

    Parameters
    ----------
    name : str
        Key of `NETWORK_MODELS`.
    network : Network
        The network it is for.

    Returns
    -------
    External or None
        None for ``connectivity``, which the engine computes itself.

    Raises
    ------
    UnknownName
        If there is no such model.
    TableError, DataMissing, NotConverged
        If the network lacks what the model needs, its package is not installed, or it has no solution even
        before the event.
    """
    if name not in NETWORK_MODELS:
        raise UnknownName("network model", name, NETWORK_MODELS, f"recovery.network_models.{network.name}")
    factory = NETWORK_MODELS[name]
    return None if factory is None else factory(network)


NETWORK_MODELS: dict[str, Factory | None] = {
    "connectivity": None,
    "capacity": capacity,
    "wntr": epanet,
    "pandapower": pandapower,
}
