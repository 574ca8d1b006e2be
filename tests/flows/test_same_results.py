"""A run gives what the release before gave: levels, losses and curves of five places, and of five strategies.

Origin: `same_results.csv` beside this file, made by `scripts/make_same_results.py` from the release named in its head.
A figure that is meant to change is changed there, by that script, in a commit that says why; an entry, column or
variable that is renamed goes into the script's ``RENAMED``.
"""

import copy
import csv

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from make_same_results import CASES, RENAMED, TABLE, digest, flat, hashes, leaves, packages, run


def known():
    """Study to the file and part of its result to the hash; and the versions it was made with."""
    lines = TABLE.read_text().splitlines()
    found = {name: {} for name in CASES}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        found[row["study"]][row["file"], row["part"]] = row["sha256"]
    return found, lines[1].removeprefix("# ")


KNOWN, VERSIONS = known()


@pytest.mark.parametrize("study", CASES)
def test_results_are_those_of_the_release_before(study, request, tmp_path):
    data = request.getfixturevalue("data") if CASES[study].folder else None
    found = hashes(run(study, data, tmp_path / study))
    assert len(KNOWN[study]) > 10
    other = [" ".join(part) for part, digest in KNOWN[study].items() if found.get(part) != digest]
    versions = "" if packages() == VERSIONS else f"; the table was made with {VERSIONS}, this ran with {packages()}"
    assert not other, f"{study}: other figures in {other}{versions}"


ENTRY = {"levels": [{"level": 1, "homes": 12.5}, {"level": 2, "homes": None}], "shares": {"power": 0.25}, "title": "x"}


def test_a_hash_sees_every_figure_and_no_word(monkeypatch):
    whole = digest(leaves(ENTRY))
    for spoil in (
        lambda e: e["levels"][0].update(homes=12.5000001),
        lambda e: e["levels"][1].update(homes=0.0),
        lambda e: e["levels"].reverse(),
        lambda e: e["shares"].update(power=-0.25),
        lambda e: e["shares"].update(water=0.25),
    ):
        other = copy.deepcopy(ENTRY)
        spoil(other)
        assert digest(leaves(other)) != whole
    assert digest(leaves({**ENTRY, "title": "y"})) == whole
    monkeypatch.setitem(RENAMED, "portions", "shares")
    named = {**{k: v for k, v in ENTRY.items() if k != "shares"}, "portions": ENTRY["shares"]}
    assert digest(leaves(named)) == whole


def test_a_hash_sees_order_and_shape_of_a_table_and_no_type():
    values = [1, 2, 3, 4, 5, 6]
    whole = digest(flat(pd.Series(values)))
    assert digest(flat(pd.Series(values, dtype="Int64"))) == whole
    assert digest(flat(pd.Series(values[::-1]))) != whole
    assert digest(flat(xr.Variable(("draw", "time"), np.reshape(values, (2, 3))))) != whole
    words = digest(flat(pd.Series(["a", "b", "a", None])))
    assert digest(flat(pd.Series(["very low", "low", "very low", None]))) == words
    assert digest(flat(pd.Series(["a", "b", "b", None]))) != words
