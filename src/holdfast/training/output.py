"""Training of the model of net output, and the archive of EP per floor area."""

from dataclasses import asdict
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.training import checks, evaluation
from holdfast.training.assumed_response import archive
from holdfast.training.growth import Fitted, Split, growths
from holdfast.training.hyperparameters import TrainingSettings
from holdfast.training.leontief import input_output, multipliers
from holdfast.training.markdown import card_text, card_values
from holdfast.training.model_inputs import Inputs, inputs
from holdfast.training.panel import ABSENT, RECLASSIFIED, SHOCK, Panel, panel, quarter_name
from holdfast.training.production import MONEY, PRICE_YEAR, matching, productivity_per_area
from holdfast.training.selection import temporal_features
from holdfast.training.trained import Progress, Trained, silent

HYBRID = "hybrid"
STORED = ("industry_mean", "linear")
"""Simpler models that are stored beside the hybrid network."""
LEVELS = {True: (0.0, 1.0), False: (0.0, 0.25, 0.5, 0.75, 1.0)}
"""Service levels of the archive: the ends suffice where the response is a straight line."""


class Sources(NamedTuple):
    """What is read: schemas ``state_gdp``, ``state_income``, ``electricity_sales``, and the input-output tables."""

    gdp: pd.DataFrame
    income: pd.DataFrame
    sales: pd.DataFrame
    accounts: dict[str, pd.DataFrame]


class Growths(NamedTuple):
    """Every model fitted to the same rows.

    ``given``: what they saw; ``fitted``: model to predictions; ``features``: the report of the selection; ``split``: the
    rows used.
    """

    given: Inputs
    fitted: dict[str, Fitted]
    features: pd.DataFrame
    split: Split


class Verdict(NamedTuple):
    """Whether the hybrid network beats the best simpler model, and which model is the default.

    ``difference``: of the mean squared normalised errors on 2018-2019, hybrid less the simpler one, with ``low`` and
    ``high`` (95 %); ``transfers``: whether it has the least error in states held out of the training; ``beats``: both.
    """

    simpler: str
    difference: float
    low: float
    high: float
    transfers: bool
    beats: bool
    default: str


def fit_growth(
    data: Panel, options: TrainingSettings, seed: int, held_out: tuple[str, ...] = (), progress: Progress = silent
) -> Growths:
    """Fit every model of growth to the years to 2017; predictions for all rows, those held out and later ones too.

    `held_out` are states that no model may see.
    """
    when = data.rows["when"].to_numpy()
    # features are chosen once, with the same quarters as the fit; held-out states take part in the choice alone
    features = temporal_features(data, evaluation.LAST_FIT, options.growth.significance)
    fit = (when <= evaluation.LAST_FIT) & ~data.rows["state"].isin(held_out).to_numpy()
    split = Split(fit, fit & (when >= evaluation.FIRST_VALIDATE))
    given = inputs(data, features.index[features["kept"]].tolist(), fit)
    fitted = {}
    models = growths(options.growth, seed)
    for i, (name, model) in enumerate(models.items()):
        progress(f"net output: {name}", i / len(models))
        fitted[name] = model(given, split)
    return Growths(given, fitted, features, split)


def train_production(sources: Sources, options: TrainingSettings, seed: int, progress: Progress = silent) -> Trained:
    """Train the models of net output, test them, and fill the archive of EP per floor area.

    Parameters
    ----------
    sources : Sources
        Tables that passed their schemas.
    options : TrainingSettings
        Every choice of the training.
    seed : int
        Seed of the random parts.
    progress : callable
        Called with each step and the share done.

    References
    ----------
    Zhou, Xiao & Xu (2025), EP_unit_area. Departs from the paper where the network does not beat simpler models: the
    better one is the default, and both are kept.
    """
    data = panel(sources.gdp, sources.income, sources.sales)
    generator = np.random.default_rng(seed)
    states = tuple(evaluation.held_out_states(data, generator))
    # twice: with all states, whose models are stored, and without some, which says how far models carry to a new state
    whole = fit_growth(data, options, seed, (), lambda s, x: progress(s, 0.5 * x))
    apart = fit_growth(data, options, seed, states, lambda s, x: progress(f"{s}, states held out", 0.5 + 0.5 * x))
    tables = _growth_tables(data, whole, apart, states)
    verdict = _verdict(data, whole, tables, generator)
    tables |= _archive_tables(sources, options)
    facts = _facts(data, whole, options, seed, states, verdict)
    parts = _card(data, tables, verdict, states)
    arrays = {f"{n}.{k}": v for n in (*STORED, HYBRID) for k, v in whole.fitted[n].arrays.items()}
    return Trained(tables, arrays, facts, card_values(parts), card_text(TITLE, parts))


