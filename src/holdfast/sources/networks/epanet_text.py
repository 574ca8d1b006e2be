"""The text of EPANET input files, by the grammar of its engine: sections, options, elements, all in SI units.

Keywords are matched by their first letters, upper and lower case alike, as the engine does (EPANET 2.2, input2.c and
input3.c); text after a semicolon is a comment; what has a default and is not stated takes the engine's.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.sources.text_tables import decoded

SECTIONS = (
    "TITL",
    "JUNC",
    "RESE",
    "TANK",
    "PIPE",
    "PUMP",
    "VALV",
    "CONT",
    "RULE",
    "DEMA",
    "SOUR",
    "EMIT",
    "PATT",
    "CURV",
    "QUAL",
    "STAT",
    "ROUG",
    "ENER",
    "REAC",
    "MIXI",
    "REPO",
    "TIME",
    "OPTI",
    "COOR",
    "VERT",
    "LABE",
    "BACK",
    "TAGS",
    "LEAK",
)
UNUSED = {"CONT": "controls", "RULE": "rules", "EMIT": "emitters", "LEAK": "leaking pipes"}
"""Sections with something to tell of that no model here runs."""
TOKEN = re.compile(r'"([^"]*)"|(\S+)')
DEFAULT_UNIT, DEFAULT_PATTERN = "GPM", "1"
FOOT, INCH = 0.3048, 0.0254
HORSEPOWER, KILOWATT = 745.6998715822702, 1000.0
PSI_PER_FOOT = 0.4333  # as in the engine
KPA_PER_PSI = 6.895  # as in the engine
WATER_FT2_S = 1.1e-5  # kinematic viscosity at 20 degrees, as in the engine
ABSOLUTE = 1e-3  # smaller viscosities are absolute, as in the engine
VALVES = ("PRV", "PSV", "PBV", "FCV", "TCV", "GPV", "PCV")
HEADLOSS = {"H": "H-W", "D": "D-W", "C": "C-M"}


@dataclass(frozen=True)
class Line:
    """One line of a section: its row and its words."""

    row: int
    words: list[str]


@dataclass
class Text:
    """An input file by sections (first four letters), and what of it is not read."""

    file: Path
    sections: dict[str, list[Line]]
    notes: list[str]
    problems: list[Problem] = field(default_factory=list)

    def lines(self, section: str) -> list[Line]:
        """Lines of a section; none where the file has no such section."""
        return self.sections.get(section, [])

    def number(self, line: Line, at: int, what: str, default: float | None = None) -> float:
        """The number at a place of a line; faults are kept for one message."""
        if at >= len(line.words) and default is not None:
            return default
        try:
            value = float(line.words[at])
        except (ValueError, IndexError):
            shown = f'"{line.words[at][:40]}"' if at < len(line.words) else "nothing"
            self.problems.append(Problem(f"{shown} is no number where {what} stands", line.row))
            return np.nan
        if not np.isfinite(value):
            self.problems.append(Problem(f'"{line.words[at]}" is no finite number where {what} stands', line.row))
        return value

    def measure(self, line: Line, at: int, what: str) -> float:
        """The number at a place of a line, which must not be below 0."""
        value = self.number(line, at, what)
        if value < 0:
            self.problems.append(Problem(f'"{line.words[at]}" is below 0 where {what} stands', line.row))
        return value

    def enough(self, line: Line, least: int, what: str) -> bool:
        """Whether a line has the words that it needs."""
        if len(line.words) < least:
            self.problems.append(Problem(f"has {len(line.words)} words where {what} needs {least}", line.row))
        return len(line.words) >= least

    def refuse(self) -> None:
        """Raise what was found, if anything was."""
        if self.problems:
            raise TableError(str(self.file), sorted(self.problems, key=lambda p: p.row or 0))


@dataclass(frozen=True)
class Units:
    """Factors from a file's units to SI, and what the file states of its hydraulics."""

    keyword: str
    stated: bool
    flow: float
    length: float
    diameter: float
    roughness: float
    power: float
    pressure: float
    headloss: str
    multiplier: float
    pattern: str
    hydraulics: dict[str, float | str]


