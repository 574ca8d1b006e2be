"""Changes to a study as text: `key = value` sets a key, `key += value` adds to a number or a list."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from holdfast.config.study import Study
from holdfast.config.toml import parse_toml
from holdfast.errors import Problem, TableError

CHANGE = re.compile(r"\s*([\w\-]+(?:\.[\w\-]+)*)\s*(\+?=)(?!=)\s*(.+?)\s*", re.DOTALL)
SECTIONS = ("city", "recovery", "tables")
"""What a measure may change: the city, its recovery, and the tables that describe it; not how often the ground shakes."""


class Change(NamedTuple):
    """One key of a study: dotted ``key``, whether ``value`` is added to what stands there, and ``value``."""

    key: str
    adds: bool
    value: Any


def parse_changes(text: str) -> tuple[Change, ...]:
    """Changes that stand in a text, apart by semicolons.

    Raises
    ------
    TableError
        If a part is no change, or changes what is no measure's.

    Examples
    --------
    >>> parse_changes("recovery.crews.power += 4; recovery.strategy = 'random'")[0]
    Change(key='recovery.crews.power', adds=True, value=4)
    """
    found = []
    for part in filter(str.strip, text.split(";")):
        match = CHANGE.fullmatch(part.strip())
        if match is None:
            told = f'"{part.strip()}" is no key = value or key += value; write one such as recovery.crews.power += 4'
            raise TableError("changes", [Problem(told)])
        key, sign, value = match.groups()
        if key.split(".")[0] not in SECTIONS:
            told = f'"{key}" is no key that a measure may change; known sections: {", ".join(SECTIONS)}'
            raise TableError("changes", [Problem(told)])
        found.append(Change(key, sign == "+=", parse_toml(f"value = {value}", key)["value"]))
    if not found:
        told = "changes nothing; name at least one key of the study"
        raise TableError("changes", [Problem(told)])
    return tuple(found)


def overrides_of(study: Study, changes: Iterable[Change]) -> dict[str, Any]:
    """Keys of a study with the values that changes give them, one after the other.

    Raises
    ------
    TableError
        If something is added to what is neither a number nor a list.

    Examples
    --------
    >>> more = parse_changes("recovery.crews.building += 4")
    >>> overrides_of(Study(name="Here", recovery={"crews": {"building": 500}}), [*more, *more])
    {'recovery.crews.building': 508}
    """
    found: dict[str, Any] = {}
    content = study.model_dump(mode="json")
    for key, adds, value in changes:
        before = found.get(key, _at(content, key))
        if not adds:
            found[key] = {**found.get(key, {}), **value} if isinstance(value, Mapping) else value
        elif isinstance(before, list):
            found[key] = [*before, *(value if isinstance(value, list) else [value])]
        elif isinstance(before, (int, float)) and isinstance(value, (int, float)) and not isinstance(before, bool):
            found[key] = before + value
        else:
            told = f"{key} is neither a number nor a list in the study, so that nothing can be added; set it with ="
            raise TableError("changes", [Problem(told)])
    return found


def exclude_each_other(one: Iterable[Change], other: Iterable[Change]) -> bool:
    """Whether two measures set one key to different values, or one sets what the other adds to.

    Examples
    --------
    >>> rule, crews = parse_changes("recovery.strategy = 'random'"), parse_changes("recovery.crews.power += 4")
    >>> exclude_each_other(rule, parse_changes("recovery.strategy = 'flexible'")), exclude_each_other(rule, crews)
    (True, False)
    """
    first, second = (dict(leaf for change in side for leaf in _leaves(change)) for side in (one, other))
    shared = first.keys() & second.keys()
    return any(first[k] != second[k] for k in shared if not (first[k][0] and second[k][0]))


def _leaves(change: Change) -> Iterator[tuple[tuple[str, ...], tuple[bool, Any]]]:
    """Every key that a change touches, with the names inside a table of its value."""
    waiting: list[tuple[tuple[str, ...], Any]] = [(tuple(change.key.split(".")), change.value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and not change.adds:
            waiting += [((*path, str(name)), inside) for name, inside in value.items()]
        else:
            yield path, (change.adds, value)


def _at(content: Any, key: str) -> Any:
    """What stands at a dotted key; nothing where there is no such key."""
    for name in key.split("."):
        content = content.get(name) if isinstance(content, Mapping) else None
    return content
