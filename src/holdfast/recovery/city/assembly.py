"""A city made of frames: buildings, people, zones and networks, with what is missing inferred by rules and marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.frames.attributes import checked_buildings, fill, outlines_to_points
from holdfast.frames.marks import inferred_table, joined_marks, marked, with_marks, without_marks
from holdfast.frames.network_frames import fitted, no_needs, with_assets
from holdfast.recovery.city.building_classes import asset_classes
from holdfast.recovery.city.city_crs import city_crs
from holdfast.recovery.city.money import converted, require_currency
from holdfast.recovery.city.occupants import with_people
from holdfast.recovery.city.totals import KnownTotals, reached, with_known_stock
from holdfast.recovery.city.utilities import (
    Layout,
    Streets,
    laid_networks,
    link,
    linked_needs,
    require_nodes,
    require_one_place,
)
from holdfast.recovery.city.zones import in_zones, zone_ids, zones_of
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.types import Network, Parameters

Frames = tuple[pd.DataFrame, ...]
"""Nodes and edges of a network and, where there are any, dependencies."""


@dataclass(frozen=True)
class CityRules:
    """How a city is made of frames.

    Parameters
    ----------
    crs : str, optional
        Projected, in metres; an equal-area one around the buildings if omitted.
    currency, price_year : str, int
        Of every amount of money.
    figures_factor, figures_note : float, str
        City's money per USD of 2017, by which Holdfast's own figures are converted, and where it comes from.
    infer : mapping of str to str or float
        Attribute of the buildings that may be filled to the rule, as of `holdfast.frames.attributes.fill`.
    code_rule : str
        From structure and year built to the seismic design level, of the packaged table ``code_rules``.
    population_total : float, optional
        Residents of the city, to which inferred ones are scaled.
    zone_size : float
        Side of the zones in which needs are met, m, where none are given.
    networks : sequence of str
        Networks to lay along the streets where none are given.
    redundancy : mapping of str to float
        Network to the share of the streets that close loops, 0 (tree) to 1 (all).
    buildings_per_source : int
        Buildings that one synthetic source serves.
    totals : KnownTotals, optional
        What is known of the whole city or of zones, to which inferred attributes are drawn and scaled.
    """

    crs: str | None = None
    currency: str = "USD"
    price_year: int = 2017
    figures_factor: float | None = None
    figures_note: str = ""
    infer: Mapping[str, str | int | float] = field(default_factory=dict)
    code_rule: str = "ubc_zone_4"
    population_total: float | None = None
    zone_size: float = 500.0
    networks: Sequence[str] = ("power", "water", "telecom")
    redundancy: Mapping[str, float] = field(default_factory=dict)
    buildings_per_source: int = 2000
    totals: KnownTotals | None = None


RULES = CityRules()


@dataclass(frozen=True)
class City:
    """Buildings as the common nodes of all networks; `from_frames` makes one.

    Parameters
    ----------
    name : str
        Stands in the titles of reports and pictures.
    crs : str
        Projected CRS in metres of all geometry.
    currency, price_year : str, int
        Of every amount of money.
    buildings : GeoDataFrame
        Schema ``buildings``; index ``building_id``, sorted; representative points.
    networks : dict of str to Network
        By name; every building names one node of each.
    zones : GeoDataFrame
        Index ``zone_id``; ``residents`` on a normal day, ``geometry``.
    inferred : DataFrame
        What was filled: ``table``, ``asset``, ``attribute``, ``rule``, ``source``.
    totals : DataFrame
        What was known of the whole, as of `holdfast.recovery.city.totals.reached`; empty where nothing was.
    """

    name: str
    crs: str
    currency: str
    price_year: int
    buildings: gpd.GeoDataFrame
    networks: dict[str, Network]
    zones: gpd.GeoDataFrame
    inferred: pd.DataFrame = field(default_factory=lambda: joined_marks([]))
    totals: pd.DataFrame = field(default_factory=pd.DataFrame)

    @classmethod
    def from_frames(
        cls,
        buildings: gpd.GeoDataFrame,
        networks: Mapping[str, Network | Frames] | None = None,
        zones: gpd.GeoDataFrame | None = None,
        name: str = "city",
        streets: Streets | None = None,
        rules: CityRules = RULES,
        parameters: Parameters | None = None,
    ) -> Self:
        """Make a city of frames in memory; what is missing is inferred by rules, and marked.

        Parameters
        ----------
        buildings : GeoDataFrame
            Points or outlines in any CRS, columns of the schema ``buildings``; ids are ``building_id`` or the index.
        networks : mapping, optional
            Name (power, water, gas, telecom, transport) to a network, or to its frames: nodes, edges and, if there are
            any, dependencies. Each building is served by its nearest live node, unless it names one in
            ``<network>_node``; where no dependencies are stated they follow the packaged table ``network_needs``.
        zones : GeoDataFrame, optional
            Polygons, index ``zone_id``; squares of ``rules.zone_size`` if omitted.
        name : str
            Stands in the titles of reports and pictures.
        streets : Streets, optional
            Along which networks are laid; given roads, else a synthetic grid over the built-up blocks if omitted.
        rules : CityRules
            Money, and what is inferred.
        parameters : Parameters, optional
            Published figures; those that the package ships if omitted.

        Returns
        -------
        City
            Every building has a class, people, a zone and a node of each network.

        Raises
        ------
        TableError
            Naming every row that cannot be settled, and everything that does not fit together.
        UnknownName
            If a rule or network is not known.
        """
        parameters = load_parameters() if parameters is None else parameters
        require_currency(rules.currency, rules.price_year, rules.figures_factor, rules.figures_note)
        _check_rules(rules)
        # the order matters: people need a class and a floor area, zones need people, networks need both
        settled = settle_buildings(buildings, parameters, rules)
        settled, areas = _with_zones(settled, zones, rules.zone_size)
        crs, given = str(settled.crs), {n: _network(n, w) for n, w in (networks or {}).items()}
        # everything from here on measures distances, so that all geometry stands in the CRS of the city first
        given = {n: replace(net, nodes=net.nodes.to_crs(crs)) for n, net in given.items()}
        _require_networks(settled, given)
        require_one_place(settled)
        # given roads are where pipes and lines lie; a table of streets of its own wins over them
        if streets is None and "transport" in given:
            streets = Streets(given["transport"].nodes, given["transport"].edges)
        layout = Layout(rules.redundancy, rules.buildings_per_source)
        # a network that was given is never laid a second time, whatever the rules ask for
        laid = [n for n in rules.networks if n not in given]
        made = laid_networks(settled, streets, laid, layout) if laid else {}
        for key, network in given.items():
            # a node that the building table names is kept, even where another one is nearer
            if f"{key}_node" not in settled.columns:
                settled[f"{key}_node"] = link(settled, network)
        # asked-for networks first, in the order of the rules: this order is that of all network assets
        every = {n: (made | given)[n] for n in dict.fromkeys([*rules.networks, *given])}
        every = {n: linked_needs(net, every, given) for n, net in every.items()}
        require_nodes(settled, every)
        whole = pd.DataFrame()
        if rules.totals is not None:
            # in the zones of the rows, which may be squares beside the user's own
            whole = reached(settled, rules.totals, _zone(settled, rules), parameters.occupancies)
        return cls(name, crs, rules.currency, rules.price_year, *_in_money(settled, every, areas, rules), whole)


def settle_buildings(
    buildings: gpd.GeoDataFrame, parameters: Parameters, rules: CityRules = RULES, file: str = "buildings"
) -> gpd.GeoDataFrame:
    """Give every building a fragility class, residents, workers and people inside by time of day.

    What the table holds is kept; what is filled in has its rule in ``<attribute>_rule``.

    Parameters
    ----------
    buildings : GeoDataFrame
        Points or outlines, as `City.from_frames` takes them.
    parameters : Parameters
        Needs ``fragility`` and ``occupancies``.
    rules : CityRules
        CRS, what may be inferred, rule of the seismic code levels, total population.
    file : str
        Name of the table in messages.

    Returns
    -------
    GeoDataFrame
        Schema ``buildings``, all columns of class and people (persons) filled; index ``building_id``, sorted; points in
        a projected CRS, m.

    Raises
    ------
    TableError
        Naming every building with a missing attribute or an unknown structure, occupancy or class.
    UnknownName
        If there is no such rule.

    Notes
    -----
    Not specified in the paper: all rules here, of the packaged tables ``height_rules``, ``code_rules``,
    ``code_fallbacks`` and ``occupants``.
    """
    raw = buildings
    if "building_id" not in raw.columns:
        raw = raw.rename_axis("building_id").reset_index()
    # filled before the check, so that a required column may be missing where a rule fills it
    if rules.infer:
        raw, _ = fill(outlines_to_points(raw), dict(rules.infer), file)
    table = with_marks(_checked(gpd.GeoDataFrame(raw, crs=buildings.crs), file), raw)
    table = table.to_crs(city_crs(table, rules.crs))
    zone = _zone(table, rules)
    if rules.totals is not None:
        # before classes and people, which follow from use, year, height and floor area
        table = with_known_stock(table, rules.totals, zone, parameters.occupancies)
    # asked before the next line fills the column: a class that the user gave carries no mark
    by_rule = "asset_class" not in table.columns
    table["asset_class"] = asset_classes(table, rules.code_rule, parameters.fragility, file)
    if by_rule:
        table["code_level_rule"] = marked(table, np.ones(len(table), dtype=bool), "code_level", "code_rule")
    table = with_people(table, parameters.occupancies, rules.population_total, file, rules.totals, zone)
    # sorted, since random numbers go by the place of an asset: a shuffled table is the same city
    return table.sort_values("building_id").set_index("building_id")


def _zone(table: gpd.GeoDataFrame, rules: CityRules) -> pd.Series:
    """Zone of every building for the known totals: that of the table, or its square."""
    return table["zone_id"].astype("string") if "zone_id" in table.columns else zone_ids(table, rules.zone_size)


def _checked(table: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Validate the table; where an attribute is missing, say that a rule could fill it."""
    hint = '; or let a rule fill it: infer = {{"{}": ...}} (docs/city.md)'
    return checked_buildings(outlines_to_points(table), file, hint)


