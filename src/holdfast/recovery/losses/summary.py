"""Summary: everything about a simulation that is not a curve or a building, as frozen records that know their JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import ArrayLike

from holdfast.frames.marks import rules_used
from holdfast.ground import WGS84
from holdfast.plain import plain
from holdfast.recovery.city import City
from holdfast.recovery.city.verdict import Verdict
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.losses.block_result import BlockResult
from holdfast.recovery.losses.losses import estimate
from holdfast.recovery.losses.milestones import SHARES, days_to
from holdfast.recovery.losses.results import asset_ids
from holdfast.recovery.losses.whole_persons import whole_persons
from holdfast.types import Estimate, Losses, Parameters

MOST_CAUSES = 5
"""Root causes that are named for each network."""


@dataclass(frozen=True)
class Quantiles:
    """P5, P50 and P95 over the draws; infinite for what a draw never reaches."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True)
class NetworkFacts:
    """Size of a network, and whether the generator laid it."""

    nodes: int
    edges: int
    synthetic: bool


@dataclass(frozen=True)
class InferredShare:
    """Shares of the buildings and of the floor area for which an attribute was inferred, 0..1."""

    buildings: float
    floor_area: float


@dataclass(frozen=True)
class RootCause:
    """An asset that was the root of most person-days without service in a share of the draws; their mean over all."""

    network: str
    asset: str
    draws_share: float
    person_days: float


@dataclass(frozen=True)
class Amount:
    """A mean over the draws with its unit."""

    unit: str
    mean: float


@dataclass(frozen=True)
class ProductionFacts:
    """Production after supply and demand.

    ``net_lost_production``, ``net_economic_loss`` (with the repair cost), each also per m2 of floor area; ``changes``: mean of
    what each part adds to production.
    """

    net_lost_production: Estimate
    net_economic_loss: Estimate
    net_lost_production_per_m2: Estimate
    net_economic_loss_per_m2: Estimate
    changes: Mapping[str, Amount]


@dataclass(frozen=True)
class CityFacts:
    """What was simulated: ``money`` is the unit, such as USD_2017; ``inferred`` by attribute; ``assumed`` in words.

    ``verdict``: what the city is worth, as `holdfast.recovery.city.verdict.verdict` grades it.
    """

    money: str
    buildings: int
    floor_area_m2: float
    residents: float
    replacement_cost: float
    networks: Mapping[str, NetworkFacts]
    inferred: Mapping[str, InferredShare]
    assumed: Sequence[str]
    verdict: Verdict


@dataclass(frozen=True)
class RecoveryFacts:
    """What came out beside the losses.

    ``normal``: EP and SC of the undamaged city; ``damaged_buildings`` by damage state; ``days_to`` by function and share
    of its normal level, ``uses`` by use and share, days; ``people`` displaced, resettled and injured; ``production`` after supply and demand; ``repair_cost`` of
    buildings and of networks apart; ``casualties``: persons by severity in whole numbers; ``cause_places``: longitude and latitude of
    every root cause.
    """

    normal: Mapping[str, float]
    damaged_buildings: Mapping[str, Quantiles]
    days_to: Mapping[str, Mapping[str, Quantiles]]
    uses: Mapping[str, Mapping[str, Quantiles]]
    people: Mapping[str, Quantiles]
    causes: Sequence[RootCause]
    recovered_share: float
    lost_operating_surplus: Amount
    production: ProductionFacts
    repair_cost: Mapping[str, Estimate]
    casualties: Mapping[str, Quantiles]
    cause_places: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Summary:
    """A simulation in figures.

    ``scenario`` and ``recovery`` are the sections of its study; ``warnings``: what must be known of its input files first.
    """

    name: str
    run: str
    draws: int
    scenario: Mapping[str, Any]
    recovery: Mapping[str, Any]
    city: CityFacts
    found: RecoveryFacts
    losses: Losses
    warnings: Sequence[str]

    def json(self) -> dict[str, Any]:
        """Content of ``losses.json``; null for days that are never reached."""
        own = plain(self)
        return {key: own[key] for key in ("name", "run", "draws", "warnings", "scenario", "recovery")} | {
            **own["city"],
            **own["found"],
            "losses": own["losses"],
        }


