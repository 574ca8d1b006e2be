"""From areas of one vintage or coding to those of another, by a table that says which share goes where."""

from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.sources.counts import named, of
from holdfast.sources.files import CSVS, locate
from holdfast.sources.matching import Keys, require_common
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file
from holdfast.tables import check, schema
from holdfast.types import InputFile

TABLE = "crosswalk"
WHOLE = 1.001  # of an old area; tables round their weights
HOMES = "housing_units"


def crosswalked(
    values: pd.DataFrame, name: str, options: TableOptions, folder: Path, attributes: Path
) -> tuple[pd.DataFrame, set[str], InputFile]:
    """Move attributes from old areas to new ones, by the study's ``crosswalk`` table.

    Sums (homes, people) are shared out by weight; means are averaged over what came, weighted by the homes that came
    with them, or by weight where the table has no homes.

    Parameters
    ----------
    values : DataFrame
        Checked attributes with ``area_id``, schema `name`.
    name : str
        Schema, whose rules say which columns are sums and which are means.
    options : TableOptions
        With ``crosswalk``: file and names of its columns.
    folder : Path
        Folder that the paths in `options` count from.
    attributes : Path
        File that `values` came from, for messages.

    Returns
    -------
    DataFrame
        By new area.
    set of str
        All new areas that the crosswalk knows.
    InputFile
        Provenance, with what went where.

    Raises
    ------
    DataMissing, TableError
        If there is no such file, it shares no key with the attributes, or sends more than all of an area somewhere.
    """
    rules = options.crosswalk
    if rules is None:
        raise TableError("study", [Problem("names no crosswalk", column=f"tables.{name}.crosswalk")])
    file = locate(folder, rules.path, f"tables.{name}.crosswalk.path", CSVS)
    raw, notes = read_table(file)
    renames = {rules.old_id: "old_id", rules.new_id: "new_id", rules.weight: "weight"}
    lacking = [c for c in (rules.old_id, rules.new_id) if c not in raw.columns]
    if lacking:
        have = ", ".join(str(c) for c in raw.columns[:40])
        raise TableError(str(file), [Problem(f"no such column; the file has: {have}", column=c) for c in lacking])
    table = check(raw[[c for c in renames if c in raw.columns]].rename(columns=renames), TABLE, str(file))
    # without weights every old area goes to one new one as a whole
    table = table if "weight" in table else table.assign(weight=1.0)
    sent = table.groupby("old_id")["weight"].sum()
    # less than all is allowed (a part may lie outside) and reported; more would make people
    if (sent > WHOLE).any():
        text = f"sends more than the whole of an area on ({named(sent.index[sent > WHOLE])}); weights of one old area sum to 1"
        raise TableError(str(file), [Problem(text, column="weight")])
    require_common(Keys(str(attributes), values["area_id"]), Keys(str(file), table["old_id"]))
    moved = table.merge(values, left_on="old_id", right_on="area_id")
    made = _shared_out(moved, name)
    lost = values[~values["area_id"].isin(table["old_id"])]
    # share of each old area that arrives somewhere, with which the homes carried over are counted
    part = (sent.reindex(values["area_id"]).fillna(0.0).clip(upper=1.0)).to_numpy()
    homes = values[HOMES].fillna(0.0).to_numpy() if HOMES in values else np.ones(len(values))
    whole = max(float(homes.sum()), 1e-300)  # no 0 / 0 where there are no homes
    notes.append(
        f"{len(values):,} old areas became {len(made):,} new ones; {of(len(lost), len(values), 'old areas')} are not in it; "
        f"{(homes * part).sum() / whole:.2%} of the {'homes' if HOMES in values else 'areas'} were carried over"
    )
    return made, set(table["new_id"]), input_file(f"{name} {TABLE}", file, len(table), options, notes)


def _shared_out(moved: pd.DataFrame, name: str) -> pd.DataFrame:
    """Attributes by new area: sums by weight, means by the homes or the share that came with them."""
    rules = {rule.column: rule.aggregate for rule in schema(name)}
    by = moved["new_id"]
    share = moved["weight"]
    made = {}
    for column in [c for c in moved.columns if c in rules and c != "area_id"]:
        values = moved[column]
        if rules[column] == "sum" or not rules[column]:
            made[column] = (values * share).groupby(by).sum(min_count=1)  # all null: null, not 0
            continue
        other = rules[column].split(":")[1]
        weight = share * (moved[other].fillna(0.0) if other in moved else 1.0)
        # a null value neither pulls the mean down nor weighs in it
        known = values.notna()
        total = weight.where(known).groupby(by).sum(min_count=1)
        made[column] = (values * weight).groupby(by).sum(min_count=1) / total.where(total > 0)
    return pd.DataFrame(made).rename_axis("area_id").reset_index().astype({"area_id": "string"})
