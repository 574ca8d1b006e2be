"""Small hand-made cities and parameter tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
from plans import Plan
from shapely.geometry import box

from holdfast.recovery.city import City
from holdfast.recovery.hazard import Hazard
from holdfast.recovery.losses.block_result import BlockResult, extended
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import simulate_block
from holdfast.types import Network, Parameters

CRS = "EPSG:32610"
NETWORKS = ["power", "water", "gas", "telecom", "transport"]
STATES = ("slight", "moderate", "extensive", "complete")
STEPS = {"inspection": 1.0, "financing": 0.0, "engineering": 2.0, "permit": 0.5, "contractor": 2.0}


def network(
    name: str,
    nodes: Mapping[str, tuple[float, float, bool, str | None]],
    edges: Sequence[tuple[str, str, str, str | None]] = (),
    needs: Sequence[tuple[str, str, str, float]] = (),
) -> Network:
    """Network from node -> (x, y, source, class), (edge, from, to, class) and (node, network, node, hours)."""
    frame = pd.DataFrame.from_dict(nodes, orient="index", columns=["x", "y", "source", "asset_class"])
    frame.index.name = "node_id"
    table = gpd.GeoDataFrame(
        frame[["source", "asset_class"]].assign(replacement_cost=1000.0),
        geometry=gpd.points_from_xy(frame.x, frame.y),
        crs=CRS,
    )
    lines = pd.DataFrame(edges, columns=["edge_id", "from_node", "to_node", "asset_class"]).set_index("edge_id")
    links = pd.DataFrame(needs, columns=["node_id", "on_network", "on_node", "backup_hours"])
    return Network(name, table, lines.assign(length_m=100.0, replacement_cost=100.0), links, synthetic=False)


def parameters(**changes: pd.DataFrame) -> Parameters:
    """Round figures: cost ratios .1 .25 .5 1, delays 4 days (network 1), nobody produces in a home."""
    kinds = {"tough": 1.0, "weak": 0.2, "net": 0.3}
    fragility = pd.DataFrame(
        [(k, s, "PGA", "g", m * (i + 1), 0.4) for k, m in kinds.items() for i, s in enumerate(STATES)],
        columns=["asset_class", "damage_state", "intensity_measure", "unit", "median", "beta"],
    )
    broken = pd.DataFrame(  # at 1 g extensive for certain, at 0 g sound
        [("broken", s, "PGA", "g", m, 0.01) for s, m in zip(STATES, (0.1, 0.2, 0.3, 9.0), strict=True)],
        columns=fragility.columns,
    )
    repair = pd.DataFrame(
        [
            (k, s, ratio, days)
            for k, long in {"RES1": 10, "COM1": 20, "COM4": 20, "COM6": 40, "net": 2, "broken": 2}.items()
            for s, ratio, days in zip(STATES, (0.1, 0.25, 0.5, 1.0), (1, long, 2 * long, 4 * long), strict=True)
        ],
        columns=["asset_class", "damage_state", "repair_cost_ratio", "repair_days"],
    )
    usability = pd.DataFrame(
        [
            (o, s, left, left)
            for o in ("RES1", "COM1", "COM4", "COM6")
            for s, left in zip(("none", *STATES), (1.0, 1.0, 0.5, 0.0, 0.0), strict=True)
        ],
        columns=["occupancy", "damage_state", "functional_share", "reoccupied_share"],
    )
    delays = pd.DataFrame(
        [(s, step, d, 0.4) for s in STATES for step, d in STEPS.items()],
        columns=["damage_state", "step", "median_days", "dispersion"],
    )
    occupancies = pd.DataFrame(
        [("RES1", "home"), ("COM1", "shop"), ("COM4", "office"), ("COM6", "care")], columns=["occupancy", "category"]
    )
    rates = {"RES1": 0.0, "COM1": 2.0, "COM4": 4.0, "COM6": 3.0}
    left = {"COM1": (0.5, 1.0, 0.5), "COM4": (0.25, 1.0, 0.5), "COM6": (0.5, 0.0, 1.0), "RES1": (1.0, 1.0, 1.0)}
    levels = pd.DataFrame(list(product((0.0, 1.0), repeat=5)), columns=NETWORKS)  # residuals as in services below
    productivity = pd.concat(
        [
            levels.assign(
                occupancy=o,
                productivity_per_area=rates[o]
                * np.where(levels["power"] == 1, 1, power)
                * np.where(levels["water"] == 1, 1, water)
                * np.where(levels["telecom"] == 1, 1, telecom),
            )
            for o, (power, water, telecom) in left.items()
        ],
        ignore_index=True,
    )
    services = pd.DataFrame(
        [
            ("home", 0.0, 0.5, 0.25, 1.0),
            ("shop", 0.6, 0.5, 1.0, 0.5),
            ("office", 0.0, 0.25, 1.0, 0.5),
            ("care", 0.4, 0.5, 0.0, 1.0),
        ],
        columns=["category", "weight", "power_residual", "water_residual", "telecom_residual"],
    )
    tables = {
        "fragility": pd.concat([fragility, broken], ignore_index=True),
        "repair": repair,
        "usability": usability,
        "delays": delays,
        "occupancies": occupancies,
        "productivity": productivity,
        "services": services,
    }
    return Parameters(**{**tables, **changes})


def five_buildings() -> City:
    """Two zones; see the header of test_five_buildings.py."""
    rows = [
        # id, occupancy, class, floor area, cost, residents, workers, state, zone, power, water, x
        ("b1", "RES1", "tough", 100.0, 100_000.0, 4.0, 0.0, 2, "z1", "p1", "w1", 100.0),
        ("b2", "RES1", "tough", 200.0, 200_000.0, 6.0, 0.0, 0, "z2", "p2", "w1", 600.0),
        ("b3", "COM1", "tough", 50.0, 80_000.0, 0.0, 4.0, 3, "z1", "p1", "w1", 200.0),
        ("b4", "COM4", "tough", 25.0, 40_000.0, 0.0, 2.0, 0, "z2", "p2", "w1", 700.0),
        ("b5", "COM6", "tough", 40.0, 90_000.0, 0.0, 5.0, 1, "z2", "p2", "w1", 800.0),
    ]
    names = ["building_id", "occupancy", "asset_class", "floor_area_m2", "replacement_cost", "residents", "workers"]
    names += ["damage_state", "zone_id", "power_node", "water_node", "x"]
    frame = pd.DataFrame(rows, columns=names).set_index("building_id")
    places = gpd.points_from_xy(frame.pop("x"), np.full(5, 100.0))
    power = network(
        "power",
        {"p1": (100, 0, True, None), "p2": (600, 0, False, None)},
        [("e1", "p1", "p2", "broken")],
    )
    water = network("water", {"w1": (400, 0, True, None)}, needs=[("w1", "power", "p2", 30.0)])
    zones = gpd.GeoDataFrame(
        {"residents": [4.0, 6.0]},
        index=pd.Index(["z1", "z2"], name="zone_id"),
        geometry=[box(0, 0, 500, 500), box(500, 0, 1000, 500)],
        crs=CRS,
    )
    buildings = gpd.GeoDataFrame(frame, geometry=places, crs=CRS)
    return City("Five", CRS, "USD", 2017, buildings, {"power": power, "water": water}, zones)


def town(count: int, seed: int = 0, side: float = 3000.0, per_crossing: float = 4.0) -> City:
    """Random buildings around a street grid that carries three networks."""
    rng = np.random.default_rng(seed)
    steps = max(int(np.sqrt(count / per_crossing)), 2)
    spot = np.linspace(0, side, steps)
    names = [(i, j) for i in range(steps) for j in range(steps)]
    networks = {}
    for k, name in enumerate(("power", "water", "telecom")):
        nodes = {f"{name}-{i}-{j}": (spot[i], spot[j], (i + j + k) % 7 == 0 or i == j == 0, "net") for i, j in names}
        pairs = [((i, j), (i + 1, j)) for i, j in names if i + 1 < steps]
        pairs += [((i, j), (i, j + 1)) for i, j in names if j + 1 < steps]
        edges = [
            (f"{name}-e{n}", f"{name}-{a[0]}-{a[1]}", f"{name}-{b[0]}-{b[1]}", "net" if n % 3 else None)
            for n, (a, b) in enumerate(pairs)
        ]
        needs = [(n, "power", n.replace(name, "power"), 8.0) for n in list(nodes)[::5]] if k else []
        networks[name] = network(name, nodes, edges, needs)
    x, y = rng.uniform(0, side, (2, count))
    across = max(3, round(side / 1000))
    cell = np.minimum((np.column_stack([x, y]) / (side / across)).astype(int), across - 1)
    occupancy = rng.choice(["RES1", "COM1", "COM4", "COM6"], count, p=[0.7, 0.15, 0.1, 0.05])
    area = np.round(rng.lognormal(5.5, 0.8, count)) + 20
    near = np.clip(np.round(np.column_stack([x, y]) / side * (steps - 1)).astype(int), 0, steps - 1)
    frame = pd.DataFrame(
        {
            "occupancy": occupancy,
            "asset_class": rng.choice(["tough", "weak"], count),
            "floor_area_m2": area,
            "replacement_cost": 2000 * area,
            "residents": np.where(occupancy == "RES1", np.ceil(area / 40), 0),
            "workers": np.where(occupancy == "RES1", 0, np.ceil(area / 30)),
            "zone_id": [f"z{a:02d}{b:02d}" for a, b in cell],
            **{f"{n}_node": [f"{n}-{a}-{b}" for a, b in near] for n in networks},
        },
        index=pd.Index([f"b{i:05d}" for i in range(count)], name="building_id"),
    )
    buildings = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x, y), crs=CRS)
    size = side / across
    squares = {
        f"z{a:02d}{b:02d}": box(a * size, b * size, (a + 1) * size, (b + 1) * size)
        for a in range(across)
        for b in range(across)
    }
    zones = gpd.GeoDataFrame(geometry=list(squares.values()), index=pd.Index(squares, name="zone_id"), crs=CRS)
    zones["residents"] = frame.groupby("zone_id")["residents"].sum().reindex(zones.index).fillna(0.0)
    return City(f"Town of {count}", CRS, "USD", 2017, buildings, networks, zones)


def shops(areas: Sequence[float], states: Sequence[int], kinds: Sequence[str] | None = None) -> City:
    """Shops in one zone that all hang on one power source which cannot be damaged."""
    count = len(areas)
    frame = pd.DataFrame(
        {
            "occupancy": list(kinds) if kinds is not None else ["COM1"] * count,
            "asset_class": "tough",
            "floor_area_m2": np.asarray(areas, float),
            "replacement_cost": 1000.0 * np.asarray(areas, float),
            "residents": 0.0,
            "workers": 1.0,
            "damage_state": list(states),
            "zone_id": "z",
            "power_node": "p",
        },
        index=pd.Index([f"s{i:03d}" for i in range(count)], name="building_id"),
    )
    buildings = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(np.arange(count), np.zeros(count)), crs=CRS)
    zones = gpd.GeoDataFrame(
        {"residents": [0.0]}, index=pd.Index(["z"], name="zone_id"), geometry=[box(0, 0, 1000, 1000)], crs=CRS
    )
    return City("Shops", CRS, "USD", 2017, buildings, {"power": network("power", {"p": (0, 0, True, None)})}, zones)


@dataclass
class Played:
    """Every asset in every draw, which a `BlockResult` sums; shapes (draw, ...)."""

    EP: np.ndarray
    normal: np.ndarray
    damage_state: np.ndarray
    completion_day: np.ndarray
    network_state: np.ndarray
    network_completion_day: np.ndarray
    restored_day: np.ndarray


def play(
    city: City,
    tables: Parameters,
    scenario: Hazard,
    options: Plan,
    seeds: Sequence[np.random.SeedSequence],
) -> Played:
    """Simulate draws and keep all of them."""
    inputs = prepare(city, scenario, *options, tables)
    both = [simulate_draw(inputs, seed) for seed in seeds]
    damage, out = [d for d, _ in both], [o for _, o in both]
    count, length = inputs.assets.buildings, max(o.curves.production.size for o in out)
    states, finished = np.stack([h.damage_state for h in damage]), np.stack([o.finished for o in out])
    return Played(
        EP=np.stack([extended(o.curves.production, length) for o in out]),
        normal=out[0].normal,
        damage_state=states[:, :count],
        completion_day=finished[:, :count],
        network_state=states[:, count:],
        network_completion_day=finished[:, count:],
        restored_day=np.stack([o.restored for o in out]),
    )


def block_of(
    city: City, tables: Parameters, scenario: Hazard, options: Plan, seeds: Sequence[np.random.SeedSequence]
) -> BlockResult:
    """Prepare a city and simulate one block of draws."""
    return simulate_block(prepare(city, scenario, *options, tables), seeds)