def city_facts(city: City, assumed: Sequence[str], graded: Verdict) -> CityFacts:
    """Size of a city, and what is not known of it.

    Parameters
    ----------
    city : City
        That was simulated.
    assumed : sequence of str
        What else is assumed, in words.
    graded : Verdict
        What the city is worth.
    """
    used = rules_used(city.inferred, city.buildings["floor_area_m2"])
    shares = used.groupby("attribute", sort=False)[["buildings_share", "floor_area_share"]].sum()
    return CityFacts(
        money=f"{city.currency}_{city.price_year}",
        buildings=len(city.buildings),
        floor_area_m2=float(city.buildings["floor_area_m2"].sum()),
        residents=float(city.buildings["residents"].sum()),
        replacement_cost=float(city.buildings["replacement_cost"].sum()),
        networks={n: NetworkFacts(len(w.nodes), len(w.edges), w.synthetic) for n, w in city.networks.items()},
        inferred={
            str(row.Index): InferredShare(row.buildings_share, row.floor_area_share) for row in shares.itertuples()
        },
        assumed=assumed,
        verdict=graded,
    )


def recovery_facts(
    city: City, parameters: Parameters, blocks: Sequence[BlockResult], curves: xr.Dataset, buildings: pd.DataFrame
) -> RecoveryFacts:
    """What came out beside the losses.

    Parameters
    ----------
    city, parameters : City, Parameters
        That were simulated.
    blocks : sequence of BlockResult
        All draws.
    curves, buildings : Dataset, DataFrame
        As `summarise` gives them, `buildings` joined to those of the city.
    """
    counts = np.concatenate([b.draws.state_count for b in blocks])
    causes = _root_causes(city, curves)
    return RecoveryFacts(
        normal={"EP": float(curves["EP0"]), "SC": float(curves["SC0"])},
        damaged_buildings={s: quantiles(counts[:, k]) for k, s in enumerate(STATES)},
        days_to=_days_to(curves),
        uses={
            str(use): {
                f"{share:.0%}": quantiles(curves["days_to_use"].sel(use=use)[:, i]) for i, share in enumerate(SHARES)
            }
            for use in curves["use"].to_numpy()
            if np.isfinite(curves["days_to_use"].sel(use=use)).any()
        },
        people={
            "displaced": quantiles(curves["most_displaced"]),
            "resettled": quantiles(curves["resettled"]),
            **_decided(curves),
            **({"in_water": quantiles(curves["in_water"])} if "in_water" in curves else {}),
            **_injured(curves),
        },
        causes=causes,
        recovered_share=float(curves["recovered"].mean()),
        lost_operating_surplus=_operating_surplus(city, parameters, buildings),
        production=_production(city, curves),
        repair_cost={
            part: estimate(curves[f"repair_cost_{part}"].to_numpy(), f"{city.currency}_{city.price_year}")
            for part in ("buildings", "networks", "contents")
            if f"repair_cost_{part}" in curves
        },
        casualties=_casualties(curves),
        cause_places=_cause_places(city, causes),
    )


def _decided(curves: xr.Dataset) -> dict[str, Quantiles]:
    """Persons by what they did; none where nobody decides."""
    if "persons_who" not in curves or bool(np.isnan(curves["persons_who"].to_numpy()).all()):
        return {}
    did = curves["persons_who"]
    return {name: quantiles(did.sel(deed=name)) for name in ("dislocated", "left", "returned", "newcomers")}


def told_of_passes(curves: xr.Dataset) -> tuple[str, ...]:
    """How the passes of people who decide ended, in words: what is assumed of them, none where nobody decides.

    Parameters
    ----------
    curves : Dataset
        All draws, as from `holdfast.recovery.losses.results.summarise`.

    Examples
    --------
    >>> ended = {"passes": ("draw", [3, 8]), "unsettled": ("draw", [0.0, 25.0]), "cycle": ("draw", [0, 2])}
    >>> told_of_passes(xr.Dataset(ended))
    ('people decided again 8 times at most; their decisions oscillate in 1 of 2 draws, and 25 of them decide otherwise at most',)
    """
    if "passes" not in curves:
        return ()
    cycles, draws = int((curves["cycle"] > 0).sum()), curves.sizes["draw"]
    return (
        f"people decided again {int(curves['passes'].max())} times at most; their decisions oscillate in {cycles} of {draws} draws, "
        f"and {float(curves['unsettled'].max()):,.0f} of them decide otherwise at most",
    )


def _injured(curves: xr.Dataset) -> dict[str, Quantiles]:
    """Persons injured by severity; none where nothing says so, as of water and wind."""
    if bool(np.isnan(curves["injured"].to_numpy()).all()):
        return {}
    return {f"severity_{s}": quantiles(curves["injured"].sel(severity=s)) for s in curves["severity"].to_numpy()}


