"""From features to a rating: scaling, refits, levels; or a frozen model applied."""

import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.config import RatingOptions
from holdfast.errors import DataMissing
from holdfast.rating.features.catalog import study_rules
from holdfast.rating.grid.region import neighbours
from holdfast.rating.model.consensus import agreement_between, refit, shares_of, vote, winners
from holdfast.rating.model.frozen import apply, first_code, freeze
from holdfast.rating.model.levels import LEVELS
from holdfast.rating.model.orderings import conflicts
from holdfast.rating.model.scaling import apply_scaler, fit_scaler
from holdfast.types import Model, Rating

FEWEST_CELLS = 50
FEWEST_FEATURES = 2
NOT_IN_MODEL = "not in the model that is applied"


def rate_cells(
    features: pd.DataFrame,
    reasons: pd.Series,
    absent: dict[str, str],
    options: RatingOptions,
    seed: int,
    places: pd.DataFrame | None = None,
    model: Model | None = None,
) -> Rating:
    """Rate the cells that can be rated.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, in units of their own.
    reasons : Series
        Index ``cell_id``; why a cell cannot be rated, empty where it can.
    absent : dict
        Features that the data do not allow, with the reason.
    options : RatingOptions
        Method, directions, refits.
    seed : int
        Parent of all random numbers.
    places : DataFrame, optional
        Index ``cell_id``; ``column`` and ``row`` in the grid. Without it no cell has neighbours.
    model : Model, optional
        Applied as it stands instead of fitting one; `options` and `seed` are then not read.

    Returns
    -------
    Rating
        Levels 1..5 with the vote of the refits. The order of the rows does not matter: cells are
        sorted by ``cell_id`` before anything is fitted.

    Raises
    ------
    DataMissing
        If fewer than 50 cells can be rated, fewer than two features vary, or `model` needs a feature
        that is absent.
    UnknownName, NotConverged
        From the refits.
    TableError
        If `model` is not whole.

    References
    ----------
    Yin, Li & Mostafavi (2026). Departs from the paper in the method (`methods.holdfast`) and in the
    vote over refits: the level of a cell is the one that most refits give, and `agreement` says how many.
    """
    known, absent = _rateable(features, reasons, absent, model)
    touching = None if places is None else neighbours(places.loc[known.index])
    frozen = _fit(known, touching, options, seed) if model is None else model
    scaled, levels, clusters = apply(frozen, known, touching)
    shares = shares_of(levels)
    winner = vote(levels)[0] if model is None else winners(shares)  # another metro may lack a level
    level = pd.Series(winner, index=known.index, name="level").astype("Int64")
    agreement = pd.Series(shares[np.arange(len(winner)), winner - 1], index=known.index, name="agreement")
    table = pd.DataFrame(shares, index=known.index, columns=range(1, LEVELS + 1))
    own = features.index[(reasons == "").to_numpy()]
    place = known.index.get_indexer(own)
    return Rating(
        levels=level.reindex(features.index),
        reasons=reasons,
        agreement=agreement.reindex(features.index),
        probabilities=table.reindex(features.index),
        scaled=scaled.loc[own],
        latent=first_code(frozen, scaled, touching)[None, place],
        clusters=clusters[:, place],
        cluster_profiles=scaled.groupby(winner).mean().rename_axis("level"),
        used=tuple(scaled.columns),
        absent=absent,
        stability=agreement_between(levels),
        orderings=conflicts(scaled.to_numpy(np.float64), winner),
        model=frozen,
    )


def _rateable(
    features: pd.DataFrame, reasons: pd.Series, absent: dict[str, str], model: Model | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Features of the cells to rate, sorted by id, without those that do not vary or the model does not know."""
    rated = reasons == ""
    if rated.sum() < FEWEST_CELLS:
        text = f"only {int(rated.sum())} cells can be rated, at least {FEWEST_CELLS} are needed; take smaller cells"
        raise DataMissing(text)
    known = features[rated].sort_index()
    if model is not None:
        other = [str(name) for name in known.columns if name not in model.facts["features"]]
        return known, {**absent, **dict.fromkeys(other, NOT_IN_MODEL)}
    constant = [name for name in known.columns if known[name].nunique() < 2]
    absent = {**absent, **dict.fromkeys(constant, "the same in every cell")}
    known = known.drop(columns=constant)
    if known.shape[1] < FEWEST_FEATURES:
        text = f"only {known.shape[1]} features vary over the cells, at least {FEWEST_FEATURES} are needed"
        raise DataMissing(text)
    return known, absent


def _fit(known: pd.DataFrame, touching: sparse.csr_array | None, options: RatingOptions, seed: int) -> Model:
    """Fit scaler and refits, and freeze them."""
    rules = study_rules(options)
    directions = {name: options.directions.get(name, rules[name].direction) for name in known.columns}
    own = {name: "normal" if options.scores == "normal" else rules[name].transform for name in known.columns}
    scaler = fit_scaler(known, own, directions)
    scaled = apply_scaler(scaler, known).to_numpy(np.float64)
    return freeze(scaler, refit(scaled, touching, options, seed), options.method)
