"""The study: one typed, frozen configuration, read from a TOML file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from unicodedata import category

from pydantic import Field, ValidationError

from holdfast.config.base import Section
from holdfast.config.city import CityOptions
from holdfast.config.faults import known_keys, problems_of, shown
from holdfast.config.governance import GovernanceOptions
from holdfast.config.measures_options import MeasuresOptions
from holdfast.config.rating import RatingOptions, RegionOptions
from holdfast.config.recovery import RecoveryOptions
from holdfast.config.risk import RiskOptions
from holdfast.config.scenario import ScenarioOptions
from holdfast.config.table_options import TableOptions
from holdfast.config.toml import TOO_DEEP, parse_toml, read_toml
from holdfast.config.training import TrainingOptions
from holdfast.config.what_if_options import WhatIfOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.gate.limits import STUDY_DEPTH
from holdfast.gate.text import depth


class Study(Section):
    """One study: a name, a seed, where the data lie, and the options of each stage."""

    name: str = Field(min_length=1, max_length=200, description="title of the study")
    seed: int = Field(1, ge=0, lt=2**63, description="seed of every random number")
    data: str = Field(".", description="folder of the input files, relative to the study file")
    region: RegionOptions = RegionOptions()
    tables: dict[str, TableOptions] = Field({}, description="input tables by name")
    rating: RatingOptions = RatingOptions()
    risk: RiskOptions | None = None
    governance: GovernanceOptions = GovernanceOptions()
    city: CityOptions | None = None
    scenario: ScenarioOptions | None = None
    scenarios: tuple[ScenarioOptions, ...] = Field((), description="a set of events, each with an annual rate")
    recovery: RecoveryOptions = RecoveryOptions()
    measures: MeasuresOptions = MeasuresOptions()
    what_if: WhatIfOptions = WhatIfOptions()
    training: TrainingOptions = TrainingOptions()
    compare: dict[str, dict[str, Any]] = Field(
        {}, description="alternatives by name, each with the dotted keys of the study that it changes"
    )


StudyLike = Study | Mapping[str, Any] | str | os.PathLike[str]
"""Wherever a study is wanted: a `Study`, the same as nested dicts, or the path of a TOML file."""


def load_study(study: StudyLike, overrides: Mapping[str, Any] | None = None) -> tuple[Study, Path]:
    """Read a study.

    Parameters
    ----------
    study : Study, mapping, str or Path
        A study, its content as in TOML, or a TOML file.
    overrides : mapping
        Dotted key to value, over the study's. A mapping changes the keys it names and leaves the others, also where
        the study holds nothing but the default: ``{"recovery.crews": {"power": 40}}`` keeps all other crews.

    Returns
    -------
    Study, Path
        Checked and complete with defaults; and the folder of the input files, absolute: ``data`` relative to the study
        file, to the working directory where there is no file or an override states it.

    Raises
    ------
    DataMissing, TableError, UnknownName
        If there is no such file; it is not valid TOML or a value breaks a rule; it holds an unknown key.

    Examples
    --------
    >>> load_study({"name": "Here"}, {"recovery.crews.power": 40})[0].recovery.crews["power"]
    40
    """
    try:
        content, base = _content(study)
        for key, value in (overrides or {}).items():
            nested: Any = _plain(value)
            # a dotted key is a section in a section: built from its end
            for name in reversed(key.split(".")):
                nested = {name: nested}
            _merge(content, nested)
    except RecursionError:
        raise TableError(named(study), [Problem(TOO_DEEP)]) from None
    checked = parse_study(content, named(study))
    # whoever writes --data means it from where they stand
    base = Path.cwd() if "data" in (overrides or {}) else base
    return checked, Path(os.path.realpath(base / checked.data))


def named(study: StudyLike) -> str:
    """Name of a study in messages: its file, if there is one.

    Examples
    --------
    >>> named("harris.toml"), named({"name": "Harris"})
    ('harris.toml', 'study')
    """
    return os.fspath(study) if isinstance(study, (str, os.PathLike)) else "study"


def _content(study: StudyLike) -> tuple[dict[str, Any], Path]:
    """Content as nested dicts of its own, and the folder that `data` is relative to."""
    if isinstance(study, Study):
        # only what was set: defaults of a study that is passed on stay open to later merging
        return study.model_dump(exclude_unset=True), Path.cwd()
    if isinstance(study, Mapping):
        return {str(k): _plain(v) for k, v in study.items()}, Path.cwd()
    if not isinstance(study, (str, os.PathLike)):
        text = f"is a {type(study).__name__}; give a study file, a Study, or its content as a dict"
        raise TableError("study", [Problem(text)])
    path = Path(study)
    return read_toml(path), Path(os.path.realpath(path)).parent


def _plain(value: Any) -> Any:
    """A copy made of what TOML knows: dicts, lists, text, numbers."""
    if isinstance(value, Section):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.item() if hasattr(value, "item") else value  # a number of numpy


def parse_study(content: dict[str, Any], file: str) -> Study:
    """Check the content of a study, nested dicts as read from TOML; `file` is its name in messages.

    Raises
    ------
    TableError
        If values break rules; names every key.
    UnknownName
        If the only fault is an unknown key.

    Examples
    --------
    >>> parse_study({"name": "Here", "rating": {"refits": 5}}, "study.toml").rating.refits
    5
    """
    if depth(content, STUDY_DEPTH) > STUDY_DEPTH:
        raise TableError(file, [Problem(TOO_DEEP)])
    unwritable = [Problem("holds a character that cannot be shown", column=key) for key in _unwritable(content)]
    if unwritable:
        raise TableError(file, unwritable)
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        faults: Any = error.errors(include_url=False)
    # a misspelt key alone: the known ones of its section help more than a list of faults
    if len(faults) == 1 and faults[0]["type"] == "extra_forbidden":
        *parents, last = [str(p) for p in faults[0]["loc"]]
        known = known_keys(parents, Study)
        raise UnknownName("key of the study", ".".join([*parents, last]), known, file)
    raise TableError(file, problems_of(faults, Study))


def _unwritable(content: Any, key: str = "") -> Iterator[str]:
    """Keys whose text holds a control character, which a terminal would obey and a path cannot have."""
    if isinstance(content, str) and any(category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in content):
        yield key
    inside = (
        content.items() if isinstance(content, Mapping) else enumerate(content) if isinstance(content, list) else ()
    )
    for name, value in inside:
        below = f"{key}.{name}" if key else str(name)
        yield from (ascii(below)[1:-1] for _ in _unwritable(str(name))) if isinstance(content, Mapping) else ()
        yield from _unwritable(value, below)


def _section(annotation: Any) -> Any:
    """The section that a field holds, whether alone, optional or several."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    inside = [_section(a) for a in get_args(annotation)]
    return next((s for s in inside if s is not dict), dict)