def _casualties(curves: xr.Dataset) -> dict[str, Quantiles]:
    """Persons by severity in whole numbers; none where nothing says so, as of water and wind."""
    expected = curves["injured"]
    # a table without rates of people gives null, and nobody can be counted
    if bool(np.isnan(expected.to_numpy()).any()):
        return {}
    return {
        f"severity_{s}": Quantiles(*map(float, whole_persons(expected.sel(severity=s).to_numpy())))
        for s in curves["severity"].to_numpy()
    }


def quantiles(values: ArrayLike) -> Quantiles:
    """P5, P50 and P95 over the draws; a draw that never gets there (null) counts as longer than any.

    Examples
    --------
    >>> quantiles([1.0, 2.0, float("nan")]).p95
    inf
    """
    drawn = np.asarray(values, dtype=np.float64)
    low, middle, high = np.percentile(np.where(np.isnan(drawn), np.inf, drawn), [5, 50, 95], method="nearest")
    return Quantiles(float(low), float(middle), float(high))


def _days_to(curves: xr.Dataset) -> dict[str, dict[str, Quantiles]]:
    """Days until production, capacity and each network reach shares of their normal level."""
    first = int(curves["time"][0])
    rows = {
        "economic productivity": (curves["EP"], float(curves["EP0"])),
        "service capacity": (curves["SC"], float(curves["SC0"])),
    }
    rows |= {f"{n} service": (curves["service"].sel(network=n), 1.0) for n in curves["network"].to_numpy()}
    return {
        name: {f"{share:.0%}": quantiles(days_to(curve.to_numpy(), normal, share) + first) for share in SHARES}
        for name, (curve, normal) in rows.items()
        if normal > 0
    }


def _production(city: City, curves: xr.Dataset) -> ProductionFacts:
    """Net losses, and what each part does."""
    money, area = f"{city.currency}_{city.price_year}", float(city.buildings["floor_area_m2"].sum())
    lost = curves["net_lost_production"].to_numpy()
    total = lost + curves["repair_cost"].to_numpy()
    return ProductionFacts(
        net_lost_production=estimate(lost, money),
        net_economic_loss=estimate(total, money),
        net_lost_production_per_m2=estimate(lost / area, f"{money}/m2"),
        net_economic_loss_per_m2=estimate(total / area, f"{money}/m2"),
        changes={
            str(part): Amount(money, float(curves["production_change"].sel(part=part).mean()))
            for part in curves["part"].to_numpy()
        },
    )


def _root_causes(city: City, curves: xr.Dataset) -> list[RootCause]:
    """Assets that were most often the root, by the person-days without service that go back to them."""
    names = asset_ids(city)
    rows, draws = [], curves.sizes["draw"]
    for network in curves["network"].to_numpy():
        root = curves["root"].sel(network=network).to_numpy().astype(np.int64)
        lost = pd.Series(curves["root_person_days"].sel(network=network).to_numpy())
        table = lost[root >= 0].groupby(root[root >= 0]).agg(["sum", "size"])
        for asset, row in table.nlargest(MOST_CAUSES, "sum").iterrows():
            rows.append(RootCause(str(network), names[asset], row["size"] / draws, row["sum"] / draws))
    return rows


def _cause_places(city: City, causes: Sequence[RootCause]) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the root causes; of an edge those of the middle between its ends."""
    spots: dict[str, Any] = {}
    for network in city.networks.values():
        where = network.nodes.geometry
        ends = network.edges[["from_node", "to_node"]]
        for cause in causes:
            if cause.asset in where.index:
                spots[cause.asset] = where[cause.asset]
            elif cause.asset in ends.index:
                # edges are straight lines of two ends
                spots[cause.asset] = shapely.MultiPoint([where[i] for i in ends.loc[cause.asset]]).centroid
    placed = gpd.GeoSeries(spots, crs=city.crs).to_crs(WGS84)
    return {asset: (round(spot.x, 5), round(spot.y, 5)) for asset, spot in placed.items()}


def _operating_surplus(city: City, parameters: Parameters, buildings: pd.DataFrame) -> Amount:
    """Part of the mean lost production that is gross operating surplus, by the shares of the occupancies."""
    shares = parameters.occupancies.set_index("occupancy")["operating_surplus_share"]
    share = buildings["occupancy"].astype(str).map(shares).astype("float64").fillna(0.0)
    return Amount(f"{city.currency}_{city.price_year}", float((share * buildings["mean_lost_production"]).sum()))
