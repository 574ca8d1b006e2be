"""Risk of cells in six levels, by the machine that rates their resilience."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from scipy import sparse

from holdfast.errors import UnknownName
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.missing import fill
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.model.result import Rating
from holdfast.rating.overlay.risk_features import PILLARS, RiskRule
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells

RISK_NAMES = ("very low", "low", "moderate", "high", "very high", "extreme")
RISK_LEVELS = len(RISK_NAMES)
METHODS = ("graded", "holdfast", "graph_autoencoder")
"""Methods that can find six levels; the last is the neighbour-aware network."""


@dataclass(frozen=True)
class RiskFit:
    """How a risk is rated.

    Parameters
    ----------
    method : str
        How cells are grouped into six levels, one of `METHODS`.
    neighbour_weight : float
        Of the touching cells, 0..1; the network of ``graph_autoencoder`` sees them without it.
    refits, draws : int
        Models with seeds of their own; draws behind the certainty.
    pillars : mapping
        Pillar to its weight; 1 where nothing is said.

    Raises
    ------
    UnknownName
        If there is no such method or pillar.
    """

    method: str = "graded"
    neighbour_weight: float = 0.25
    refits: int = 20
    draws: int = 200
    pillars: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names that nothing answers to."""
        if self.method not in METHODS:
            raise UnknownName("method of a risk rating", self.method, METHODS, "risk.method")
        for name in self.pillars:
            if name not in PILLARS:
                raise UnknownName("pillar of a risk", name, PILLARS, "risk.pillars")


def rate_risk(
    features: pd.DataFrame,
    rules: Mapping[str, RiskRule],
    *,
    people: pd.Series,
    homes: pd.Series | None = None,
    touching: sparse.csr_array | None = None,
    fit: RiskFit | None = None,
    seed: int = 1,
) -> Rating:
    """Rate the risk of cells, 1 (very low) to 6 (extreme), by the machine of the resilience rating.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, one column per feature, null where not known: such a cell has no risk level.
    rules : mapping
        Feature to its rule; pillars count alike unless `fit` says otherwise.
    people, homes : Series
        Index of `features`: what each cell counts, and its homes where known; cells without any are not rated.
    touching : csr_array, optional
        Shape (cell, cell), 1 where two cells touch.
    fit : RiskFit, optional
        Method, neighbours, refits and weights.
    seed : int
        Parent of all random numbers.

    Returns
    -------
    Rating
        ``levels`` 1..6, where more is more risk; the rest as of `holdfast.rating.rate.stages.rate_cells`.

    Raises
    ------
    DataMissing, NotConverged
        If fewer than 50 cells can be rated, fewer than two features vary, or no six levels come out.

    References
    ----------
    Not specified in the paper: features, weights and cuts of the risk rating are ours. Pillars on one scale (normal scores)
    are summed, so that risk is a product of hazard, exposure and vulnerability only on the scale of ranks.
    """
    fit = fit or RiskFit()
    filled, reasons, _ = fill(features, homes, dict.fromkeys(features.columns, "unrated"))
    names = [str(name) for name in features.columns]
    options = FitOptions(
        fit.method,
        fit.refits,
        settings={"levels": RISK_LEVELS, "neighbour_weight": fit.neighbour_weight},
        aims=Aims({name: rules[name].pillar for name in names}, fit.pillars),
        certainty=CertaintyOptions(fit.draws),
    )
    directions = {name: rules[name].direction for name in names}
    return rate_cells(
        filled, directions, touching=touching, reasons=reasons, facts=CellFacts(people), options=options, seed=seed
    )
