"""Pipes, pumps and valves of an EPANET input file, in SI units."""

from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import Problem
from holdfast.sources.networks.epanet_text import VALVES, Line, Text, Units, by_id, curves

STATUS = {"OPEN": "on", "ACTIVE": "on", "CLOSED": "off", "CV": "check"}


def links_of(text: Text, units: Units) -> tuple[dict[str, dict[str, Any]], dict[str, pd.DataFrame]]:
    """Pipes, pumps and valves by name; and what the pressure model needs of them, SI."""
    taken: dict[str, int] = {}
    points = curves(text)
    links = _pipes(text, units, taken)
    pumps = _pumps(text, units, taken, points)
    valves = _valves(text, units, taken, points)
    for name, pump in pumps.items():
        links[name] = {"kind": "pump", "status": "on"} | pump.pop("link")
    for name, valve in valves.items():
        links[name] = {"kind": "valve", "status": "on"} | valve.pop("link")
    _apply_status(text, units, links, pumps, valves)
    # only curves that a pump or valve uses: the others are of efficiency or volume, with other units
    used = {str(row["curve"]): str(row["curve_kind"]) for row in (*pumps.values(), *valves.values()) if row["curve"]}
    table = [
        (name, kind, x * units.flow, y * units.length) for name, kind in used.items() for x, y in points.get(name, ())
    ]
    details = {
        "pumps": pd.DataFrame.from_dict(pumps, orient="index", columns=["kind", "speed", "power_w", "curve"]),
        "valves": pd.DataFrame.from_dict(
            valves, orient="index", columns=["type", "minor_loss", "status", "setting", "curve"]
        ),
        "curves": pd.DataFrame(table, columns=["curve", "kind", "x", "y"]),
        "hydraulics": pd.DataFrame([units.hydraulics]),
    }
    return links, details


def _link(line: Line, **more: Any) -> dict[str, Any]:
    """The fields that all links share."""
    usual = {"length_m": 0.0, "diameter_m": np.nan, "roughness": np.nan, "minor_loss": 0.0, "status": "on"}
    return {"from_node": line.words[1], "to_node": line.words[2], "row": line.row} | usual | more


