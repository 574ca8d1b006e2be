"""Predictions of a recovery: from a table, a result folder or a registration, and their registration itself."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.sources.files import locate, read_table, sha256
from holdfast.store import new_result, read_manifest, versions, write_csv, write_json
from holdfast.tables import check
from holdfast.types import InputFile, Provenance

REGISTRATION, PREDICTED = "registration.json", "predicted.csv"
ORDER = ["event", "quantity", "area", "draw", "day"]
TABLES = (".csv", ".csv.gz")
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
    """Read a prediction.

    Parameters
    ----------
    path : Path
        A table of schema ``predicted``, a result of `holdfast simulate`, or a folder written with ``--register``.
    event : str or None
        Name of the event, which a result of `holdfast simulate` lacks.

    Returns
    -------
    Prediction
        Its table sorted by event, quantity, area, draw and day.

    Raises
    ------
    DataMissing
        If there is none.
    TableError
        If it is not what its schema asks for, or was changed after it was written.
    """
    if not path.is_dir():
        file = locate(Path(), str(path), "--predicted", TABLES)
        table = _sorted(check(read_table(file), "predicted", str(file)))
        return Prediction(
            file.name.split(".")[0], table, "", InputFile("predicted", file.name, sha256(file), len(table))
        )
    manifest = read_manifest(path)
    if REGISTRATION in manifest["files"]:
        table = _sorted(check(read_table(path / PREDICTED), "predicted", str(path / PREDICTED)))
        digest = sha256(path / PREDICTED)
        if json.loads((path / REGISTRATION).read_text(encoding="utf-8"))["sha256"] != digest:
            text = "is not the hash of the prediction beside it; register the prediction anew"
            raise TableError(str(path / REGISTRATION), [Problem(text, column="sha256")])
        return Prediction(path.name, table, digest, InputFile("predicted", PREDICTED, digest, len(table)))
    if "recovery.nc" in manifest["files"]:
        if not event:
            text = "is a simulation, which does not say of which observed event; name the event with --event"
            raise TableError(str(path), [Problem(text)])
        table = _sorted(check(_from_simulation(path, event), "predicted", str(path)))
        file = path / "recovery.nc"
        return Prediction(path.name, table, "", InputFile("predicted", file.name, sha256(file), len(table)))
    text = f"{path}: holds no prediction; give a table, a result of `holdfast simulate`, or a registration"
    raise DataMissing(text)


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in the one order in which a prediction is written."""
    return table.sort_values(ORDER, kind="stable").reset_index(drop=True)


def _from_simulation(folder: Path, event: str) -> pd.DataFrame:
    """Curves of the whole city as shares: output, service capacity, and service of every network."""
    with xr.open_dataset(folder / "recovery.nc", engine="netcdf4", decode_timedelta=False) as curves:
        data = curves.load()
    horizon = int(json.loads((folder / "losses.json").read_text(encoding="utf-8"))["recovery"]["horizon_days"])
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


def register(predictions: list[Prediction], out: Path) -> dict[str, Any]:
    """Write predictions down with their hash, to be compared with an observation later.

    Nothing in the folder depends on the day on which it is written: the same prediction gives the same bytes.

    Parameters
    ----------
    predictions : list of Prediction
        One; more would hide which was meant.
    out : Path
        Folder to write; it holds ``predicted.csv`` and ``registration.json``.

    Returns
    -------
    dict
        Content of ``registration.json``: ``sha256`` of ``predicted.csv``, and what it predicts.

    Raises
    ------
    TableError
        If there is more than one, or `out` holds something else than a result.
    """
    if len(predictions) != 1:
        raise TableError("--predicted", [Problem("register one prediction at a time, each into its own folder")])
    prediction = predictions[0]
    provenance = Provenance(
        "validate recovery", prediction.name, {"registered": True}, 0, (prediction.file,), versions()
    )
    with new_result(out, provenance) as folder:
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
