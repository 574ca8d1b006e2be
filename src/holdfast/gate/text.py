"""JSON that anybody may have written, held to a size and a depth."""

import json
from typing import Any

LONGEST_WHOLE = 300
"""Digits of a whole number that a float surely holds."""


def whole_number(text: str) -> float:
    """A whole number of JSON; one beyond what a float holds is infinite, which checks of tables refuse by row and column.

    Examples
    --------
    >>> whole_number("1970"), whole_number("-" + "9" * 400)
    (1970, -inf)
    """
    return int(text) if len(text) <= LONGEST_WHOLE else float(text)


def depth(content: Any, most: int) -> int:
    """How many lists and objects lie inside one another, up to `most`, at which counting ends; without recursion.

    Examples
    --------
    >>> depth({"a": [1, {"b": 2}]}, 10), depth([[[[1]]]], 2)
    (3, 3)
    """
    level, deep = [content], 0
    while deep <= most:
        inside = [v for v in level if isinstance(v, (dict, list))]
        if not inside:
            break
        deep += 1
        # level by level: content that is nested too deep would overflow the stack of a recursive count as well
        level = [v for c in inside for v in (c.values() if isinstance(c, dict) else c)]
    return deep


def parse_json(text: bytes, most: int) -> Any:
    """Read JSON in UTF-8, of a depth of `most` at the most, or say in words why it is none.

    Raises
    ------
    ValueError
        What is wrong, in a few words to stand after the name of the file.

    Examples
    --------
    >>> parse_json(b'{"a": [1, 2]}', 5)
    {'a': [1, 2]}
    >>> parse_json(b"[[[1]]]", 2)
    Traceback (most recent call last):
    ...
    ValueError: nests lists and objects more than 2 deep
    """
    try:
        content = json.loads(text.decode("utf-8-sig"), parse_int=whole_number)
        if depth(content, most) <= most:
            return content
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    except RecursionError:  # the parser's own limit, which lies above ours
        reason = f"nests lists and objects more than {most} deep"
    except json.JSONDecodeError as error:
        reason = f"is not JSON from line {error.lineno}, character {error.colno} on"
    else:
        reason = f"nests lists and objects more than {most} deep"
    raise ValueError(reason)
