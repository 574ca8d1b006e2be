"""`holdfast demo`: the main job on what the package ships, offline."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd

from holdfast.flows.progress import Progress, silent
from holdfast.flows.rate import rate


def demo(
    *,
    out: str | Path = "holdfast-demo",
    overrides: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Rate Harris County (Houston) from the cell table that the package ships.

    Parameters
    ----------
    out : str or Path
        Result folder.
    overrides : mapping, optional
        Dotted key of the packaged study to value.
    progress : callable, optional
        Told each step and the share done.

    Returns
    -------
    GeoDataFrame
        As `holdfast.rate` returns it.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For a bad override or folder.
    """
    with resources.as_file(resources.files("holdfast") / "data") as folder:
        return rate(folder / "demo.toml", out=out, overrides=overrides, progress=progress)