def read_text(file: Path) -> Text:
    """Split an input file (``.inp``; UTF-8, UTF-16 with its mark, else Windows-1252) into its sections.

    Raises
    ------
    TableError
        If it holds neither junctions nor pipes.
    """
    text, notes = decoded(file.read_bytes(), file)
    sections: dict[str, list[Line]] = {}
    unknown: dict[str, int] = {}
    place: list[Line] | None = None
    for row, line in enumerate(text.splitlines(), 1):
        words = [quoted or plain for quoted, plain in TOKEN.findall(line.split(";", 1)[0])]
        if not words:
            continue
        if words[0].startswith("["):
            key = words[0][1:5].upper()
            # the engine stops here too: what follows is no part of the network
            if key.startswith("END"):
                break
            if key not in SECTIONS:
                unknown[words[0][:40]] = row
            place = sections.setdefault(key, []) if key in SECTIONS else None
        elif place is not None:
            place.append(Line(row, words))
    if "JUNC" not in sections and "PIPE" not in sections:
        raise TableError(str(file), [Problem("has no [JUNCTIONS] or [PIPES]; is it an EPANET input file?")])
    if unknown:
        notes.append(f"sections that EPANET does not know are not read: {', '.join(unknown)}")
    return Text(file, sections, notes)


def units_of(text: Text, said: str | None) -> Units:
    """Units and hydraulic options of a file, with the engine's defaults.

    Parameters
    ----------
    text : Text
        From `read_text`; what the study contradicts is noted.
    said : str or None
        Unit of flow that the study states; it is used where the file states none.

    Raises
    ------
    TableError
        If a unit is unknown.
    """
    known = packaged("epanet_units").set_index("keyword")
    told = _options(text)
    stated = told.get("unit")
    keyword = stated or (said or DEFAULT_UNIT).upper()
    keyword = next((k for k in known.index if keyword.startswith(k)), keyword)
    if keyword not in known.index:
        advice = f'"{keyword}" is no unit of flow of EPANET; known: {", ".join(known.index)}'
        where = (None, "units.flow") if stated is None else (int(told["row"]), "Units")
        raise TableError(str(text.file), [Problem(advice, *where)])
    if stated is None and said is None:
        text.notes.append(f"states no unit of flow: EPANET's own default, {DEFAULT_UNIT}, is taken")
    elif stated is None:
        text.notes.append(f"states no unit of flow: {keyword} as the study says")
    elif said is not None and not said.upper().startswith(keyword):
        text.notes.append(
            f"warning: the study says the unit of flow is {said}, the file itself {keyword}: the file's own is taken"
        )
    us = known.loc[keyword, "us_customary"] == "yes"
    # metres of water to a psi, and from there to a kPa, by the engine's own rounded factors
    psi = FOOT / PSI_PER_FOOT
    pressures = {"P": psi, "K": psi / KPA_PER_PSI, "M": 1.0}
    pressure = pressures.get(told.get("pressure", "")[:1], psi if us else 1.0)
    hydraulics = _hydraulics(told, pressure, us=us)
    return Units(
        keyword=keyword,
        stated=stated is not None,
        flow=float(known.loc[keyword, "flow_m3_s"]),
        length=FOOT if us else 1.0,
        diameter=INCH if us else 1e-3,
        # the Darcy-Weisbach roughness is a height, in thousandths of a foot or in mm; the others have no unit
        roughness=(FOOT if us else 1.0) * 1e-3 if told.get("headloss") == "D-W" else 1.0,
        power=HORSEPOWER if us else KILOWATT,
        pressure=pressure,
        headloss=told.get("headloss", "H-W"),
        multiplier=float(told.get("multiplier", "1")),
        pattern=told.get("pattern", DEFAULT_PATTERN),
        hydraulics=hydraulics,
    )


