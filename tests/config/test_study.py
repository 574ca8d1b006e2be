"""A study is read whole or refused: file, place, cause and remedy, in words of ours."""

import pytest

from holdfast.config import load_study, parse_override, parse_study
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.gate.limits import DIGITS, STUDY_BYTES, STUDY_DEPTH

FOREIGN = ("Input should", "validation", "pydantic", "Traceback", "recursion", "NoneType", "Exceeds the limit", "codec")

SYNTAX = {
    "a = = 3": "neither text in quotes",
    "a": 'a key without "="',
    "a = [1, 2": "closing bracket",
    "a = {b = 1": "closing bracket",
    "[a": "closing bracket",
    "[[a]": "closing bracket",
    'a = "b': "character that no text can hold|closing quote",
    "a = '''b": "closing sign",
    "a = 1\na = 2": "stands there already",
    "[a]\n[a]": "stands there already",
    "a = {b = 1}\n[a.c]": "stands there already|closed already",
    "a = 1 2": "more on the line",
    "= 1": "neither key = value",
    'a = "C:\\data"': "backslash",
    'a = "\\uD800"': "backslash",
    "a = 2020-13-45": "date|out of its range|more on the line",
    "a = nope": "neither text in quotes",
    "a = 0x": "neither text in quotes|more on the line",
    "\x00": "neither key = value",
}


