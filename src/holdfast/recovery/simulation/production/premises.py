"""What the economy of every draw reads: premises, workers and accounts of a city, put into arrays once."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.engine import Baseline, CityArrays
from holdfast.recovery.engine.records import FIRST
from holdfast.recovery.function.productivity import by_occupancy
from holdfast.recovery.settings.run_settings import ProductionSettings
from holdfast.recovery.simulation.production.accounts import (
    by_sector,
    city_economy,
    figure_of,
    sector_of_occupancy,
    sectors_of,
    site_value_added,
)
from holdfast.recovery.simulation.production.regional import Economy
from holdfast.recovery.simulation.production.relocation import Hazards
from holdfast.types import Bools, Floats, Ints, Parameters

POWER = "power"


class Premises(NamedTuple):
    """Buildings as firms see them, all (building,): ``sector`` (-1: none), ``recapture`` share, ``backup`` hours of power."""

    sector: Ints
    recapture: Floats
    backup: Floats


class Workers(NamedTuple):
    """Who can be missing.

    ``residents``: of the city; ``local``: share of the workers who live in it; ``gone``: share of the displaced who are too far
    away to work.
    """

    residents: float
    local: float
    gone: float


class ProductionInputs(NamedTuple):
    """What the economy of every draw reads.

    ``of_kind`` (kind, sector): 1 where a kind of occupancy belongs to a sector; ``normal``, ``site``, ``value_added_share``
    (sector,): value added in buildings and on sites, money per day, and per unit of output; ``power``: position of that
    network, -1 if the city has none; ``days_after``: longest time after the last repair.
    """

    city: CityArrays
    premises: Premises
    workers: Workers
    hazards: Hazards
    economy: Economy
    of_kind: Bools
    normal: Floats
    site: Floats
    value_added_share: Floats
    power: int
    days_after: int
    settings: ProductionSettings


def production_inputs(
    buildings: pd.DataFrame,
    networks: list[str],
    city: CityArrays,
    before: Baseline,
    parameters: Parameters,
    settings: ProductionSettings,
) -> ProductionInputs | None:
    """Put the sectors of a city and the figures of production into arrays.

    Parameters
    ----------
    buildings : DataFrame
        Needs ``occupancy``.
    networks : list of str
        In the order of `city`.
    city, before : CityArrays, Baseline
        As the engine reads them.
    parameters : Parameters
        Tables ``sectors``, ``input_output``, ``production_figures``, ``productivity``, ``occupancies``.
    settings : ProductionSettings
        Which parts are on.

    Returns
    -------
    ProductionInputs or None
        None where every part is off, or the parameters hold no sectors.

    Raises
    ------
    TableError
        If a group has no sector, or a figure or coefficient no row.
    """
    if parameters.sectors.empty or not any(settings._replace(stocks=False)):  # stocks alone change nothing
        return None
    table, figures = parameters.sectors, parameters.production_figures
    sectors, of_occupancy = sectors_of(table), sector_of_occupancy(table)
    kinds = sorted(parameters.productivity["occupancy"].astype(str).unique())
    of_kind = np.array([[of_occupancy.get(k) == s for s in sectors] for k in kinds])
    added = before.city[FIRST + len(networks) + city.people.weight.size :] / city.people.money_unit
    _check_kinds(added, of_kind, kinds)
    normal, residents = made_by_sector(added[None], of_kind)[0], float(city.people.building["residents"].sum())
    site = site_value_added(residents, parameters)
    share = table.set_index("sector").loc[list(sectors), "value_added_share"].to_numpy(np.float64)
    hazards = Hazards(
        wait=figure_of(figures, "relocation_wait"),
        moving=by_sector(figures, "relocation_rate", sectors),
        closing=by_sector(figures, "closing_rate", sectors),
        reopening=figure_of(figures, "reopening_days"),
        vacant=by_sector(figures, "vacant_share", sectors) * normal,
    )
    return ProductionInputs(
        city=city,
        premises=_premises(buildings, sectors, of_occupancy, parameters),
        workers=Workers(residents, figure_of(figures, "local_workers"), figure_of(figures, "displaced_gone")),
        hazards=hazards,
        economy=city_economy(normal + site, residents, parameters, settings),
        of_kind=of_kind,
        normal=normal,
        site=site,
        value_added_share=share,
        power=networks.index(POWER) if POWER in networks else -1,
        days_after=round(figure_of(figures, "days_after")),
        settings=settings,
    )


def _premises(
    buildings: pd.DataFrame, sectors: tuple[str, ...], of_occupancy: dict[str, str], parameters: Parameters
) -> Premises:
    """Sector, recapture and backup of every building."""
    place = {s: i for i, s in enumerate(sectors)}
    occupancy = buildings["occupancy"].astype(str)
    groups = packaged("production_groups").set_index("occupancy")["group"]
    buffers = packaged("production_buffers")
    hours = buffers[buffers["buffer"] == "backup_power"].set_index("group")["value"]
    known = parameters.occupancies.reindex(columns=["occupancy", "recapture_share"]).fillna({"recapture_share": 0.0})
    recapture = by_occupancy(buildings, known, "recapture_share")
    return Premises(
        sector=occupancy.map({o: place[s] for o, s in of_occupancy.items()}).fillna(-1).to_numpy(np.int64),
        recapture=recapture.to_numpy(np.float64),
        backup=occupancy.map(groups).map(hours).fillna(0.0).to_numpy(np.float64),
    )


def _check_kinds(added: Floats, of_kind: Bools, kinds: list[str]) -> None:
    """Refuse production that no sector would count."""
    lost = [k for k, money, own in zip(kinds, added, of_kind, strict=True) if money > 0 and not own.any()]
    if lost:
        text = "produces, but production_groups gives it no group; add one"
        raise TableError("production_groups", [Problem(f"{k} {text}", column="group") for k in lost])


def made_by_sector(by_kind: Floats, of_kind: Bools) -> Floats:
    """Sum production by kind of occupancy to sectors.

    Parameters
    ----------
    by_kind : ndarray
        Money, shape (day, kind): whole multiples of a power of two on a normal day, so that their sums are exact.
    of_kind : ndarray of bool
        Shape (kind, sector).

    Returns
    -------
    ndarray
        Shape (day, sector).
    """
    return np.column_stack([by_kind[:, own].sum(axis=1) for own in of_kind.T])
