"""`holdfast train`: from public statistics to the packaged tables of productivity and service capacity."""

from pathlib import Path

import pandas as pd

from holdfast.config import TrainingOptions
from holdfast.extras import require
from holdfast.flows.bind import training_settings_of
from holdfast.flows.progress import Progress, silent
from holdfast.gate.files import sha256
from holdfast.sources import bea, cbecs, eia, recs
from holdfast.store import new_result, result_place, versions, write_csv, write_json, write_model
from holdfast.training.markdown import card_text, card_values
from holdfast.training.output import Sources, train_production
from holdfast.training.service_card import TITLE, service_parts
from holdfast.training.service_training import TrainedService, train_service
from holdfast.training.trained import Trained
from holdfast.types import InputFile, Model, Provenance

NAME = "productivity and service capacity"
PRODUCTION, SERVICE = 0.6, 0.95
"""Shares of the run done when each model is trained."""
READ = 0.05
SHIPPED = ("productivity", "place_factors")
"""Tables that the package ships and that keep their names."""


def train(
    data: str | Path,
    *,
    out: str | Path = "holdfast-training",
    overwrite: bool = False,
    options: TrainingOptions | None = None,
    seed: int = 1,
    progress: Progress = silent,
) -> dict[str, pd.DataFrame]:
    """Train the models of productivity and service capacity and write their tables, models and cards.

    Parameters
    ----------
    data : str or Path
        Folder with the statistics, searched one folder deep: BEA state GDP, income and input-output tables, EIA-861M, RECS
        and CBECS; official files are preferred to compilations.
    out : str or Path
        Result folder: ``productivity.csv``, ``place_factors.csv`` and ``service_capacity.csv`` are the tables that the package ships; the models as
        safetensors, the model cards as JSON and Markdown, and every table of errors and tests.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    options : TrainingOptions, optional
        Sizes, splits and limits of both trainings; the defaults if omitted.
    seed : int
        Of everything random; the same seed gives the same bytes.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    dict
        Name of each written table to the table.

    Raises
    ------
    DataMissing
        If a file is not there; the message says where it comes from. If torch, the extra ``deep``, is not installed.
    TableError
        If a file has another layout, or `out` holds something else than a result.
    NotConverged
        If a network diverges.
    """
    # before any file is read: what is not installed is reported at once
    require("torch", "deep", "holdfast train")
    folder, target = Path(data), result_place(out, "train", NAME, overwrite)
    chosen = options or TrainingOptions()
    progress("reading the statistics", 0.0)
    files = bea.find_accounts(folder) | {
        "sales": eia.find_sales(folder),
        "homes": recs.find_homes(folder),
        "buildings": cbecs.find_buildings(folder),
    }
    accounts = {name: bea.accounts_table(files[name]) for name in ("make", "use", "value_added")}
    sources = Sources(
        bea.state_gdp(files["gdp"]), bea.state_income(files["income"]), eia.electricity_sales(files["sales"]), accounts
    )
    # all files are read before the first model is trained, which takes minutes
    homes, buildings = recs.read_homes(files["homes"]), cbecs.read_buildings(files["buildings"])
    settings = training_settings_of(chosen)
    production = train_production(
        sources, settings, seed, lambda step, share: progress(step, READ + (PRODUCTION - READ) * share)
    )
    progress("service capacity", PRODUCTION)
    service = train_service(homes, buildings, settings.service, seed)
    progress("writing the result", SERVICE)
    inputs = tuple(InputFile(name, file.name, sha256(file), 0) for name, file in sorted(files.items()))
    provenance = Provenance("train", NAME, chosen.model_dump(mode="json"), seed, inputs, versions())
    with new_result(target, provenance, overwrite) as place:
        tables = write_training(place, production, service)
        parts = service_parts(service, (homes.attrs["survey"], buildings.attrs["survey"]))
        write_json(place / "card_service.json", card_values(parts))
        (place / "card_service.md").write_text(card_text(TITLE, parts), encoding="utf-8")
    progress("done", 1.0)
    return tables


def write_training(folder: Path, production: Trained, service: TrainedService) -> dict[str, pd.DataFrame]:
    """Write both trainings into an existing folder; returns each table, as written, by name."""
    tables = {
        name if name in SHIPPED else f"production_{name}": table.reset_index()
        for name, table in production.tables.items()
    }
    tables["service_capacity"] = service.archive
    # the archive of service capacity is the table that the package ships and has its own name
    tables |= {f"service_{name}": t for name, t in service._asdict().items() if name != "archive"}
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    model = folder / "production"
    model.mkdir()
    write_model(model, Model(production.facts, production.arrays))
    write_json(folder / "card_production.json", production.card)
    (folder / "card_production.md").write_text(production.text, encoding="utf-8")
    return tables
