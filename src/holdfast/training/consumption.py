"""Consumption per floor area of homes and buildings: features, models beside each other, errors."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.training.hyperparameters import ServiceSettings
from holdfast.training.screening import Limits, kept, screen

HOMES = "residential"
UNIT = "_kwh"
CARRIERS = ("electricity", "gas", "fuel")
SIZES = ("small", "middle", "large")
ROWS_PER_FOLD = 10  # below it the error of a fold says nothing
OPTIONAL = ("persons", "income_band", "hours_per_week", "heating_degree_days", "cooling_degree_days")


class Sample(NamedTuple):
    """Rows of a survey that train one group.

    ``features``: one column per feature, no nulls; ``uses``: kWh per m2 and year, one column per
    ``<carrier>_<use>`` or carrier; ``weight`` and ``floor_area`` (m2): Series; ``category``: service category
    ("" if of none). All with one index.
    """

    features: pd.DataFrame
    uses: pd.DataFrame
    weight: pd.Series
    floor_area: pd.Series
    category: pd.Series


class Model(NamedTuple):
    """A fitted model: names of the features, and a function from features to kWh per m2 and year by use."""

    name: str
    features: tuple[str, ...]
    predict: Callable[[pd.DataFrame], pd.DataFrame]


Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, ServiceSettings, int], Callable[[np.ndarray], np.ndarray]]
"""From design (row, column), consumption (row, use), survey weights (row,), options and seed, to a function from a
design to consumption, kWh per m2 and year."""


def samples(homes: pd.DataFrame, buildings: pd.DataFrame) -> dict[str, Sample]:
    """Rows of the surveys by group: residential, office, industrial, service.

    Raises
    ------
    TableError
        If a group has fewer rows than ten per fold of a cross-validation would need.
    """
    table = packaged("survey_activities").set_index("activity")
    # vacant buildings and those of unknown use have no group in the table and drop out; warehouses stand in for
    # industry, of which the survey has none
    joined = buildings.join(table[["group", "category"]], on="activity")
    found = {HOMES: _homes(homes)}
    for group in sorted(set(table["group"]) - {""}):
        found[group] = _buildings(joined[joined["group"] == group])
    few = [g for g, s in found.items() if len(s.features) < 2 * ROWS_PER_FOLD]
    if few:
        text = f"has fewer than {2 * ROWS_PER_FOLD} rows in the survey; take the whole file"
        raise TableError("survey", [Problem(f"{g}: {text}") for g in few])
    return found


def _homes(table: pd.DataFrame) -> Sample:
    """Homes with consumption by carrier, or by end use where the survey has them."""
    names = ["region", "home_type", "urban", "year_built", "heating_degree_days", "cooling_degree_days"]
    # logarithm of the area: large buildings lie far from the others, and consumption is per m2 already
    features = table[[*names, "heated", "cooled"]].assign(log_floor_area=np.log(table["floor_area_m2"]))
    return _sample(table, features, pd.Series("home", table.index))


def _sample(table: pd.DataFrame, features: pd.DataFrame, category: pd.Series) -> Sample:
    """Rows of a survey with their features, and their consumption by carrier or end use per m2."""
    area = table["floor_area_m2"]
    columns = [c for carrier in CARRIERS for c in _by_use(table, carrier)]
    return Sample(
        features=_with_optional(features, table),
        uses=table[columns].rename(columns=lambda c: c.removesuffix(UNIT)).div(area, axis=0),
        weight=table["weight"],
        floor_area=area,
        category=category,
    )


def _by_use(table: pd.DataFrame, carrier: str) -> list[str]:
    """Columns of a carrier: its end uses where the survey has them, else its total."""
    total = f"{carrier}{UNIT}"
    parts = [c for c in table.columns if c.startswith(f"{carrier}_") and c != total]
    return parts or [c for c in (total,) if c in table.columns]


def _buildings(table: pd.DataFrame) -> Sample:
    """Buildings with electricity by end use, and gas where the survey has it."""
    area = table["floor_area_m2"]
    features = table[["activity", "region", "year_built"]].assign(log_floor_area=np.log(area))
    if "workers" in table.columns and table["workers"].notna().any():
        crowd = table["workers"] / area * 100
        features["workers_per_100_m2"] = crowd.fillna(crowd.median())
    return _sample(table, features, table["category"])


def _with_optional(features: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Add the features that the survey file happens to have; a null takes the median."""
    there = [c for c in OPTIONAL if c in table.columns and c not in features.columns and table[c].notna().any()]
    # surveys differ in what they ask; a gap takes the median, since trees and least squares take no null
    return features.assign(**{c: table[c].fillna(table[c].median()) for c in there})


