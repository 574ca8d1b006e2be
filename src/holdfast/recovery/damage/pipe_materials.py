"""Materials of the pipes of which no file says any: by year, as cities laid and renewed them.

A pipe is as old as the buildings at its older end (their median year), unless it has been renewed since, at a constant
rate; its material is drawn from those of its year. Both draws hang on the place of the pipe alone: it is of the same
material in every run, and whatever else the city has. Not specified in the paper: the rule is ours.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from holdfast.data import figure, packaged
from holdfast.frames.marks import joined_marks
from holdfast.recovery.city import City
from holdfast.recovery.damage.pipes import pipe_classes
from holdfast.types import Floats, Network

ERAS = "pipe_eras"
PREFIXES = {"water": "PWP", "gas": "NGP"}
BITS = 2.0**-64
ASSUMED = "assumed; table pipe_eras, by the years of the buildings served"


def with_pipe_materials(city: City) -> City:
    """The city with a material and a year of each water main and gas pipe that had none from its file, and its class.

    Networks laid by the generator, and pipes of files whose class was filled by the packaged table ``network_assets``.

    Examples
    --------
    >>> sorted(set(packaged("pipe_eras")["network"]))
    ['gas', 'water']
    """
    networks, marks = dict(city.networks), [city.inferred]
    for name, prefix in PREFIXES.items():
        if name not in networks:
            continue
        drawn = _unknown(city, networks[name])
        if drawn.any():
            edges = _with_materials(networks[name], drawn, _years(city, networks[name]), prefix)
            networks[name] = replace(networks[name], edges=edges)
            marks.append(_marks(name, edges.index[drawn]))
    return replace(city, networks=networks, inferred=joined_marks(marks))


def _unknown(city: City, network: Network) -> np.ndarray:
    """Pipes whose class no file gave, bool (edge,)."""
    edges = network.edges
    piped = edges["asset_class"].astype("string").str.startswith(PREFIXES[network.name]).fillna(value=False)
    own = np.asarray(piped, dtype=bool)
    if network.synthetic:
        return own
    rows = city.inferred
    filled = rows[(rows["table"] == f"{network.name}_edges") & (rows["attribute"] == "asset_class")]["asset"]
    return own & edges.index.isin(filled)


def _years(city: City, network: Network) -> Floats:
    """Year in which each pipe was laid: the median year of the buildings at its ends, else of the city, (edge,)."""
    buildings = city.buildings
    if "year_built" not in buildings or not buildings["year_built"].notna().any():
        return np.full(len(network.edges), figure("pipe_usual_year"))
    years = buildings["year_built"].astype("float64")
    at_node = years.groupby(buildings[f"{network.name}_node"].astype(str)).median()
    ends = [network.edges[c].astype(str).map(at_node).to_numpy(np.float64) for c in ("from_node", "to_node")]
    # the older end: a main had to be there for the first of its buildings
    return np.asarray(np.where(np.isnan(np.fmin(*ends)), years.median(), np.fmin(*ends)))


def _with_materials(network: Network, drawn: np.ndarray, laid: Floats, prefix: str) -> pd.DataFrame:
    """Edges with ``material``, ``year_built`` and the class that follows."""
    edges = network.edges
    renewal, chance = _chances(network)
    # the last renewal lies an exponential time back, if it was one since the pipe was laid
    back = -np.log(renewal) / figure("pipe_renewal_rate")
    year = np.floor(np.maximum(laid, figure("pipe_inventory_year") - back))
    material = pd.Series(materials(network.name, year, chance), index=edges.index, dtype=object)
    classes = pipe_classes(material, pd.Series(np.nan, edges.index), pd.Series(year, edges.index), prefix)
    return edges.assign(
        material=_joined(edges, "material", material, drawn).astype("string"),
        year_built=_joined(edges, "year_built", pd.Series(year, edges.index), drawn).astype("float64"),
        asset_class=classes.where(drawn, edges["asset_class"].astype(object)).astype("string"),
    )


def _joined(edges: pd.DataFrame, column: str, values: pd.Series, drawn: np.ndarray) -> pd.Series:
    """Drawn values, those of the file elsewhere."""
    own = edges[column].astype(object) if column in edges else pd.Series(None, edges.index, dtype=object)
    return values.astype(object).where(drawn, own)


def materials(network: str, year: Floats, chance: Floats) -> np.ndarray:
    """Material of pipes laid in a year, by the shares of the packaged table ``pipe_eras``, shape (pipe,).

    Parameters
    ----------
    network : str
        ``water`` or ``gas``.
    year : ndarray
        Year of construction, shape (pipe,).
    chance : ndarray
        Uniform numbers from 0 to 1 that choose, shape (pipe,).

    Examples
    --------
    >>> materials("water", np.array([1930.0, 1930.0, 2000.0]), np.array([0.5, 0.99, 0.2])).tolist()
    ['CI', 'ST', 'DI']
    """
    table = packaged(ERAS)
    table = table[table["network"] == network]
    found = np.full(year.size, "", dtype=object)
    starts = np.unique(table["from_year"].to_numpy(np.float64))
    era = starts[np.searchsorted(starts, year, side="right") - 1]
    for start in starts:
        rows, own = table[table["from_year"] == start], era == start
        names = rows["material"].to_numpy(object)
        place = np.searchsorted(np.cumsum(rows["share"].to_numpy(np.float64)), chance[own])
        found[own] = names[np.minimum(place, len(names) - 1)]
    return found


def _chances(network: Network) -> tuple[Floats, Floats]:
    """Two uniform numbers of each pipe, from the places of its ends alone, (edge,)."""
    points = network.nodes.geometry
    place = pd.DataFrame({"x": points.x.round(), "y": points.y.round()}).astype("int64")
    ends = [place.reindex(network.edges[c].to_numpy()) for c in ("from_node", "to_node")]
    # sums and products do not know which end comes first
    middle = {c: sum(e[c].to_numpy() for e in ends) for c in ("x", "y")}
    key = middle["x"] * (2**31 - 1) + middle["y"]
    first = pd.util.hash_array(key.astype(np.int64))
    second = pd.util.hash_array(first ^ np.uint64(0x9E3779B97F4A7C15))
    half = 0.5 * BITS
    return first * BITS + half, second * BITS + half


def _marks(name: str, pipes: pd.Index) -> pd.DataFrame:
    """One row for each pipe whose material was drawn."""
    one: Mapping[str, object] = {
        "table": f"{name}_edges",
        "attribute": "material",
        "rule": ERAS,
        "source": ASSUMED,
    }
    return pd.DataFrame({"asset": pipes.astype(object)}).assign(**one)[
        ["table", "asset", "attribute", "rule", "source"]
    ]
