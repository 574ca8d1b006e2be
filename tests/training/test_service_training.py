"""Training of service capacity on a synthetic survey (seeded) and on the real ones.

Origin of the goldens: the synthetic consumption is planted, so the linear model must find it and the forest must beat the
mean; weighted errors by hand.
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.function.supplementary import capacity_levels
from holdfast.sources.cbecs import find_buildings, read_buildings
from holdfast.sources.recs import find_homes, read_homes
from holdfast.training.consumption import cross_validated, errors, fit, samples
from holdfast.training.hyperparameters import ServiceSettings
from holdfast.training.service_training import train_service

QUICK = ServiceSettings(trees=4, folds=3, interval_draws=20)
USES = (
    "heating",
    "cooling",
    "ventilation",
    "water_heating",
    "lighting",
    "cooking",
    "refrigeration",
    "office_equipment",
    "computers",
    "other",
)


@pytest.fixture(scope="module")
def surveys():
    """Homes whose electricity per m2 is 20 + 0.02 x heating degree days; offices twice as hungry as warehouses."""
    rng = np.random.default_rng(6)
    n = 300
    homes = pd.DataFrame(
        {
            "home_id": [str(i) for i in range(n)],
            "region": rng.choice(["south", "west"], n),
            "home_type": rng.choice(["detached", "mobile"], n),
            "urban": rng.choice(["urban", "rural"], n),
            "year_built": rng.choice([1955.0, 1985.0, 2005.0], n),
            "floor_area_m2": rng.uniform(50, 300, n),
            "heating_degree_days": rng.uniform(0, 4000, n),
            "cooling_degree_days": rng.uniform(0, 2000, n),
            "heated": rng.random(n) < 0.9,
            "cooled": rng.random(n) < 0.7,
            "persons": rng.integers(1, 6, n).astype(float),
            "weight": rng.uniform(1, 3, n),
        }
    )
    per_area = 20 + 0.02 * homes["heating_degree_days"] + rng.normal(0, 3, n)
    homes["electricity_kwh"] = per_area * homes["floor_area_m2"]
    homes["gas_kwh"], homes["fuel_kwh"] = 0.8 * homes["electricity_kwh"], 0.0
    activities = packaged("survey_activities").query("group != ''")["activity"].tolist()
    buildings = pd.DataFrame(
        {
            "building_id": [str(i) for i in range(40 * len(activities))],
            "activity": activities * 40,
            "region": rng.choice(["south", "west"], 40 * len(activities)),
            "year_built": 1985.0,
            "floor_area_m2": rng.uniform(200, 9000, 40 * len(activities)),
            "weight": 1.0,
        }
    )
    hungry = np.where(buildings["activity"] == "office", 20.0, 10.0) * rng.uniform(0.9, 1.1, len(buildings))
    for use in USES:
        buildings[f"electricity_{use}_kwh"] = hungry * buildings["floor_area_m2"]
    return homes, buildings


def test_the_planted_consumption_is_found(surveys):
    sample = samples(*surveys)["residential"]
    assert "persons" in sample.features.columns
    model = fit("linear", sample, ["heating_degree_days"], QUICK, 1)
    new = pd.DataFrame({"heating_degree_days": [0.0, 3000.0]})
    np.testing.assert_allclose(model.predict(new)["electricity"], [20.0, 80.0], rtol=0.05)
    predicted, fold = cross_validated(sample, QUICK, 1)
    table = errors(sample.uses.sum(axis=1), predicted, sample.weight, fold)
    assert table.loc["linear", "rmse"] == pytest.approx(1.8 * 3, rel=0.15)  # the planted noise
    assert table["rmse"].idxmin() == "linear"
    assert table.loc["forest", "rmse"] < 0.5 * table.loc["mean", "rmse"]


def test_errors_are_weighted():
    actual = pd.Series([1.0, 2.0, 3.0, 4.0])
    predicted = pd.DataFrame({"linear": [1.0, 2.0, 3.0, 6.0], "mean": [2.5] * 4})
    weight, fold = pd.Series([1.0, 1.0, 1.0, 3.0]), pd.Series([0, 1, 0, 1])
    table = errors(actual, predicted, weight, fold)
    assert table.loc["linear", "rmse"] == pytest.approx((3 * 4 / 6) ** 0.5)
    assert table.loc["linear", "mae"] == pytest.approx(1.0)
    assert table.loc["linear", "r2"] == pytest.approx(1 - 2 / np.average((actual - 3) ** 2, weights=weight))


def test_training_gives_a_whole_archive_twice_the_same(surveys):
    first, second = (train_service(*surveys, QUICK, 3) for _ in range(2))
    for one, two in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, two)
    categories, levels, share = capacity_levels(first.archive, ("water", "power"))
    assert len(categories) == 8
    assert share.shape == (8, levels.size**2)
    assert set(first.errors["model"]) == {"mean", "linear", "forest"}
    assert first.errors.groupby("group")["chosen"].sum().tolist() == [1] * 4
    assert not first.features.query("feature == 'urban'")["kept"].any()


def test_the_official_columns_train_too(surveys):
    """End uses of homes, gas and workers of buildings: what only the official files have takes the place of the tables."""
    homes, buildings = (table.copy() for table in surveys)
    rng = np.random.default_rng(2)
    for carrier, names in (("electricity", USES[:2]), ("gas", ("heating", "other"))):
        part = rng.uniform(0.3, 0.7, len(homes))
        homes[f"{carrier}_{names[0]}_kwh"] = part * homes[f"{carrier}_kwh"]
        homes[f"{carrier}_{names[1]}_kwh"] = (1 - part) * homes[f"{carrier}_kwh"]
    buildings["gas_heating_kwh"] = 0.5 * buildings["electricity_lighting_kwh"]
    buildings["workers"] = np.where(rng.random(len(buildings)) < 0.1, np.nan, buildings["floor_area_m2"] / 30)
    trained = train_service(homes, buildings, QUICK, 3)
    named = trained.shares.set_index(["category", "resource", "use"])["share"].sort_index()
    assert set(named["home", "electricity"].index) == {"heating", "cooling"}
    assert set(named["office", "gas"].index) == {"heating"}
    assert "workers_per_100_m2" in set(trained.features["feature"])
    by_cost = 0.8 * 1 / (3.62 + 0.8 * 1)  # gas is planted at 0.8 of the electricity; costs of table energy_carriers
    assert named["home", "gas"].sum() == pytest.approx(0.5 * by_cost, rel=0.02)


def test_an_unknown_model_and_a_thin_survey(surveys):
    homes, buildings = surveys
    sample = samples(homes, buildings)["office"]
    with pytest.raises(UnknownName, match="forest, linear, mean"):
        fit("net", sample, ["activity"], QUICK, 1)
    with pytest.raises(TableError, match="industrial"):
        samples(homes, buildings[buildings["activity"] != "warehouse"].head(30))


def test_the_packaged_archive_comes_from_the_surveys(data):
    """The shipped table is what training gives, but for the size of the forest and of the intervals."""
    folder = data / "training"
    trained = train_service(read_homes(find_homes(folder)), read_buildings(find_buildings(folder)), QUICK, 1)
    shipped = packaged("service_capacity")
    keys = ["category", "power", "water", "gas", "telecom", "transport"]
    merged = shipped.merge(trained.archive, on=keys, suffixes=("", "_again"))
    assert len(merged) == len(shipped) == len(trained.archive)
    assert (merged["r_ss"] - merged["r_ss_again"]).abs().max() < 0.005
    reference = trained.reference.set_index("category")
    assert (reference.loc["home", "without power"] < reference.loc["home", "without gas"] < 1).all()
    best = trained.errors.query("chosen").set_index("group")
    assert (best["r2"] > 0.1).all()
