"""Networks as they are built and run: mixed pipes, cabinets and roads that break, fuel that is brought.

Only what no file says is changed: networks of the generator, and pipes of files without a class.
"""

from dataclasses import replace

import pandas as pd

from holdfast.data import packaged
from holdfast.recovery.city import City
from holdfast.recovery.damage.pipe_materials import with_pipe_materials
from holdfast.types import Network

TELECOM = "telecom"


def as_built(city: City, factor: float = 1.0) -> City:
    """The city with what its synthetic networks are made of, by the packaged tables ``pipe_eras`` and ``exposed_assets``.

    Parameters
    ----------
    city : City
        Assembled; not changed.
    factor : float
        City's money per USD of 2017.

    Notes
    -----
    Not specified in the paper: what a network that no file describes is made of.
    """
    mixed = with_pipe_materials(city)
    networks = {n: _exposed(w, factor) if w.synthetic else w for n, w in mixed.networks.items()}
    return replace(mixed, networks=networks)


def _exposed(network: Network, factor: float) -> Network:
    """A synthetic network with the classes, costs and backups of the table ``exposed_assets``."""
    table = packaged("exposed_assets")
    for row in table[table["network"] == network.name].itertuples():
        rows = (network.nodes if row.part == "nodes" else network.edges).copy()
        own = (rows["kind"] == row.kind).fillna(value=False).to_numpy(bool)
        if isinstance(row.asset_class, str) and row.asset_class:
            rows["asset_class"] = rows["asset_class"].mask(own, row.asset_class)
        if not pd.isna(row.cost_per_m):
            cost = row.cost_per_m * factor * rows["length_m"]
            rows["replacement_cost"] = rows["replacement_cost"].mask(own, cost)
        network = replace(network, **{row.part: rows})
        if not pd.isna(row.refuelled_hours):
            network = replace(network, dependencies=_refuelled(network, rows.index[own], float(row.refuelled_hours)))
    return network


def _refuelled(network: Network, nodes: pd.Index, hours: float) -> pd.DataFrame:
    """Dependencies of a network, those of `nodes` bridged for at least so many hours."""
    needs = network.dependencies
    own = needs["node_id"].isin(nodes)
    return needs.assign(backup_hours=needs["backup_hours"].mask(own, needs["backup_hours"].clip(lower=hours)))
