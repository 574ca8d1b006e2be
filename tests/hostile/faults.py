"""Bad inputs by rule: every table takes every fault, every key of a study takes every fault; seeded and counted."""

import gzip
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from holdfast.config import Section, Study

HUGE = "9" * 400
VALUES: dict[str, Any] = {
    "text": "x",
    "no text": "",
    "a number": 1,
    "below zero": -1,
    "zero": 0,
    "a fraction": 0.5,
    "huge": 1e300,
    "tiny": 1e-300,
    "a large whole number": 10**15,
    "infinite": float("inf"),
    "no number": float("nan"),
    "true": True,
    "an empty list": [],
    "a list of lists": [[1]],
    "an empty section": {},
    "another section": {"x": 1},
    "an address": "http://localhost/x",
    "a path that leads out": "../../../../etc/passwd",
    "a virtual path": "/vsicurl/x",
    "a control character": "a\x00b",
    "a script": "<script>alert(1)</script>",
    "long": "n" * 5000,
    "a local file as a CRS": "+init=/etc/passwd:1",
    "another alphabet": "\u202eabc\u0416",
}
"""Values that a key may be given, by what they are."""
CELLS = {
    "empty": "",
    "text": "x",
    "infinite": "inf",
    "no number": "nan",
    "below zero": "-1",
    "huge": "1e308",
    "tiny": "1e-308",
    "many digits": HUGE,
    "a formula": "=1+1",
    "a script": "<b>",
    "a NUL": "a\x00",
    "a comma for a point": "1,5",
    "percent": "50%",
}
BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "nothing": lambda _, __: b"",
    "NUL bytes": lambda b, _: bytes(min(len(b), 1000)),
    "cut in half": lambda b, _: b[: len(b) // 2],
    "cut at the end": lambda b, _: b[:-7],
    "a byte turned": lambda b, r: turned(b, r, 1),
    "many bytes turned": lambda b, r: turned(b, r, 50),
    "twice": lambda b, _: b + b,
    "a virtual dataset": lambda _, __: b"<OGRVRTDataSource/>",
    "packed": lambda b, _: gzip.compress(b),
    "another encoding": lambda b, _: b.decode("latin-1").encode("utf-16"),
    "a byte order mark": lambda b, _: b"\xef\xbb\xbf" + b,
    "a head alone": lambda b, _: b[:20],
}
"""What a file may hold instead, by what it is."""


class Case(NamedTuple):
    """One bad input: its name, and what spoils a folder of input files and the study beside it."""

    name: str
    spoil: Callable[[Path, dict[str, Any]], object]


def turned(content: bytes, generator: random.Random, count: int) -> bytes:
    """Content with some bytes changed."""
    changed = bytearray(content)
    for _ in range(count if changed else 0):
        changed[generator.randrange(len(changed))] = generator.randrange(256)
    return bytes(changed)


def keys(annotation: Any = Study, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a study, with a name of its own where the study gives the names and 0 in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        for name, field in annotation.model_fields.items():
            yield (*path, name)
            yield from keys(field.annotation, (*path, name))
    elif get_origin(annotation) is dict:
        yield from keys(get_args(annotation)[1], (*path, "areas"))
    else:
        for inner in get_args(annotation):
            yield from keys(inner, (*path, "0") if get_origin(annotation) in (list, tuple) else path)


def with_key(content: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A study in which a key has a value, whatever stood on the way there."""
    place: Any = content
    for number, name in enumerate(path):
        last = number == len(path) - 1
        if isinstance(place, list):
            if not place:
                place.append({})
            if last:
                place[0] = value
            elif not isinstance(place[0], dict):
                place[0] = {}
            place = place[0]
            continue
        if last:
            place[name] = value
        elif not isinstance(place.get(name), (dict, list)):
            place[name] = [] if path[number + 1] == "0" else {}
        place = place.get(name)
    return content


def cases(files: dict[str, bytes], seed: int) -> list[Case]:
    """All cases of a study, in an order that a seed gives.

    Parameters
    ----------
    files : dict
        Name to content of every input file.
    seed : int
        Of the order and of the bytes that are turned.
    """
    found = [
        Case(f"{file}: {fault}", _bytes(file, content, make, seed))
        for file, content in files.items()
        for fault, make in BYTES.items()
    ]
    for file, content in files.items():
        if file.endswith(".csv"):
            header = content.decode().splitlines()[0].split(",")
            for column in range(len(header)):
                found += [
                    Case(f"{file}, {header[column]}: {fault}", _cell(file, content, column, text))
                    for fault, text in CELLS.items()
                ]
                found.append(Case(f"{file}, {header[column]}: no such column", _renamed(file, content, column)))
    for path in dict.fromkeys(keys()):
        found += [Case(f"{'.'.join(path)}: {fault}", _key(path, value)) for fault, value in VALUES.items()]
        found.append(Case(f"{'.'.join(path)}x: unknown", _key((*path[:-1], f"{path[-1]}x"), 1)))
    random.Random(seed).shuffle(found)
    return found


def _bytes(
    file: str, content: bytes, make: Callable[[bytes, random.Random], bytes], seed: int
) -> Callable[[Path, dict[str, Any]], object]:
    return lambda folder, _: (folder / file).write_bytes(make(content, random.Random(seed)))


def _cell(file: str, content: bytes, column: int, text: str) -> Callable[[Path, dict[str, Any]], object]:
    lines = content.decode().splitlines()
    row = lines[len(lines) // 2].split(",")
    row[column] = f'"{text}"' if "," in text else text
    lines[len(lines) // 2] = ",".join(row)
    return lambda folder, _: (folder / file).write_text("\n".join(lines) + "\n")


def _renamed(file: str, content: bytes, column: int) -> Callable[[Path, dict[str, Any]], object]:
    first, rest = content.decode().split("\n", 1)
    names = first.split(",")
    names[column] = "other"
    return lambda folder, _: (folder / file).write_text(",".join(names) + "\n" + rest)


def _key(path: tuple[str, ...], value: Any) -> Callable[[Path, dict[str, Any]], object]:
    return lambda _, study: with_key(study, path, value)