@pytest.mark.parametrize("text", SYNTAX)
def test_faults_of_syntax_are_told_in_our_words(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_bytes(text.encode())
    with pytest.raises(TableError, match=rf"study\.toml, 1 error\n.*not valid TOML: .*({SYNTAX[text]})") as refused:
        load_study(file)
    assert not [word for word in (*FOREIGN, "Expected", "Invalid") if word in str(refused.value)]


LARGE = {
    "arrays": "x = " + "[" * 5000,
    "closed arrays": "x = " + "[" * 900 + "]" * 900,
    "tables": "x = " + "{a=" * 3000 + "1" + "}" * 3000,
    "dotted keys": ".".join("a" * 1) + "." + ".".join(["a"] * 3000) + " = 1",
    "sections": "[" + ".".join(["a"] * 3000) + "]",
}


@pytest.mark.parametrize("name", LARGE)
def test_what_nests_too_deep_is_refused(tmp_path, name):
    file = tmp_path / "study.toml"
    file.write_text(LARGE[name])
    with pytest.raises(TableError, match=f"more than {STUDY_DEPTH} sections and lists inside one another"):
        load_study(file)


def test_deep_content_from_python_is_refused():
    deep = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(TableError, match="inside one another"):
        load_study({"name": "x", "tables": deep})
    with pytest.raises(TableError, match="inside one another"):
        load_study({"name": "x"}, {"tables.a": deep})
    while deep:  # taken apart step by step: the interpreter's own way down is as deep
        deep = deep.popitem()[1]


def test_sizes_are_held(tmp_path):
    file = tmp_path / "study.toml"
    file.write_text("#" * (STUDY_BYTES + 1))
    with pytest.raises(TableError, match="larger than 1,048,576 bytes"):
        load_study(file)
    file.write_text("name = 'x'\nseed = " + "9" * (DIGITS + 1))
    with pytest.raises(TableError, match="row 2: holds a number of more than 4,300 digits"):
        load_study(file)
    file.write_text("name = 'x'\nseed = " + "9" * DIGITS)
    with pytest.raises(TableError, match=r'seed: should be less than 9223372036854775808 \(given: "9999'):
        load_study(file)


ABSENT = {
    "no file": lambda f: f / "nothing.toml",
    "a folder": lambda f: f,
    "a name that no file can have": lambda f: "a\x00b.toml",
    "a very long name": lambda f: f / ("n" * 5000),
}


@pytest.mark.parametrize("name", ABSENT)
def test_no_file(tmp_path, name):
    with pytest.raises(DataMissing, match=r"no such study file|cannot be opened"):
        load_study(ABSENT[name](tmp_path))


def test_other_encodings(tmp_path):
    file = tmp_path / "study.toml"
    file.write_bytes("name = 'Zürich'".encode("utf-8-sig"))
    assert load_study(file)[0].name == "Zürich"
    for encoding in ("latin-1", "utf-16"):
        file.write_bytes("name = 'Zürich'".encode(encoding))
        with pytest.raises(TableError, match="is not UTF-8 text"):
            load_study(file)


VALUES = {
    "text for a number": (
        {"rating": {"refits": "many"}},
        r'rating\.refits: should be a whole number \(an integer\) \(given: "many"\)',
    ),
    "a fraction for a whole number": ({"rating": {"refits": 2.5}}, r"rating\.refits: should be a whole number"),
    "a list for a number": ({"region": {"cell_size": [1]}}, r"region\.cell_size: should be a number \(given: a list\)"),
    "a section for text": ({"name": {"a": 1}}, "name: should be text in quotes"),
    "a number for a section": ({"rating": 3}, "rating: should be a section"),
    "a number for a list": ({"rating": {"features": 3}}, r"rating\.features: should be a list in brackets"),
    "infinite": ({"recovery": {"weight": float("inf")}}, r"recovery\.weight: should be a (finite number|less)"),
    "too small": ({"recovery": {"draws": 0}}, r"recovery\.draws: should be greater than or equal to 1"),
    "too large": ({"recovery": {"weight": 2}}, r"recovery\.weight: should be less than or equal to 1"),
    "not among the known": ({"recovery": {"hour": "noon"}}, r"recovery\.hour: should be one of 'night' or 'day'"),
    "another form": ({"city": {"currency": "usd"}}, r"city\.currency: should be of the form"),
    "of no kind": (
        {"tables": {"a": {"source": "x", "path": "y", "where": {"c": [[1]]}}}},
        r"tables\.a\.where\.c\.0: should be text, a number",
    ),
    "missing": ({"tables": {"a": {"source": "points"}}}, r"tables\.a\.path: is missing; write it"),
    "empty": ({"name": ""}, "name: should have at least 1 letters"),
    "control characters": ({"name": "a\x1b[2J"}, "name: holds a character that cannot be shown"),
    "control characters in a key": ({"tables": {"a\x00": {}}}, r"tables\.a\\x00: holds a character"),
    "a bool for a number": ({"seed": "true"}, "seed: should be a whole number"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_are_refused_in_our_words(name):
    content, told = VALUES[name]
    with pytest.raises(TableError, match=told) as refused:
        parse_study({"name": "x"} | content, "study.toml")
    assert not [word for word in FOREIGN if word in str(refused.value)]


UNKNOWN = {
    ("sede",): "seed",
    ("rating", "refit"): "refits",
    ("tables", "areas", "pathh"): "path",
    ("recovery", "materials", "steel", "foo"): "stock",
    ("recovery", "aid", 0, "dayy"): "day",
    ("scenarios", 0, "nam"): "name",
    ("scenarios", 0, "rupture", "mag"): "magnitude",
    ("scenario", "rupture", "mag"): "magnitude",
    ("training", "service", "tree"): "trees",
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_keys_are_told_with_the_known_ones_wherever_they_stand(path):
    content = 1
    for name in reversed(path):
        content = [content] if name == 0 else {name: content}
    with pytest.raises((UnknownName, TableError)) as refused:
        parse_study({"name": "x"} | content, "study.toml")
    assert ".".join(map(str, path)) in str(refused.value)
    known = str(refused.value).split("known: ")[1].split("\n")[0]
    assert UNKNOWN[path] in known.split(", ")


@pytest.mark.parametrize("text", ["seed", "=3", "a..b=1", ".a=1", "a.=1", ".".join("a" * 40) + "=1"])
def test_an_override_that_cannot_be(text):
    with pytest.raises(TableError, match="is no key=value"):
        parse_override(text)
