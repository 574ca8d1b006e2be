"""Synthetic small cities, seeded, for which the exact optimum can be computed.

No city is like them: they are to measure strategies, not places. Buildings of four uses in given damage
states, a power network and a water network whose pump needs power, a few crews, short repairs.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from plans import Plan, plan
from shapely.geometry import box

from holdfast.recovery.city import City
from holdfast.recovery.hazard import Hazard, uniform
from holdfast.recovery.settings.run_settings import Households
from holdfast.types import Network, Parameters

CRS = "EPSG:32610"
USES = ("RES1", "COM1", "COM4", "COM6")
STATES = ("slight", "moderate", "extensive", "complete")
STEPS = ("inspection", "financing", "engineering", "permit", "contractor")
SURE = 0.001
"""Spread of a fragility that leaves nothing to chance; medians far below and far above the shaking of 1 g."""


class SmallCity(NamedTuple):
    """A synthetic city with what it takes to recover it."""

    city: City
    parameters: Parameters
    scenario: Hazard
    options: Plan


def small_city(seed: int, assets: int, base: Parameters) -> SmallCity:
    """Make a random small city.

    Parameters
    ----------
    seed : int
        Of this city.
    assets : int
        Damaged assets: buildings, nodes and edges.
    base : Parameters
        Tables of which productivity and services are kept; fragility, repair, usability and delays are replaced by
        synthetic ones of this city.

    Returns
    -------
    SmallCity
        Everything `holdfast.recovery.simulation.draw_inputs.prepare` takes; damage is the same in every draw.
    """
    rng = np.random.default_rng([seed, assets])
    of = pd.read_csv(Path(__file__).with_suffix(".csv")).set_index("name")

    def between(name: str) -> float:
        return float(rng.uniform(of.loc[name, "low"], of.loc[name, "high"]))

    def whole(name: str) -> int:
        return int(rng.integers(int(of.loc[name, "low"]), int(of.loc[name, "high"]) + 1))

    buildings = round(assets * between("building_share"))
    sound, side = max(1, round(buildings * between("sound_share"))), between("side")
    water = whole("water_nodes")
    power = max(3, (assets - buildings) // 2 + 1)
    networks = {
        "power": _network("power", power, whole("extra_edges"), side, rng),
        "water": _network("water", water, 0, side, rng),
    }
    needs = pd.DataFrame({"node_id": ["water-0"], "on_network": "power", "on_node": f"power-{rng.integers(power)}"})
    networks["water"] = replace(networks["water"], dependencies=needs.assign(backup_hours=0.0))
    longest = int(of.loc["network_days", "high"])
    _break(networks, assets - buildings, longest, rng)
    states = np.concatenate([rng.integers(2, 5, buildings), np.zeros(sound, np.int64)])
    city = _city(seed, states, networks, side, rng, of)
    crews = {"building": whole("building_crews"), "power": whole("network_crews"), "water": whole("network_crews")}
    # nobody leaves or finds a host, so that what is lost is linear in the function of each building
    stay = Households(patience_days=1e6, stay_share=1.0, host_share=0.0)
    options = plan(damage="given", delays="median", crews=crews, households=stay)
    return SmallCity(city, _tables(base, longest, whole, between), uniform({"PGA": 1.0}), options)


def _network(name: str, nodes: int, extra: int, side: float, rng: np.random.Generator) -> Network:
    """A random tree with a few more edges; node 0 is the source."""
    place = rng.uniform(0, side, (nodes, 2))
    pairs = [(int(rng.integers(i)), i) for i in range(1, nodes)]
    others = [(a, b) for a in range(nodes) for b in range(a + 1, nodes) if (a, b) not in pairs]
    pairs += [others[i] for i in rng.permutation(len(others))[:extra]]
    ids = [f"{name}-{i}" for i in range(nodes)]
    table = gpd.GeoDataFrame(
        {"source": [i == 0 for i in range(nodes)], "asset_class": None, "replacement_cost": 1000.0},
        index=pd.Index(ids, name="node_id"),
        geometry=gpd.points_from_xy(*place.T),
        crs=CRS,
    )
    edges = pd.DataFrame(
        {
            "from_node": [ids[a] for a, _ in pairs],
            "to_node": [ids[b] for _, b in pairs],
            "length_m": [float(np.hypot(*(place[a] - place[b]))) for a, b in pairs],
            "asset_class": None,
            "replacement_cost": 100.0,
        },
        index=pd.Index([f"{name}-e{i}" for i in range(len(pairs))], name="edge_id"),
    )
    needs = pd.DataFrame({"node_id": [], "on_network": [], "on_node": [], "backup_hours": []})
    return Network(name, table, edges, needs, synthetic=True)


def _break(networks: dict[str, Network], count: int, longest: int, rng: np.random.Generator) -> None:
    """Give `count` random nodes and edges the class that breaks for certain, each with its days of repair."""
    tables = [t for n in networks.values() for t in (n.nodes, n.edges)]
    every = [(k, i) for k, table in enumerate(tables) for i in range(len(table))]
    days = rng.integers(1, longest + 1, count)
    for d, chosen in zip(days, rng.permutation(len(every))[:count], strict=False):
        k, i = every[chosen]
        tables[k].iloc[i, tables[k].columns.get_loc("asset_class")] = f"broken.{d}"


def _city(
    seed: int, states: np.ndarray, networks: dict[str, Network], side: float, rng: np.random.Generator, of: pd.DataFrame
) -> City:
    """Buildings in two zones, each linked to a random node of each network."""
    count = states.size
    use = np.concatenate([USES[:2], rng.choice(USES, count - 2)])  # at least one home and one place of work
    low, high = np.log(of.loc["floor_area", ["low", "high"]].to_numpy(np.float64))
    area = np.round(np.exp(rng.uniform(float(low), float(high), count)))
    x, y = rng.uniform(0, side, (2, count))
    frame = pd.DataFrame(
        {
            "occupancy": use,
            "asset_class": "synthetic",
            "floor_area_m2": area,
            "replacement_cost": 2000.0 * area,
            "residents": np.where(use == "RES1", np.ceil(area / 40), 0.0),
            "workers": np.where(use == "RES1", 0.0, np.ceil(area / 30)),
            "damage_state": states,
            "zone_id": np.where(x < side / 2, "west", "east"),
            **{f"{n}_node": rng.choice(net.nodes.index.to_numpy(), count) for n, net in networks.items()},
        },
        index=pd.Index([f"b{i:02d}" for i in range(count)], name="building_id"),
    )
    buildings = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x, y), crs=CRS)
    zones = gpd.GeoDataFrame(
        index=pd.Index(["east", "west"], name="zone_id"),
        geometry=[box(side / 2, 0, side, side), box(0, 0, side / 2, side)],
        crs=CRS,
    )
    zones["residents"] = frame.groupby("zone_id")["residents"].sum().reindex(zones.index).fillna(0.0)
    return City(f"Synthetic small city {seed}", CRS, "USD", 2017, buildings, networks, zones)


def _tables(base: Parameters, longest: int, whole: Callable[[str], int], between: Callable[[str], float]) -> Parameters:
    """Synthetic damage, repair and delays around the given productivity and services."""
    source = "synthetic"
    kinds = {f"broken.{d}": ("PGA", (1e-3, 2e-3, 3e-3, 1e3)) for d in range(1, longest + 1)}
    kinds["synthetic"] = ("PGA", (1e3, 2e3, 3e3, 4e3))
    fragility = pd.DataFrame(
        [(k, s, im, "g", m, SURE, source) for k, (im, ms) in kinds.items() for s, m in zip(STATES, ms, strict=True)],
        columns=["asset_class", "damage_state", "intensity_measure", "unit", "median", "beta", "source"],
    )
    rows = [(f"broken.{d}", s, 0.5, d, source) for d in range(1, longest + 1) for s in STATES]
    for use in USES:
        days = sorted(whole("repair_days") for _ in STATES)
        rows += [(use, s, 0.25 * (i + 1), d, source) for i, (s, d) in enumerate(zip(STATES, days, strict=True))]
    names = ["asset_class", "damage_state", "repair_cost_ratio", "repair_days", "source"]
    inspection = whole("inspection_days")
    delays = pd.DataFrame(
        [
            (s, step, {"inspection": inspection, "contractor": wait}.get(step, 0), 0.0, source)
            for s, wait in zip(STATES, sorted(whole("delay_days") for _ in STATES), strict=True)
            for step in STEPS
        ],
        columns=["damage_state", "step", "median_days", "dispersion", "source"],
    )
    shares = (1.0, 1.0, between("usable_share"), 0.0, 0.0)
    usability = pd.DataFrame(
        [
            (occupancy, state, share, share, source)
            for occupancy in base.usability["occupancy"].unique()
            for state, share in zip(("none", *STATES), shares, strict=True)
        ],
        columns=["occupancy", "damage_state", "functional_share", "reoccupied_share", "source"],
    )
    repair = pd.DataFrame(rows, columns=names)
    nobody = {name: getattr(base, name).iloc[:0] for name in ("casualties", "collapse")}  # casualties are not counted
    return replace(base, fragility=fragility, repair=repair, delays=delays, usability=usability, **nobody)
