"""Training of the models of net output on all states and without each part of them, and which of them is used."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.training import evaluation
from holdfast.training.hyperparameters import TrainingSettings
from holdfast.training.model_inputs import Inputs, inputs
from holdfast.training.output_models import Fitted, Split, output_models
from holdfast.training.panel import Panel
from holdfast.training.selection import temporal_features
from holdfast.training.trained import Progress, silent

HYBRID = "hybrid"


class NetOutput(NamedTuple):
    """Every model of output per head, fitted to all states, and tested on states that it has not seen.

    ``given``: what the models of all states saw; ``fitted``: model to predictions of these; ``unseen``: model to the level
    of every row, predicted by a model fitted without the row's part of the states; ``features``: the report of the
    selection; ``training_rows``: how many rows fitted the models of all states.
    """

    given: Inputs
    fitted: dict[str, Fitted]
    unseen: dict[str, np.ndarray]
    features: pd.DataFrame
    training_rows: int


class Verdict(NamedTuple):
    """Which model fills what is not published: the hybrid network only if it beats the best simpler one beyond chance.

    ``difference``: of the mean squared normalised errors in unseen states up to 2017, hybrid less the simpler one, with
    ``low`` and ``high`` (95 %); ``later``: the model of the least error on 2018-2019 in states that were seen.
    """

    simpler: str
    difference: float
    low: float
    high: float
    beats: bool
    default: str
    later: str


def fit_output(data: Panel, options: TrainingSettings, seed: int, progress: Progress = silent) -> NetOutput:
    """Fit every model of output per head to the years to 2017, with all states and without each part of the states."""
    settings = options.net_output
    year, known = data.rows["year"].to_numpy(), data.rows["level"].notna().to_numpy()
    part = evaluation.state_parts(data, settings.folds, np.random.default_rng(seed))
    # features are chosen once, with the same years as the fit; states of all parts take part in the choice alone
    features = temporal_features(data, evaluation.LAST_FIT, settings.significance)
    kept = features.index[features["kept"]].tolist()
    models = output_models(settings, seed)
    unseen = {name: np.full(len(known), np.nan) for name in models}
    fitted: dict[str, Fitted] = {}
    fits = known & (year <= evaluation.LAST_FIT)
    for k in range(settings.folds + 1):
        # the last turn leaves no state out: no part has that number
        fit = fits & (part != k)
        given = inputs(data, kept, fit)
        split = Split(fit, fit & (part == (k + 1) % settings.folds))
        for i, (name, model) in enumerate(models.items()):
            progress(
                f"net output: {name}, {k + 1} of {settings.folds + 1}", (k + i / len(models)) / (settings.folds + 1)
            )
            fitted[name] = model(given, split)
            unseen[name][part == k] = fitted[name].level[part == k]
    return NetOutput(given, fitted, unseen, features, int(fits.sum()))


def output_tables(data: Panel, found: NetOutput) -> dict[str, pd.DataFrame]:
    """Errors of every model: for unseen states and for later years, and in unseen states by sector and region."""
    given, output = found.given, data.rows["output"].to_numpy(np.float64)
    periods = evaluation.windows(given.year)

    def of(models: dict[str, np.ndarray], rows: np.ndarray) -> pd.DataFrame:
        return evaluation.errors(given.level, given.scale, output, models, rows)

    # a state that was never seen has no figure of last year
    unseen = {name: made for name, made in found.unseen.items() if name != "last_year"}
    seen = {name: fitted.level for name, fitted in found.fitted.items()}
    later = list(periods.items())[1:]
    tables = {
        "output_features": found.features,
        "output_held_out": pd.concat({n: of(unseen, rows) for n, rows in periods.items()}, names=["period"]),
        "output_errors": pd.concat({n: of(seen, rows) for n, rows in later}, names=["period"]),
    }
    for kind, key in evaluation.groups(data).items():
        parts = {name: of(unseen, periods["to 2017"] & (key == name).to_numpy()) for name in sorted(key.unique())}
        tables[f"output_by_{kind}"] = pd.concat(parts, names=[kind])
    return tables


def verdict_of(
    data: Panel, found: NetOutput, tables: dict[str, pd.DataFrame], generator: np.random.Generator
) -> Verdict:
    """Which model fills what is not published: the hybrid only if it beats the best simpler one in unseen states."""
    unseen = tables["output_held_out"].loc["to 2017", "rmse_normalised"].drop(HYBRID)
    simple = str(unseen.idxmin())
    given = found.given
    rows = evaluation.windows(given.year)["to 2017"]
    made = (found.unseen[HYBRID], found.unseen[simple])
    mean, low, high = evaluation.difference(given.level, given.scale, data.rows["state"], made, rows, generator)
    later = str(tables["output_errors"].loc["2018-2019", "rmse_normalised"].idxmin())
    # beyond chance: what is more complex has to earn it
    return Verdict(simple, mean, low, high, high < 0, HYBRID if high < 0 else simple, later)
