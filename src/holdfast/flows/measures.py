"""`holdfast measures`: what measures save and cost, which to choose for a budget, and who gains."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from holdfast.blocks import require_workers
from holdfast.config import Study, StudyLike
from holdfast.data import packaged
from holdfast.flows.cities import require_city
from holdfast.flows.inputs import open_study
from holdfast.flows.listed_measures import MEASURES, Listed, carried_out, excluded_pairs, read_measures
from holdfast.flows.measure_runs import Cities, Setting, annual_run, city_of
from holdfast.flows.measure_worth import Played, annual_losses, chosen_sets, frontier, measure_table, robust
from holdfast.flows.progress import Progress, silent
from holdfast.flows.rating_beside import Beside, both_wings, read_beside
from holdfast.flows.report import write_report
from holdfast.flows.scenarios import rates_of, scenario_set
from holdfast.flows.who_gains import read_groups, require_zones, who_gains
from holdfast.pages.measures_report import council_page, measure_parts
from holdfast.plain import plain
from holdfast.sources.counts import told_first
from holdfast.store import new_result, result_place, run_id, versions, write_csv, write_json
from holdfast.types import InputFile, Provenance


def measures(
    study: StudyLike,
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    workers: int = 1,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Simulate a study with and without measures, and tell what each saves and costs and which to choose for a budget.

    Every scenario is played through with the same random numbers with and without, so that a difference is the measure's.

    Parameters
    ----------
    study : Study, mapping, str or Path
        A study, its content as in TOML, or a study file with ``[city]``, ``[tables.measures]``, and scenarios with annual
        rates.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    overrides : mapping, optional
        Keys that are changed in all runs.
    workers : int
        Processes; the result is the same for any number.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        Index ``measure_id``: as of `holdfast.flows.measure_worth.measure_table`; ``attrs["summary"]`` is the content of
        ``measures.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    require_workers(workers)
    base, folder = open_study(study, overrides or {})
    listed, (groups, more), beside = read_given(base, folder)
    place = None if out is None else result_place(out, MEASURES, base.name, overwrite)
    chosen = scenario_set(base)
    played = Played(listed.table, rates_of(chosen), {}, excluded_pairs(listed), base.measures, base.seed)
    setting, cities = Setting(chosen, played.rates, folder, workers), Cities()
    options = carried_out(study, base, overrides or {}, listed, lambda one: city_of(one, folder, cities))

    def play(sets: Sequence[frozenset[str]], doing: str, start: float, end: float) -> None:
        waiting = [s for s in dict.fromkeys(sets) if s not in played.runs]
        for number, ids in enumerate(waiting):
            told = f"{doing}: {', '.join(sorted(ids)) or 'without measures'}"
            progress(told, start + (end - start) * number / len(waiting))
            played.runs[ids] = annual_run(
                options(ids), setting, cities, by_building=beside.result is not None and not ids
            )

    # all that a user gave is held to the study before the first run, which may take hours
    for ids in _first_sets(played):
        options(ids)
    if groups is not None:
        require_zones(groups, city_of(base, folder, cities).city.zones)
    play(_first_sets(played), "simulating", 0.0, 0.8)
    sets = chosen_sets(played)
    play([frozenset(ids) for ids in sets["measures"]], "simulating chosen sets", 0.8, 0.97)
    result, found = measure_table(played), frontier(played, sets)
    summary, provenance = _summary(base, played, (*listed.files, *more, *beside.files), result, found)
    summary |= who_gains(played, frozenset(summary["robust"]["measures"]), groups)
    summary |= both_wings(beside, played.base.buildings, result)
    if place is not None:
        _write(place, provenance, overwrite, result, summary)
    result.attrs["summary"] = summary
    progress("done", 1.0)
    return result


def read_given(study: Study, folder: Path) -> tuple[Listed, tuple[pd.DataFrame | None, tuple[InputFile, ...]], Beside]:
    """The measures, the groups with their files, and the rating that a study names; what cannot be read is refused."""
    listed = read_measures(study, folder)
    return listed, read_groups(study, folder), read_beside(study, folder, listed.table.index)


def _first_sets(played: Played) -> list[frozenset[str]]:
    """The study itself, every measure, and every pair that can be had together."""
    names = played.table.index
    alone = [frozenset[str](), *(frozenset([m]) for m in names)]
    pairs = combinations(range(len(names)), 2) if played.options.interactions else ()
    return [*alone, *(frozenset([names[i], names[j]]) for i, j in pairs if (i, j) not in played.excluded)]


def _summary(
    study: Study, played: Played, files: Sequence[InputFile], result: pd.DataFrame, found: pd.DataFrame
) -> tuple[dict[str, Any], Provenance]:
    """Content of ``measures.json`` as far as it is known of all studies, and what it came from."""
    inputs = tuple({str(file): file for file in (*played.base.files, *files)}.values())
    described = study.model_dump(mode="json", exclude={"data"})
    provenance = Provenance(MEASURES, study.name, described, study.seed, inputs, versions())
    money = f"{require_city(study).currency}_{require_city(study).price_year}"
    rows = result.reset_index().to_dict("records")
    summary = {
        "name": study.name,
        "run": run_id(provenance),
        "draws": study.recovery.draws,
        "money": money,
        "terms": study.measures.model_dump(mode="json"),
        "scenarios": [
            {"scenario": s.model_dump(mode="json"), "annual_rate": float(r)}
            for s, r in zip(scenario_set(study), played.rates, strict=True)
        ],
        "average_annual_loss": annual_losses(played),
        "measures": rows,
        "excluded": [[played.table.index[i], played.table.index[j]] for i, j in played.excluded],
        "frontier": found.to_dict("records"),
        "robust": robust(played, found),
        "published": packaged("published_ratios").to_dict("records"),
        "assumed": list(played.base.assumed),
        "warnings": told_first(inputs),
    }
    return dict(plain(summary)), provenance


def _write(place: Path, provenance: Provenance, overwrite: bool, result: pd.DataFrame, summary: dict[str, Any]) -> None:
    """Write the folder: figures, tables, the report, and the page for a council."""
    with new_result(place, provenance, overwrite) as target:
        write_json(target / "measures.json", summary)
        write_csv(target / "measures.csv", result.reset_index())
        write_csv(
            target / "frontier.csv",
            pd.DataFrame(summary["frontier"]).assign(measures=lambda t: t["measures"].str.join(" ")),
        )
        write_report(target, provenance, {"measures": measure_parts(summary)})
        (target / "council.html").write_text(council_page(provenance, summary), encoding="utf-8")
