"""What is wrong with a study, in words: from the faults that the model finds to problems with keys."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from holdfast.config.base import Section
from holdfast.errors import Problem

SHOWN = 60
PLAIN = ("str", "int", "float", "bool")
"""What the model calls the kinds of a value that may be of several."""
WORDS = {
    "missing": "is missing; write it",
    "int": "should be a whole number (an integer)",
    "float": "should be a number",
    "finite": "should be a finite number",
    "bool": "should be true or false",
    "string_type": "should be text in quotes",
    "string_too_short": "should have at least {min_length} letters",
    "string_too_long": "should have at most {max_length} letters",
    "string_pattern": "should be of the form {pattern}",
    "string_unicode": "should be text that can be written",
    "list": "should be a list in brackets",
    "tuple": "should be a list in brackets",
    "dict": "should be a section of keys with values",
    "model": "should be a section of keys with values",
    "too_short": "should have at least {min_length} entries",
    "too_long": "should have at most {max_length} entries",
    "literal": "should be one of {expected}",
    "greater_than_equal": "should be greater than or equal to {ge}",
    "greater_than": "should be greater than {gt}",
    "less_than_equal": "should be less than or equal to {le}",
    "less_than": "should be less than {lt}",
}
"""Beginning of the model's name of a fault to our words; the first that fits counts."""


def problems_of(faults: Sequence[Mapping[str, Any]], study: type[Section]) -> list[Problem]:
    """Every fault of a validation error (``type``, ``loc``, ``input``, ``ctx``) once, with its key."""
    found: dict[str, Problem] = {}
    for fault in faults:
        names = [str(name) for name in fault["loc"]]
        # of a value of several kinds the model reports a fault for each kind, under the name of the kind
        several = len(names) > 1 and names[-1] in PLAIN and names[-2].isdigit()
        key = ".".join(names[:-1] if several else names)
        if fault["type"] == "extra_forbidden":
            text = f"not a known key; known: {', '.join(known_keys(names[:-1], study))}"
        else:
            words = "should be text, a number, true or false" if several else _words(fault)
            given = "" if fault["type"] == "missing" else f" (given: {shown(fault['input'])})"
            text = f"{words}{given}"
        # a key once, with its first fault
        found.setdefault(key, Problem(text, column=key))
    return list(found.values())


def _words(fault: Mapping[str, Any]) -> str:
    """Our words for a fault."""
    kind = str(fault["type"])
    text = next((words for begin, words in WORDS.items() if kind.startswith(begin)), "cannot be what this key takes")
    return text.format(**fault.get("ctx", {}))


def shown(value: Any) -> str:
    """A value of a study as it is shown in a message, however long or deep it is.

    Examples
    --------
    >>> shown("many"), shown(["a"]), shown(9**99)
    ('"many"', 'a list', '"295126654306527521...')
    """
    if isinstance(value, Mapping):
        return "a section"
    if isinstance(value, (list, tuple)):
        return "a list"
    try:
        text = str(value)
    # Python refuses to write out numbers of more than 4,300 digits
    except ValueError:
        return "a number of thousands of digits"
    return f'"{text}"' if len(text) <= SHOWN else f'"{text[: SHOWN // 3 - 2]}...'


def known_keys(parents: Sequence[str], study: type[Section]) -> list[str]:
    """Keys of the section at a dotted path below the model at the top, places in lists and the user's own names included."""
    place: Any = study
    for name in parents:
        place = _below(place, name)
    section = next((a for a in (place, *get_args(place)) if _is_section(a)), None)
    return [] if section is None else sorted(section.model_fields)


def _is_section(annotation: Any) -> bool:
    """Whether this is the model of a section."""
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _below(annotation: Any, name: str) -> Any:
    """What a key of a section, a name in a table or a place in a list holds."""
    if _is_section(annotation):
        field = annotation.model_fields.get(name)
        return None if field is None else field.annotation
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    # optional sections and lists of sections: look inside of what they may hold
    inside = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
    if name.isdigit() and inside:
        return inside[0]
    return next((found for a in inside if (found := _below(a, name)) is not None), None)
