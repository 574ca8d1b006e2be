"""Predictions of a recovery: from a table, a result folder or a registration, and their registration itself."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.files import is_folder, sha256
from holdfast.sources.files import locate
from holdfast.sources.text_tables import read_table
from holdfast.store import Result, new_result, open_result, versions, write_csv, write_json
from holdfast.store.manifest import REMEDY, listed_file
from holdfast.store.result_files import read_curves, read_summary
from holdfast.tables import check
from holdfast.types import InputFile, Provenance

REGISTRATION, PREDICTED = "registration.json", "predicted.csv"
ORDER = ["event", "quantity", "area", "draw", "day"]
TABLES = (".csv", ".csv.gz")
LONGEST_HORIZON = 100_000
"""Days beyond which no study lets a simulation go on."""
DAILY, WEEKLY = 100, 7
"""A simulated curve is taken day by day up to this day, and every seventh day after it."""


@dataclass(frozen=True)
class Prediction:
    """A table of schema ``predicted`` with where it comes from; ``sha256`` is empty where it was not registered."""

    name: str
    table: pd.DataFrame
    sha256: str
    file: InputFile


def read_prediction(path: Path, event: str | None) -> Prediction:
    """Read a prediction: a table of schema ``predicted``, a result of `holdfast simulate`, or a registration.

    `event` names the event, which a result of `holdfast simulate` lacks.

    Raises
    ------
    DataMissing, TableError
        If there is none; if it is not what its schema asks for, or was changed after it was written.
    """
    if not is_folder(path):
        file = locate(Path(), str(path), "--predicted", TABLES)
        table = _sorted(check(read_table(file)[0], "predicted", str(file)))
        return Prediction(
            file.name.split(".")[0], table, "", InputFile("predicted", file.name, sha256(file), len(table))
        )
    result = open_result(path)
    if REGISTRATION in result.files:
        file = listed_file(result, PREDICTED)
        table = _sorted(check(read_table(file)[0], "predicted", str(file)))
        # the manifest vouches for both files; the registration must also speak of this table and no other
        digest = result.files[PREDICTED]
        if read_summary(result, REGISTRATION).get("sha256") != digest:
            text = "is not the hash of the prediction beside it; register the prediction again"
            raise TableError(str(path / REGISTRATION), [Problem(text, column="sha256")])
        return Prediction(path.name, table, digest, InputFile("predicted", PREDICTED, digest, len(table)))
    if "recovery.nc" in result.files:
        if not event:
            text = "is a simulation, which does not say of which observed event; name the event with --event"
            raise TableError(str(path), [Problem(text)])
        table = _sorted(check(_from_simulation(result, event), "predicted", str(path)))
        file_read = InputFile("predicted", "recovery.nc", result.files["recovery.nc"], len(table))
        return Prediction(path.name, table, "", file_read)
    text = f"{path}: holds no prediction; give a table, a result of `holdfast simulate`, or a registration"
    raise DataMissing(text)


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in the one order in which a prediction is written."""
    return table.sort_values(ORDER, kind="stable").reset_index(drop=True)


def _from_simulation(result: Result, event: str) -> pd.DataFrame:
    """Curves of the whole city as shares: output, service capacity, and service of every network."""
    try:
        return _shares(result, event)
    except (KeyError, TypeError, IndexError, ValueError) as error:  # numbers and names that anybody may have written
        if isinstance(error, (DataMissing, TableError)):
            raise
        text = f"{result.folder}: its curves are not what `holdfast simulate` writes; {REMEDY}"
        raise DataMissing(text) from error


def _shares(result: Result, event: str) -> pd.DataFrame:
    """Daily, later weekly, values of every curve of a simulation."""
    data = read_curves(result, "recovery.nc")
    horizon = min(int(read_summary(result, "losses.json")["recovery"]["horizon_days"]), LONGEST_HORIZON)
    # every day while much changes, then every week: a horizon of years by draw and network would be long
    wanted = np.unique(np.concatenate([np.arange(min(DAILY, horizon) + 1), np.arange(0, horizon + 1, WEEKLY)]))
    wanted = wanted[wanted >= int(data["time"][0])]
    held = np.minimum(wanted - int(data["time"][0]), data.sizes["time"] - 1)  # the last day lasts
    shares = {
        name: data[curve] / data[f"{curve}0"]
        for name, curve in (("output", "EP"), ("service_capacity", "SC"))
        if float(data[f"{curve}0"]) > 0
    }
    shares |= {str(n): data["service"].sel(network=n) for n in data["network"].to_numpy()}
    parts = []
    for name, share in shares.items():
        values = share.transpose("draw", "time").to_numpy()[:, held]
        draw, day = np.indices(values.shape)
        parts.append(
            pd.DataFrame({"quantity": name, "draw": draw.ravel(), "day": wanted[day.ravel()], "value": values.ravel()})
        )
    return pd.concat(parts, ignore_index=True).assign(event=event, area="whole city", unit="share")


def register(predictions: list[Prediction], out: Path, overwrite: bool) -> dict[str, Any]:
    """Write a prediction down with its hash, to be compared with an observation later; returns ``registration.json``.

    The folder holds ``predicted.csv`` and ``registration.json``. Nothing in it depends on the day on which it is written:
    the same prediction gives the same bytes. More than one at a time would hide which was meant.

    Raises
    ------
    TableError
        If there is not one prediction, or `out` holds something else than a result.
    """
    if len(predictions) != 1:
        raise TableError("--predicted", [Problem("register one prediction at a time, each into its own folder")])
    prediction = predictions[0]
    provenance = Provenance(
        "validate recovery", prediction.name, {"registered": True}, 0, (prediction.file,), versions()
    )
    with new_result(out, provenance, overwrite) as folder:
        write_csv(folder / PREDICTED, prediction.table)
        table = prediction.table
        told = sorted({str(t) for t in table.get("fitted", pd.Series(dtype=object)).dropna()} - {"", "no"})
        content = {
            "sha256": hashlib.sha256((folder / PREDICTED).read_bytes()).hexdigest(),
            "events": sorted(table["event"].unique()),
            "quantities": sorted(table["quantity"].unique()),
            "areas": int(table.groupby(["event", "area"]).ngroups),
            "draws": int(table["draw"].nunique()),
            "first_day": float(table["day"].min()),
            "last_day": float(table["day"].max()),
            "fitted": told,
        }
        write_json(folder / REGISTRATION, content)
    return content