def design(features: pd.DataFrame, words: dict[str, list[str]]) -> np.ndarray:
    """Numbers as they are, truth values as 0 and 1, words as one column each; float64, shape (row, column).

    `words` say which words of a feature get a column; an unknown word is 0 in all of them.

    Examples
    --------
    >>> table = pd.DataFrame({"region": ["west", "south"], "heated": [True, False]})
    >>> design(table, {"region": ["south", "west"]}).tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
    """
    columns = []
    for name in features.columns:
        if name in words:
            columns += [(features[name].astype("string") == word).to_numpy(np.float64) for word in words[name]]
        else:
            columns.append(features[name].to_numpy(np.float64))
    # without any feature a column of zeros: every model is then the mean
    return np.column_stack(columns) if columns else np.zeros((len(features), 1))


def vocabulary(features: pd.DataFrame) -> dict[str, list[str]]:
    """Words of each text feature, sorted."""
    text = [c for c in features.columns if not pd.api.types.is_numeric_dtype(features[c])]
    return {c: sorted(features[c].astype("string").unique()) for c in text}


def fit_mean(y: np.ndarray, weight: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Weighted mean of the training rows: the baseline that knows nothing."""
    mean = np.average(y, axis=0, weights=weight)
    return lambda new: np.repeat(mean[None, :], len(new), axis=0)


def fit_linear(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Weighted least squares on the same features; negative predictions are 0."""
    model = LinearRegression().fit(x, y, sample_weight=weight)
    return lambda new: np.maximum(model.predict(new).reshape(len(new), -1), 0.0)


def fit_forest(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, options: ServiceSettings, seed: int
) -> Callable[[np.ndarray], np.ndarray]:
    """Random forest (Breiman 2001). Not specified in the paper: its size."""
    model = RandomForestRegressor(
        n_estimators=options.trees,
        min_samples_leaf=options.rows_per_leaf,
        max_features=options.features_per_split,
        random_state=seed,
        # parallel sums differ in the last bit
        n_jobs=1,
    )
    # scikit-learn warns of a column vector where there is one use alone
    model.fit(x, y if y.shape[1] > 1 else y[:, 0], sample_weight=weight)
    return lambda new: model.predict(new).reshape(len(new), -1)


def fit(name: str, sample: Sample, features: list[str], options: ServiceSettings, seed: int) -> Model:
    """Fit one of `MODELS`, mean, linear or forest, to some features of a sample; options and seed are those of the forest.

    Raises
    ------
    UnknownName
        If there is no such model.
    """
    if name not in MODELS:
        raise UnknownName("model of consumption", name, MODELS)
    chosen = sample.features[features]
    # words of the training rows: a word seen later for the first time is 0 in all columns
    words = vocabulary(chosen)
    weight = sample.weight.to_numpy(np.float64)
    inner = MODELS[name](design(chosen, words), sample.uses.to_numpy(np.float64), weight, options, seed)

    def predict(table: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(inner(design(table[features], words)), index=table.index, columns=sample.uses.columns)

    return Model(name, tuple(features), predict)


def cross_validated(sample: Sample, options: ServiceSettings, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Predictions of every model for rows that it has not seen.

    Returns
    -------
    DataFrame
        Column per model: kWh per m2 and year of all uses together, index of the sample.
    Series
        Fold of each row, 0..folds - 1.
    """
    rng = np.random.default_rng(seed)
    fold = pd.Series(rng.permutation(len(sample.features)) % options.folds, sample.features.index, name="fold")
    predicted = pd.DataFrame(np.nan, index=sample.features.index, columns=list(MODELS))
    for k in range(options.folds):
        seen = (fold != k).to_numpy()
        train = Sample(*(part[seen] for part in sample))
        # screened again in the training rows of each fold, so that the errors include the choice
        features = chosen_features(train, options)[0]
        for name in MODELS:
            model = fit(name, train, features, options, seed)
            predicted.loc[~seen, name] = model.predict(sample.features[~seen]).sum(axis=1).to_numpy()
    return predicted, fold


def chosen_features(sample: Sample, options: ServiceSettings) -> tuple[list[str], pd.DataFrame]:
    """Features that distinguish the consumption, and the table of tests from `holdfast.training.screening.screen`."""
    # logarithm of all uses together: consumption is skewed, and the tests ask for something near a normal distribution;
    # the least value stands for zero
    total = sample.uses.sum(axis=1).to_numpy(np.float64)
    limits = Limits(options.significance, options.cohen_d, options.eta_squared, options.epsilon_squared)
    tests = screen(
        sample.features, np.log(np.maximum(total, options.least_kwh_per_m2)), sample.weight.to_numpy(np.float64), limits
    )
    return kept(tests), tests


def errors(actual: pd.Series, predicted: pd.DataFrame, weight: pd.Series, fold: pd.Series) -> pd.DataFrame:
    """Weighted errors of every model, with their spread over the folds.

    Returns
    -------
    DataFrame
        Index ``model``: ``rmse``, ``mae`` (kWh/m2/year), ``r2`` (1), ``rmse_error`` (standard error of the rmse
        over folds) and ``better_than_linear`` (mean fall of the rmse against the linear model, kWh/m2/year) with
        ``better_error`` (its standard error over folds, paired).
    """
    spread = float(np.average((actual - np.average(actual, weights=weight)) ** 2, weights=weight))
    by_fold = {
        name: np.array(
            [_rmse(actual[fold == k], predicted.loc[fold == k, name], weight[fold == k]) for k in sorted(fold.unique())]
        )
        for name in predicted.columns
    }
    rows = {}
    for name in predicted.columns:
        miss = predicted[name] - actual
        square = float(np.average(miss**2, weights=weight))
        # paired: the difference in one fold varies less than either error
        gain = by_fold["linear"] - by_fold[name]
        rows[name] = {
            "rmse": square**0.5,
            "mae": float(np.average(miss.abs(), weights=weight)),
            "r2": 1 - square / spread,
            "rmse_error": _standard_error(by_fold[name]),
            "better_than_linear": float(gain.mean()),
            "better_error": _standard_error(gain),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def _rmse(actual: pd.Series, predicted: pd.Series, weight: pd.Series) -> float:
    """Weighted root mean square error."""
    return float(np.average((predicted - actual) ** 2, weights=weight) ** 0.5)


def _standard_error(values: np.ndarray) -> float:
    """Standard error of the mean over folds."""
    return float(values.std(ddof=1) / values.size**0.5) if values.size > 1 else float("nan")


def errors_by(sample: Sample, actual: pd.Series, predicted: pd.Series) -> pd.DataFrame:
    """Errors of one model, predicted unseen, by sector (activity or kind of home), region and size (thirds of the area).

    Returns
    -------
    DataFrame
        ``by``, ``value``, ``rows``, ``mean``, ``bias`` (predicted less actual), ``mae`` (kWh/m2/year, weighted).
    """
    sector = "activity" if "activity" in sample.features.columns else "home_type"
    thirds = pd.qcut(sample.floor_area.rank(method="first"), 3, labels=list(SIZES))
    rows = []
    for by, values in (("sector", sample.features[sector]), ("region", sample.features["region"]), ("size", thirds)):
        for value in sorted(values.astype(str).unique()):
            own = (values.astype(str) == value).to_numpy()
            miss, weight = (predicted - actual)[own], sample.weight[own]
            rows.append(
                {
                    "by": by,
                    "value": value,
                    "rows": int(own.sum()),
                    "mean": np.average(actual[own], weights=weight),
                    "bias": np.average(miss, weights=weight),
                    "mae": np.average(miss.abs(), weights=weight),
                }
            )
    return pd.DataFrame(rows)


MODELS: dict[str, Fit] = {
    "mean": lambda _x, y, weight, _options, _seed: fit_mean(y, weight),
    "linear": lambda x, y, weight, _options, _seed: fit_linear(x, y, weight),
    "forest": fit_forest,
}
"""Models of consumption, beside each other in every cross-validation."""