def _check_rules(rules: CityRules) -> None:
    """Refuse networks that cannot be laid, and sizes that are none."""
    known = packaged("network_design")["network"]
    for asked in rules.networks:
        if asked not in set(known):
            raise UnknownName("network", asked, known, "city.networks")
    problems = [
        Problem(f"{getattr(rules, name)} is no size; give more than 0", column=name)
        for name in ("zone_size", "buildings_per_source")
        if not getattr(rules, name) > 0
    ]
    if problems:
        raise TableError("city", problems)


def _with_zones(
    settled: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, size: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Buildings with their zone, and the zones with their residents."""
    # zones without a building stay, with no residents: they are the user's, and maps show them
    if zones is not None:
        zone, areas = in_zones(settled, zones)
        settled = settled.assign(zone_id=zone)
        people = settled.groupby("zone_id")["residents"].sum().reindex(areas.index).fillna(0.0)
        return settled, areas.assign(residents=people)
    if "zone_id" not in settled.columns:
        settled = settled.assign(zone_id=zone_ids(settled, size))
    return settled, zones_of(settled, size)


def _network(name: str, tables: Network | Frames) -> Network:
    """A network of its frames, validated, with classes and costs by role where they are missing."""
    if isinstance(tables, Network):
        return tables
    if len(tables) not in (2, 3):
        text = "give (nodes, edges) or (nodes, edges, dependencies)"
        raise TableError("networks", [Problem(text, column=name)])
    nodes, edges = tables[0].copy(), tables[1].copy()
    lacking = [Problem("no such column; add it", column=c) for c in ("source", "geometry") if c not in nodes.columns]
    lacking += [Problem("no such column; add it", column=c) for c in ("from_node", "to_node") if c not in edges.columns]
    place = f"networks, {name}"
    if lacking:
        raise TableError(place, lacking)
    nodes = nodes.set_index("node_id") if "node_id" in nodes.columns else nodes
    edges = edges.set_index("edge_id") if "edge_id" in edges.columns else edges
    if "length_m" not in edges.columns:
        edges["length_m"] = _straight(nodes, edges)
    with_assets(nodes, edges, name)
    needs = tables[2] if len(tables) == 3 else no_needs()
    return fitted(Network(name, nodes, edges, needs, synthetic=False), place)[0]


def _straight(nodes: gpd.GeoDataFrame, edges: pd.DataFrame) -> np.ndarray:
    """Lengths of edges as straight lines, m; 0 where an end is unknown, which the check of the network then reports."""
    # CRS of the nodes may be geographic, in which a distance has no metres
    flat = nodes.geometry.to_crs(nodes.estimate_utm_crs())
    ends = [flat.reindex(edges[c]).set_axis(edges.index) for c in ("from_node", "to_node")]
    return np.asarray(gpd.GeoSeries(ends[0]).distance(gpd.GeoSeries(ends[1])).fillna(0.0), dtype=np.float64)


def _require_networks(settled: gpd.GeoDataFrame, given: Mapping[str, Network]) -> None:
    """Refuse buildings that name nodes of networks that are not there."""
    known = packaged("network_design")["network"]
    named = [f"{n}_node" for n in known if f"{n}_node" in settled.columns and n not in given]
    if named:
        text = "names nodes, but there is no such network; drop the column, then networks are laid"
        raise TableError("buildings", [Problem(text, column=column) for column in named])


def _in_money(
    settled: gpd.GeoDataFrame, networks: Mapping[str, Network], zones: gpd.GeoDataFrame, rules: CityRules
) -> tuple[gpd.GeoDataFrame, dict[str, Network], gpd.GeoDataFrame, pd.DataFrame]:
    """The tables with costs of Holdfast's own figures in the city's money, and the marks in a table of their own."""
    # None says that the city's money is that of the figures, which `require_currency` has made sure of
    factor = rules.figures_factor or 1.0
    found = [inferred_table(settled, "buildings")]
    made = {}
    for name, network in networks.items():
        parts = {"nodes": network.nodes, "edges": network.edges}
        found += [inferred_table(table, f"{name}_{part}") for part, table in parts.items()]
        made[name] = replace(network, **{p: without_marks(converted(t, factor)) for p, t in parts.items()})
    return without_marks(converted(settled, factor)), made, zones, joined_marks(found)