TITLE = "Model card: economic productivity (EP)"
INTENDED_USE = [
    "Normal production of many buildings in a US city, and its fall when services fail, for screening.",
    "The response to services is assumed, not learned: public data hold no outages. Vary it within its range.",
]
BANNED_USE = [
    "No statement on a single building, firm or person; no insurance pricing; no redlining.",
    "No forecast of a state's output: the models explain next to nothing beyond the mean growth of an industry.",
]


def _growth_tables(data: Panel, whole: Growths, apart: Growths, states: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Errors of every model: by period, for held-out states, and of hybrid and mean by sector, region, size."""
    output = data.rows["output"].to_numpy()
    made = {name: fitted.growth for name, fitted in whole.fitted.items()}
    periods = evaluation.windows(data.rows["when"].to_numpy())
    given = whole.given

    def of(rows: np.ndarray, models: dict[str, np.ndarray], scaled: Inputs) -> pd.DataFrame:
        return evaluation.errors(scaled.growth, scaled.scale, output, models, rows)

    by_period = pd.concat({name: of(rows, made, given) for name, rows in periods.items()}, names=["period"])
    hidden = data.rows["state"].isin(states).to_numpy()
    unseen = {name: fitted.growth for name, fitted in apart.fitted.items()}
    held = pd.concat(
        {name: of(rows & hidden, unseen, apart.given) for name, rows in list(periods.items())[:2]}, names=["period"]
    )
    # held-out states are looked at up to the end of the test: the shock would say nothing of the transfer
    tables = {"growth_features": whole.features, "growth_errors": by_period, "growth_held_out": held}
    both = {name: made[name] for name in ("industry_mean", HYBRID)}
    test = periods["2018-2019"]
    for kind, key in evaluation.groups(data).items():
        parts = {name: of(test & (key == name).to_numpy(), both, given) for name in sorted(key.unique())}
        tables[f"growth_by_{kind}"] = pd.concat(parts, names=[kind])
    return tables


def _verdict(data: Panel, whole: Growths, tables: dict[str, pd.DataFrame], generator: np.random.Generator) -> Verdict:
    """Which model is the default: the hybrid only if it beats the best simpler one in both tests."""
    test = tables["growth_errors"].loc["2018-2019", "rmse_normalised"].drop(HYBRID)
    simple = str(test.idxmin())
    rows = evaluation.windows(data.rows["when"].to_numpy())["2018-2019"]
    given = whole.given
    made = (whole.fitted[HYBRID].growth, whole.fitted[simple].growth)
    mean, low, high = evaluation.difference(given.growth, given.scale, data.rows["state"], made, rows, generator)
    unseen = tables["growth_held_out"].loc["to 2017", "rmse_normalised"]
    transfers = bool(unseen[HYBRID] < unseen.drop(HYBRID).min())
    # both at once, and the interval below 0: what is more complex has to earn it
    beats = high < 0 and transfers
    return Verdict(simple, mean, low, high, transfers, beats, HYBRID if beats else str(test[list(STORED)].idxmin()))


def _archive_tables(sources: Sources, options: TrainingSettings) -> dict[str, pd.DataFrame]:
    """The archive, what it rests on, and what it is held against."""
    groups, floor, residuals = (packaged(n) for n in ("production_groups", "floor_area", "production_residuals"))
    years = sources.accounts["value_added"]
    if str(PRICE_YEAR) not in years.columns:
        text = f"has no column {PRICE_YEAR}, the year of the archive's prices"
        raise TableError("value added of industries", [Problem(text)])
    added = years[str(PRICE_YEAR)]
    base = productivity_per_area(added, sources.accounts["use"], groups, floor)
    national = checks.distinct(base, groups, floor)
    shape = options.response_shape
    economy = multipliers(input_output(sources.accounts["make"], sources.accounts["use"]))
    weights = {
        # an occupancy of several industries takes the mean of their multipliers, by value added
        g.occupancy: economy.loc[matching(added.index, g.industries)]
        .mul(added[matching(added.index, g.industries)] / added[matching(added.index, g.industries)].sum(), axis=0)
        .sum()
        for g in groups.itertuples()
        if g.industries
    }
    return {
        "productivity": archive(base, residuals, LEVELS[shape == 1.0], shape).set_index("occupancy"),
        "productivity_base": base,
        "states": checks.states(national, sources.gdp, sources.income),
        "state_factors": checks.state_factors(groups, sources.gdp, sources.income).set_index("state"),
        "elasticities": checks.elasticities(national, residuals, shape).set_index("what"),
        "multipliers": pd.DataFrame(weights).T.rename_axis("occupancy"),
    }


def _facts(
    data: Panel, whole: Growths, options: TrainingSettings, seed: int, states: tuple[str, ...], verdict: Verdict
) -> dict[str, object]:
    """What was trained on what, as plain values."""
    return {
        "seed": seed,
        "options": asdict(options),
        "rows": len(data.rows),
        "places": len(data.places),
        "dropped": data.dropped,
        "first": quarter_name(int(data.rows["when"].min())),
        "last": quarter_name(int(data.rows["when"].max())),
        "training_rows": int(whole.split.fit.sum()),
        "temporal_features": whole.features.index[whole.features["kept"]].tolist(),
        "static_features": list(whole.given.names),
        "held_out_states": list(states),
        "chosen": {name: fitted.chosen for name, fitted in whole.fitted.items() if fitted.chosen},
        "verdict": verdict._asdict(),
        "unit": MONEY,
    }


def _card(
    data: Panel, tables: dict[str, pd.DataFrame], verdict: Verdict, states: tuple[str, ...]
) -> list[tuple[str, str | list[str] | pd.DataFrame]]:
    """The parts of the model card."""
    words = "beats" if verdict.beats else "does not beat"
    unseen = "has" if verdict.transfers else "has not"
    first, last = (quarter_name(int(q)) for q in (data.rows["when"].min(), data.rows["when"].max()))
    reclassified = ", ".join(f"{s} {a[0]}" for s, (a, _) in RECLASSIFIED.items())
    nation = tables["states"].loc["US"]
    errors = tables["growth_errors"].drop(columns="rows")
    return [
        (
            "Data",
            [
                f"BEA state GDP by industry, EIA-861M electricity sales, BEA income and population: {len(data.rows):,} rows of "
                f"state x quarter x industry, {first} to {last}; {data.rows['state'].nunique()} states, "
                f"{data.rows['line'].nunique()} industries that do not nest.",
                f"Left out: {', '.join(f'{n} rows ({why})' for why, n in data.dropped.items())}; the nation; lines that are "
                f"sums of others; growth across a new sorting of customers ({reclassified}).",
                f"Absent from the data: {', '.join(ABSENT)} by state. Income, wages and population per head stand in.",
                f"Target: growth of real output on the year, in spreads of the industry. Shock: {quarter_name(SHOCK[0])} to "
                f"{quarter_name(SHOCK[1])}, never looked at in training or selection.",
            ],
        ),
        ("Temporal features and their tests", tables["growth_features"]),
        ("Errors by period", errors.reset_index()[errors.reset_index()["period"] != "to 2017"].set_index("period")),
        ("States held out of the training", tables["growth_held_out"].reset_index().set_index("period")),
        (
            "Verdict",
            (
                f"The hybrid network {words} the simpler models in both tests. On 2018-2019 its mean squared normalised error less that of the "
                f"best of them ({verdict.simpler}) is {verdict.difference:.4f} (95 % interval {verdict.low:.4f} to "
                f"{verdict.high:.4f}, states drawn again); in the states held out ({', '.join(states)}) it {unseen} the least "
                f"error up to 2017. To beat them it must do both. Default: {verdict.default}; all are kept."
            ),
        ),
        ("Errors by sector, 2018-2019", tables["growth_by_sector"].reset_index().set_index("sector")),
        ("Errors by region, 2018-2019", tables["growth_by_region"].reset_index().set_index("region")),
        ("Errors by size of the state, 2018-2019", tables["growth_by_size"].reset_index().set_index("size")),
        ("EP per floor area at full service", tables["productivity_base"].drop(columns="source")),
        ("Loss per lost service beside published figures", tables["elasticities"]),
        (
            "EP0 beside published output",
            (
                f"Floor area x archive makes {nation['archive']:,.0f} million USD of 2017 a day in the nation, {nation['ratio']:.3f} "
                f"of the published {nation['published']:,.0f}. The rest is made outside the buildings counted: housing (imputed "
                "rent), construction, federal government, utilities, transport, mining and agriculture. No floor area by state is "
                "published; with the nation's floor area per head the ratio of a state is that of the nation over its output per "
                f"head: {tables['states'].drop(index='US')['ratio'].min():.2f} to {tables['states'].drop(index='US')['ratio'].max():.2f}."
            ),
        ),
        ("Intended use", INTENDED_USE),
        ("Banned use", BANNED_USE),
    ]
