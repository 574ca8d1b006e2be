"""The model card of a rating: what it is for, what it must not be used for, how sure it is and for whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.pages.words import percent, plain, rounded

INTENDED = (
    "choosing which neighbourhoods to look at first",
    "comparing neighbourhoods within one region",
    "teaching and research",
)
BANNED = (
    "pricing or refusing insurance, credit or housing of persons (redlining)",
    "decisions on a single building or household",
    "comparing levels between regions that were rated apart",
    "an agency's official analysis, or a forecast of what a disaster does",
)


def model_card(rating: Mapping[str, Any], governance: Mapping[str, Any]) -> str:
    """Model card as Markdown, from the content of ``rating.json`` and ``governance.json``.

    References
    ----------
    Mitchell et al. (2019), Model cards for model reporting, FAT*: intended use, factors, metrics by group, caveats.
    """
    sure, method = rating["stability"], rating["method"]
    features = ", ".join(plain(f["feature"]).lower() for f in rating["features_used"])
    absent = ", ".join(plain(name).lower() for name in rating["features_absent"]) or "none"
    lines = [
        f"# Model card: {rating['name']}",
        f"Run {rating['run']}. Method `{method['name']}`, {sure['refits']} refits, {rating['rated']} of {rating['cells']} cells rated.",
        "## Intended use",
        *(f"- {use}" for use in INTENDED),
        "## Banned use",
        *(f"- {use}" for use in BANNED),
        "## What it is made of",
        f"Features: {features}. Absent: {absent}.",
        "## How sure it is",
        f"The level of the median person's cell is given by {percent(sure['median_agreement'])} of the draws; for "
        f"{percent(sure['share_uncertain'])} of the people the range has three levels or more. Adjusted Rand index between refits: "
        f"{rounded(sure['mean_adjusted_rand_index'], 2)}. "
        + (
            ""
            if rating["noise"]["told_apart"]
            else "**Its features cannot be told from noise: its levels mean nothing.**"
        ),
        "No truth of resilience is known, so that errors by group cannot be given; what can is where groups live:",
        *_groups(governance["audit"]),
        "## Data",
        *_missing(governance["register"]),
    ]
    return "\n\n".join(line for line in lines if line).replace("\n\n- ", "\n- ") + "\n"


def governance_parts(
    summary: Mapping[str, Any], run: str, contests: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What the report shows of the content of ``governance.json``, and the notes that contest a result of this `run`."""
    return {**summary, "run": run, "contests": list(contests)}


def _groups(audit: list[Mapping[str, Any]]) -> list[str]:
    """A line per group that was audited."""
    if not audit:
        return ["- no group was audited; name groups under `governance.audit`"]
    return [
        f"- {plain(row['group'])}: {rounded(row['ratio'], 2)} times as often at levels 1 and 2 as the rest "
        f"({rounded(row['low'], 2)} to {rounded(row['high'], 2)}, 95 %)"
        for row in audit
    ]


def _missing(register: list[Mapping[str, Any]]) -> list[str]:
    """A line per table of which something is not stated."""
    tables = {str(row["table"]): str(row["missing"]) for row in register if row["missing"]}
    return [f"- {name}: not stated: {what}" for name, what in tables.items()] or [
        "Everything the register asks for is stated."
    ]
