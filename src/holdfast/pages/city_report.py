"""The plausibility report of a city: one self-contained page, its facts as JSON, and a few lines of text."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.pages.colour import CATEGORIES, NO_DATA
from holdfast.pages.frame import frame_of
from holdfast.pages.maps import degrees, furniture
from holdfast.pages.page import data_sources, environment
from holdfast.pages.under_map import ground_under, place_names
from holdfast.pages.words import amount, plain, rounded
from holdfast.recovery.city import City
from holdfast.recovery.city.plausibility import Plausibility, parts_of
from holdfast.recovery.city.verdict import Verdict
from holdfast.types import Network, Provenance

GROUPS = {
    "Homes": ("RES1", "RES2", "RES3", "RES5"),
    "Shops and leisure": ("COM1", "COM3", "COM8", "COM9", "RES4"),
    "Offices": ("COM4", "COM5"),
    "Health and care": ("COM6", "COM7", "RES6"),
    "Schools": ("EDU1", "EDU2"),
    "Industry, farms, parking": ("IND1", "IND2", "IND3", "IND4", "IND5", "IND6", "COM2", "COM10", "AGR1"),
    "Public and worship": ("GOV1", "GOV2", "REL1"),
}
COLOURS = (*CATEGORIES[:6], "#000000")
LINE_COLOURS = {"transport": "#d5d5d0", "power": "#e0b040", "water": "#1f5fa8", "gas": "#8c4a2f", "telecom": "#5a2d82"}
LINE_WIDTHS = {"transport": 5.0, "power": 3.6, "gas": 2.8, "water": 2.0, "telecom": 0.8}  # so that none hides another
# bridges and tunnels, over the roads that they belong to
CROSSING = "#111111"
MOST_DOTS, MOST_LINES = 40_000, 20_000  # drawn; beyond, a page takes seconds to open
M2_PER_KM2 = 1e6


def plausibility_facts(found: Plausibility) -> dict[str, Any]:
    """Tables of a plausibility report as plain dicts and lists, for JSON; null where a value is unknown.

    Returns
    -------
    dict
        ``totals``, ``uses``, ``networks``, ``inferred``, ``checks``, ``known_totals``, ``per_head``.
    """

    def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
        # as objects, so that null can stand in a column of numbers
        records = table.astype(object).where(table.notna(), None).to_dict("records")
        return [{str(k): v.item() if hasattr(v, "item") else v for k, v in row.items()} for row in records]

    return {
        "totals": found.totals,
        "uses": rows(found.uses.reset_index()),
        "networks": rows(found.networks.reset_index()),
        "inferred": rows(found.inferred),
        "checks": rows(found.checks),
        "known_totals": rows(found.known_totals),
        "per_head": rows(found.per_head),
    }


def city_page(
    city: City,
    found: Plausibility,
    graded: Verdict,
    provenance: Provenance,
    run: str,
    assumed: Sequence[str],
    ground: gpd.GeoDataFrame | None = None,
) -> str:
    """Page with the verdict, a map of uses and networks, the tables of a plausibility report, and where it all comes from.

    `run` is the hash of the provenance, `assumed` what is assumed, in words, `ground` what lies under the map; the HTML
    needs no other file.
    """
    made = environment()
    made.filters["measured"] = measured
    style = made.loader.load(made, "style.css").render() if made.loader else ""
    names = packaged("occupancy_names").set_index("occupancy")["name"]
    # what lies outside of its range is shown at the top, apart from the table of all checks
    odd = found.checks[~found.checks["plausible"]]
    return made.get_template("city.html").render(
        city=city,
        money=f"{city.currency}_{city.price_year}",
        totals=found.totals,
        uses=[{**row, "name": names.get(row["occupancy"], "")} for row in found.uses.reset_index().to_dict("records")],
        networks=found.networks.reset_index().to_dict("records"),
        inferred=found.inferred.to_dict("records"),
        checks=found.checks.to_dict("records"),
        whole=whole_line(found),
        known_totals=found.known_totals.to_dict("records"),
        per_head=found.per_head.to_dict("records"),
        odd=odd.to_dict("records"),
        place=_place(found.totals),
        sampled=len(city.buildings) > MOST_DOTS or any(len(n.edges) > MOST_LINES for n in city.networks.values()),
        map=city_map(city, ground),
        legend=legend(city),
        assumed=assumed,
        provenance=provenance,
        run=run,
        verdict=graded,
        style=style,
        sources=data_sources(provenance.inputs),
    )


def whole_line(found: Plausibility) -> str:
    """Whether totals of the city are known and met; where none are, how it lies beside the nation, per resident."""
    known = found.known_totals
    if len(known):
        most = float((known["residual"].abs() / known["value"].clip(lower=1.0)).max())
        return f"{len(known)} known totals stated; the largest residual is {most:.2g} of its total"
    if not len(found.per_head):
        return "No totals of the city are known (tables.totals)"
    beside = ", ".join(f"{plain(r.quantity).lower()} {r.ratio:.2f}" for r in found.per_head.itertuples())
    nation = found.per_head["country"].iloc[0]
    return f"No totals of the city are known (tables.totals): per resident, over those published of {nation}: {beside}"


def measured(value: float, unit: str) -> str:
    """Value of a check as people read it: years whole and without separators.

    Examples
    --------
    >>> measured(1975.0, "year"), measured(1975.0, "m2")
    ('1975', '1,980')
    """
    return f"{value:.0f}" if unit == "year" else rounded(value)


def _place(totals: Mapping[str, float]) -> str:
    """Where the city lies, so that swapped or foreign coordinates are seen."""
    if not totals["buildings"]:
        return ""
    return f"{degrees(totals['latitude'], 'N', 'S')}, {degrees(totals['longitude'], 'E', 'W')}"


def legend(city: City) -> list[dict[str, Any]]:
    """Swatches of the map: groups of uses with their buildings, and networks.

    Returns
    -------
    list of dict
        ``name``, ``colour``, ``kind`` (``dot`` or ``line``) and ``count``.
    """
    group = _groups(city.buildings)
    dots = [
        {"name": name, "colour": colour, "kind": "dot", "count": int((group == i).sum())}
        for i, (name, colour) in enumerate(zip(GROUPS, COLOURS, strict=True))
        if (group == i).any()
    ]
    lines = [
        {
            "name": f"{plain(name)} network" + (" (synthetic)" if network.synthetic else ""),
            "colour": LINE_COLOURS.get(name, NO_DATA),
            "kind": "line",
            "count": len(network.edges),
        }
        for name, network in city.networks.items()
    ]
    crossings = sum(int(_crossing(network).sum()) for network in city.networks.values())
    if crossings:
        lines.append({"name": "Bridges and tunnels", "colour": CROSSING, "kind": "line", "count": crossings})
    return dots + lines


def _crossing(network: Network) -> np.ndarray:
    """Which edges are bridges or tunnels."""
    if "kind" not in network.edges.columns:
        return np.zeros(len(network.edges), dtype=bool)
    return np.asarray(network.edges["kind"].isin(["bridge", "tunnel"]), dtype=bool)


def city_map(city: City, ground: gpd.GeoDataFrame | None = None) -> str:
    """Map (SVG) of the buildings by use over the networks; a square marks a source, red what no source reaches.

    Of more than 40,000 buildings or 20,000 edges of a network an even sample is drawn; `ground` lies under it, as of
    `holdfast.pages.under_map`.
    """
    points = [city.buildings.geometry] if len(city.buildings) else []
    everything = gpd.GeoSeries(pd.concat([*points, *(n.nodes.geometry for n in city.networks.values())]), crs=city.crs)
    if not len(everything):
        return ""
    frame = frame_of(everything)
    label = f"Map of {city.name}: buildings by use, and networks"
    parts = [
        f'<svg viewBox="-6 -6 {frame.width + 12:.0f} {frame.height + 52:.0f}" role="img" aria-label="{escape(label)}" class="map">',
        f'<rect x="-6" y="-6" width="{frame.width + 12:.0f}" height="{frame.height + 12:.0f}" fill="#f6f6f4"/>',
    ]
    parts += [] if ground is None else [ground_under(ground, frame)]
    # networks below, buildings over them, sources on top
    parts += [_lines(network, frame.place) for network in _drawn_first(city.networks)]
    if len(city.buildings):
        parts.append(_dots(city.buildings, frame.place))
    parts += [_sources(network, frame.place) for network in city.networks.values()]
    parts += [] if ground is None else [place_names(ground, frame)]
    return "".join([*parts, furniture(everything, frame.zoom, frame.height), "</svg>"])


def _groups(buildings: pd.DataFrame) -> np.ndarray:
    """Group of uses of every building."""
    number = {use: i for i, uses in enumerate(GROUPS.values()) for use in uses}
    # a use that is in no group counts as public
    return np.asarray(buildings["occupancy"].astype(object).map(number).fillna(len(GROUPS) - 1), dtype=np.int64)


def _drawn_first(networks: Mapping[str, Network]) -> list[Network]:
    """The widest lines first."""
    return sorted(networks.values(), key=lambda n: -LINE_WIDTHS.get(n.name, 1.0))


def _lines(network: Network, place: Any) -> str:
    """Edges of one network; red where no source reaches them."""
    ids, edges = network.nodes.index, network.edges
    # rounded up, so that no more than the limit are drawn
    step = max(-(-len(edges) // MOST_LINES), 1)
    edges = edges.iloc[::step]
    xy = place(np.column_stack([network.nodes.geometry.x, network.nodes.geometry.y]))
    tail, head = (ids.get_indexer(edges[c].astype(object)) for c in ("from_node", "to_node"))
    # on the whole network: a sample of the edges would fall apart
    part, fed = parts_of(network)
    lit = fed[part[tail]]
    # thinner where there are many
    scale = float(np.clip(30 / np.sqrt(len(edges) + 1), 0.35, 1.0))
    drawn = []
    wide = LINE_WIDTHS.get(network.name, 1.0) * scale
    over = _crossing(network)[::step]
    for chosen, colour in ((lit, LINE_COLOURS.get(network.name, "#888")), (~lit, "#d00000"), (over, CROSSING)):
        ends = zip(xy[tail[chosen]], xy[head[chosen]], strict=True)
        path = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in ends)
        if path:
            drawn.append(f'<path d="{path}" stroke="{colour}" stroke-width="{wide:.2f}" fill="none"/>')
    return "".join(drawn)


def _dots(buildings: gpd.GeoDataFrame, place: Any) -> str:
    """Buildings as dots, one path for each group of uses; rare groups on top."""
    step = max(-(-len(buildings) // MOST_DOTS), 1)
    shown = buildings.iloc[::step]
    xy, group = place(np.column_stack([shown.geometry.x, shown.geometry.y])), _groups(shown)
    # the dots of a dense city must not cover one another
    size = float(np.clip(190 / np.sqrt(len(shown)), 1.3, 7.0))
    drawn = []
    for number in np.argsort(-np.bincount(group, minlength=len(GROUPS)), kind="stable"):
        # a line of no length with round ends is a dot: one path instead of an element for each building
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in xy[group == number])
        if dots:
            drawn.append(
                f'<path d="{dots}" stroke="{COLOURS[number]}" stroke-width="{size:.1f}" stroke-linecap="round"/>'
            )
    return "".join(drawn)


def _sources(network: Network, place: Any) -> str:
    """Sources of one network as squares."""
    at = network.nodes.geometry[network.nodes["source"].astype(bool)]
    # gateways of the roads stand at the rim and need no mark
    if network.name == "transport" or not len(at):
        return ""
    colour = LINE_COLOURS.get(network.name, "#888")
    return "".join(
        f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="{colour}" stroke="#fff" stroke-width="1.5"/>'
        for x, y in place(np.column_stack([at.x, at.y]))
    )


def summary_lines(name: str, money: str, found: Plausibility) -> list[str]:
    """A few lines of text, for a terminal, that sum the report up; `money` is such as ``USD_2017``."""
    total, lines = found.totals, [f"{name}: no buildings"]
    whole = [f"{name}: {whole_line(found)}"] if total["buildings"] else []
    # a city of networks alone has no sizes of buildings to show
    if total["buildings"]:
        area, value = rounded(total["floor_area_m2"]), amount(total["replacement_cost"], money)
        night, day = rounded(total["night_occupants"]), rounded(total["day_occupants"])
        lines = [
            f"{name}: {total['buildings']:,.0f} buildings around {_place(total)}, {area} m2 of floor, {value} to replace, "
            f"{rounded(total['residents'])} residents ({night} people inside at 2 a.m., {day} at 2 p.m.)"
        ]
    for network, row in found.networks.iterrows():
        unsupplied = row["islands_without_source"]
        parts = f"{row['islands']:,} part{'s' if row['islands'] != 1 else ''}" + (
            f", {unsupplied:,} without a source (such as at {row['unserved_example']})" if unsupplied else ""
        )
        unserved = f", {row['unserved_buildings']:,} buildings unserved" if total["buildings"] else ""
        kind = " (synthetic)" if row["synthetic"] else ""
        size = f"{rounded(row['length_km'])} km, {row['nodes']:,} nodes, {row['sources']:,} source{'s' if row['sources'] != 1 else ''}"
        lines.append(f"  {network}{kind}: {size}, {parts}{unserved}")
    share = found.inferred.groupby("attribute", sort=False)["buildings_share"].sum()
    if len(share):
        lines.append("  inferred: " + ", ".join(f"{a} {s:.0%}" for a, s in share.items()))
    odd = found.checks[~found.checks["plausible"]]
    lines += [
        f"  ODD: {plain(row.check).lower()} of {row.of} is {measured(row.value, row.unit)} {'' if row.unit in ('1', 'year') else row.unit + ' '}"
        f"(expected {measured(row.low, row.unit)} to {measured(row.high, row.unit)})"
        + (f"; {row.hint}" if row.hint else "")
        for row in odd.itertuples()
    ]
    return [*whole, *lines] if len(odd) else [*whole, *lines, f"  all {len(found.checks)} checks lie in their ranges"]
