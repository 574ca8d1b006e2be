"""What the report shows of measures, and the page for a council."""

from collections.abc import Mapping
from html import escape
from typing import Any

from holdfast.pages.colour import CATEGORIES
from holdfast.pages.page import environment
from holdfast.pages.words import amount, rounded
from holdfast.types import Provenance

LEFT, WIDTH, HEIGHT, TOP = 90.0, 480.0, 250.0, 14.0
AIMS = {"money": "saved_money", "person-days": "saved_person_days"}
WAYS = {"programme": (CATEGORIES[0], ""), "greedy": (CATEGORIES[1], "6 4")}


def measure_parts(summary: dict[str, Any]) -> dict[str, Any]:
    """``summary`` from ``measures.json``; ``frontiers``: a chart per aim; ``sentences`` for a council, and on a rating."""
    return {
        "summary": summary,
        "frontiers": {aim: frontier_chart(summary, aim) for aim in AIMS},
        "sentences": council_sentences(summary),
        "rating": rating_sentences(summary["rating"]),
        "levels": lifting_sentences(summary["levels"]),
    }


def council_page(provenance: Provenance, summary: dict[str, Any]) -> str:
    """One page to print: three sentences, one picture, one table (HTML that needs no other file)."""
    made = environment()
    style = made.loader.load(made, "style.css").render() if made.loader else ""
    parts = measure_parts(summary)
    return made.get_template("council.html").render(provenance=provenance, m=summary, measures=parts, style=style)


def council_sentences(summary: Mapping[str, Any]) -> list[str]:
    """What a mean year costs, what the robust set saves for what it costs, and how sure that is.

    Examples
    --------
    >>> loss = {"total_economic_loss": {"value": 2e6}, "service_capacity_loss": {"value": 300.0}}
    >>> none = {"measures": [], "largest_regret": 0.0}
    >>> known = {"name": "Here", "money": "USD_2017", "average_annual_loss": loss, "robust": none, "scenarios": [1]}
    >>> council_sentences(known)[1]
    'None of the measures is worth its cost under the assumptions stated.'
    """
    money, loss, chosen = summary["money"], summary["average_annual_loss"], summary["robust"]["measures"]
    first = (
        f"{summary['name']} loses {amount(loss['total_economic_loss']['value'], money)} and "
        f"{amount(loss['service_capacity_loss']['value'], 'person-days')} in a mean year to the {len(summary['scenarios'])} "
        "events considered."
    )
    row = next((r for r in summary.get("frontier", ()) if set(r["measures"]) == set(chosen)), None)
    if not chosen or row is None:
        worth = any(s["values"]["as stated"] > 0 for s in summary["robust"].get("sets", ()))
        none = (
            "No set of measures stands under all assumptions tried, although one is worth its cost under those stated."
            if worth
            else "None of the measures is worth its cost under the assumptions stated."
        )
        return [first, none, _caution(summary)]
    words = {r["measure_id"]: str(r["what"]) for r in summary["measures"]}
    named = [f'"{words[m]}"' for m in chosen]
    several = len(named) > 1
    second = (
        f"{' and '.join([', '.join(named[:-1]), named[-1]]) + ' together cost' if several else named[0] + ' costs'} "
        f"{amount(row['present_cost'], money)} with upkeep and {'save' if several else 'saves'} {amount(row['saved_money'], money)} and "
        f"{amount(row['saved_person_days'], 'person-days')} in a mean year: {rounded(row['benefit_cost_ratio'])} times the "
        f"cost over {summary['terms']['horizon_years']} years"
    )
    return [first, f"{second}.", _caution(summary)]


def _caution(summary: Mapping[str, Any]) -> str:
    """What the choice does not know."""
    regret = summary["robust"]["largest_regret"]
    better = (
        f"another set would be better by up to {amount(regret, summary['money'], 2)}"
        if regret > 0
        else "no other set that was simulated would be better"
    )
    return (
        f"Under other assumptions tried on discounting and on how often events come, {better}; this is a screening result and no "
        "agency's official benefit-cost analysis."
    )


