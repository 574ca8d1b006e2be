"""The archive of r_SS as the engine reads it, and places in shelters.

Origin of the goldens: SciPy's RegularGridInterpolator; places by hand (Sphere: 3.5 m2 a person).
"""

from dataclasses import replace

import numpy as np
import pytest
import scipy.interpolate
from cities import block_of, parameters, town
from plans import CREWS, plan

from holdfast.data import packaged
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.function.response import respond
from holdfast.recovery.function.supplementary import NETWORKS, capacity_levels, shelter_places, trained
from holdfast.recovery.hazard import uniform
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.tables import check


@pytest.fixture
def table():
    return check(packaged("service_capacity"), "service_capacity")


def test_packaged_archive(table):
    categories, levels, share = capacity_levels(table, NETWORKS)
    assert set(categories) >= {"home", "shop", "care", "school", "office", "works", "public", "habitable"}
    np.testing.assert_allclose(share[:, -1], 1.0, atol=1e-6)
    cubes = share.reshape(len(categories), *[levels.size] * 5)
    for axis in range(1, 6):
        fall = np.diff(cubes, axis=axis)
        assert (fall >= 0).all()
        living = [i for i, c in enumerate(categories) if c != "habitable"]
        top = np.take(cubes[living], [levels.size - 2, levels.size - 1], axis=axis)
        at_full = np.moveaxis(top, axis, 1).reshape(len(living), 2, -1)[:, :, -1]
        assert (at_full[:, 1] > at_full[:, 0]).all()  # strict: every service carries a share
    for low, high in (("low", "r_ss"), ("r_ss", "high")):
        assert (table[low] <= table[high]).all()


def test_order_and_subset_of_networks(table):
    _, levels, share = capacity_levels(table, ("telecom", "power"))
    _, _, whole = capacity_levels(table, NETWORKS)
    cubes = whole.reshape(-1, *[levels.size] * 5)
    np.testing.assert_array_equal(
        share.reshape(-1, levels.size, levels.size), cubes[:, :, -1, -1, :, -1].transpose(0, 2, 1)
    )
    assert capacity_levels(table, ())[2].tolist() == [[1.0]] * len(cubes)


def test_the_middle_level_lies_on_the_line_between_its_neighbours(table):
    """The seven categories are straight lines in every service: three levels lose nothing."""
    categories, levels, share = capacity_levels(table, NETWORKS)
    cubes = share.reshape(-1, *[levels.size] * 5)
    living = [i for i, c in enumerate(categories) if c != "habitable"]
    ends = scipy.interpolate.RegularGridInterpolator(
        [np.array([0.0, 1.0])] * 5, np.moveaxis(cubes[living][:, ::2, ::2, ::2, ::2, ::2], 0, -1)
    )
    every = np.array(np.meshgrid(*[levels] * 5, indexing="ij")).reshape(5, -1).T
    np.testing.assert_allclose(ends(every).T, share[living], atol=2e-6)


def test_faults_are_named_together(table):
    bad = table.copy()
    bad.loc[(bad["category"] == "home") & (bad[list(NETWORKS)] == 1).all(axis=1), "r_ss"] = 0.9
    bad.loc[(bad["category"] == "shop") & (bad[list(NETWORKS)] == 0).all(axis=1), "r_ss"] = 1.0
    bad = bad.drop(bad.index[bad["category"] == "works"][5])
    with pytest.raises(TableError) as found:
        capacity_levels(bad, ("power",))
    text = str(found.value)
    assert "home: 0.9 at full service" in text
    assert "shop: falls somewhere when power rises" in text
    assert "works: needs each combination" in text
    with pytest.raises(UnknownName, match="steam"):
        capacity_levels(table, ("steam",))


def test_the_engine_reads_it(table):
    """Rows in the order of the categories, habitability last; multilinear between the levels, exactly 1 at full service."""
    networks = ("power", "water", "telecom")
    found = trained(table, ("shop", "care"), networks)
    assert found.share.shape == (3, 27)
    categories, levels, share = capacity_levels(table, networks)
    grid = scipy.interpolate.RegularGridInterpolator([levels] * 3, share[categories.index("care")].reshape(3, 3, 3))
    for services in np.random.default_rng(3).uniform(0, 1, (50, 3)):
        assert respond(found.share[1], found.levels, services) == pytest.approx(float(grid(services)[0]))
    assert respond(found.share[2], found.levels, np.ones(3)) == 1.0
    assert respond(found.share[2], found.levels, np.array([0.5, 0.16, 0.0])) == 1.0
    with pytest.raises(TableError, match='no rows for "farm"'):
        trained(table, ("farm",), networks)


def test_a_city_simulated_with_it(table):
    """SC0 = residents x (1 + 1); a lost service lowers SC; where nothing is damaged there is no loss."""
    figures = replace(parameters(), service_capacity=table)
    city = town(60)
    calm = uniform({"PGA": 1e-6})
    quiet = block_of(city, figures, calm, plan(CREWS), draw_seeds(1, 1)[0])
    assert quiet.curves.normal[1] == pytest.approx(2 * city.buildings["residents"].sum(), rel=1e-6)
    assert (quiet.curves.gap == 0).all()
    strong = uniform({"PGA": 0.6})
    shaken = block_of(city, figures, strong, plan(CREWS), draw_seeds(1, 3)[0])
    assert (shaken.curves.SC[:, 0] < shaken.curves.normal[1]).all()
    assert shaken.curves.SC[:, -1] == pytest.approx(shaken.curves.normal[1])


def test_places_in_shelters():
    """By hand: 1,000 m2 of school, 40 % of it for beds of 3.5 m2; of a hall 60 %; of a hotel 70 % at 14 m2; of an office 50 %."""
    area, occupancy = np.full(4, 1000.0), np.array(["EDU1", "REL1", "RES4", "COM4"])
    assert shelter_places(area, occupancy, packaged("shelters")).tolist() == [114, 171, 50, 142]