def _merge(content: dict[str, Any], changes: Mapping[str, Any], path: tuple[str, ...] = ()) -> None:
    """Change the keys of a section that are named; of a table that the study leaves out, those of its default."""
    for name, value in changes.items():
        if not isinstance(value, Mapping):
            content[name] = value
            continue
        if content.get(name) is None:
            content[name] = _default_table((*path, name))
        if not isinstance(content[name], dict):
            raise UnknownName("section of the study", name, [k for k, v in content.items() if isinstance(v, dict)])
        _merge(content[name], value, (*path, name))


def _default_table(path: tuple[str, ...]) -> dict[str, Any]:
    """What stands at a dotted path without a word of the study, where that is a table and no section."""
    model: Any = Study
    default: Any = None
    for name in path:
        field = getattr(model, "model_fields", {}).get(name)
        if field is None:
            return {}
        model, default = _section(field.annotation), field.default
    # only tables with names of the user's, such as crews: a section fills its own gaps when it is checked
    return dict(default) if model is dict and isinstance(default, dict) else {}


def parse_override(text: str) -> tuple[str, Any]:
    """Split ``key=value`` of the command line; the value is read as TOML, else as text.

    Raises
    ------
    TableError
        If there is no ``=``.

    Examples
    --------
    >>> parse_override("rating.refits=5"), parse_override("name=Here")
    (('rating.refits', 5), ('name', 'Here'))
    """
    key, equals, value = text.partition("=")
    if not equals or not all(part.strip() for part in key.split(".")) or key.count(".") >= STUDY_DEPTH:
        told = f"{shown(text)} is no key=value; write one such as rating.refits=5"
        raise TableError("--set", [Problem(told)])
    try:
        return key.strip(), parse_toml(f"value = {value}", "--set")["value"]
    except TableError:
        return key.strip(), value
