"""Training of the model of net output, and the archive of EP per floor area."""

from dataclasses import asdict
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.training import checks, evaluation
from holdfast.training.assumed_response import archive
from holdfast.training.hyperparameters import TrainingSettings
from holdfast.training.leontief import input_output, multipliers
from holdfast.training.markdown import card_text, card_values
from holdfast.training.net_output import HYBRID, NetOutput, Verdict, fit_output, output_tables, verdict_of
from holdfast.training.panel import ABSENT, Panel, panel, yearly
from holdfast.training.place_factors import outputs, place_factors
from holdfast.training.production import MONEY, PRICE_YEAR, matching, productivity_per_area
from holdfast.training.regional_area import area_by_region, area_rules
from holdfast.training.trained import Progress, Trained, silent

STORED = ("nation", "linear")
"""Simpler models that are stored beside the hybrid network."""
LEVELS = {True: (0.0, 1.0), False: (0.0, 0.25, 0.5, 0.75, 1.0)}
"""Service levels of the archive: the ends suffice where the response is a straight line."""


class Sources(NamedTuple):
    """What is read: schemas ``state_gdp``, ``state_income``, ``electricity_sales``, and the input-output tables."""

    gdp: pd.DataFrame
    income: pd.DataFrame
    sales: pd.DataFrame
    accounts: dict[str, pd.DataFrame]


def train_production(sources: Sources, options: TrainingSettings, seed: int, progress: Progress = silent) -> Trained:
    """Train the models of net output, test them, and fill the archive of EP per floor area and the factors of places.

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
    Zhou, Xiao & Xu (2025), EP_unit_area. Departs from the paper where output is published: there it is taken as published,
    and a model fills what is suppressed; the hybrid network only if it beats simpler models in states it has not seen.
    """
    data = panel(sources.gdp, sources.income, sources.sales)
    found = fit_output(data, options, seed, progress)
    tables = output_tables(data, found)
    verdict = verdict_of(data, found, tables, np.random.default_rng(seed))
    tables |= _archive_tables(sources, options)
    tables["place_factors"] = _places(data, sources, found.fitted[verdict.default].level).set_index("place")
    by_region = area_by_region(sources.gdp, sources.income)
    tables |= {"area_by_region": by_region, "area_rules": area_rules(by_region)}
    facts = _facts(data, found, options, seed, verdict)
    parts = _card(data, tables, verdict, options)
    arrays = {f"{n}.{k}": v for n in (*STORED, HYBRID) for k, v in found.fitted[n].arrays.items()}
    return Trained(tables, arrays, facts, card_values(parts), card_text(TITLE, parts))


TITLE = "Model card: economic productivity (EP)"
INTENDED_USE = [
    "Normal production of many buildings in a US city, and its fall when services fail, for screening.",
    "The response to services is assumed, not learned: public data hold no outages. Vary it within its range.",
]
BANNED_USE = [
    "No statement on a single building, firm or person; no insurance pricing; no redlining.",
    "No figure for a place within a state: factors are of whole states and regions, and floor area by state is assumed.",
]


def _places(data: Panel, sources: Sources, level: np.ndarray) -> pd.DataFrame:
    """Factors of states and regions in the year of the archive's prices; a model fills what is suppressed."""
    rows = data.rows.assign(made=np.exp(level))
    rows = rows[rows["year"] == PRICE_YEAR]
    predicted = rows.pivot_table(index="state", columns="line", values="made")
    people = np.exp(rows.groupby("state")["population"].first())
    own = sources.gdp[(sources.gdp["measure"] == "gdp") & sources.gdp["state"].isin(people.index)]
    published = yearly(own, ["state", "line"]).xs(PRICE_YEAR, level="year").unstack("line")  # noqa: PD010  two keys, one value
    published.columns = published.columns.astype("int64")
    regions = rows.groupby("state")["region"].first()
    output, guessed = outputs(published.where(published > 0), predicted, people)
    return place_factors(packaged("production_groups"), output, guessed, people, regions)


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
        "elasticities": checks.elasticities(national, residuals, shape).set_index("what"),
        "multipliers": pd.DataFrame(weights).T.rename_axis("occupancy"),
    }