def _options(text: Text) -> dict[str, str]:
    """What [OPTIONS] and the multiplier of [DEMANDS] state, as text."""
    told: dict[str, str] = {}
    for line in text.lines("OPTI"):
        first, *rest = (w.upper() for w in line.words)
        second, third = [*rest, "", ""][:2]
        if not second:
            continue  # an option without a value keeps its default, as in the engine
        if first.startswith("UNITS"):
            told |= {"unit": second, "row": str(line.row)}
        elif first.startswith("HEADL"):
            told["headloss"] = HEADLOSS.get(second[:1], "")
            if not told["headloss"]:
                text.problems.append(
                    Problem(
                        f'"{line.words[1]}" is no formula of head loss; known: {", ".join(HEADLOSS.values())}', line.row
                    )
                )
        elif first.startswith("PATT"):
            told["pattern"] = line.words[1]
        elif first.startswith("PRESSURE") and not second.startswith("EXP"):
            told["pressure"] = second
        elif first.startswith("DEMA") and second.startswith("MODEL"):
            told["model"] = third
        else:
            _number_option(text, line, first, second, told)
    for line in text.lines("DEMA"):
        if line.words[0].upper().startswith("MULT"):
            told["multiplier"] = str(text.number(line, 1, "the multiplier of demands", 1.0))
    return told


def _number_option(text: Text, line: Line, first: str, second: str, told: dict[str, str]) -> None:
    """Options whose value is a number; the others do not bear on what is read here."""
    names: dict[tuple[str, str], tuple[str, int]] = {
        ("DEMA", "MULT"): ("multiplier", 2),
        ("MULT", ""): ("multiplier", 1),
        ("SPEC", ""): ("gravity", 2),
        ("VISC", ""): ("viscosity", 1),
        ("MINI", ""): ("minimum", 2),
        ("REQ", ""): ("required", 2),
        ("PRESSURE", "EXP"): ("exponent", 2),
    }
    # the place of the number depends on whether the option has one word or two
    for (front, next_), (name, at) in names.items():
        if first.startswith(front) and second.startswith(next_) and len(line.words) > at:
            told[name] = str(text.number(line, at, f"the option {first.title()}"))


def _hydraulics(told: dict[str, str], pressure: float, *, us: bool) -> dict[str, float | str]:
    """What the pressure model needs besides the elements, SI."""
    viscosity = float(told.get("viscosity", "1"))
    # an absolute viscosity, ft2/s or m2/s; relative to water at 20 degrees is what the model takes
    if viscosity <= ABSOLUTE:
        viscosity = viscosity / (WATER_FT2_S if us else WATER_FT2_S * FOOT**2)
    made: dict[str, float | str] = {
        "headloss": told.get("headloss", "H-W"),
        "viscosity": viscosity,
        "specific_gravity": float(told.get("gravity", "1")),
    }
    if told.get("model", "").startswith("PDA"):
        made |= {
            "minimum_pressure_m": float(told.get("minimum", "0")) * pressure,
            "required_pressure_m": float(told.get("required", "0.1")) * pressure,
            "pressure_exponent": float(told.get("exponent", "0.5")),
        }
    return made


def patterns(text: Text) -> dict[str, float]:
    """Mean of the multipliers of every pattern, over all of its lines."""
    values: dict[str, list[float]] = {}
    for line in text.lines("PATT"):
        values.setdefault(line.words[0], []).extend(
            text.number(line, i, "a multiplier") for i in range(1, len(line.words))
        )
    return {name: float(np.mean(numbers)) if numbers else 1.0 for name, numbers in values.items()}


def curves(text: Text) -> dict[str, list[tuple[float, float]]]:
    """Points of every curve, in the file's units."""
    points: dict[str, list[tuple[float, float]]] = {}
    for line in text.lines("CURV"):
        if text.enough(line, 3, "a point of a curve"):
            points.setdefault(line.words[0], []).append((text.number(line, 1, "x"), text.number(line, 2, "y")))
    return points


def by_id(text: Text, section: str, least: int, what: str, taken: dict[str, int]) -> list[Line]:
    """Lines of a section (first four letters) that define something, each id once.

    Parameters
    ----------
    text, section : Text, str
        From `read_text`; and the section's first four letters.
    least, what : int, str
        Words that a line needs, and what it defines, for messages.
    taken : dict of str to int
        Ids of its kind (nodes or links) with their rows; the new ones are added.
    """
    kept = []
    for line in text.lines(section):
        if not text.enough(line, least, what):
            continue
        if line.words[0] in taken:
            text.problems.append(
                Problem(f'"{line.words[0]}" already stands in row {taken[line.words[0]]}; ids must differ', line.row)
            )
            continue
        taken[line.words[0]] = line.row
        kept.append(line)
    return kept
