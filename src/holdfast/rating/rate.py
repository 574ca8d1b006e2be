"""From features to a rating: scaling, refits, levels."""

import numpy as np
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.errors import DataMissing
from holdfast.rating.consensus import agreement_between, refit, vote
from holdfast.rating.features.catalog import feature_rules
from holdfast.rating.levels import LEVELS
from holdfast.rating.scaling import scale
from holdfast.types import Rating

FEWEST_CELLS = 50
FEWEST_FEATURES = 2


def rate_cells(
    features: pd.DataFrame, reasons: pd.Series, absent: dict[str, str], options: RatingOptions, seed: int
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
        Directions, refits, autoencoder, clustering.
    seed : int
        Parent of all random numbers.

    Returns
    -------
    Rating
        Levels 1..5 with the vote of the refits.

    Raises
    ------
    DataMissing
        If fewer than 50 cells can be rated or fewer than two features vary.
    UnknownName, NotConverged
        From the refits.

    References
    ----------
    Yin, Li & Mostafavi (2026). Departs from the paper in the vote over refits: the level of a cell
    is the one that most refits give, and `agreement` says how many.
    """
    rules = feature_rules()
    rated = reasons == ""
    if rated.sum() < FEWEST_CELLS:
        text = f"only {int(rated.sum())} cells can be rated, at least {FEWEST_CELLS} are needed; take smaller cells"
        raise DataMissing(text)
    known = features[rated]
    constant = [name for name in known.columns if known[name].nunique() < 2]
    absent = {**absent, **dict.fromkeys(constant, "the same in every cell")}
    known = known.drop(columns=constant)
    if known.shape[1] < FEWEST_FEATURES:
        text = f"only {known.shape[1]} features vary over the cells, at least {FEWEST_FEATURES} are needed"
        raise DataMissing(text)
    directions = {name: options.directions.get(name, rules[name].direction) for name in known.columns}
    scaled = scale(known, {name: rules[name].transform for name in known.columns}, directions)
    refits = refit(scaled, options, seed)
    winner, shares = vote(refits.levels)
    levels = pd.Series(winner, index=known.index, name="level").astype("Int64").reindex(features.index)
    agreement = pd.Series(shares[np.arange(len(winner)), winner - 1], index=known.index, name="agreement")
    names = range(1, LEVELS + 1)
    return Rating(
        levels=levels,
        reasons=reasons,
        agreement=agreement.reindex(features.index),
        probabilities=pd.DataFrame(shares, index=known.index, columns=names).reindex(features.index),
        scaled=scaled,
        latent=refits.codes,
        clusters=refits.clusters,
        cluster_profiles=scaled.groupby(winner).mean().rename_axis("level"),
        used=tuple(known.columns),
        absent=absent,
        stability=agreement_between(refits.levels),
    )
