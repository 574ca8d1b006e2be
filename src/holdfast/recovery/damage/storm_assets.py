"""Network assets in a storm: what no shaking damages, and water and wind do."""

import numpy as np

from holdfast.data import packaged
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import Assets
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.fragility import AGENTS, SHAKING


def is_storm(measures: tuple[str, ...]) -> bool:
    """Whether an event that gives these measures brings water or wind; one that is not known is refused by what needs it.

    Examples
    --------
    >>> is_storm(("PGA", "PGD")), is_storm(("depth",))
    (False, True)
    """
    return any(AGENTS.get(m, SHAKING) != SHAKING for m in measures)


def in_storm(listed: Assets, city: City) -> Assets:
    """The assets of a city with classes for streets and overhead lines, by the packaged table ``storm_edges``.

    Edges without a class alone get one; all else stays. Not specified in the paper.
    """
    known = packaged("storm_edges").set_index("network")["asset_class"]
    names = listed.asset_class.copy(), listed.repair_class.copy()
    start = listed.buildings + listed.nodes
    for name, network in city.networks.items():
        own = slice(start, start + len(network.edges))
        start += len(network.edges)
        if name in known.index:
            for table in names:
                values = table.iloc[own]
                table.iloc[own] = np.where((values == "") | values.isna(), known[name], values)
    return listed._replace(asset_class=names[0], repair_class=names[1])


def under_water(damage: Damage, depth: np.ndarray, first: int, water_days: int) -> Damage:
    """Damage in which no network asset that was hit is repaired while water stands on it.

    Parameters
    ----------
    damage : Damage
        Of all assets; not changed.
    depth : ndarray
        Water above the ground, m, shape (asset,).
    first : int
        Place of the first network asset.
    water_days : int
        Days that the water stays.
    """
    delay = damage.delay.copy()
    wet = (damage.damage_state[first:] > 0) & (depth[first:] > 0)
    delay[first:] += np.where(wet, water_days, 0)
    return damage._replace(delay=delay)
