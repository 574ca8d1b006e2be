"""Tables and model cards as Markdown."""

from collections.abc import Mapping, Sequence

import pandas as pd


def markdown_table(table: pd.DataFrame, digits: int = 4) -> str:
    """A table in Markdown, its index first; a null is an empty cell, other numbers have `digits` significant figures.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"error": [0.12342]}, index=pd.Index(["net"], name="model"))))
    | model | error |
    |---|---|
    | net | 0.1234 |
    """

    def shown(value: object) -> str:
        # only a null differs from itself
        if value is None or (isinstance(value, float) and value != value):
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:,.0f}" if value == round(value) and abs(value) >= 1 else f"{value:.{digits}g}"
        return f"{value:,}" if isinstance(value, int) else str(value)

    plain = table.reset_index()
    head = [str(c).replace("_", " ") for c in plain.columns]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in plain.astype(object).itertuples(index=False):
        # numpy's numbers become Python's, whose kind decides how they are shown
        values = [v.item() if hasattr(v, "item") else v for v in row]
        lines.append("| " + " | ".join(shown(v) for v in values) + " |")
    return "\n".join(lines)


def card_text(title: str, parts: Sequence[tuple[str, str | Sequence[str] | pd.DataFrame]]) -> str:
    """A model card in Markdown: headings with a paragraph, a list or a table each.

    Examples
    --------
    >>> print(card_text("Model", [("Use", ["this", "that"])]))
    ## Model
    <BLANKLINE>
    ### Use
    <BLANKLINE>
    - this
    - that
    <BLANKLINE>
    """
    blocks = [f"## {title}"]
    for heading, content in parts:
        blocks.append(f"### {heading}")
        if isinstance(content, pd.DataFrame):
            blocks.append(markdown_table(content))
        elif isinstance(content, str):
            blocks.append(content)
        else:
            blocks.append("\n".join(f"- {line}" for line in content))
    return "\n\n".join(blocks) + "\n"


def plain(table: pd.DataFrame) -> list[Mapping[str, object]]:
    """A table as rows of plain values, for JSON; the index becomes the first values.

    Examples
    --------
    >>> plain(pd.DataFrame({"error": [0.5]}, index=pd.Index(["net"], name="model")))
    [{'model': 'net', 'error': 0.5}]
    """
    rows: list[Mapping[str, object]] = table.reset_index().astype(object).to_dict("records")
    return rows


def card_values(parts: Sequence[tuple[str, str | Sequence[str] | pd.DataFrame]]) -> dict[str, object]:
    """A model card as plain values, for JSON: heading to text, list of text, or list of rows.

    Examples
    --------
    >>> card_values([("Use", "this")])
    {'Use': 'this'}
    """
    return {name: plain(content) if isinstance(content, pd.DataFrame) else content for name, content in parts}