def _pipes(text: Text, units: Units, taken: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Pipes by name; the seventh word is a minor loss or a status."""
    made = {}
    for line in by_id(text, "PIPE", 6, "a pipe", taken):
        length, diameter, roughness = (
            text.measure(line, i, w) for i, w in ((3, "the length"), (4, "the diameter"), (5, "the roughness"))
        )
        # as in the engine: a pipe of seven words has a minor loss or a status, one of eight has both in this order
        seventh = line.words[6].upper() if len(line.words) > 6 else "0"
        status = seventh if seventh in STATUS else (line.words[7].upper() if len(line.words) > 7 else "OPEN")
        if status not in STATUS:
            text.problems.append(Problem(f'"{status[:40]}" is no status of a pipe; known: Open, Closed, CV', line.row))
        made[line.words[0]] = _link(
            line,
            kind="pipe",
            length_m=length * units.length,
            diameter_m=diameter * units.diameter,
            roughness=roughness * units.roughness,
            minor_loss=0.0 if seventh in STATUS or len(line.words) < 7 else text.measure(line, 6, "the minor loss"),
            status=STATUS.get(status, "on"),
        )
    return made


def _pumps(
    text: Text, units: Units, taken: dict[str, int], points: dict[str, list[tuple[float, float]]]
) -> dict[str, dict[str, Any]]:
    """Pumps by name: by power, by a curve, or by the numbers of the old format, which become a curve of their own."""
    made = {}
    for line in by_id(text, "PUMP", 4, "a pump", taken):
        own: dict[str, Any] = {
            "kind": "",
            "speed": 1.0,
            "power_w": np.nan,
            "curve": "",
            "curve_kind": "HEAD",
            "link": _link(line),
        }
        # the format before EPANET 2, which the engine still reads: numbers without keywords
        if _is_number(line.words[3]):
            numbers = [text.number(line, i, "a point of the pump") for i in range(3, len(line.words))]
            if len(numbers) == 1:
                own |= {"kind": "POWER", "power_w": numbers[0] * units.power}
            else:
                own |= {"kind": "HEAD", "curve": f"pump {line.words[0]}"}
                points[own["curve"]] = _old_curve(text, line, numbers)
            made[line.words[0]] = own
            continue
        for at in range(3, len(line.words) - 1, 2):
            word = line.words[at].upper()
            if word.startswith("POWE"):
                own |= {"kind": "POWER", "power_w": text.number(line, at + 1, "the power") * units.power}
            elif word.startswith("HEAD"):
                own |= {"kind": "HEAD", "curve": _curve(text, line, at + 1, points)}
            elif word.startswith("SPEE"):
                own["speed"] = text.number(line, at + 1, "the speed")
            # a pattern of the speed is passed over: one moment is modelled, at which the pump runs at its speed
            elif not word.startswith("PATT"):
                text.problems.append(
                    Problem(
                        f'"{line.words[at][:40]}" is no property of a pump; known: Head, Power, Speed, Pattern',
                        line.row,
                    )
                )
        if not own["kind"]:
            text.problems.append(Problem("states neither Head nor Power of the pump", line.row))
        made[line.words[0]] = own
    return made


def _is_number(word: str) -> bool:
    """Whether a word is a number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def _old_curve(text: Text, line: Line, numbers: list[float]) -> list[tuple[float, float]]:
    """Points of a pump of the old format: flow and head, or shutoff head, head, flow, head, flow."""
    if len(numbers) == 2:
        return [(numbers[0], numbers[1])]
    if len(numbers) >= 5:
        return [(0.0, numbers[0]), (numbers[2], numbers[1]), (numbers[4], numbers[3])]
    text.problems.append(Problem("has no curve that EPANET knows: one, two or five numbers", line.row))
    return []


def _curve(text: Text, line: Line, at: int, points: dict[str, list[tuple[float, float]]]) -> str:
    """The curve that a line names."""
    name = line.words[at] if at < len(line.words) else ""
    if name not in points:
        text.problems.append(Problem(f'"{name[:40]}" is no curve of the file', line.row))
    return name


def _valves(
    text: Text, units: Units, taken: dict[str, int], points: dict[str, list[tuple[float, float]]]
) -> dict[str, dict[str, Any]]:
    """Valves by name, with their setting in SI."""
    scale = {"PRV": units.pressure, "PSV": units.pressure, "PBV": units.pressure, "FCV": units.flow, "TCV": 1.0}
    made = {}
    for line in by_id(text, "VALV", 6, "a valve", taken):
        kind = line.words[4].upper()
        if kind not in VALVES:
            text.problems.append(Problem(f'"{line.words[4][:40]}" is no valve; known: {", ".join(VALVES)}', line.row))
            continue
        loss = text.number(line, 6, "the minor loss", 0.0)
        link = _link(line, diameter_m=text.measure(line, 3, "the diameter") * units.diameter, minor_loss=loss)
        own: dict[str, Any] = {"type": kind, "minor_loss": loss, "status": "ACTIVE", "setting": np.nan, "curve": ""}
        own |= {"curve_kind": "HEADLOSS", "link": link}
        if kind == "GPV":
            own["curve"] = _curve(text, line, 5, points)
        elif kind == "PCV":  # no model here knows its curve: it is left open
            own |= {"type": "TCV", "setting": loss}
            text.notes.append(f"valve {line.words[0]} (PCV) is taken as open")
        else:
            own["setting"] = text.number(line, 5, "the setting") * scale[kind]
        made[line.words[0]] = own
    return made


def _apply_status(
    text: Text,
    units: Units,
    links: dict[str, dict[str, Any]],
    pumps: dict[str, dict[str, Any]],
    valves: dict[str, dict[str, Any]],
) -> None:
    """What [STATUS] says of links at the start: open, closed, the speed of a pump or the setting of a valve."""
    scale = {"PRV": units.pressure, "PSV": units.pressure, "PBV": units.pressure, "FCV": units.flow}
    for line in text.lines("STAT"):
        name = line.words[0]
        if not text.enough(line, 2, "a status"):
            continue
        if name not in links:
            text.problems.append(Problem(f'"{name[:40]}" is no link of the file', line.row))
            continue
        # a word opens or closes; a number is the speed of a pump (0 is off) or the setting of a valve
        word = line.words[-1].upper()
        if word in ("OPEN", "CLOSED", "ACTIVE"):
            # a check valve stays one, whatever is written of it: the engine refuses to set it
            if links[name]["status"] != "check":
                links[name]["status"] = STATUS[word]
            if name in valves:
                valves[name]["status"] = word
            continue
        value = text.number(line, len(line.words) - 1, "the status")
        if name in pumps:
            pumps[name]["speed"] = value if value > 0 else pumps[name]["speed"]
            links[name]["status"] = "on" if value > 0 else "off"
        elif name in valves and valves[name]["type"] != "GPV":
            valves[name] |= {"setting": value * scale.get(valves[name]["type"], 1.0), "status": "ACTIVE"}
