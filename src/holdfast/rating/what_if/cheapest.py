"""The cheapest change of a cell's features that lifts it to a wanted level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from holdfast.errors import NotConverged, Problem, TableError
from holdfast.rating.model.people import quantile as weighted_quantile
from holdfast.rating.model.scaling import Scaler, apply_scaler
from holdfast.types import Floats, Ints

STEPS = 40  # even steps from a cell's value to what is attainable, where a feature does not come in whole steps
MOST_STEPS = 400
MOST_COMBINATIONS = 2000  # of amounts that are paid once for a set
MARGIN = 2e-6  # of the score, whose standard deviation is 1: above the solver's tolerance
CLASSES = 3  # of cells by how densely people live


@dataclass(frozen=True)
class Prices:
    """What a feature costs in one cell.

    Parameters
    ----------
    cost : mapping
        Feature to money for one unit of it in this cell.
    steps : mapping
        Feature to the step that it comes in, in its unit, such as 1 for hospitals; evenly divided if it is not named.
    """

    cost: Mapping[str, float]
    steps: Mapping[str, float]


@dataclass(frozen=True)
class Options:
    """What may be chosen for one cell: per feature its values, the money for each, and what each adds to the score.

    The first value of each feature is what the cell has, which costs and adds nothing.
    """

    values: dict[str, Floats]
    costs: dict[str, Floats]
    gains: dict[str, Floats]


def attainable(
    features: pd.DataFrame, directions: Mapping[str, int], people: pd.Series, km2: pd.Series, quantile: float = 0.99
) -> pd.DataFrame:
    """Best value of each feature that the region shows to be possible for cells like each; index and columns of `features`.

    Cells are alike that are settled as densely: thirds of the people by homes per km2. What is possible is the value that
    only 1 % of the people of such cells better.

    Parameters
    ----------
    features, directions : DataFrame, mapping
        In their own units, no nulls, index ``cell_id``; feature to 1 (more is better) or -1.
    people, km2 : Series
        What each cell counts, and its area in the region.
    quantile : float
        Share of the people who live with no better value, 0..1.

    Examples
    --------
    >>> one = pd.DataFrame({"poverty": [0.3, 0.1, 0.2]})
    >>> attainable(one, {"poverty": -1}, pd.Series([1.0, 1.0, 1.0]), pd.Series([1.0, 1.0, 1.0]))["poverty"].tolist()
    [0.1, 0.1, 0.1]
    """
    held = people.to_numpy(np.float64)
    group = density_class(held, km2.to_numpy(np.float64))
    best = features.astype(np.float64).copy()
    for name in features.columns:
        turned = features[name].to_numpy(np.float64) * directions[str(name)]
        for number in np.unique(group):
            own = group == number
            best.loc[own, name] = weighted_quantile(turned[own], held[own], quantile) * directions[str(name)]
    return best


def density_class(people: Floats, km2: Floats) -> Ints:
    """Thirds of the people by people per km2, from 0; one class where cells differ in nothing; shape (cell,).

    Examples
    --------
    >>> density_class(np.array([1.0, 10.0, 100.0, 100.0]), np.ones(4)).tolist()
    [0, 0, 1, 1]
    """
    density = people / np.maximum(km2, 1e-300)
    order = np.argsort(density, kind="stable")
    # by density, and not by place, so that equal cells are in one class
    mass = np.cumsum(people[order])
    last = np.searchsorted(density[order], density, side="right") - 1
    first = np.searchsorted(density[order], density, side="left")
    below = (mass[last] + np.concatenate([[0.0], mass])[first]) / 2
    share = below / max(float(mass[-1]), 1e-300)
    return np.asarray(np.minimum((CLASSES * share).astype(np.int64), CLASSES - 1))


def options_of(cell: pd.Series, best: pd.Series, scaler: Scaler, weights: Floats, prices: Prices) -> Options:
    """Values that each priced feature of a cell may take up to what is attainable, with money and gain in score.

    Parameters
    ----------
    cell, best : Series
        Features of the cell, and the best attainable value of each, in their own units.
    scaler, weights : Scaler, ndarray
        Scale and weights, (feature,), of a rating that is a weighted sum.
    prices : Prices
        Only features with a cost may change.
    """
    values, costs, gains = {}, {}, {}
    for place, name in enumerate(scaler.names):
        room = (float(best[name]) - float(cell[name])) * int(scaler.directions[place])
        if name not in prices.cost or room <= 0 or weights[place] <= 0:
            continue
        steps = _steps(room, prices.steps.get(name))
        tried = float(cell[name]) + steps * int(scaler.directions[place])
        values[name], costs[name] = tried, prices.cost[name] * steps
        gains[name] = _gains(cell, name, tried, scaler, weights)
    return Options(values, costs, gains)


def _gains(cell: pd.Series, name: str, tried: Floats, scaler: Scaler, weights: Floats) -> Floats:
    """What each value of a feature adds to the score over the first."""
    # the whole row each time: the scale of one feature alone is no public thing
    rows = pd.DataFrame([cell.astype(float)] * len(tried)).assign(**{name: tried}).reset_index(drop=True)
    score = apply_scaler(scaler, rows).to_numpy(np.float64) @ weights
    return np.asarray(score - score[0])


def shared_options(
    cells: pd.DataFrame, best: pd.DataFrame, scaler: Scaler, weights: Floats, prices: Prices
) -> tuple[Options, ...]:
    """Of features that are paid once for a set of cells: the same amounts in each cell, with what they add there.

    Costs are those of the set. A cell takes no more of an amount than is attainable for it: the rest is for the others.

    Parameters
    ----------
    cells, best : DataFrame
        Features of the cells of the set, and the best attainable values, in their own units.
    scaler, weights, prices
        As of `options_of`; the cost is that of one unit for the whole set.
    """
    parts: list[Options] = [Options({}, {}, {}) for _ in range(len(cells))]
    for place, name in enumerate(scaler.names):
        turn = int(scaler.directions[place])
        room = ((best[name] - cells[name]) * turn).clip(lower=0.0)
        if name not in prices.cost or room.max() <= 0 or weights[place] <= 0:
            continue
        steps = _steps(float(room.max()), prices.steps.get(name))
        for part, (cell, row) in zip(parts, cells.iterrows(), strict=True):
            part.values[name] = float(row[name]) + turn * np.minimum(steps, room.loc[cell])
            part.costs[name] = prices.cost[name] * steps
            part.gains[name] = _gains(row, name, part.values[name], scaler, weights)
    return tuple(parts)


def cheapest_for_set(
    own: Sequence[Options], shared: Sequence[Options], needed: Sequence[float]
) -> tuple[list[dict[str, float]], list[float], float] | None:
    """The cheapest values for a set of cells, some features of which are paid once for all.

    Every combination of the shared amounts is tried, the cheaper first, and each cell adds the cheapest of its own.

    Parameters
    ----------
    own, shared : sequence of Options
        One per cell, from `options_of` and `shared_options`.
    needed : sequence of float
        What the score of each cell must pass.

    Returns
    -------
    list of dict, list of float, float
        Per cell feature to its new value, and the money that it pays alone; then the money of what is shared. None where
        a cell cannot be lifted.

    Raises
    ------
    TableError
        If there are more than 2,000 combinations of the shared amounts.
    """
    names = list(shared[0].costs) if shared else []
    sizes = [range(len(shared[0].costs[name])) for name in names]
    if np.prod([len(size) for size in sizes]) > MOST_COMBINATIONS:
        text = f"features that are paid once for the set have more than {MOST_COMBINATIONS:,} combinations; give larger steps"
        raise TableError("unit_costs", [Problem(text, column="step")])

    def cost_of(steps: tuple[int, ...]) -> float:
        return float(sum(shared[0].costs[name][k] for name, k in zip(names, steps, strict=True)))

    best: tuple[list[dict[str, float]], list[float], float] | None = None
    for steps in sorted(product(*sizes), key=cost_of):
        # what is shared only gets dearer from here on
        if best is not None and cost_of(steps) >= sum(best[1]) + best[2]:
            break
        lifted = _each_lifted(own, shared, needed, dict(zip(names, steps, strict=True)))
        if lifted is not None and (best is None or sum(lifted[1]) + cost_of(steps) < sum(best[1]) + best[2]):
            best = (*lifted, cost_of(steps))
    return best


def _each_lifted(
    own: Sequence[Options], shared: Sequence[Options], needed: Sequence[float], steps: Mapping[str, int]
) -> tuple[list[dict[str, float]], list[float]] | None:
    """The cheapest own change of each cell after the shared amounts; None where one cannot be lifted."""
    values, costs = [], []
    for mine, all_of_us, least in zip(own, shared, needed, strict=True):
        gain = sum(float(all_of_us.gains[name][k]) for name, k in steps.items())
        found = cheapest_change(mine, least - gain)
        if found is None:
            return None
        common = {name: float(all_of_us.values[name][k]) for name, k in steps.items() if k > 0}
        values.append(common | found[0])
        costs.append(found[1])
    return values, costs


def _steps(room: float, step: float | None) -> Floats:
    """Amounts from nothing to what there is room for."""
    if step is None:
        return np.linspace(0.0, room, STEPS + 1)
    # a step too many by rounding would pass what is attainable
    return np.arange(min(int(np.floor(room / step * (1 + 1e-12))), MOST_STEPS) + 1, dtype=np.float64) * step


def cheapest_change(options: Options, needed: float) -> tuple[dict[str, float], float] | None:
    """The cheapest values of `options` that add more than is needed to the score: a gain of exactly so much does not count.

    Returns
    -------
    dict, float
        Feature to its new value, of those that change, and the money; None where all options together do not suffice.

    Raises
    ------
    NotConverged
        If the solver finds no proven optimum.

    Examples
    --------
    >>> two = {"a": np.array([0.0, 1.0]), "b": np.array([0.0, 1.0])}
    >>> costs = {"a": np.array([0.0, 5.0]), "b": np.array([0.0, 2.0])}
    >>> gains = {"a": np.array([0.0, 1.0]), "b": np.array([0.0, 0.5])}
    >>> cheapest_change(Options(two, costs, gains), 0.4)
    ({'b': 1.0}, 2.0)
    """
    if needed < 0:
        return {}, 0.0
    if not can_reach([options], needed):
        return None
    taken = _solved(list(options.costs.values()), list(options.gains.values()), needed)
    chosen = dict(zip(options.values, taken, strict=True))
    changed = {name: float(options.values[name][k]) for name, k in chosen.items() if k > 0}
    return changed, float(sum(options.costs[name][k] for name, k in chosen.items()))


def can_reach(options: Sequence[Options], needed: float) -> bool:
    """Whether all options of a cell together add more than is needed to the score."""
    return sum(float(gain.max()) for of in options for gain in of.gains.values()) > needed + MARGIN


def _solved(costs_of: Sequence[Floats], gains_of: Sequence[Floats], needed: float) -> list[int]:
    """Which value of each feature to take, so that costs are least and gains suffice.

    References
    ----------
    Kellerer, Pferschy & Pisinger (2004), Knapsack Problems, chapter 11 (multiple choice): an integer programme, solved to
    optimality over the values. Gains need not be straight: scales bend.
    """
    sizes = [len(costs) for costs in costs_of]
    costs, gains = np.concatenate(costs_of), np.concatenate(gains_of)
    one_each = np.zeros((len(sizes), sum(sizes)))
    for row, (start, size) in enumerate(zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True)):
        one_each[row, start : start + size] = 1.0
    # tolerances of the solver are absolute: money is put in shares of the largest
    most = max(float(costs.max()), 1e-300)
    found = milp(
        costs / most,
        constraints=[LinearConstraint(one_each, 1.0, 1.0), LinearConstraint(gains[None, :], needed + MARGIN, np.inf)],
        integrality=np.ones(len(costs)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if found.status != 0:
        text = f"the cheapest change has no proven optimum ({found.message}); let features come in larger steps"
        raise NotConverged(text)
    return [int(np.argmax(part)) for part in np.split(found.x, np.cumsum(sizes)[:-1])]
