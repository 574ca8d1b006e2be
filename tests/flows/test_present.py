"""A simulation that starts from the state observed on a later day."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import holdfast

HELSINKI = (Path(__file__).parents[2] / "examples" / "helsinki.toml").read_text()
TABLE = '\n[tables.present]\nsource = "present"\npath = "present.csv"\n'
DAY = 30


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("present")
    study = folder / "study.toml"
    study.write_text(HELSINKI)
    keys = {"recovery.draws": 1, "recovery.snapshot_day": DAY}
    curves = holdfast.simulate(study, out=folder / "whole", overrides=keys)
    study.write_text(HELSINKI + TABLE)
    (folder / "present.csv").write_bytes((folder / "whole" / "present.csv").read_bytes())
    return study, curves


def test_from_day_30_on_it_is_the_rest_of_the_run(whole, tmp_path):
    """The networks are whole again by then, so no backup is half used, and durations are the expected ones."""
    study, curves = whole
    rest = holdfast.simulate(study, out=tmp_path / "rest", overrides={"recovery.draws": 1, "recovery.start_day": DAY})
    assert int(rest["time"][0]) == DAY
    assert float(curves["service"].isel(time=DAY).min()) == 1.0
    for name in ("EP", "SC", "gap"):
        assert np.array_equal(rest[name].to_numpy(), curves[name].sel(time=rest["time"]).to_numpy())
    whole_days = curves.attrs["summary"]["days_to"]["economic productivity"]["90%"]["p50"]
    assert rest.attrs["summary"]["days_to"]["economic productivity"]["90%"]["p50"] == max(whole_days, DAY)
    assert "observed on day 30" in (tmp_path / "rest" / "report.html").read_text()


def edited(study: Path, change) -> Path:
    table = pd.read_csv(study.parent / "present.csv")
    change(table)
    table.to_csv(study.parent / "edited.csv", index=False)
    other = study.with_name("edited.toml")
    other.write_text(HELSINKI + TABLE.replace("present.csv", "edited.csv"))
    return other


def test_a_building_that_is_already_repaired_helps(whole):
    study, curves = whole
    open_ones = (pd.read_csv(study.parent / "present.csv")["finished_day"].isna()).to_numpy()

    def repair(table: pd.DataFrame) -> None:
        rows = np.flatnonzero(open_ones)[:40]
        table.loc[rows, ["began_day", "finished_day"]] = [1, DAY]
        table.loc[rows, "running"] = False

    rest = holdfast.simulate(edited(study, repair), overrides={"recovery.draws": 1, "recovery.start_day": DAY})
    assert float(rest["EP"].isel(time=0).sum()) > float(curves["EP"].sel(time=DAY).sum())


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("asset", "building:nowhere", "nowhere"),
        ("damage_state", 7, "7"),
        ("finished_day", 99, "do not fit together"),
        ("began_day", -3, "-3"),
    ],
)
def test_a_bad_state_is_refused(column, value, words, whole, cli, tmp_path):
    study, _ = whole

    def spoil(table: pd.DataFrame) -> None:
        table.loc[0, column] = value

    bad = edited(study, spoil)
    done = cli("simulate", bad, "--out", tmp_path / "none", "--set", f"recovery.start_day={DAY}", "--quiet")
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "none").exists()


def test_a_crew_whose_span_is_over_still_ends_its_task(whole):
    """Found by review: a running task with a span that ended before the first day was never taken up again."""
    study, curves = whole
    keys = {"recovery.draws": 1, "recovery.start_day": DAY, "recovery.commitment_days": 5}
    rest = holdfast.simulate(study, overrides=keys)
    assert bool(rest["recovered"].all())
    assert rest.sizes["time"] < 2 * curves.sizes["time"]


def test_a_state_told_from_an_observed_one_goes_on_from_it(whole, tmp_path):
    study, _ = whole
    later = DAY + 40
    keys = {"recovery.draws": 1, "recovery.snapshot_day": later}
    holdfast.simulate(study, out=tmp_path / "rest", overrides=keys | {"recovery.start_day": DAY})
    study.with_name("plain.toml").write_text(HELSINKI)
    holdfast.simulate(study.with_name("plain.toml"), out=tmp_path / "plain", overrides=keys)
    columns = ["asset", "left_days", "running", "finished_day"]
    told = [pd.read_csv(tmp_path / n / "present.csv")[columns] for n in ("rest", "plain")]
    pd.testing.assert_frame_equal(*told)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["recovery.start_day=9000"], "column recovery.start_day: 9000"),
        (["recovery.start_day=30", "recovery.snapshot_day=30"], "recovery.snapshot_day"),
    ],
)
def test_days_outside_the_simulation_are_refused(keys, words, whole, cli):
    study, _ = whole
    done = cli("check", study, *[part for key in keys for part in ("--set", key)], "--quiet")
    assert done.code == 2
    assert words in done.err


def test_a_day_without_a_state_is_refused(cli, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(HELSINKI)
    done = cli("check", file, "--set", "recovery.start_day=5", "--quiet")
    assert done.code == 2
    assert "tables.present" in done.err
