"""Can a city be believed? One verdict of three grades over its plausibility report.

Observed, traced and assumed are told apart over the four attributes that decide what an event does: use, stories, year
built and structure. Observed is what the table or a tag of the building says; traced what something mapped or known says of
it (packaged table ``traced_rules``); all else is assumed. Not specified in the paper: grades and limits are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.data import figure, packaged
from holdfast.recovery.city.assembly import City
from holdfast.recovery.city.plausibility import Plausibility

DECIDING = ("occupancy", "stories", "year_built", "structure")
GOOD, DOUBTFUL, BARE = "good", "doubtful", "bare map"
WORDS = {"occupancy": "use", "stories": "number of stories", "year_built": "year", "structure": "structural class"}
BESIDE = {
    "product": "product",
    "jobs": "jobs",
    "home_floor_area": "floor area of homes",
    "other_floor_area": "other floor area",
}


@dataclass(frozen=True)
class Verdict:
    """What a city is worth, before anything is simulated.

    Parameters
    ----------
    grade : str
        ``good``: most is known and nothing is odd; ``bare map``: less is known than the packaged figure
        ``least_completeness``; ``doubtful``: all between.
    observed, traced, assumed : float
        Mean over the four deciding attributes of the share of the floor area, 0..1; they sum to 1.
    first : str
        The sentence that every report begins with.
    odd : sequence of str
        What a local would find odd, a line each: one value that rules, figures far from those published, checks out of range.
    """

    grade: str
    observed: float
    traced: float
    assumed: float
    first: str
    odd: Sequence[str]


def verdict(city: City, found: Plausibility) -> Verdict:
    """Grade a city by its plausibility report; a city without buildings has nothing to grade and is good."""
    if not len(city.buildings):
        return Verdict(GOOD, 1.0, 0.0, 0.0, "A city of networks alone: no building is graded", ())
    observed, traced = _known(found)
    assumed = max(1.0 - observed - traced, 0.0)
    ruling, beside, far = _ruling(city.buildings), *_beside(found)
    checks = [f"{row.check.replace('_', ' ')} of {row.of} out of range" for row in _odd(found).itertuples()]
    odd = [*ruling, *far, *checks]
    known = round(observed + traced, 9)  # sums of floats at the limit itself
    grade = BARE if known < figure("least_completeness") else GOOD
    if grade == GOOD and (known < figure("good_completeness") or odd):
        grade = DOUBTFUL
    told = "; ".join(ruling) if ruling else "no single use, height, year or structure rules"
    nation = f"; per resident, beside {_nation(found)}: {', '.join(beside)}" if beside else ""
    density = found.totals["residents"] / max(found.totals["built_up_km2"], 1e-9)
    first = (
        f"Verdict: {grade}. {assumed:.0%} of what decides (use, stories, year, structure; by floor area) is assumed, "
        f"{traced:.0%} traced, {observed:.0%} observed; {told}; {density:,.0f} residents per km2 of built-up squares{nation}"
    )
    return Verdict(grade, observed, traced, assumed, first, tuple(odd))


def _known(found: Plausibility) -> tuple[float, float]:
    """Mean shares of the floor area that is observed and that is traced, over the deciding attributes."""
    rules = found.inferred[found.inferred["attribute"].isin(DECIDING)]
    traced = packaged("traced_rules")
    pairs = set(zip(traced["attribute"], traced["rule"], strict=True))
    is_traced = np.array([(a, r) in pairs for a, r in zip(rules["attribute"], rules["rule"], strict=True)], dtype=bool)
    area = rules["floor_area_share"].to_numpy(np.float64)
    return 1.0 - float(area.sum()) / len(DECIDING), float(area[is_traced].sum()) / len(DECIDING)


def _ruling(buildings: pd.DataFrame) -> list[str]:
    """Which one value of a deciding attribute holds more of the buildings than any real city's would.

    Examples
    --------
    >>> _ruling(pd.DataFrame({"stories": [2.0] * 40}))
    ['one number of stories, 2, rules: 100% of the buildings']
    """
    lines = []
    for name in DECIDING:
        if name not in buildings.columns:
            continue
        shares = buildings[name].astype(object).value_counts(normalize=True)
        if len(buildings) >= figure("ruling_buildings") and shares.iloc[0] > figure("ruling_share"):
            value = f"{shares.index[0]:g}" if isinstance(shares.index[0], float) else str(shares.index[0])
            lines.append(f"one {WORDS[name]}, {value}, rules: {shares.iloc[0]:.0%} of the buildings")
    return lines


def _beside(found: Plausibility) -> tuple[list[str], list[str]]:
    """The city per resident over the nation, in words; and those that lie farther off than a city may."""
    factor = figure("far_from_published")
    told, far = [], []
    for row in found.per_head.itertuples():
        told.append(f"{BESIDE[row.quantity]} {row.ratio:.2f} of the published")
        if not 1 / factor <= row.ratio <= factor:
            far.append(f"{BESIDE[row.quantity]} per resident is {row.ratio:.2g} times that of {_nation(found)}")
    return told, far


def _nation(found: Plausibility) -> str:
    """Country that the city stands beside."""
    return str(found.per_head["country"].iloc[0])


def _odd(found: Plausibility) -> pd.DataFrame:
    """Checks out of range; that much is inferred is said by the grade."""
    return found.checks[~found.checks["plausible"] & (found.checks["check"] != "inferred_attributes")]
