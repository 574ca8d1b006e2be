"""Is this city plausible? Totals per use, value, people, networks and what was inferred, held to stated ranges.

Not specified in the paper: the checks and their ranges are ours; they stand in the packaged table
``plausible_ranges`` with their sources. A value out of range is reported, never changed.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from holdfast.data import packaged
from holdfast.frames.marks import rules_used
from holdfast.recovery.city.assembly import City
from holdfast.recovery.city.product import yearly_product
from holdfast.types import Network

M2_PER_KM2, M_PER_KM = 1e6, 1e3
OWN_NATION = "US"  # that of Holdfast's own figures
SUMS = ["floor_area_m2", "replacement_cost", "residents", "workers", "night_occupants", "day_occupants"]
ESSENTIAL = ("occupancy", "structure", "stories", "year_built", "floor_area_m2", "replacement_cost", "residents")


@dataclass(frozen=True)
class Plausibility:
    """Tables of a plausibility report.

    Parameters
    ----------
    totals : dict
        ``buildings``, sums over them, ``zones``, ``built_up_km2`` (area of the zones), ``longitude`` and ``latitude``
        of the middle building.
    uses : DataFrame
        Index ``occupancy``; ``buildings``, sums (m2, money, persons), ``value_per_m2``.
    networks : DataFrame
        Index ``network``; ``nodes``, ``edges``, ``sources``, ``length_km``, ``m_per_resident``, ``islands``
        (disconnected parts), ``islands_without_source``, ``unserved_buildings``, ``unserved_residents``,
        ``unserved_example`` (a node of the largest part without a source), ``synthetic``.
    inferred : DataFrame
        Per ``attribute`` and ``rule``: ``buildings``, shares, ``description``, ``source``.
    checks : DataFrame
        One row per check and network: ``check``, ``of``, ``value``, ``unit``, ``low``, ``high``, ``plausible``,
        ``hint``, ``source``.
    known_totals : DataFrame
        What was known of the whole, as of `holdfast.recovery.city.totals.reached`; empty where nothing was.
    per_head : DataFrame
        The city per resident beside the nation of the packaged table ``national_per_head``: ``quantity``, ``city``,
        ``nation``, ``unit``, ``ratio``, ``country``, ``source``.
    """

    totals: dict[str, float]
    uses: pd.DataFrame
    networks: pd.DataFrame
    inferred: pd.DataFrame
    checks: pd.DataFrame
    known_totals: pd.DataFrame
    per_head: pd.DataFrame


def plausibility(
    city: City, factor: float = 1.0, productivity: pd.DataFrame | None = None, country: str | None = None
) -> Plausibility:
    """Describe a city and hold it to the packaged ranges.

    Parameters
    ----------
    city : City
        Settled; may have no buildings, or no networks.
    factor : float
        City's money per USD of 2017, for the ranges of money.
    productivity : DataFrame, optional
        Schema ``productivity``, in the city's money; the packaged one times `factor` if omitted.
    country : str, optional
        Two letters of the table ``national_per_head``; the United States if omitted or not in it.

    Returns
    -------
    Plausibility
        Tables; nothing of the city is changed.
    """
    totals, uses = _totals(city), _uses(city.buildings)
    rows = [_network(city.buildings, n, totals.get("residents", 0.0)) for n in city.networks.values()]
    networks = pd.DataFrame(rows, columns=NETWORK_COLUMNS).set_index("network")
    inferred = rules_used(city.inferred, city.buildings["floor_area_m2"])
    checks = _checks(city, totals, networks, inferred, factor)
    product = np.nan
    if len(city.buildings):
        scale = factor if productivity is None else 1.0
        product = scale * yearly_product(
            city.buildings, packaged("productivity") if productivity is None else productivity
        )
    return Plausibility(
        totals, uses, networks, inferred, checks, city.totals, _per_head(city, product, factor, country)
    )


def _per_head(city: City, product: float, factor: float, country: str | None) -> pd.DataFrame:
    """The city per resident beside the nation; empty where nobody lives in it."""
    table = packaged("national_per_head")
    table = table[table["country"] == (country if country in set(table["country"]) else OWN_NATION)]
    people = float(city.buildings["residents"].sum()) if len(city.buildings) else 0.0
    if people == 0.0:
        return pd.DataFrame(columns=["quantity", "city", "nation", "unit", "ratio", "country", "source"])
    homes = (city.buildings["residents"] > 0).to_numpy()
    area = city.buildings["floor_area_m2"].to_numpy(np.float64)
    amounts = {
        "product": product,
        "jobs": float(city.buildings["workers"].sum()),
        "home_floor_area": float(area[homes].sum()),
        "other_floor_area": float(area[~homes].sum()),
    }
    money = table["unit"].str.startswith("USD")
    made = pd.DataFrame({"quantity": table["quantity"], "city": table["quantity"].map(amounts) / people})
    made["nation"] = table["value"] * np.where(money, factor, 1.0)
    made["unit"] = table["unit"].str.replace("USD_2017", f"{city.currency}_{city.price_year}")
    made["ratio"] = made["city"] / made["nation"]
    return made.assign(country=table["country"], source=table["source"])


def _totals(city: City) -> dict[str, float]:
    """Sums over all buildings."""
    found: dict[str, float] = {"buildings": len(city.buildings), "zones": len(city.zones)}
    if len(city.buildings):
        found |= {name: float(city.buildings[name].sum()) for name in SUMS}
        found["built_up_km2"] = float(city.zones.area.sum()) / M2_PER_KM2
        # the median, which one misplaced building does not pull away, as it would the mean
        x, y = (float(np.median(c)) for c in (city.buildings.geometry.x, city.buildings.geometry.y))
        middle = gpd.GeoSeries.from_xy([x], [y], crs=city.crs).to_crs("EPSG:4326").iloc[0]
        found |= {"longitude": middle.x, "latitude": middle.y}
    return found


def _uses(buildings: pd.DataFrame) -> pd.DataFrame:
    """Sums per occupancy, the largest floor area first."""
    if not len(buildings):
        return pd.DataFrame(columns=["buildings", *SUMS, "value_per_m2"]).rename_axis("occupancy")
    group = buildings.groupby("occupancy", observed=True)
    table = group[SUMS].sum()
    table.insert(0, "buildings", group.size())
    table["value_per_m2"] = table["replacement_cost"] / table["floor_area_m2"]
    return table.sort_values("floor_area_m2", ascending=False)


NETWORK_COLUMNS = [
    "network",
    "nodes",
    "edges",
    "sources",
    "length_km",
    "m_per_resident",
    "islands",
    "islands_without_source",
    "unserved_buildings",
    "unserved_residents",
    "unserved_example",
    "synthetic",
]


def parts_of(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Connected part of every node, from 0, shape (node,), and which parts have a source, shape (part,)."""
    ids, edges = network.nodes.index, network.edges
    ends = [ids.get_indexer(edges[c].astype(object)) for c in ("from_node", "to_node")]
    ones = np.ones(len(edges))
    graph = sparse.coo_matrix((ones, tuple(ends)), shape=(len(ids), len(ids)))
    count, part = csgraph.connected_components(graph, directed=False)
    fed = np.bincount(part, weights=network.nodes["source"].to_numpy(np.float64), minlength=count) > 0
    return part, fed


