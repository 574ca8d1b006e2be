"""EP per floor area of a state or region over the nation's, by group of occupancies."""

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError

ELASTICITY = {"halfway": 0.5, "output": 1.0}
"""Assumed relative rise of floor area per head for a relative rise of output per head, by ``area_follows`` of the groups."""
PARTS = {12: (13, 25)}
"""Lines that may be suppressed, and the leaves that they are the sum of."""
DECIMALS = 3
PUBLISHED, PREDICTED = "published", "predicted"


def outputs(published: pd.DataFrame, predicted: pd.DataFrame, people: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Output of every state and line: as published, and predicted where it is suppressed.

    Parameters
    ----------
    published : DataFrame
        Million USD per year, index state, a column for each line, in current prices; null where suppressed.
    predicted : DataFrame
        Output per head in other prices, the same index; only the relation between the states is used.
    people : Series
        Persons, index state.

    Returns
    -------
    tuple of DataFrame
        Output (million USD per year), and whether each is a prediction (bool), for the lines of `published`.

    Examples
    --------
    >>> heads = pd.Series({"A": 2.0, "B": 1.0})
    >>> made, guessed = outputs(pd.DataFrame({3: [8.0, np.nan]}, heads.index), pd.DataFrame({3: [1.0, 0.5]}, heads.index), heads)
    >>> made[3].tolist(), guessed[3].tolist()
    ([8.0, 2.0], [False, True])
    """
    made = published.copy()
    for line in predicted.columns:
        if line in made.columns and made[line].isna().any():
            known = published[line].notna()
            # prices and the level of the nation come from the states that are published
            relative = predicted[line] * people
            made[line] = made[line].fillna(relative * (published.loc[known, line].sum() / relative[known].sum()))
    for line, leaves in PARTS.items():
        if line in made.columns and set(leaves) <= set(made.columns):
            made[line] = made[line].fillna(made[list(leaves)].sum(axis=1, skipna=False))
    return made, published.isna() & made.notna()


def place_factors(
    groups: pd.DataFrame, output: pd.DataFrame, guessed: pd.DataFrame, people: pd.Series, regions: pd.Series
) -> pd.DataFrame:
    """EP per floor area of every state and region over the nation's, by group of occupancies.

    Floor area per head of a state goes with output per head to the power e, and the states together have the nation's floor
    area: factor = ratio^(1 - e) x mean over people of ratio^e, where ratio is output per head over the nation's. For goods,
    which are made for everywhere, e is 1 and the factor 1; else e is 1/2, halfway between floor area that follows people
    and floor area that follows output.

    Parameters
    ----------
    groups : DataFrame
        Packaged table ``production_groups``.
    output, guessed : DataFrame
        As `outputs` returns them.
    people : Series
        Persons, index state.
    regions : Series
        Region of each state.

    Returns
    -------
    DataFrame
        Schema ``place_factors``: ``place``, ``group``, ``factor``, ``low``, ``high`` (if floor area follows people alone,
        and output alone), ``basis`` (published, or predicted where a part is suppressed), ``source``.

    Raises
    ------
    TableError
        If a line of a group is unknown in a state.

    References
    ----------
    Zhou, Xiao & Xu (2025): EP per floor area by building type and place. Not specified in the paper: floor area by place. It
    is published for no state of the United States; `holdfast.training.regional_area` holds the rule to census regions.

    Examples
    --------
    >>> groups = pd.DataFrame({"group": ["retail", "metals"], "gdp_lines": ["35", "12"], "area_follows": ["halfway", "output"]})
    >>> states = ["A", "B"]
    >>> output = pd.DataFrame({35: [3.6, 0.4], 12: [3.0, 1.0]}, index=states)
    >>> guessed, heads = output < 0, pd.Series([1.0, 1.0], index=states)
    >>> table = place_factors(groups, output, guessed, heads, pd.Series(["west", "west"], index=states))
    >>> table.loc[table["place"] == "A", ["group", "factor", "low", "high"]].to_numpy().tolist()
    [['metals', 1.0, 1.0, 1.5], ['retail', 1.2, 1.0, 1.8]]
    """
    once = groups[groups["gdp_lines"] != ""].drop_duplicates("group")
    unknown = [int(c) for c in output.columns if output[c].isna().any()]
    needed = {int(line) for lines in once["gdp_lines"] for line in lines.split("+")}
    lacking = sorted(needed - {int(c) for c in output.columns} | needed & set(unknown))
    if lacking:
        text = "has no output in a state, and no prediction of it"
        raise TableError("state_gdp", [Problem(f"line {line} {text}", column="value") for line in lacking])
    parts = []
    for row in once.itertuples():
        lines = [int(line) for line in row.gdp_lines.split("+")]
        own, filled = output[lines].sum(axis=1), guessed[lines].any(axis=1)
        ratio = own / people / (own.sum() / people.sum())
        area = people * ratio ** ELASTICITY[row.area_follows]
        # in the nation's floor area per head, so that a place with the factor 1 makes the nation's output per area
        area *= people.sum() / area.sum()
        per_area = own.sum() / people.sum()
        for place, of in _places(own.index, regions).items():
            factor = float(own[of].sum() / area[of].sum() / per_area)
            alone = float(own[of].sum() / people[of].sum() / per_area)
            basis = PREDICTED if filled[of].any() else PUBLISHED
            parts.append((place, row.group, factor, min(alone, factor, 1.0), max(alone, factor, 1.0), basis))
    table = pd.DataFrame(parts, columns=["place", "group", "factor", "low", "high", "basis"])
    table[["factor", "low", "high"]] = table[["factor", "low", "high"]].round(DECIMALS)
    origin = "BEA state GDP 2017 per head over the nation's, by line; assumed: floor area by place"
    table["source"] = np.where(
        table["basis"] == PREDICTED, f"{origin}; suppressed lines by a model (productivity.md)", origin
    )
    return table.sort_values(["place", "group"], kind="stable").reset_index(drop=True)


def _places(states: pd.Index, regions: pd.Series) -> dict[str, list[str]]:
    """Every state, and the states of every region."""
    whole = {str(region): list(own.index) for region, own in regions.groupby(regions)}
    return {str(state): [state] for state in states} | whole
