"""Rating the rows of a researcher's own frame: any columns, any polygons or none."""

from collections.abc import Mapping
from dataclasses import asdict

import geopandas as gpd
import pandas as pd
from scipy import sparse

from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.rating.analysis.additive import additive_index
from holdfast.rating.analysis.noise import noise_test
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import among, neighbours
from holdfast.rating.grid.frames import finite_numbers
from holdfast.rating.model.consensus import level_range
from holdfast.rating.model.levels import LEVELS, level_names
from holdfast.rating.model.missing import DIRECTIONS, POLICIES, fill
from holdfast.rating.model.people import counted
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.model.result import Rating
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import CONSTANT, FEWEST_CELLS, FEWEST_FEATURES, rate_cells

FRAME = "frame of features"
FIRST_COLUMNS = (
    "level",
    "level_name",
    "agreement",
    *(f"p_level_{k}" for k in range(1, LEVELS + 1)),
    "level_low",
    "level_high",
    "rank",
    "rank_low",
    "rank_high",
    "additive",
    "additive_level",
    "reason",
)


def rate_frame(
    frame: pd.DataFrame,
    directions: Mapping[str, int] | None = None,
    *,
    transforms: Mapping[str, str] | None = None,
    missing: Mapping[str, str] | None = None,
    touching: sparse.csr_array | None = None,
    people: str | None = None,
    options: FitOptions | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """Rate the rows of a frame by columns of it.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        One row per area, at least 50. Of a GeoDataFrame, areas that share a border or a corner are neighbours.
    directions : mapping, optional
        Column to 1 (more is better) or -1 (more is worse): the columns to rate by. If omitted, all columns that are
        features of Holdfast, in their own directions.
    transforms : mapping, optional
        Column to a key of `holdfast.rating.model.transforms.TRANSFORMS`; all ``normal`` if omitted.
    missing : mapping, optional
        Column to what becomes of rows without a value: ``unrated`` (if omitted), ``median`` or ``refuse``.
    touching : csr_array, optional
        Shape (row, row), 1 where two rows are neighbours, over what the shapes say.
    people : str, optional
        Column with what each row counts, such as its homes; rows that hold fewer than ten are rated, but shape no level. All
        rows alike if omitted.
    options : FitOptions, optional
        Method, refits, samples, weights (with pillars of own columns) and certainty.
    seed : int
        Of every random number; the order of the rows does not matter.

    Returns
    -------
    DataFrame or GeoDataFrame
        Index of `frame`: ``level`` (1 very low to 5 very high, null where not rated), ``level_name``, ``agreement`` (share
        of the draws that give the level), ``p_level_1`` to ``p_level_5``, ``level_low`` and ``level_high`` (the range that
        holds about 80 % of the draws), ``rank`` (share of the people in rows rated lower) and its interval of 80 %,
        ``additive`` (mean percentile rank, 0..1) and
        ``additive_level``, ``reason`` (why a row has no level), the columns it was rated by, ``<column>_imputed`` where
        values were filled in, and the geometry. ``attrs["absent"]`` says which columns were not used, and why; ``attrs["noise"]``
        whether the columns can be told from noise, as of `holdfast.rating.analysis.noise.Noise`.

    Raises
    ------
    TableError
        If a column holds no finite numbers, a label of the index stands twice, or a shape is missing.
    UnknownName
        If `directions` name a column that `frame` does not have.
    DataMissing
        If no column is chosen, fewer than 50 rows can be rated, or fewer than two columns vary.
    NotConverged
        If no five levels come out.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).normal(size=(80, 2))
    >>> rated = rate_frame(pd.DataFrame(values, columns=["shops", "crime"]), {"shops": 1, "crime": -1})
    >>> sorted(rated["level"].unique().tolist()), bool(rated["agreement"].min() > 0)
    ([1, 2, 3, 4, 5], True)
    """
    turned = _chosen(frame, directions)
    for name in missing or {}:
        if name not in turned:
            raise UnknownName("column to rate by", name, turned, "missing")
    ids = _ids(frame)
    features = finite_numbers(frame, list(turned), FRAME).set_axis(ids)
    if touching is None and isinstance(frame, gpd.GeoDataFrame):
        touching = neighbours(frame)
    filled, reasons, flags = fill(features, None, {name: (missing or {}).get(name, POLICIES[0]) for name in turned})
    _require_enough(filled, reasons)
    counts = None if people is None else _counts(frame, people, ids)
    rating = rate_cells(
        filled,
        turned,
        transforms=transforms,
        touching=touching,
        reasons=reasons,
        facts=CellFacts(counts),
        options=options,
        seed=seed,
    )
    # columns come back as they were, with gaps; what was filled in stands in the flags
    pillars = {} if options is None else options.aims.pillars
    table = _table(rating, pillars).join(features).join(flags).set_axis(frame.index)
    if isinstance(frame, gpd.GeoDataFrame):
        table = gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    rated = (reasons == "").to_numpy(bool)
    near = None if touching is None else among(touching, rated)
    table.attrs = {
        "absent": rating.absent,
        "noise": asdict(noise_test(filled[rated], near, None if counts is None else counts[rated], seed=seed)),
    }
    return table


def _chosen(frame: pd.DataFrame, directions: Mapping[str, int] | None) -> dict[str, int]:
    """Columns to rate by, with their directions."""
    if not isinstance(frame, pd.DataFrame):
        raise TableError(FRAME, [Problem(f"is a {type(frame).__name__}, no DataFrame")])
    columns = [str(name) for name in frame.columns]
    if directions is None:
        directions = {name: RULES[name].direction for name in columns if name in RULES}
    if not isinstance(directions, Mapping) or not directions:
        text = 'say which columns to rate by: directions={"column": 1} where more is better, -1 where more is worse'
        raise DataMissing(text)
    turned = {str(name): direction for name, direction in directions.items()}
    for name in turned:
        if name not in columns:
            raise UnknownName("column of the frame", name, columns, "directions")
    problems = [
        Problem(f"{direction!r} is no direction; take 1 where more is better, -1 where more is worse", column=name)
        for name, direction in turned.items()
        if direction not in DIRECTIONS
    ]
    problems += [Problem("is a column of the result; rename it", column=n) for n in turned if n in FIRST_COLUMNS]
    problems += [Problem("stands twice; rename one", column=n) for n in turned if columns.count(n) > 1]
    if problems:
        raise TableError(FRAME, problems)
    return turned


def _counts(frame: pd.DataFrame, people: str, ids: pd.Index) -> pd.Series:
    """What each row counts."""
    if people not in frame.columns:
        raise UnknownName("column of the frame", people, map(str, frame.columns), "people")
    counts = finite_numbers(frame, [people], FRAME)[people].fillna(0.0)
    if (counts < 0).any():
        raise TableError(FRAME, [Problem("is negative; it says what a row counts", column=people)])
    return counted(counts.set_axis(ids))


def _ids(frame: pd.DataFrame) -> pd.Index:
    """Labels of the rows as text, so that rows of any labels can be sorted."""
    ids = pd.Index([str(label) for label in frame.index], name=frame.index.name)
    if ids.has_duplicates:
        twice = ", ".join(ids[ids.duplicated()].unique()[:5])
        text = f"rows of the index stand twice: {twice}; use reset_index, or keep one of each"
        raise TableError(FRAME, [Problem(text, column="index")])
    return ids


def _require_enough(features: pd.DataFrame, reasons: pd.Series) -> None:
    """Refuse too few rows, saying which columns leave them out, and too few columns that vary."""
    known = features[(reasons == "").to_numpy(bool)]
    if len(known) < FEWEST_CELLS:
        text = f"only {len(known)} of {len(features)} rows can be rated, at least {FEWEST_CELLS} are needed"
        lacking = features.isna().sum()
        lacking = lacking[lacking > 0].sort_values(ascending=False, kind="stable")
        if len(lacking):
            holes = ", ".join(f"{name} in {count:,} rows" for name, count in lacking.items())
            text += f'; unknown: {holes}; leave the column out, or fill it: missing={{"{lacking.index[0]}": "median"}}'
        raise DataMissing(text)
    # a column is flat where no row differs from the first; of the rows that can be rated only
    vary = list(known.columns[(known != known.iloc[0]).any()])
    if len(vary) < FEWEST_FEATURES:
        flat = ", ".join(name for name in known.columns if name not in vary)
        text = f"only {len(vary)} columns vary over the rows, at least {FEWEST_FEATURES} are needed"
        raise DataMissing(text + (f"; {CONSTANT.replace('cell', 'row')}: {flat}" if flat else ""))


def _table(rating: Rating, pillars: Mapping[str, str]) -> pd.DataFrame:
    """Levels and what goes with them, in the order of `FIRST_COLUMNS`."""
    # own columns without pillars all count alike in the index
    of_column = {str(name): pillars.get(str(name), "") for name in rating.scaled.columns}
    index = additive_index(rating.scaled, of_column, rating.people).reindex(rating.levels.index)
    table = rating.probabilities.rename(columns=lambda level: f"p_level_{level}")
    table = table.join(level_range(rating.probabilities)).join(rating.certainty.ranks)
    table["level"], table["agreement"] = rating.levels, rating.agreement
    table["level_name"] = level_names(rating.levels)
    table["additive"], table["additive_level"] = index["additive"], index["additive_level"].astype("Int64")
    table["reason"] = rating.reasons.where(rating.reasons != "", None)
    return table[list(FIRST_COLUMNS)]