def _network(buildings: pd.DataFrame, network: Network, residents: float) -> tuple[object, ...]:
    """One row of the table of networks."""
    part, fed = parts_of(network)
    length = float(network.edges["length_m"].sum())
    column = f"{network.name}_node"
    unserved, without = 0, 0.0
    if len(buildings) and column in buildings.columns:
        # an unknown node is -1, and thus takes the appended last place: not served
        node = network.nodes.index.get_indexer(buildings[column].astype(object))
        served = (node >= 0) & np.append(fed[part], False)[node]
        unserved, without = int((~served).sum()), float(buildings.loc[~served, "residents"].sum())
    elif len(buildings):
        unserved, without = len(buildings), residents
    per_head = length / residents if residents > 0 else np.nan
    counts = len(network.nodes), len(network.edges), int(network.nodes["source"].sum()), length / M_PER_KM, per_head
    # the example is a node of the largest part without a source: where to look first
    size = np.where(fed, 0, np.bincount(part, minlength=len(fed)))
    example = "" if fed.all() else str(network.nodes.index[np.flatnonzero(part == size.argmax())[0]])
    return network.name, *counts, len(fed), int((~fed).sum()), unserved, without, example, network.synthetic


def _checks(
    city: City, totals: dict[str, float], networks: pd.DataFrame, inferred: pd.DataFrame, factor: float
) -> pd.DataFrame:
    """Every value that a range is known for."""
    values: list[tuple[str, str, float]] = [(name, "city", value) for name, value in _city_values(city, totals).items()]
    if len(city.buildings):
        # mean over the essential attributes of the floor area that has them by a rule, 0 to 1
        share = inferred[inferred["attribute"].isin(ESSENTIAL)]["floor_area_share"].sum() / len(ESSENTIAL)
        values.append(("inferred_attributes", "city", float(share)))
    for name, row in networks.iterrows():
        per_source = row["nodes"] / row["sources"] if row["sources"] else np.inf
        unserved = row["unserved_buildings"] / totals["buildings"] if totals["buildings"] else np.nan
        values += [
            ("network_m_per_resident", str(name), float(row["m_per_resident"])),
            (
                "network_m_per_building",
                str(name),
                float(row["length_km"]) * M_PER_KM / totals["buildings"] if totals["buildings"] else np.nan,
            ),
            ("unserved_buildings", str(name), float(unserved)),
            ("islands_without_source", str(name), float(row["islands_without_source"])),
            ("nodes_per_source", str(name), float(per_source)),
        ]
    # ranges of money are in USD of 2017 and are converted; all others have no currency
    ranges = packaged("plausible_ranges").set_index("check")
    table = pd.DataFrame(values, columns=["check", "of", "value"]).dropna(subset=["value"])
    table = table.join(ranges[["unit", "low", "high", "hint", "source"]], on="check")
    money = table["unit"].str.startswith("USD")
    table[["low", "high"]] = table[["low", "high"]].astype("float64").mul(np.where(money, factor, 1.0), axis=0)
    table["unit"] = table["unit"].str.replace("USD_2017", f"{city.currency}_{city.price_year}")
    table.insert(6, "plausible", table["value"].between(table["low"], table["high"]))
    return table.reset_index(drop=True)


def _city_values(city: City, totals: dict[str, float]) -> dict[str, float]:
    """What is checked of the buildings and people."""
    if not len(city.buildings):
        return {}
    table = city.buildings
    # floor area of buildings where somebody lives: offices would make every home look large
    homes = float(table.loc[table["residents"] > 0, "floor_area_m2"].sum())
    people = max(totals["residents"], 1e-9)
    return {
        "value_per_m2": totals["replacement_cost"] / totals["floor_area_m2"],
        "floor_area_per_building": totals["floor_area_m2"] / totals["buildings"],
        "stories_mean": float(table["stories"].mean()),
        "year_built_median": float(table["year_built"].median()),
        "floor_area_per_resident": homes / people,
        "residents_per_building": people / totals["buildings"],
        "day_over_night": totals["day_occupants"] / max(totals["night_occupants"], 1e-9),
        "workers_per_resident": totals["workers"] / people,
        "residents_per_km2": people / totals["built_up_km2"],
        "fullest_building": float(table["residents"].max()),
    }
