"""Known indices of a study, such as SVI, NRI, BRIC or CRE, as maps of five levels on the cells of a rating."""

import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.overlaid import known_tables
from holdfast.flows.rated_region import Rated
from holdfast.flows.resilinet_levels import RESILINET
from holdfast.rating.analysis.additive import additive_index
from holdfast.rating.overlay.risk_features import RiskRule, known_columns, measure_risk


def index_values(study: Study, done: Rated) -> pd.DataFrame:
    """Means of the study's indices over its cells, a column each.

    Raises
    ------
    TableError, UnknownName, DataMissing
        If an index has the name of the paper's way, or a column that is not there or holds nothing where people have a level.
    """
    chosen = study.rating.indices
    if RESILINET in chosen:
        text = "is the name of the paper's way on the same page; give the index another"
        raise TableError("study", [Problem(text, column=f"rating.indices.{RESILINET}")])
    tables = known_tables(done.gathered, done.cells)
    known = known_columns(tables)
    for name, index in chosen.items():
        if index.column not in known:
            raise UnknownName("column", index.column, known, f"rating.indices.{name}.column")
    # measured as the features of a risk are: the pillar says nothing here
    asked = {name: RiskRule("", "1", i.direction, i.weight, (i.column,)) for name, i in chosen.items()}
    values, _ = measure_risk(done.gathered.region.cells, tables, asked)
    rated = done.cells["level"].notna()
    for name, index in chosen.items():
        if name not in values or not (values.loc[rated, name].notna() & (done.rating.people[rated] > 0)).any():
            text = f"rating.indices.{name}: {index.column} has no value where people have a level; fill it, or leave it out"
            raise DataMissing(text)
    return values


def index_levels(name: str, values: pd.Series, direction: int, done: Rated) -> pd.DataFrame:
    """Levels of an index: its fifths of the people who have a level and a value."""
    known = values[done.cells["level"].notna() & values.notna()]
    people = done.rating.people.loc[known.index]
    # one column and one pillar: ranks among the people, cut into fifths
    level = additive_index(pd.DataFrame({name: direction * known}), {name: name}, people)["additive_level"]
    columns = {"map": name, "level": level, "agreement": np.nan, "value": known}
    return pd.DataFrame(columns, index=known.index).rename_axis("cell_id").reset_index()
