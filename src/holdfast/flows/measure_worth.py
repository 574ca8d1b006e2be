"""What measures and sets of them are worth, from runs with and without."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from holdfast.appraisal import (
    Programme,
    Terms,
    appraised,
    best_set,
    chance_of_paying_back,
    greedy_set,
    largest_regrets,
    outlay,
    pair_interactions,
    present_benefit,
    shares_in_place,
    value_of,
)
from holdfast.config import MeasuresOptions
from holdfast.flows.measure_runs import DAYS, MONEY, AnnualRun
from holdfast.recovery.losses.exceedance import average_annual_loss

CONFIDENCE = 0.95
BUDGETS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Shares of the cost of all measures, where the study names no budgets."""
RATE_FACTORS = (0.5, 2.0)
"""By which the rates of all events may be wrong."""


class Played(NamedTuple):
    """Runs of a study with sets of its measures.

    ``table``: schema ``measures``, index ``measure_id``; ``rates`` (scenario,), 1/year; ``runs``: set of measures to its run,
    to which those of chosen sets are added; ``excluded``: pairs of positions that cannot be had together.
    """

    table: pd.DataFrame
    rates: NDArray[np.float64]
    runs: dict[frozenset[str], AnnualRun]
    excluded: tuple[tuple[int, int], ...]
    options: MeasuresOptions
    seed: int

    @property
    def base(self) -> AnnualRun:
        """The study as it stands."""
        return self.runs[frozenset()]

    @property
    def terms(self) -> Terms:
        """Terms of the appraisal."""
        return Terms(self.options.discount_rate, self.options.horizon_years, self.options.growth)


def saved(played: Played, ids: Iterable[str], loss: str | None = None) -> NDArray[np.float64]:
    """What a set saves of a loss in every draw, shape (scenario, draw); of both in money if none is named.

    Person-days count in money only where the study gives them a value.
    """
    run = played.runs[frozenset(ids)]
    if loss is not None:
        return np.asarray(played.base.losses[loss] - run.losses[loss])
    value = played.options.person_day_value or 0.0
    return saved(played, ids, MONEY) + value * saved(played, ids, DAYS)


def annual_losses(played: Played) -> dict[str, dict[str, float]]:
    """Both losses of a mean year without any measure, each with its Monte-Carlo error."""
    return {loss: average_annual_loss(played.rates, played.base.losses[loss])._asdict() for loss in (MONEY, DAYS)}


def measure_table(played: Played) -> pd.DataFrame:
    """Every measure by itself.

    Returns
    -------
    DataFrame
        Index ``measure_id``; ``kind``, ``what``, ``payer``, ``cost``, ``maintenance``, ``life_years`` as the user states them;
        saved in a mean year ``saved_money`` and ``saved_person_days``, each with ``_low`` and ``_high`` (95 % interval of the
        mean over the draws); columns of `holdfast.appraisal.appraised`; ``benefit_cost_ratio_low``, ``_high`` of the same
        interval, and ``benefit_cost_ratio_at_<percent>`` at the other discount rates; ``pays_back``: share of futures in which
        more is saved than spent; ``present_co_benefit``, null where the user states none.
    """
    table = played.table
    rows = table[["kind", "what", "payer", "cost", "maintenance", "life_years"]].copy()
    for name, loss in (("saved_money", MONEY), ("saved_person_days", DAYS)):
        ends = [_interval(played.rates, saved(played, [m], loss)) for m in table.index]
        rows[name], rows[f"{name}_low"], rows[f"{name}_high"] = np.array(ends).T
    valued = np.array([_interval(played.rates, saved(played, [m])) for m in table.index])
    mean, low, high = (pd.Series(column, table.index) for column in valued.T)
    rows = rows.join(appraised(table, mean, played.terms))
    for name, annual in (("low", low), ("high", high)):
        rows[f"benefit_cost_ratio_{name}"] = appraised(table, annual, played.terms)["benefit_cost_ratio"]
    for rate in played.options.other_rates:
        other = appraised(table, mean, replace(played.terms, discount_rate=rate))
        rows[f"benefit_cost_ratio_at_{100 * rate:g}"] = other["benefit_cost_ratio"]
    rows["pays_back"] = chance_of_paying_back(
        played.rates,
        [saved(played, [m]) for m in table.index],
        [_shares(row, played.terms) for row in table.itertuples()],
        rows["present_cost"].to_numpy(),
        played.terms,
        played.seed,
    )
    rows["present_co_benefit"] = rows["factor"] * table.get("co_benefit", np.nan)
    return rows


def programme_of(played: Played, loss: str | None) -> Programme:
    """The choice among the measures by what they save of a loss; of both in money if none is named.

    Money counts less cost and upkeep, so that nothing is bought that is not worth it; person-days as they are. Both in
    present value.
    """
    names, table, terms = played.table.index, played.table, played.terms
    alone = np.array([_annual(played, [m], loss) for m in names])
    costs = appraised(table, pd.Series(alone, names), terms)
    pairs = {
        (i, j): _annual(played, [names[i], names[j]], loss)
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if frozenset([names[i], names[j]]) in played.runs
    }
    value = costs["net_present_value"] if loss is None else costs["present_benefit"]
    return Programme(
        value.to_numpy(np.float64),
        pair_interactions(alone, pairs, table, terms),
        table["cost"].to_numpy(np.float64),
        played.excluded,
    )


