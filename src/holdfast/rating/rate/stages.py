"""From features to a rating: scaling, refits, levels; or a frozen model applied."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.errors import DataMissing
from holdfast.rating.features.correlations import with_absent
from holdfast.rating.grid.adjacency import among
from holdfast.rating.model.aims import Aims, meant
from holdfast.rating.model.consensus import agreement_between, shares_of, vote, winners
from holdfast.rating.model.frozen import Applied, apply, first_code, freeze, levels_in
from holdfast.rating.model.orderings import compare_orderings
from holdfast.rating.model.people import correlations
from holdfast.rating.model.refitting import FitOptions, refit
from holdfast.rating.model.result import Rating
from holdfast.rating.model.scaling import apply_scaler, fit_scaler
from holdfast.rating.rate.cell_facts import CellFacts, certainty_of
from holdfast.types import Floats, Model

FEWEST_CELLS = 50
FEWEST_FEATURES = 2
NOT_IN_MODEL = "not in the model that is applied"
CONSTANT = "the same in every cell"


def rate_cells(
    features: pd.DataFrame,
    directions: Mapping[str, int],
    *,
    transforms: Mapping[str, str] | None = None,
    touching: sparse.csr_array | None = None,
    reasons: pd.Series | None = None,
    facts: CellFacts | None = None,
    options: FitOptions | None = None,
    seed: int = 1,
) -> Rating:
    """Fit a rating to the cells that can be rated.

    Parameters
    ----------
    features : DataFrame
        One row per cell, in units of their own; no nulls where `reasons` is empty.
    directions : mapping
        Feature to 1 (more is better) or -1 (more is worse).
    transforms : mapping, optional
        Feature to a key of `holdfast.rating.model.transforms.TRANSFORMS`; all ``normal`` if omitted, so that no unit
        or tail matters.
    touching : csr_array, optional
        Shape (cell, cell), 1 where two cells are neighbours; without it no cell has any.
    reasons : Series, optional
        Why a cell cannot be rated, empty where it can.
    facts : CellFacts, optional
        People, errors and other grids of the cells, and features that are absent.
    options : FitOptions, optional
        Method, refits, samples, weights and certainty.
    seed : int
        Parent of all random numbers.

    Returns
    -------
    Rating
        Levels from 1 with the vote of the refits. The order of the rows does not matter: cells are
        sorted by their index before anything is fitted.

    Raises
    ------
    DataMissing
        If fewer than 50 cells can be rated, or fewer than two features vary.
    UnknownName, NotConverged
        From the refits.

    References
    ----------
    Yin, Li & Mostafavi (2026). Departs from the paper in the method (`holdfast.rating.model.methods.holdfast`), in
    counting people instead of cells, and in the vote: the level of a cell is the one that most refits give, and its
    certainty is drawn from all that is uncertain (`holdfast.rating.model.certainty`).
    """
    reasons, options, facts = _empty_if_none(reasons, features), options or FitOptions(), facts or CellFacts()
    known, near = _rateable(features, reasons, touching)
    people = _people(facts, known.index)
    # a feature that is the same everywhere cannot be standardised, and says nothing
    constant = [str(name) for name in known.columns if known.loc[people > 0, name].nunique() < 2]
    known = known.drop(columns=constant)
    if known.shape[1] < FEWEST_FEATURES:
        text = f"only {known.shape[1]} features vary over the cells, at least {FEWEST_FEATURES} are needed"
        raise DataMissing(text)
    kinds = {str(name): (transforms or {}).get(name, "normal") for name in known.columns}
    scaler = fit_scaler(known, kinds, directions, people)
    scaled = apply_scaler(scaler, known).to_numpy(np.float64)
    shares = meant(scaler.names, options.aims)
    refits = refit(scaled, near, options, seed, people, shares)
    # refuses a level that nobody has
    vote(refits.levels[:, people > 0], options.levels)
    unused = {**facts.absent, **dict.fromkeys(constant, CONSTANT)}
    missing = [name for name in options.certainty.expected if name not in scaler.names]
    correlated = with_absent(correlations(scaled, people), scaler.names, missing, directions)
    model = freeze(scaler, refits, options, correlated, seed)
    return _described(model, features, reasons, replace(facts, absent=unused), (known, near))


def apply_model(
    model: Model,
    features: pd.DataFrame,
    *,
    touching: sparse.csr_array | None = None,
    reasons: pd.Series | None = None,
    facts: CellFacts | None = None,
    before: Applied | None = None,
) -> Rating:
    """Rate cells by a model that was fitted to others.

    Parameters
    ----------
    model : Model
        Of a rating; applied as it stands.
    features, touching, reasons, facts
        As of `rate_cells`; features that the model does not know are left aside.
    before : Applied, optional
        The same cells with earlier features: those that these do not touch keep their groups.

    Returns
    -------
    Rating
        Levels on the scale of the model: here a level may have no cell.

    Raises
    ------
    DataMissing
        If fewer than 50 cells can be rated, or the model needs a feature that is absent.
    TableError
        If the model is not whole.
    """
    reasons, facts = _empty_if_none(reasons, features), facts or CellFacts()
    rateable = _rateable(features, reasons, touching)
    # other features of the region are left aside, and listed as such: a model is applied as it stands
    unknown = [str(name) for name in features.columns if name not in model.facts["features"]]
    unused = {**facts.absent, **dict.fromkeys(unknown, NOT_IN_MODEL)}
    return _described(model, features, reasons, replace(facts, absent=unused), rateable, before)


def _empty_if_none(reasons: pd.Series | None, features: pd.DataFrame) -> pd.Series:
    """Reasons, or that every cell can be rated."""
    return pd.Series("", index=features.index, dtype="string") if reasons is None else reasons


def _people(facts: CellFacts, cells: pd.Index) -> Floats:
    """What each cell counts; all alike where nothing is known."""
    if facts.people is None:
        return np.ones(len(cells))
    people = np.asarray(facts.people.loc[cells], dtype=np.float64)
    if np.count_nonzero(people) < FEWEST_CELLS:
        text = f"only {np.count_nonzero(people)} cells hold people enough to be counted, at least {FEWEST_CELLS} are needed; take larger cells"
        raise DataMissing(text)
    return people


def _rateable(
    features: pd.DataFrame, reasons: pd.Series, touching: sparse.csr_array | None
) -> tuple[pd.DataFrame, sparse.csr_array | None]:
    """Features of the cells to rate, sorted by id, and which of these touch."""
    rated = np.flatnonzero((reasons == "").to_numpy(bool))
    if len(rated) < FEWEST_CELLS:
        text = f"only {len(rated)} cells can be rated, at least {FEWEST_CELLS} are needed; take smaller cells"
        raise DataMissing(text)
    # sorted by id, so that the order of the rows of a file changes no level
    chosen = rated[np.argsort(features.index[rated].to_numpy(), kind="stable")]
    return features.iloc[chosen], None if touching is None else among(touching, chosen)


def _described(
    model: Model,
    features: pd.DataFrame,
    reasons: pd.Series,
    facts: CellFacts,
    rateable: tuple[pd.DataFrame, sparse.csr_array | None],
    before: Applied | None = None,
) -> Rating:
    """Levels, shares and profiles of all cells under a model."""
    known, near = rateable
    scaled, levels, clusters = apply(model, known, near, before)
    people = _people(facts, known.index)
    # applied to all cells, also those that a refit did not see
    winner = winners(shares_of(levels, levels_in(model)))
    sure = certainty_of(model, known, levels, winner, facts, near)
    # fitted in the order of the ids, given back in the order of the rows
    own = features.index[(reasons == "").to_numpy(bool)]
    place = known.index.get_indexer(own)
    weights = meant([str(name) for name in scaled.columns], Aims(**model.facts["aims"])).sum(axis=0)
    profiles = (scaled * people[:, None]).groupby(winner).sum()
    held = pd.Series(people).groupby(winner).sum()
    return Rating(
        levels=pd.Series(winner, known.index, name="level").astype("Int64").reindex(features.index),
        reasons=reasons,
        certainty=sure.of(features.index),
        people=pd.Series(people, known.index, name="people").reindex(features.index, fill_value=0.0),
        scaled=scaled.loc[own],
        latent=first_code(model, scaled, near)[None, place],
        clusters=clusters[:, place],
        cluster_profiles=profiles.div(held.where(held > 0), axis=0).rename_axis("level"),
        absent=facts.absent,
        stability=agreement_between(levels, people),
        orderings=compare_orderings(scaled.to_numpy(np.float64), winner, weights, people),
        model=model,
    )
