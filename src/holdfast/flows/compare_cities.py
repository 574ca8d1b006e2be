"""`holdfast compare RESULT RESULT ...`: the losses of different cities side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from holdfast.errors import DataMissing
from holdfast.flows.city_results import SUMMARY, CityResult, read_cities
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.pages.cities_report import cities_parts
from holdfast.plain import plain
from holdfast.recovery.losses.normalised import SPREAD, normalised
from holdfast.store import new_result, result_place, run_id, versions, write_csv, write_json
from holdfast.store.manifest import REMEDY
from holdfast.types import InputFile, Provenance

VERB = "compare"


def compare_cities(
    results: Sequence[str | Path],
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Put the losses of different cities side by side: as they are, and for the size of each city.

    Parameters
    ----------
    results : sequence of str or Path
        Result folders of `holdfast simulate`, two or more, each of one scenario and in the same money.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another comparison, and files of a result that were changed since.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        Index ``city``, ``loss`` and ``per``, as `recovery.losses.normalised` gives them: ``city`` (as it is), ``m2`` of
        floor area, ``resident`` and, of money, ``normal_day`` (days of the production before the event); ``unit``, ``p5``,
        ``p50``, ``p95``. ``attrs["summary"]`` is the content of ``cities.json``.

    Raises
    ------
    DataMissing, TableError
        If a folder holds no simulation or was changed; if cities have one name, or different currencies or price years.
    """
    progress("reading the results", 0.0)
    cities = read_cities(results)
    name = f"Cities side by side: {', '.join(city.losses.name for city in cities)}"
    place = None if out is None else result_place(out, VERB, name, overwrite)
    table = pd.concat({city.losses.name: _losses(city) for city in cities}, names=["city"])
    provenance = _provenance(name, cities)
    summary = _summary(provenance, cities, table)
    table.attrs["summary"] = summary
    if place is not None:
        progress("writing the result", 0.9)
        facts = pd.DataFrame(
            [(c.losses.name, c.losses.scenario.name, c.losses.draws) for c in cities],
            columns=["city", "scenario", "draws"],
        )
        with new_result(place, provenance, overwrite) as folder:
            write_csv(folder / "cities.csv", facts.merge(table.reset_index(), on="city"))
            write_json(folder / "cities.json", summary)
            write_report(folder, provenance, {"cities": cities_parts(summary)})
    progress("done", 1.0)
    return table


def _losses(city: CityResult) -> pd.DataFrame:
    """Losses of one city, as they are and for its size."""
    read = city.losses
    spreads = {name: spread.model_dump() for name, spread in city.spreads().items() if spread is not None}
    rows = pd.DataFrame(list(spreads.values()), index=pd.Index(list(spreads), name="loss"))
    table = normalised(rows, read.floor_area_m2, read.residents, read.normal.EP)
    # a size that is hardly above 0 makes a loss for which no number is large enough
    if not (table[SPREAD].abs() < float("inf")).all(axis=None):
        text = f"{city.result.folder / SUMMARY}: its losses are out of all proportion to the size of the city; {REMEDY}"
        raise DataMissing(text)
    return table


def _provenance(name: str, cities: list[CityResult]) -> Provenance:
    """What a comparison came from: the results, and what these came from, whose licences go with the figures."""
    own = [
        InputFile("losses", SUMMARY, c.result.files[SUMMARY], len(c.spreads()), (f"run {c.result.run}",), c.losses.name)
        for c in cities
    ]
    before = [file for city in cities for file in city.result.provenance.inputs]
    files = tuple({str(file): file for file in (*own, *before)}.values())
    return Provenance(VERB, name, {"results": {c.losses.name: c.result.run for c in cities}}, 0, files, versions())


def _summary(provenance: Provenance, cities: list[CityResult], table: pd.DataFrame) -> dict[str, Any]:
    """Content of ``cities.json``."""
    facts = [
        {
            "name": read.name,
            "run": result.run,
            "scenario": read.scenario.model_dump(mode="json"),
            "draws": read.draws,
            "floor_area_m2": read.floor_area_m2,
            "residents": read.residents,
            "normal_production": read.normal.EP,
            "recovered_share": read.recovered_share,
        }
        for result, read, _ in cities
    ]
    content = {
        "name": provenance.name,
        "run": run_id(provenance),
        "money": cities[0].losses.money,
        "warnings": [f"{c.losses.name}: {text}" for c in cities for text in c.losses.warnings],
        "cities": facts,
        "losses": table.reset_index().to_dict("records"),
        "limits": _limits(cities),
        "assumed": sorted({line for city in cities for line in city.losses.assumed}),
    }
    return dict(plain(content))


def _limits(cities: list[CityResult]) -> list[str]:
    """What stands in the way of a comparison, a sentence each."""
    found = []
    for _, read, _ in cities:
        if read.recovered_share < 1:
            share, day = 1 - read.recovered_share, read.recovery.horizon_days
            found.append(
                f"{read.name}: lower bounds, since {share:.0%} of the draws are not fully repaired by day {day:,}"
            )
        if read.recovery.start_day:
            day = read.recovery.start_day
            found.append(f"{read.name}: lost production and person-days count from day {day:,} after the event on")
        found += [f"{read.name}: has no residents, and so no loss per resident"] * (read.residents == 0)
        found += [f"{read.name}: produces nothing, and so loses no days of production"] * (read.normal.EP == 0)
    made = {city.result.provenance.versions.get("holdfast", "unknown") for city in cities}
    if len(made) > 1:
        found.append(f"the results are of different versions of Holdfast ({', '.join(sorted(made))}): run all with one")
    return found
