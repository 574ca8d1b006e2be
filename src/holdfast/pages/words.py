"""Numbers as people read them."""

import math
from collections.abc import Mapping
from typing import Any

from holdfast.rating.model.levels import LEVEL_NAMES


def rounded(value: float, figures: int = 3) -> str:
    """Number with a few significant figures and separators.

    Examples
    --------
    >>> rounded(1_234_567), rounded(0.01234), rounded(12.0), rounded(float("nan"))
    ('1,230,000', '0.0123', '12', 'unknown')
    """
    if value is None or not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    # negative left of the point: 1,234,567 with three figures is rounded to tens of thousands
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Share (0..1) as a percentage with two significant figures.

    Examples
    --------
    >>> percent(0.1234), percent(1)
    ('12 %', '100 %')
    """
    # a third figure near the end: 99.6 % is not all
    return f"{rounded(100 * share, 2 if share < 0.995 else 3)} %"


def level_label(level: int) -> str:
    """Level with its number and its name.

    Examples
    --------
    >>> level_label(4)
    '4, high'
    """
    return f"{level}, {LEVEL_NAMES[level - 1]}"


def unit_word(unit: str, description: str) -> str:
    """Unit of a feature: of numbers without one, whether they are a share or a count, as their description says.

    Examples
    --------
    >>> unit_word("1", "share of residents below the poverty line"), unit_word("1", "hospitals within reach"), unit_word("year", "")
    ('share, 0 to 1', 'count', 'year')
    """
    if unit != "1":
        return unit
    return "share, 0 to 1" if "share of" in description else "count"


def plain(name: str) -> str:
    """Column name, such as ``road_density``, as words.

    Examples
    --------
    >>> plain("road_density")
    'Road density'
    """
    return name.replace("_", " ").capitalize()


ENOUGH_DRAWS = 20  # of which one lies below P5 and one above P95
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
SCALES = ((1e9, " bn"), (1e6, " M"), (1e3, " k"))


def amount(value: float, unit: str, figures: int = 3) -> str:
    """Quantity with its unit, money with a symbol and scale, to so many significant figures.

    Examples
    --------
    >>> amount(118_400_000, "USD_2017"), amount(-2e6, "USD_2017"), amount(0.512, "person-days/m2"), amount(23_456, "person-days")
    ('$118 M', '-$2 M', '0.512 person-days/m2', '23,500 person-days')
    """
    # money is CUR_YEAR, with /m2 if it is per area; no other unit has an underscore
    currency, _, rest = unit.partition("_")
    if not rest:
        return f"{rounded(value, figures)} {unit}"
    sign = SYMBOLS.get(currency, f"{currency} ")
    area = "/m²" if rest.endswith("/m2") else ""
    if value is None or not math.isfinite(value):
        return "unknown"
    # 999,999 is 1 M to three figures, not 1,000 k: the scale is that of the number as it is shown
    size = abs(float(f"{value:.{figures - 1}e}"))
    for scale, word in SCALES:
        if size >= scale and not area:
            return f"{_signed(sign, value / scale, figures)}{word}"
    return f"{_signed(sign, value, figures)}{area}"


def _signed(currency: str, value: float, figures: int) -> str:
    """Number behind its currency, the minus before both."""
    text = rounded(abs(value), figures)
    return f"-{currency}{text}" if value < 0 and text != "0" else f"{currency}{text}"


def with_interval(estimate: Mapping[str, float | str], draws: int = ENOUGH_DRAWS) -> str:
    """Median of the draws with the interval that holds 90 % of them, from ``unit``, ``p5``, ``p50`` and ``p95``.

    Of fewer than twenty draws the interval is not called one of 90 %.

    Examples
    --------
    >>> with_interval({"unit": "USD_2017", "p5": 9.2e7, "p50": 1.18e8, "p95": 1.51e8})
    '$118 M ($92 M to $151 M, 90 % interval)'
    """
    unit = str(estimate["unit"])
    low, middle, high = (amount(float(estimate[k]), unit) for k in ("p5", "p50", "p95"))
    if draws == 1:
        return f"{middle} (a single draw, no interval)"
    label = "90 % interval" if draws >= ENOUGH_DRAWS else f"P5 to P95 of {draws} draws, too few for an interval"
    return f"{middle} ({low} to {high}, {label})"


EVENTS = {"flood": "flood", "wind": "wind storm", "storm": "storm"}
"""What an event is called by its hazard; earthquake otherwise."""


def event_sentence(
    city: str, years: float, losses: Mapping[str, Mapping[str, float | str]], draws: int, hazard: str = "uniform"
) -> str:
    """What a city loses under the event of a return period, in one sentence.

    Parameters
    ----------
    city : str
        Name of the city.
    years : float
        Return period.
    losses : mapping
        Estimates by name, as in ``losses.json``.
    draws : int
        How many there are.
    hazard : str
        Of the study's scenario, which says what the event is called.

    Examples
    --------
    >>> money = {"unit": "USD_2017", "p5": 9.2e7, "p50": 1.18e8, "p95": 1.51e8}
    >>> days = {"unit": "person-days", "p5": 1e6, "p50": 2e6, "p95": 3e6}
    >>> area = {"unit": "USD_2017/m2", "p5": 92.0, "p50": 118.0, "p95": 151.0}
    >>> names = ("total_economic_loss", "service_capacity_loss", "total_economic_loss_per_m2")
    >>> event_sentence("Berkeley", 500, dict(zip(names, (money, days, area))), 100)[:59]
    'Under a 1-in-500-year earthquake, Berkeley loses $118 M ($9'
    """
    money, area = losses["total_economic_loss"], losses["total_economic_loss_per_m2"]
    people = with_interval(losses["service_capacity_loss"], draws)
    each = amount(float(area["p50"]), str(area["unit"]))
    return (
        f"Under a 1-in-{rounded(years, 4)}-year {EVENTS.get(hazard, 'earthquake')}, {city} loses {with_interval(money, draws)} and {people}; "
        f"of floor area that is {each}"
    )


def days_interval(spread: Mapping[str, float | None]) -> str:
    """Median days with the interval that holds 90 % of the draws; null where that draw never gets there.

    Examples
    --------
    >>> days_interval({"p5": 3.0, "p50": 12.0, "p95": None})
    '12 (3 to beyond the horizon)'
    """
    low, middle, high = (
        "beyond the horizon" if spread[k] is None else rounded(float(spread[k] or 0)) for k in ("p5", "p50", "p95")
    )
    return f"{middle} ({low} to {high})"


def shaking(scenario: Mapping[str, Any]) -> str:
    """What an event brings, in one sentence, from the scenario's section of the study.

    Examples
    --------
    >>> shaking({"hazard": "uniform", "value": 0.4, "unit": "g", "intensity_measure": "PGA"})
    'Median shaking 0.4 g (PGA) everywhere; no return period stated.'
    >>> shaking({"hazard": "uniform", "value": 0.4, "unit": "g", "intensity_measure": "PGA", "annual_rate": 0.01})
    'Median shaking 0.4 g (PGA) everywhere; return period 100 years.'
    """
    if scenario["hazard"] == "uniform":
        from holdfast.recovery.hazard import MEASURES  # imported here, since a rating needs no compiled kernels

        stated = {} if scenario["value"] is None else {scenario["intensity_measure"]: scenario["value"]}
        stated |= scenario.get("values", {})
        what = f"Median shaking {', '.join(f'{rounded(v)} {MEASURES[m]} ({m})' for m, v in stated.items())} everywhere"
    elif scenario["hazard"] == "ground_motion":
        rupture = scenario["rupture"]
        what = (
            f"Magnitude {rounded(rupture['magnitude'])} at {rupture['latitude']:.2f} degrees north, {rupture['longitude']:.2f} "
            f"degrees east, {rounded(rupture['depth_km'])} km deep; shaking by the ground-motion model {scenario['model']}"
        )
    elif scenario["hazard"] in ("flood", "wind", "storm"):
        what = _storm(scenario)
    else:
        what = f'Shaking from the table "{scenario["table"]}"'
    # a study may state either of the two
    years = scenario.get("return_period_years")
    if years is None and scenario.get("annual_rate"):
        years = 1 / scenario["annual_rate"]
    return f"{what}; {'no return period stated' if years is None else f'return period {rounded(years)} years'}."


def _storm(scenario: Mapping[str, Any]) -> str:
    """Water and wind of an event, in words."""
    found = []
    water, air = scenario.get("flood") or {}, scenario.get("wind") or {}
    if scenario["hazard"] != "wind":
        own = water.get("table")
        stands = f"{rounded(water['depth_m'])} m deep everywhere" if own is None else f'from the table "{own}"'
        found.append(f"Water {stands}")
    if scenario["hazard"] != "flood":
        of = air.get("table") or air.get("track")
        blows = f"of {rounded(air['gust_m_s'])} m/s everywhere" if air.get("gust_m_s") is not None else "of a cyclone"
        blows = blows if of is None else f'from the table "{of}"'
        found.append(f"{'gusts' if found else 'Gusts'} {blows}")
    return " and ".join(found)


def ratio_words(row: Mapping[str, Any]) -> str:
    """Benefit-cost ratio with its interval, from ``benefit_cost_ratio`` with ``_low`` and ``_high``.

    Examples
    --------
    >>> ratio_words({"benefit_cost_ratio": 2.0, "benefit_cost_ratio_low": 1.5, "benefit_cost_ratio_high": 2.5})
    '2 (1.5 to 2.5)'
    """
    if row["benefit_cost_ratio"] is None:
        return "no cost"
    low, high = row["benefit_cost_ratio_low"], row["benefit_cost_ratio_high"]
    return f"{rounded(row['benefit_cost_ratio'])} ({rounded(low)} to {rounded(high)})"


def change_words(change: Mapping[str, Any]) -> str:
    """A change of a feature of one cell, in words.

    Examples
    --------
    >>> change_words({"feature": "internet_speed", "unit": "Mbit/s", "before": 30.0, "after": 41.0})
    'Internet speed 30 to 41 Mbit/s'
    >>> change_words({"feature": "hospitals_within_reach", "unit": "count", "before": 1, "after": 2})
    'Hospitals within reach 1 to 2'
    """
    unit = (
        "" if change["unit"] == "count" else f" ({change['unit']})" if "," in change["unit"] else f" {change['unit']}"
    )
    return f"{plain(change['feature'])} {rounded(change['before'])} to {rounded(change['after'])}{unit}"
