"""Public folders of a rating, its drivers, interventions, a risk and a second vintage, attacked together."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import TableError
from holdfast.gate.files import sha256
from holdfast.store import open_result
from holdfast.store.manifest import manifest_of, read_manifest

FEWEST = 300.0
CHANGES = {
    "governance.fewest_households": FEWEST,
    "rating.aggregate_to": ["areas"],
    "rating.certainty.draws": 20,
    "tables.areas.columns.own_flood": "flood",
    "risk.own.flood": {"column": "areas.own_flood", "pillar": "hazard"},
    "risk.refits": 2,
    "risk.draws": 20,
}


@pytest.fixture(scope="module")
def folders(shared_study, tmp_path_factory):
    """Result folders: a rating with a risk (synthetic), its drivers, interventions on it, and a vintage of poorer tracts."""
    home, file = tmp_path_factory.mktemp("public"), shared_study.parent / "tracts.csv"
    table = pd.read_csv(file)
    table.assign(flood=np.linspace(0.6, 0.0, len(table)).round(4)).to_csv(file, index=False)
    rows = "what,target,how,amount,levels\ninsured,health_insurance,add,0.1,1;2\n"
    (shared_study.parent / "interventions.csv").write_text(rows)
    holdfast.rate(shared_study, overrides=CHANGES, out=home / "rating")
    holdfast.drivers(home / "rating", out=home / "drivers")
    asked = {"tables.interventions": {"source": "interventions", "path": "interventions.csv"}}
    holdfast.what_if(shared_study, overrides={**CHANGES, **asked}, out=home / "what_if")
    table.assign(flood=0.1, poor=(table["poor"] + 0.1).clip(0, 1)).to_csv(file, index=False)
    again = {k: v for k, v in CHANGES.items() if not k.startswith("risk")}
    holdfast.update(home / "rating", shared_study, overrides=again, out=home / "second")
    return [home / name for name in ("rating", "drivers", "what_if", "second")]


def test_all_public_folders_together_tell_of_no_few_households(folders):
    found = holdfast.privacy(folders)
    names = {f.split("public/")[1] for f in found["file"]}
    expected = [
        "cells",
        "levels",
        "areas_areas",
        "risk",
        "risk_words",
        "overlay",
        "worst_places",
        "driver_words",
        "what_if",
        "transitions",
        "moved",
    ]
    assert names == {f"{name}.csv" for name in expected}
    assert found.attrs["summary"]["few"] > 0
    assert found.attrs["summary"]["narrowest"] >= FEWEST / 2
    assert (found["beyond"] == 0).all()
    assert found["sums"].sum() > 20


def test_every_folder_says_what_may_be_handed_on(folders):
    for folder in folders:
        assert "only place and level" in (folder / "public" / "README.txt").read_text()
        assert "your own work" in (folder / "README.txt").read_text()


def test_words_and_changes_of_few_households_are_withheld(folders):
    cells = pd.read_parquet(folders[0] / "cells.parquet")
    few = cells.index[cells["withheld"] & cells["level"].notna()]
    assert len(few)
    words = pd.read_csv(folders[1] / "public" / "driver_words.csv").set_index("cell_id").loc[few]
    assert words["level"].notna().all()
    assert words[["score", "first", "second", "third"]].isna().all(axis=None)
    changed = pd.read_csv(folders[2] / "public" / "what_if.csv").set_index("cell_id").loc[few]
    assert changed[["frozen_before", "monotone_after"]].notna().all(axis=None)
    assert changed[["people", "changed", "health_insurance_before"]].isna().all(axis=None)


def test_pairs_of_levels_are_over_the_cells_that_are_shown(folders):
    cells = pd.read_parquet(folders[0] / "cells.parquet")
    shown = cells[~cells["withheld"] & cells["risk_level"].notna() & cells["level"].notna()]
    pairs = pd.read_csv(folders[0] / "public" / "overlay.csv")
    assert pairs["cells"].sum() == len(shown)
    assert pairs["people"].sum() == pytest.approx(shown["housing_units"].where(~shown["sparse"], 0).sum())
    moves = pd.read_csv(folders[2] / "public" / "transitions.csv")
    sums = moves.groupby("mode")["people"].sum()
    assert sums.to_numpy() == pytest.approx(sums.iloc[0])


def spoilt(folder, to, name, change):
    """A copy of a result in which one public table is another, and the manifest says so."""
    shutil.copytree(folder, to)
    file = to / "public" / name
    change(pd.read_csv(file)).to_csv(file, index=False)
    result = read_manifest(to)
    result = replace(result, files={**result.files, f"public/{name}": sha256(file)})
    (to / "manifest.json").write_text(json.dumps(manifest_of(result)))
    return to


def test_the_attack_finds_what_leaks(folders, tmp_path, cli):
    rating = folders[0]
    cells = pd.read_parquet(rating / "cells.parquet")
    # outright: a feature of a cell of few
    told = spoilt(rating, tmp_path / "told", "cells.csv", lambda t: t.assign(poverty=cells["poverty"].to_numpy()))
    assert open_result(told)
    with pytest.raises(TableError, match=r"column poverty: tells of cells with fewer than 300 households"):
        holdfast.privacy([told])

    # by difference: a place whose people hold one cell of few more than those that are shown
    few = cells.index[cells["housing_units"].between(1, FEWEST - 1) & ~cells["sparse"].astype(bool)][0]
    more = float(cells.loc[few, "housing_units"])

    def with_one(places):
        first = places.index == 0
        ids = places["cell_ids"].where(~first, places["cell_ids"] + f";{few}")
        return places.assign(cell_ids=ids, people=places["people"] + more * first)

    done = cli("privacy", spoilt(rating, tmp_path / "sums", "worst_places.csv", with_one))
    assert done.code == 2
    assert f"cell {few}: can be narrowed to {more:.2g} to {more:.2g} households" in done.err
    assert "worst_places.csv" in done.err
    # a file that the result does not list
    (told / "public" / "mine.csv").write_text("a\n1\n")
    with pytest.raises(TableError, match=r"mine\.csv"):
        holdfast.privacy([told])


def test_the_verb_says_what_it_attacked(folders, cli):
    done = cli("privacy", *folders[:2])
    assert done.code == 0, done.err
    assert "can be narrowed to less than" in done.out
    facts = json.loads(cli("privacy", folders[0], "--json").out)
    assert facts["few"] > 0
    assert {row["file"].rpartition("/")[2] for row in facts["files"]} >= {"cells.csv", "levels.csv"}
    done = cli("privacy", folders[1])
    assert done.code == 2
    assert "name the rating that it belongs to first" in done.err
