"""What the report shows of what drives the levels of a rating."""

from typing import Any

from holdfast.pages.colour import CATEGORIES

LEFT, WIDTH, TOP, HEIGHT, RIGHT = 46.0, 420.0, 14.0, 200.0, 190.0


def explanation_parts(summary: dict[str, Any]) -> dict[str, Any]:
    """Words, tables and pictures of an explanation, for a template, from the content of ``explanation.json``.

    Returns
    -------
    dict
        ``summary``, and ``curves``: what is left of the scores as features are put to the middle; empty where that was not measured.
    """
    return {"summary": summary, "curves": deletion_chart(summary.get("faithfulness") or [])}


def deletion_chart(rows: list[dict[str, Any]]) -> str:
    """What is left of the distance to the middle by the number of features put there (SVG); the lower line is the better.

    Examples
    --------
    >>> deletion_chart([{"explanation": "relevance", "deletion": [1.0, 0.0], "chance": [1.0, 0.5]}]).count("<path")
    4
    """
    if not rows:
        return ""
    lines = [(row["explanation"].replace("_", " "), row["deletion"]) for row in rows]
    lines.append(("in a random order", rows[0]["chance"]))
    ends = [value for _, line in lines for value in line]
    low, high = min([0.0, *ends]), max([1.0, *ends])
    return _drawn(lines, low, high)


def _drawn(lines: list[tuple[str, list[float]]], low: float, high: float) -> str:
    """Lines with their names, between the lowest and the highest value (SVG)."""

    def at(place: int, value: float) -> str:
        x = LEFT + place / max(len(lines[0][1]) - 1, 1) * WIDTH
        return f"{x:.1f} {TOP + (high - value) / (high - low) * HEIGHT:.1f}"

    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + RIGHT:.0f} {TOP + HEIGHT + 34:.0f}" role="img" class="chart" aria-label="Share of the score left after features are taken away">'
    ]
    for value in (0.0, 1.0):
        y = TOP + (high - value) / (high - low) * HEIGHT
        parts.append(f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#bbb"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" font-size="12">{value:.0%}</text>')
    for number, (name, line) in enumerate(lines):
        # chance is dashed: colour alone does not tell it apart
        chance = number == len(lines) - 1
        colour, dash = ("#555", ' stroke-dasharray="5 3"') if chance else (CATEGORIES[number % len(CATEGORIES)], "")
        path = "L".join(at(place, value) for place, value in enumerate(line))
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        y = TOP + 14 + 18 * number
        parts.append(f'<text x="{LEFT + WIDTH + 12}" y="{y:.0f}" font-size="12" fill="{colour}">{name}</text>')
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 26:.0f}" text-anchor="middle" font-size="12">features put to the middle of the metro, 0 to {len(lines[0][1]) - 1}</text>'
    )
    return "".join([*parts, "</svg>"])
