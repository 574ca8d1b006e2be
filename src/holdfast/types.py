"""The frozen dataclasses that travel between the floors; they hold and do not compute."""

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """A metropolitan area cut into square cells.

    Parameters
    ----------
    name : str
        Name of the study, for titles.
    crs : str
        Projected equal-area CRS of `cells`.
    cell_size : float
        Side of a cell, m.
    cells : GeoDataFrame
        Index ``cell_id``; columns ``column`` and ``row`` (position in the grid),
        ``region_m2`` (area of the region in the cell), ``geometry`` (the square).
    """

    name: str
    crs: str
    cell_size: float
    cells: gpd.GeoDataFrame


@dataclass(frozen=True)
class Model:
    """A fitted rating model, frozen, that can be stored and applied to other cells.

    Parameters
    ----------
    facts : dict
        Text, numbers and lists: method, features with transform and direction, number of refits.
    arrays : dict of str to ndarray
        Scaler, encoder, groups and their levels, by dotted name.
    """

    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]


@dataclass(frozen=True)
class Network:
    """One infrastructure network.

    Parameters
    ----------
    name : str
        ``power``, ``water``, ``gas``, ``telecom`` or ``transport`` (the roads).
    nodes : GeoDataFrame
        Schema ``network_nodes``; index ``node_id``.
    edges : DataFrame
        Schema ``network_edges``; index ``edge_id``.
    dependencies : DataFrame
        Schema ``network_dependencies``: a node that works only while a node of another network does.
    synthetic : bool
        True where the generator laid it, since the data hold none.
    details : dict of str to DataFrame
        Tables of data that only one network model reads: ``pumps``, ``valves``, ``curves`` and ``hydraulics``
        (SI units, see `holdfast.recovery.networks.water_pressure`), or the element tables of a pandapower net under their own names.
    """

    name: str
    nodes: gpd.GeoDataFrame
    edges: pd.DataFrame
    # by name and not by object: a network can be read, changed and stored without those that it needs
    dependencies: pd.DataFrame
    synthetic: bool
    details: dict[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameters:
    """Tables of published figures that a simulation reads; each row has a source.

    Parameters
    ----------
    fragility : DataFrame
        Schema ``fragility``: per asset class and damage state the median and log standard deviation.
    repair : DataFrame
        Schema ``repair``: per occupancy or network class and damage state cost ratio and days.
    usability : DataFrame
        Schema ``usability``: share of a building that can be used in each damage state.
    delays : DataFrame
        Schema ``delays``: median impeding delay per damage state and step, and its dispersion.
    occupancies : DataFrame
        Schema ``occupancies``: category, people per floor area and recapture of each occupancy.
    productivity : DataFrame
        Schema ``productivity``: EP per floor area of each occupancy at each combination of services.
    services : DataFrame
        Schema ``services``: weights of the categories, and what is left of a building's function without each network.
    pipes : DataFrame
        Schema ``pipes``: repairs per km of pipe by class and intensity measure.
    pipe_repair : DataFrame
        Schema ``pipe_repair``: cost and work of a leak and of a break.
    casualties, collapse : DataFrame
        Schemas of these names: share of the people inside who are injured, share of complete buildings that
        collapse, share of the residents who must leave.
    service_capacity : DataFrame
        Schema ``service_capacity``: r_SS by category and services, and the habitable share of homes; where it is
        empty the residuals of `services`, multiplied.
    sectors, input_output, production_figures : DataFrame
        Schemas of these names: the sectors of the economy, what they need of one another, and how firms behave; where the
        first is empty, production is what the buildings allow.
    contents : DataFrame
        Schema ``contents``: value of contents and stock by occupancy, which water damages.
    rebuilding_steps, rebuilding_owners, rebuilding_figures : DataFrame
        Schemas of these names: whom a repair waits for, what it is paid from, and how many builders and desks there are.
    """

    fragility: pd.DataFrame
    repair: pd.DataFrame
    usability: pd.DataFrame
    delays: pd.DataFrame
    occupancies: pd.DataFrame
    productivity: pd.DataFrame
    services: pd.DataFrame
    # what follows may be empty: a city without such networks, or a result without these people, needs none of it
    pipes: pd.DataFrame = field(default_factory=pd.DataFrame)
    pipe_repair: pd.DataFrame = field(default_factory=pd.DataFrame)
    casualties: pd.DataFrame = field(default_factory=pd.DataFrame)
    collapse: pd.DataFrame = field(default_factory=pd.DataFrame)
    service_capacity: pd.DataFrame = field(default_factory=pd.DataFrame)
    sectors: pd.DataFrame = field(default_factory=pd.DataFrame)
    input_output: pd.DataFrame = field(default_factory=pd.DataFrame)
    production_figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    contents: pd.DataFrame = field(default_factory=pd.DataFrame)
    rebuilding_steps: pd.DataFrame = field(default_factory=pd.DataFrame)
    rebuilding_owners: pd.DataFrame = field(default_factory=pd.DataFrame)
    rebuilding_figures: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Estimate:
    """One loss over all draws: P5, P50, P95 of the draws, and the mean with its Monte-Carlo error."""

    unit: str
    mean: float
    p5: float
    p50: float
    p95: float
    mean_error: float


@dataclass(frozen=True)
class Losses:
    """What a disaster costs; money in `City.currency` of `City.price_year`.

    Parameters
    ----------
    total_economic_loss, repair_cost, lost_production : Estimate
        Money; the first is the sum of the others in every draw.
    service_capacity_loss : Estimate
        Person-days: the integral of what service capacity falls short of demand.
    unmet_need, without_home, without_services : Estimate
        Person-days: the first is half of each of the others, which are people without a place to live, and without
        essential services by the assumed weights of the service categories.
    total_economic_loss_per_m2, ... : Estimate
        The same per m2 of floor area of the city.
    """

    total_economic_loss: Estimate
    repair_cost: Estimate
    lost_production: Estimate
    service_capacity_loss: Estimate
    unmet_need: Estimate
    without_home: Estimate
    without_services: Estimate
    # per m2 so that cities of different size can be put beside each other
    total_economic_loss_per_m2: Estimate
    repair_cost_per_m2: Estimate
    lost_production_per_m2: Estimate
    service_capacity_loss_per_m2: Estimate


@dataclass(frozen=True)
class InputFile:
    """A file that was read: its name, SHA-256, rows kept, and where it comes from.

    ``notes`` say what was left out, merged or taken as given; ``warnings`` what a reader must know first.
    """

    table: str
    file: str
    sha256: str
    rows: int
    notes: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    date: str = ""
    link: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """What a result came from: everything needed to make it again."""

    # no date and no place: the same study on the same inputs is the same run wherever and whenever it is made
    verb: str
    name: str
    study: dict[str, object]
    seed: int
    inputs: tuple[InputFile, ...]
    versions: dict[str, str] = field(default_factory=dict)
