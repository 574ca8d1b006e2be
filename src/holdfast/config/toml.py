"""TOML that anybody may have written: held to a size and a depth, its faults in words with their place."""

import re
import tomllib
from pathlib import Path
from typing import Any

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.limits import DIGITS, STUDY_BYTES, STUDY_DEPTH
from holdfast.gate.text import depth

LONG_NUMBER = re.compile(rf"\d{{{DIGITS + 1}}}")
TOO_DEEP = f"puts more than {STUDY_DEPTH} sections and lists inside one another; a study needs five"
# What the parser says, by a word of it, and what that means to whoever wrote the file; the first that fits counts.
REASONS = {
    "Expected '='": 'a key without "="',
    "Unterminated": "text without its closing quote",
    "Unclosed": "a list or table without its closing bracket",
    "Expected ']": "the name of a section without its closing bracket",
    "Expected newline": "more on the line than one key and its value",
    "twice": "a key or section that stands there already",
    "Duplicate": "a key that stands there already",
    "overwrite": "a key or section that stands there already",
    "mutate": "a key of a table that is closed already",
    "Invalid initial": "a key that begins with neither a letter, a digit nor a quote",
    "Illegal": "a character that no text can hold",
    "invalid character": "a character that no text can hold",
    "Unescaped": "a backslash that begins no known sign; write paths with / or in single quotes",
    "hex value": "a backslash that begins no known sign; write paths with / or in single quotes",
    "scalar": "a backslash that begins no known sign; write paths with / or in single quotes",
    "date": "a date that is none",
    "redefine": "a section that stands there already",
    "Invalid statement": "a line that is neither key = value nor the name of a section in brackets",
    "Expected": "text, a list or a table without its closing sign",
    "Invalid value": "a value that is neither text in quotes, a number, true, false, a list nor a table",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file, as nested dicts and lists.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If it is too large, no UTF-8 text, or no valid TOML; with the place.
    """
    return parse_toml(_text(path), str(path))


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Content of a text in TOML; `name` is that of the file, for messages.

    Raises
    ------
    TableError
        If it is no valid TOML.

    Examples
    --------
    >>> parse_toml("a = [1, 2]", "study.toml")
    {'a': [1, 2]}
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = _syntax_problem(str(error), text)
    except RecursionError:
        problem = Problem(TOO_DEEP)
    except ValueError:  # a number longer than Python reads, or a date out of the calendar
        problem = _long_number(text)
    else:
        if depth(content, STUDY_DEPTH) <= STUDY_DEPTH:
            return content
        problem = Problem(TOO_DEEP)
    raise TableError(name, [problem])


def _text(path: Path) -> str:
    """Text of the study file, or a clear refusal."""
    try:
        if path.is_file():
            if path.stat().st_size > STUDY_BYTES:
                text = f"is larger than {STUDY_BYTES:,} bytes, which no study is; is it the right file?"
                raise TableError(str(path), [Problem(text)])
            return path.read_text(encoding="utf-8-sig")
        text = f"{path}: no such study file; `holdfast init` writes a commented one"
    except TableError:
        raise
    except UnicodeDecodeError:
        raise TableError(str(path), [Problem("is not UTF-8 text; is it the right file?")]) from None
    except OSError:
        text = f"{path}: cannot be opened; is it readable for you?"
    except ValueError:  # a name that no file can have
        text = f"{str(path)!a}: no such study file; `holdfast init` writes a commented one"
    raise DataMissing(text)


def _syntax_problem(message: str, text: str) -> Problem:
    """The place that the parser names as the row of the problem, and its reason in our words."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    row = int(place[1]) if place else len(text.splitlines())
    spot = f", character {place[2]}" if place else ", at the end"
    reason = next((words for sign, words in REASONS.items() if sign in message), "something that is not understood")
    return Problem(f"not valid TOML: {reason}{spot}; see https://toml.io", row=row)


def _long_number(text: str) -> Problem:
    """A number that is too long, with its row."""
    long = LONG_NUMBER.search(text)
    if long is None:
        return Problem("not valid TOML: a date or number out of its range; see https://toml.io")
    row = text.count("\n", 0, long.start()) + 1
    return Problem(f"holds a number of more than {DIGITS:,} digits", row=row)