def _facts(data: Panel, found: NetOutput, options: TrainingSettings, seed: int, verdict: Verdict) -> dict[str, object]:
    """What was trained on what, as plain values."""
    return {
        "seed": seed,
        "options": asdict(options),
        "rows": len(data.rows),
        "places": len(data.places),
        "dropped": data.dropped,
        "first": int(data.rows["year"].min()),
        "last": int(data.rows["year"].max()),
        "training_rows": found.training_rows,
        "temporal_features": found.features.index[found.features["kept"]].tolist(),
        "static_features": list(found.given.names),
        "chosen": {name: fitted.chosen for name, fitted in found.fitted.items() if fitted.chosen},
        "verdict": verdict._asdict(),
        "unit": MONEY,
    }


def _card(
    data: Panel, tables: dict[str, pd.DataFrame], verdict: Verdict, options: TrainingSettings
) -> list[tuple[str, str | list[str] | pd.DataFrame]]:
    """The parts of the model card."""
    return [
        ("Data", _data_words(data, options)),
        ("Temporal features and their tests", tables["output_features"]),
        ("Errors in states that a model has not seen", _indexed(tables["output_held_out"], "period")),
        ("Errors in later years, states seen", _indexed(tables["output_errors"], "period")),
        ("Verdict", _verdict_words(verdict, tables["place_factors"])),
        ("Errors in unseen states by sector, to 2017", _indexed(tables["output_by_sector"], "sector")),
        ("Errors in unseen states by region, to 2017", _indexed(tables["output_by_region"], "region")),
        (
            "Floor area per head of the census regions beside output and pay (nation: 1)",
            _indexed(tables["area_by_region"], "buildings"),
        ),
        ("What floor area follows: errors of rules, log points", tables["area_rules"]),
        ("EP per floor area at full service", tables["productivity_base"].drop(columns="source")),
        ("Loss per lost service beside published figures", tables["elasticities"]),
        ("EP0 beside published output", _nation_words(tables["states"])),
        ("Intended use", INTENDED_USE),
        ("Banned use", BANNED_USE),
    ]


def _indexed(table: pd.DataFrame, index: str) -> pd.DataFrame:
    """A table with one index, for the card."""
    return table.reset_index().set_index(index)


def _data_words(data: Panel, options: TrainingSettings) -> list[str]:
    """What the models are trained on."""
    known = data.rows["level"].notna()
    return [
        f"BEA state GDP by industry, EIA-861M electricity sales, BEA income and population: {len(data.rows):,} rows of state x "
        f"year x industry, {data.rows['year'].min()} to {data.rows['year'].max()}; {data.rows['state'].nunique()} states, "
        f"{data.rows['line'].nunique()} industries that do not nest; {int((~known).sum())} rows suppressed or zero.",
        "Target: logarithm of real output per head, in spreads of the industry over the states; from there to floor area by the "
        "rules for floor area per head.",
        "Temporal features: logarithms of twelve months of electricity sales and customers per head, and prices, by class. "
        f"Absent from the data: {', '.join(ABSENT)} by state. Income, wages and population stand in.",
        f"Every state is predicted by models that have not seen it ({options.net_output.folds} parts of the states); years after "
        f"{evaluation.LAST_FIT} by none. The pandemic is never looked at in training or selection.",
    ]


def _verdict_words(verdict: Verdict, places: pd.DataFrame) -> str:
    """What the errors mean for what ships."""
    words = "beats" if verdict.beats else "does not beat"
    guessed = places[places["basis"] == "predicted"]
    return (
        f"In unseen states up to 2017 the hybrid network {words} the best simpler model ({verdict.simpler}) beyond chance: its "
        f"mean squared normalised error less that model's is {verdict.difference:.3f} (95 % interval {verdict.low:.3f} to "
        f"{verdict.high:.3f}, states drawn again). In states that are known, {verdict.later} has the least error on 2018-2019. "
        f"So published output is taken as published, and {verdict.default} fills what is suppressed: {len(guessed)} of "
        f"{len(places)} factors rest on it in part."
    )


def _nation_words(states: pd.DataFrame) -> str:
    """What the archive covers."""
    nation, others = states.loc["US"], states.drop(index="US")["ratio"]
    return (
        f"Floor area x archive makes {nation['archive']:,.0f} million USD of 2017 a day in the nation, {nation['ratio']:.3f} "
        f"of the published {nation['published']:,.0f}. The rest is made outside the buildings counted: housing (imputed "
        "rent), construction, federal government, utilities, transport, mining and agriculture. With the nation's floor area "
        "per head and the nation's figures the ratio of a state is that of the nation over its output per head: "
        f"{others.min():.2f} to {others.max():.2f}; the factors of places take half of that out."
    )
