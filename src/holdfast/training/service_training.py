"""Train the model of service capacity: from two surveys and stated assumptions to the archive of r_SS."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.training.assumed_response import NETWORKS
from holdfast.training.consumption import (
    MODELS,
    Sample,
    chosen_features,
    cross_validated,
    errors,
    errors_by,
    fit,
    samples,
)
from holdfast.training.hyperparameters import ServiceSettings
from holdfast.training.screening import holm
from holdfast.training.supplementary_factor import (
    HABITABLE,
    Assumptions,
    Uses,
    archive_rows,
    assumptions,
    grid,
    habitable_interval,
    habitable_share,
    interval,
    supplementary_factor,
    uses,
)

SOURCES = {
    "recs2015": "EIA RECS 2015",
    "recs2020": "EIA RECS 2020",
    "cbecs2003": "EIA CBECS 2003",
    "cbecs2018": "EIA CBECS 2018",
}
RESAMPLES = 20
"""Times that the rows of the surveys are drawn again."""
RESPONSE = "response to service assumed (end_use_needs, resource_weights)"
LIMITS = "limits Sphere, WHO and EIA; residuals assumed (habitability)"


class TrainedService(NamedTuple):
    """What training gives, each a DataFrame.

    ``archive``: table ``service_capacity``; ``tests``: all tests of all groups; ``features``: kept and dropped;
    ``errors``: by group and model, with the model chosen; ``errors_by``: of the chosen model by sector, region
    and size; ``shares``: weighted consumption by category, resource and use; ``reference``: r_SS with one service
    gone; ``robustness``: how far r_SS of the reference cases moves with another model, or with rows drawn again.
    """

    archive: pd.DataFrame
    tests: pd.DataFrame
    features: pd.DataFrame
    errors: pd.DataFrame
    errors_by: pd.DataFrame
    shares: pd.DataFrame
    reference: pd.DataFrame
    robustness: pd.DataFrame


def train_service(homes: pd.DataFrame, buildings: pd.DataFrame, options: ServiceSettings, seed: int) -> TrainedService:
    """Screen features, compare models, choose, and fill the archive.

    Parameters
    ----------
    homes, buildings : DataFrame
        Schemas ``survey_homes`` and ``survey_buildings``, each with ``attrs["survey"]``.
    options : ServiceSettings
        Screening, models and folds of the training.
    seed : int
        Of folds, forests and intervals.

    Returns
    -------
    TrainedService
        The same for the same input, whatever the machine's number of processors.

    References
    ----------
    Zhou, Xiao & Xu (2025): features screened with Student's t, Kruskal-Wallis and analysis of variance, then a
    random forest for consumption. Departs from the paper where a simpler model has the smaller error: then that
    one is used.
    """
    given = assumptions()
    names = [SOURCES.get(str(t.attrs.get("survey", "")), "survey") for t in (homes, buildings)]
    consumed: dict[str, pd.Series] = {}
    others: dict[str, dict[str, pd.Series]] = {name: {} for name in MODELS}
    drawn: list[dict[str, pd.Series]] = [{} for _ in range(RESAMPLES)]
    rng = np.random.default_rng(seed)
    tests, features, missed, missed_by = [], [], [], []
    for group, sample in samples(homes, buildings).items():
        kept, tested = chosen_features(sample, options)
        tests.append(tested.assign(group=group))
        table, by, best = _compared(sample, options, seed)
        missed.append(table.assign(group=group, chosen=table.index == best, rows=len(sample.features)).reset_index())
        missed_by.append(by.assign(group=group, model=best))
        features += [(group, f, f in kept) for f in sample.features.columns]
        for name in MODELS:
            predicted = fit(name, sample, kept, options, seed).predict(sample.features)
            others[name] |= _by_category(sample, predicted)
        # a category is taken from the group that its buildings are in
        consumed |= {c: others[best][c] for c in others[best] if c in set(sample.category)}
        # the survey drawn again, row by row: how far its own sample moves the result, without any model
        for again in drawn:
            rows = rng.integers(0, len(sample.features), len(sample.features))
            new = Sample(*(part.iloc[rows] for part in sample))
            again |= _by_category(new, new.uses)
    consumers = {c: uses(c, consumed[c], given) for c in sorted(consumed)}
    every = pd.concat(tests, ignore_index=True)
    # inside a group tests were corrected for that group; over all groups there are many more
    every["p_holm_all"] = holm(every["p"].to_numpy(np.float64))
    return TrainedService(
        archive=_archive(consumers, given, options, seed, names),
        tests=every,
        features=pd.DataFrame(features, columns=["group", "feature", "kept"]),
        errors=pd.concat(missed, ignore_index=True),
        errors_by=pd.concat(missed_by, ignore_index=True),
        shares=_shares(consumers),
        reference=_reference(consumers, given),
        robustness=_robustness(consumers, others, drawn, given),
    )


def _compared(sample: Sample, options: ServiceSettings, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Errors of all models on unseen rows, those of the best by group, and its name."""
    actual = sample.uses.sum(axis=1)
    predicted, fold = cross_validated(sample, options, seed)
    table = errors(actual, predicted, sample.weight, fold)
    best = str(table["rmse"].idxmin())
    return table, errors_by(sample, actual, predicted[best]), best


