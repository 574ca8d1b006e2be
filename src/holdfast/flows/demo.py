"""`holdfast demo`: the main job on what the package ships, offline."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import xarray as xr

from holdfast.blocks import require_workers
from holdfast.flows.cities import load_city, require_scenario
from holdfast.flows.draws import prepared_run, simulated
from holdfast.flows.explained import write_drivers
from holdfast.flows.inputs import open_study
from holdfast.flows.other_maps import other_maps, write_other_maps
from holdfast.flows.progress import Progress, silent
from holdfast.flows.rate import NOTICE, why_of, write_rating
from holdfast.flows.rated_region import rated
from holdfast.flows.report import write_report
from holdfast.flows.simulate import simulation_parts, write_simulation
from holdfast.pages.explanation_report import explanation_parts
from holdfast.pages.rating_report import rating_parts
from holdfast.store import new_result, result_place, run_id, versions
from holdfast.types import Provenance

NAME = "Holdfast demo: Harris County rated, central Helsinki stress-tested"


def demo(
    *,
    out: str | Path = "holdfast-demo",
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    workers: int = 1,
    progress: Progress = silent,
) -> tuple[gpd.GeoDataFrame, xr.Dataset]:
    """Rate Harris County (Houston) and stress-test central Helsinki, from what the package ships.

    Parameters
    ----------
    out : str or Path
        Result folder, with the files of both results.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    overrides : mapping, optional
        Dotted key of the packaged studies to value.
    workers : int
        Processes for the draws of the simulation.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    tuple of GeoDataFrame and Dataset
        As `holdfast.rate` and `holdfast.simulate` return them.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For a bad override or folder.
    """
    require_workers(workers)
    target = result_place(out, "demo", NAME, overwrite)
    # the studies name files beside them, which need a folder on the disk even where the package is a zip
    with resources.as_file(resources.files("holdfast") / "data") as packaged:
        study, folder = open_study(packaged / "demo_rating.toml", overrides or {})
        other, place = open_study(packaged / "demo_recovery.toml", overrides or {})
        rating = rated(study, folder, lambda step, share: progress(f"rating: {step}", 0.5 * share))
        prepared = prepared_run(other, require_scenario(other)[1], place, load_city(other, place))
        recovery = simulated(
            prepared, None, workers, False, lambda step, share: progress(f"recovery: {step}", 0.5 + 0.5 * share)
        )
    both = Provenance(
        "demo",
        NAME,
        {"rating": rating.provenance.study, "recovery": recovery.provenance.study},
        study.seed,
        (*rating.provenance.inputs, *recovery.provenance.inputs),
        versions(),
    )
    # one folder is one run: both summaries name it, not the runs that the parts would be alone
    rating = replace(rating, summary=replace(rating.summary, run=run_id(both)))
    rating.cells.attrs["summary"] = rating.summary.json()
    recovery = replace(recovery, summary=replace(recovery.summary, run=run_id(both)))
    why, maps = why_of(rating), other_maps(study, rating, fit=True)
    progress("writing the result", 0.97)
    with new_result(target, both, overwrite) as result:
        write_rating(result, rating)
        write_drivers(result, why, f"{NOTICE} Run {run_id(both)}.")
        write_simulation(result, recovery)
        parts = {
            "rating": rating_parts(rating.cells, rating.summary.json()),
            "other_maps": write_other_maps(result, maps, rating),
            "explanation": explanation_parts(why.summary),
            "recovery": simulation_parts(recovery),
        }
        write_report(result, both, parts)
    recovery.curves.attrs["summary"] = recovery.summary.json()
    progress("done", 1.0)
    return rating.cells, recovery.curves