def rating_sentences(rating: Mapping[str, Any] | None) -> list[str]:
    """What the levels of a rating have to do with losses and recovery, nothing where the interval holds 0.

    Examples
    --------
    >>> row = {"outcome": "days", "plain": -0.1, "controlled": -0.1, "low": -0.3, "high": 0.1, "places": 99}
    >>> rating_sentences({"name": "Here", "cells": 99, "outcomes": [row]})[0][-45:]
    'no association of level and outcome is shown.'
    """
    found = []
    for row in rating["outcomes"] if rating else ():
        if row["controlled"] is None:
            found.append(f"{row['outcome'].capitalize()}: the same in all cells, so that there is nothing to compare.")
            continue
        if row["low"] <= 0 <= row["high"]:
            verdict = "no association of level and outcome is shown"
        else:
            verdict = f"areas of a lower level have {'more' if row['controlled'] < 0 else 'less'} of it"
        found.append(
            f"{row['outcome'].capitalize()}: rank correlation with the level {row['plain']:.2f}, with the shaking held constant "
            f"{row['controlled']:.2f} (95 % interval {row['low']:.2f} to {row['high']:.2f}, {row['places']} cells); {verdict}."
        )
    return found


def lifting_sentences(levels: Mapping[str, Any] | None) -> list[str]:
    """Whether measures that lift levels also save more, as far as their number lets anybody say.

    Examples
    --------
    >>> lifting_sentences({"association": {}})
    ['Fewer than six measures: whether those that lift levels save more cannot be said.']
    """
    if levels is None:
        return []
    if not levels["association"]:
        return ["Fewer than six measures: whether those that lift levels save more cannot be said."]
    found = []
    for name, row in levels["association"].items():
        words = {"saved_money": "money", "saved_person_days": "person-days"}[name]
        if row["controlled"] is None:
            found.append(f"Lift and {words} saved: one of them is the same for all measures.")
            continue
        none = row["low"] <= 0 <= row["high"]
        verdict = (
            "no association is shown"
            if none
            else f"{'more' if row['controlled'] > 0 else 'less'} lift goes with more saved"
        )
        found.append(
            f"Share that gains less share that falls, and {words} saved: rank correlation {row['controlled']:.2f} (95 % interval "
            f"{row['low']:.2f} to {row['high']:.2f}, {row['places']} measures); {verdict}."
        )
    return found


def frontier_chart(summary: Mapping[str, Any], aim: str) -> str:
    """What sets save in a mean year against what they cost; every point is a set that was simulated as a whole (SVG)."""
    name = AIMS[aim]
    rows = [r for r in summary["frontier"] if r["aim"] == aim]
    unit = summary["money"] if aim == "money" else "person-days"
    widest: float = max([r["cost"] for r in rows] + [1e-9])
    highest: float = max([r[name] for r in rows] + [1e-9])

    def x(cost: float) -> float:
        return LEFT + cost / widest * WIDTH

    def y(value: float) -> float:
        return TOP + (1 - max(value, 0.0) / highest) * HEIGHT

    base = TOP + HEIGHT
    title = f"Saved {aim} in a mean year against the cost of the set"
    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 40:.0f} {base + 62:.0f}" role="img" class="chart" aria-label="{title}">'
    ]
    for share in (0.0, 0.5, 1.0):
        value, cost = share * highest, share * widest
        parts.append(
            f'<path d="M{LEFT} {y(value):.1f}h{WIDTH}" stroke="#e3e3e3"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" font-size="12">{escape(amount(value, unit, 2).removesuffix(f" {unit}"))}</text>'
            f'<text x="{x(cost):.1f}" y="{base + 17}" text-anchor="middle" font-size="12">{escape(amount(cost, summary["money"], 2))}</text>'
        )
    for number, (way, (colour, dash)) in enumerate(WAYS.items()):
        points = sorted({(r["cost"], r[name]) for r in rows if r["way"] == way} | {(0.0, 0.0)})
        line = "L".join(f"{x(c):.1f} {y(v):.1f}" for c, v in points)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-dasharray="{dash}"/>')
        parts += [f'<circle cx="{x(c):.1f}" cy="{y(v):.1f}" r="4" fill="{colour}"/>' for c, v in points]
        parts.append(
            f'<text x="{LEFT + 10 + 150 * number}" y="{base + 54}" font-size="12" fill="#222">'
            f'<tspan fill="{colour}">&#9679;</tspan> {"best set (programme)" if way == "programme" else "greedy"}</text>'
        )
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{base + 36}" text-anchor="middle" font-size="12" fill="#444">cost of the set; '
        f"up: {escape(aim)} saved in a mean year</text></svg>"
    )
    return "".join(parts)
