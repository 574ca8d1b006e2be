"""Output per floor area, output per worker and workers per floor area, against the published totals they come from."""

import csv

import numpy as np
import pandas as pd
import pytest

from holdfast.data import figure, packaged
from holdfast.training.production import DAYS, FT2, matching

NETWORKS = ["power", "water", "gas", "telecom", "transport"]
CONSTRUCTION, FARMS = ["23"], ["111CA", "113FF"]
HOUSING = "HS"


@pytest.fixture(scope="module")
def accounts(data):
    """Value added and compensation of every industry, USD of 2017, read from BEA's files by the csv module alone."""
    folder = data / "training" / "bea_input_output_2017"
    with (folder / "Summary_Use_2017_PRO_AfterRedef_17sch.csv").open() as stream:
        pay = next(row for row in csv.DictReader(stream) if row["rownames"] == "V001")
    with (folder / "Summary_ValueAdded_IO_17sch.csv").open() as stream:
        added = {row["rownames"]: float(row["2017"]) * 1e6 for row in csv.DictReader(stream)}
    return added, {code: float(pay[code]) * 1e6 for code in added}


@pytest.fixture(scope="module")
def shipped():
    """Output per m2 and year, and workers per m2, of every occupancy that makes something."""
    archive = packaged("productivity")
    full = archive[(archive[NETWORKS] == 1).all(axis=1)].set_index("occupancy")["productivity_per_area"] * DAYS
    workers = packaged("occupancies").set_index("occupancy")["workers_per_100_m2"] / 100
    assert (workers[full[full == 0].index] == 0).all()
    made = full.index[full > 0]
    return full[made], workers[made]


def industries_of(added):
    """Industries of every occupancy, as the packaged table of groups names them, and the two that have no floor area."""
    groups = packaged("production_groups").set_index("occupancy")
    named = {o: matching(pd.Index(list(added)), i) for o, i in groups["industries"].items() if i}
    return {**named, "IND6": CONSTRUCTION, "AGR1": FARMS}


def test_output_per_worker_times_workers_is_output_per_area_and_in_the_range_of_industries(accounts, shipped):
    """Origin: value added / compensation of each industry x (127,000 x compensation / value added of the nation)."""
    added, pay = accounts
    full, workers = shipped
    paid = figure("output_per_worker") * sum(pay.values()) / sum(added.values())
    of_industries = [added[i] / pay[i] * paid for i in added if i != HOUSING]
    for occupancy, own in industries_of(added).items():
        expected = sum(added[i] for i in own) / sum(pay[i] for i in own) * paid
        assert full[occupancy] / workers[occupancy] == pytest.approx(expected, rel=2e-3), occupancy
        assert min(of_industries) <= full[occupancy] / workers[occupancy] <= max(of_industries)


def test_floor_area_of_the_nation_makes_the_published_output_with_the_published_workers(accounts, shipped):
    """Origin: CBECS and MECS floor area x shipped figures, against BEA's sums; and all industries have 154 million workers."""
    added, pay = accounts
    full, workers = shipped
    groups = packaged("production_groups")
    area = packaged("floor_area").query("base == 'yes'").set_index("activity")["floor_area"] * FT2 * 1e6
    nation = sum(added.values()) / figure("output_per_worker")
    totals, used = np.zeros(4), set()
    for row in groups[groups["activities"] != ""].drop_duplicates(["industries", "activities"]).itertuples():
        own = industries_of(added)[row.occupancy]
        square_metres = float(area[row.activities.split("+")].sum())
        output, staff = square_metres * full[row.occupancy], square_metres * workers[row.occupancy]
        value, people = sum(added[i] for i in own), sum(pay[i] for i in own) / sum(pay.values()) * nation
        assert output == pytest.approx(value, rel=1e-3), row.occupancy
        assert staff == pytest.approx(people, rel=2e-3), row.occupancy
        totals += [output, value, staff, people]
        used |= set(own)
    assert totals[0] == pytest.approx(totals[1], rel=1e-3)
    # every industry counts at most once, so that those with floor area have fewer workers than all
    assert totals[3] == pytest.approx(sum(pay[i] for i in used) / sum(pay.values()) * nation, rel=1e-9)
    assert 0.5 * nation < totals[2] < nation
