"""What the report shows of a new vintage of a rating."""

from typing import Any

FIRST = 30  # moved cells


def update_parts(summary: dict[str, Any]) -> dict[str, Any]:
    """The content of ``update.json``, and the moved cells to look at first: those beyond their error with most people ahead."""
    # a report names no number of a cell that gives few households away
    return {"summary": summary, "first": [row for row in summary["table"] if not row["withheld"]][:FIRST]}
