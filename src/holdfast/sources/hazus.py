"""Hazus fragilities, repair costs and repair days, from the package simcenter-dlml."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from holdfast.errors import DataMissing

STATES = ("slight", "moderate", "extensive", "complete")
CODES = {"HC": "high_code", "MC": "moderate_code", "LC": "low_code", "PC": "pre_code"}
MEASURES = {
    "Peak Ground Acceleration": "PGA",
    "Spectral Acceleration|1.0": "SA1.0",
    "Permanent Ground Deformation": "PGD",
}
UNITS = {"g": ("g", 1.0), "inch": ("cm", 2.54)}
NEVER = 1000.0
"""Median, in the unit of the measure, of a state that Hazus gives no function for and that cannot be reached."""
BUILDINGS = "building/portfolio/Hazus v6.1"
POWER = "power_network/portfolio/Hazus v5.1"
TRANSPORT = "transportation_network/portfolio/Hazus v5.1"
BRIDGES = 28
PACKAGE = "simcenter-dlml"


def fragility() -> pd.DataFrame:
    """Fragility functions of buildings, power assets, bridges, roads and tunnels.

    Buildings take the equivalent-PGA functions of Hazus ("lifeline facility" rows), which assume its
    reference spectrum: the spectral shape of another event is ignored. Bridges and tunnels have one
    function in shaking and one in ground failure; roads in ground failure alone.

    Returns
    -------
    DataFrame
        Schema ``fragility``; classes such as ``C1M.pre_code`` (structure, height letter, code level),
        ``EP.S.L.A`` (anchored low-voltage substation), ``HWB1`` to ``HWB28`` (bridges), ``HRD1``, ``HRD2``
        (major and urban roads), ``HTU1``, ``HTU2`` (bored and cut tunnels); medians in g or cm.

    Raises
    ------
    DataMissing
        If the package is not installed.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1 and 5.1, as stored in simcenter-dlml (BSD-3). The
    corrections of bridges for skew, spans and spectral shape are not applied.

    Examples
    --------
    >>> table = fragility().set_index(["asset_class", "intensity_measure", "damage_state"])
    >>> float(table.loc[("W1.high_code", "PGA", "slight"), "median"])
    0.26
    """
    rows = _read(f"{BUILDINGS}/fragility.csv")
    buildings = rows[rows["ID"].str.startswith("LF.")]
    power = _read(f"{POWER}/fragility.csv")
    return pd.concat(
        [
            _limit_states(buildings, buildings["ID"].map(_building_class), _source("6.1, equivalent PGA", BUILDINGS)),
            _limit_states(power, power["ID"], _source("5.1", POWER)),
            _transport(),
        ],
        ignore_index=True,
    )


def repair() -> pd.DataFrame:
    """Repair cost ratios and repair days of buildings.

    Days are those of cleaning up and repair alone: impeding delays come before them. A collapsed
    building costs and lasts as a complete one.

    Returns
    -------
    DataFrame
        Schema ``repair``, ``asset_class`` being the occupancy; cost as a share of replacement cost, days.

    Raises
    ------
    DataMissing
        If the package is not installed.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1, as stored in simcenter-dlml (BSD-3), which holds no
    dispersion of either.

    Examples
    --------
    >>> table = repair().set_index(["asset_class", "damage_state"])
    >>> float(table.loc[("RES1", "extensive"), "repair_days"])
    90.0
    """
    rows = _read(f"{BUILDINGS}/consequence_repair.csv").set_index("ID")
    pieces = []
    for number, state in enumerate(STATES, start=1):
        values = rows[f"DS{number}-Theta_0"].astype("float64")
        cost = values[values.index.str.match(r"LF\..*-Cost$")]
        days = values[values.index.str.match(r"LF\..*-Time$")]
        cost.index, days.index = cost.index.str.slice(3, -5), days.index.str.slice(3, -5)
        piece = pd.DataFrame({"repair_cost_ratio": cost, "repair_days": days}).rename_axis("asset_class").reset_index()
        pieces.append(piece.assign(damage_state=state, order=number))
    table = pd.concat(pieces).sort_values(["asset_class", "order"], ignore_index=True)
    columns = ["asset_class", "damage_state", "repair_cost_ratio", "repair_days"]
    return table[columns].assign(source=_source("6.1", BUILDINGS))


def _building_class(identifier: str) -> str:
    """Class of a row: ``LF.C1.L.HC`` is ``C1L.high_code``, ``LF.W1.HC`` is ``W1.high_code``."""
    _, *structure, code = identifier.split(".")
    return f"{''.join(structure)}.{CODES[code]}"


def _transport() -> pd.DataFrame:
    """Bridges, roads and tunnels: rows of ground failure are shared by all classes of their kind.

    Roads and tunnels have one state "extensive or complete": it counts as complete.
    """
    rows = _read(f"{TRANSPORT}/fragility.csv")
    kind = rows["ID"].str.split(".").str[0]
    number = rows["ID"].str.split(".").str[2]
    shared = [(k, str(n)) for k, most in (("HWB", BRIDGES), ("HTU", 2)) for n in range(1, most + 1)]
    own = rows[number.notna()].assign(asset_class=(kind + number)[number.notna()])
    common = [rows[(kind == k) & number.isna()].assign(asset_class=k + n) for k, n in shared]
    every = pd.concat([own, *common], ignore_index=True)
    for column in ("Theta_0", "Theta_1"):
        last = every[f"LS3-{column}"].where(every["asset_class"].str.startswith(("HRD", "HTU")))
        every[f"LS4-{column}"] = every[f"LS4-{column}"].fillna(last)
    for state in range(1, len(STATES) + 1):
        every[f"LS{state}-Theta_0"] = every[f"LS{state}-Theta_0"].astype("float64").fillna(NEVER)
        every[f"LS{state}-Theta_1"] = every[f"LS{state}-Theta_1"].astype("float64").fillna(1.0)
    return _limit_states(every, every["asset_class"], _source("5.1", TRANSPORT))


def _limit_states(rows: pd.DataFrame, classes: pd.Series, source: str) -> pd.DataFrame:
    """One row per class, measure and damage state, from one row per class and measure."""
    factor = rows["Demand-Unit"].map({k: f for k, (_, f) in UNITS.items()})
    pieces = [
        pd.DataFrame(
            {
                "asset_class": classes,
                "damage_state": state,
                "intensity_measure": rows["Demand-Type"].map(MEASURES),
                "unit": rows["Demand-Unit"].map({k: u for k, (u, _) in UNITS.items()}),
                "median": (rows[f"LS{number}-Theta_0"].astype("float64") * factor).clip(upper=NEVER),
                "beta": rows[f"LS{number}-Theta_1"].astype("float64"),
                "source": source,
                "order": number,
            }
        )
        for number, state in enumerate(STATES, start=1)
    ]
    keys = ["asset_class", "intensity_measure", "order"]
    return pd.concat(pieces).sort_values(keys, ignore_index=True).drop(columns="order")


def _read(path: str) -> pd.DataFrame:
    """Read a table of the package without importing the package."""
    spec = find_spec("dlml")
    if spec is None or not spec.submodule_search_locations:
        text = f"the package {PACKAGE} is not installed; it holds the Hazus tables: pip install {PACKAGE}"
        raise DataMissing(text)
    file = Path(next(iter(spec.submodule_search_locations))) / "data" / "seismic" / path
    if not file.is_file():
        text = f"{file}: not in the installed {PACKAGE}; version 3.2 has it: pip install {PACKAGE}==3.2"
        raise DataMissing(text)
    return pd.read_csv(file)


def _source(edition: str, folder: str) -> str:
    """Words for the source column, with the version that was read."""
    try:
        number = version(PACKAGE)
    except PackageNotFoundError:
        number = "of unknown version"
    return f"FEMA Hazus EQ TM {edition}; {PACKAGE} {number} (BSD-3), {folder}"