def _by_category(sample: Sample, predicted: pd.DataFrame) -> dict[str, pd.Series]:
    """Predicted consumption of each category's floor area, kWh per m2 and year by use."""
    # weight times area: consumption of a m2 of the stock, not of a building
    stock = sample.weight * sample.floor_area
    found = {}
    for category in sorted(set(sample.category) - {""}):
        own = (sample.category == category).to_numpy()
        mean = np.average(predicted[own], axis=0, weights=stock[own])
        found[category] = pd.Series(mean, predicted.columns)
    return found


def _archive(
    consumers: dict[str, Uses], given: Assumptions, options: ServiceSettings, seed: int, names: list[str]
) -> pd.DataFrame:
    """All rows of the table ``service_capacity``; each category from a random stream of its own."""
    levels = grid(given.habitability)
    # a stream of its own for each category: another category in the survey moves no interval
    streams = np.random.SeedSequence(seed).spawn(len(consumers) + 1)
    parts = []
    for stream, (category, consumer) in zip(streams, consumers.items(), strict=False):
        ends = interval(category, consumer, levels, given, options.interval_draws, np.random.default_rng(stream))
        survey = names[0] if category == "home" else names[1] + (" warehouses" if category == "works" else "")
        share = supplementary_factor(consumer, levels)
        parts.append(archive_rows(category, levels, share, ends, f"{survey}; {RESPONSE}"))
    rng = np.random.default_rng(streams[-1])
    ends = habitable_interval(levels, given.habitability, options.interval_draws, rng)
    parts.append(archive_rows(HABITABLE, levels, habitable_share(levels, given.habitability), ends, LIMITS))
    return pd.concat(parts, ignore_index=True)


def _shares(consumers: dict[str, Uses]) -> pd.DataFrame:
    """Shares of the weighted consumption."""
    rows = [(c, r, u, s) for c, k in consumers.items() for (r, u), s in zip(k.names, k.share, strict=True)]
    return pd.DataFrame(rows, columns=["category", "resource", "use", "share"])


def _reference(consumers: dict[str, Uses], given: Assumptions) -> pd.DataFrame:
    """r_SS of each category with one service gone, all gone, and all at half."""
    cases = {f"without {name}": 1.0 - np.eye(len(NETWORKS))[i] for i, name in enumerate(NETWORKS)}
    cases |= {"without any": np.zeros(len(NETWORKS)), "all at half": np.full(len(NETWORKS), 0.5)}
    rows = {c: {n: float(supplementary_factor(k, s)) for n, s in cases.items()} for c, k in consumers.items()}
    rows[HABITABLE] = {n: float(habitable_share(s, given.habitability)) for n, s in cases.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("category").reset_index()


def _robustness(
    consumers: dict[str, Uses],
    others: dict[str, dict[str, pd.Series]],
    drawn: list[dict[str, pd.Series]],
    given: Assumptions,
) -> pd.DataFrame:
    """Largest change of any r_SS of the reference cases by model, and standard error over rows drawn again."""

    def cases(consumed: dict[str, pd.Series]) -> pd.DataFrame:
        found = {c: uses(c, consumed[c], given) for c in consumers if c in consumed}
        return _reference(found, given).set_index("category")

    chosen = _reference(consumers, given).set_index("category")
    rows = [(f"model {name}", "largest change", (cases(c) - chosen).abs().max()) for name, c in others.items()]
    spread = np.stack([cases(c).reindex(chosen.index) for c in drawn]).std(axis=0, ddof=1)
    rows.append(("rows drawn again", "largest standard error", pd.Series(np.nanmax(spread, axis=0), chosen.columns)))
    table = pd.DataFrame([row for _, _, row in rows])
    table.insert(0, "measure", [measure for _, measure, _ in rows])
    table.insert(0, "case", [case for case, _, _ in rows])
    return table.reset_index(drop=True)