def chosen_sets(played: Played) -> pd.DataFrame:
    """Sets that the programme and greedy choose for each budget; ``budget``, ``aim``, ``way``, ``measures``, ``added_up``, ``with_pairs``.

    The value that the choice saw, in present value: ``added_up`` of the single measures, ``with_pairs`` with their interactions;
    net of costs where the aim is money.
    """
    names, total = played.table.index, float(played.table["cost"].sum())
    rows = []
    for aim, loss in (("money", None), ("person-days", DAYS)):
        programme = programme_of(played, loss)
        for budget in played.options.budgets or [share * total for share in BUDGETS]:
            for way, choose in (("programme", best_set), ("greedy", greedy_set)):
                chosen = choose(programme, budget)
                alone, pairs = float(programme.value[list(chosen)].sum()), value_of(programme, chosen)
                rows.append((budget, aim, way, [names[i] for i in chosen], alone, pairs))
    return pd.DataFrame(rows, columns=["budget", "aim", "way", "measures", "added_up", "with_pairs"])


def frontier(played: Played, sets: pd.DataFrame) -> pd.DataFrame:
    """Chosen sets with what they save when simulated as a whole.

    Returns
    -------
    DataFrame
        Columns of `chosen_sets`; ``simulated``: the same value of the set as a whole; ``cost``, ``present_cost``, ``saved_money``, ``saved_person_days`` (a mean year),
        ``present_benefit``, ``net_present_value``, ``benefit_cost_ratio``.
    """
    rows = []
    for of in sets.itertuples():
        measures = played.table.loc[of.measures]
        costs = outlay(measures, played.terms)
        benefit = _worth(played, of.measures, played.rates, played.terms)
        days = _worth(played, of.measures, played.rates, played.terms, DAYS)
        rows.append(
            {
                "simulated": benefit - costs.present_cost if of.aim == "money" else days,
                "cost": costs.cost,
                "present_cost": costs.present_cost,
                "saved_money": _annual(played, of.measures, MONEY),
                "saved_person_days": _annual(played, of.measures, DAYS),
                "present_benefit": benefit,
                "net_present_value": benefit - costs.present_cost,
                "benefit_cost_ratio": benefit / costs.present_cost if costs.present_cost > 0 else np.nan,
            }
        )
    return pd.concat([sets, pd.DataFrame(rows, index=sets.index)], axis=1)


def robust(played: Played, found: pd.DataFrame) -> dict[str, Any]:
    """The set of least largest regret in net present value, over discount rates, rates of events, and events left out.

    Returns
    -------
    dict
        ``measures`` of the set, ``largest_regret`` (money); ``sets``: every candidate with its measures, largest regret, and
        net present value by assumption.
    """
    candidates = {frozenset(ids): list(ids) for ids in found["measures"]} | {frozenset[str](): []}
    worlds = _worlds(played)
    values = pd.DataFrame(
        {
            name: [
                _worth(played, ids, rates, terms) - outlay(played.table.loc[ids], terms).present_cost
                for ids in candidates.values()
            ]
            for name, (rates, terms) in worlds.items()
        }
    )
    regrets = largest_regrets(values)
    best = int(regrets.idxmin())
    sets = [
        {"measures": ids, "largest_regret": float(regrets[i]), "values": values.loc[i].to_dict()}
        for i, ids in enumerate(candidates.values())
    ]
    return {"measures": list(candidates.values())[best], "largest_regret": float(regrets[best]), "sets": sets}


def _worlds(played: Played) -> dict[str, tuple[NDArray[np.float64], Terms]]:
    """Assumptions under which sets are valued: rates of the events and terms."""
    terms, rates = played.terms, played.rates
    worlds = {"as stated": (rates, terms)}
    worlds |= {
        f"discount rate {100 * r:g} %": (rates, replace(terms, discount_rate=r)) for r in played.options.other_rates
    }
    worlds |= {f"events {f:g} times as often": (f * rates, terms) for f in RATE_FACTORS}
    if len(rates) > 1:
        keep = ~np.eye(len(rates), dtype=bool)
        worlds |= {f"without event {i + 1}": (rates * keep[i], terms) for i in range(len(rates))}
    return worlds


def _worth(
    played: Played, ids: Iterable[str], rates: NDArray[np.float64], terms: Terms, loss: str | None = None
) -> float:
    """What a set that was simulated saves, in present value, at given rates of the events."""
    names = list(ids)
    alone = [float(rates @ saved(played, [m], loss).mean(axis=1)) for m in names]
    together = float(rates @ saved(played, names, loss).mean(axis=1))
    return present_benefit(alone, together, played.table.loc[names], terms)


def _annual(played: Played, ids: Iterable[str], loss: str | None) -> float:
    """Saved in a mean year."""
    return average_annual_loss(played.rates, saved(played, ids, loss)).value


def _interval(rates: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean of a year, and the 95 % interval that the draws allow for it (Student's t); null for one draw."""
    value, error = average_annual_loss(rates, values)
    half = stats.t.ppf((1 + CONFIDENCE) / 2, max(values.shape[1] - 1, 1)) * error
    return value, value - half, value + half


def _shares(row: Any, terms: Terms) -> NDArray[np.float64]:
    """What of a measure works in each year."""
    return shares_in_place(row.life_years, row.ramp_up_years, terms.horizon_years)
