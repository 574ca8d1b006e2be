"""Ground failure: Hazus by hand, shares of what fails, independence of the city.

By hand: magnitude 7.5, groundwater at 5 ft (1.524 m), class low, 0.4 g. Probability 5.57 x 0.4 - 1.18 = 1.048, so 1;
K_M = 0.0027 x 421.875 - 0.0267 x 56.25 - 0.2055 x 7.5 + 2.9188 = 1.01474; K_w = 0.022 x 5 + 0.93 = 1.04; share
0.05 / (1.01474 x 1.04) = 0.04738. PGA over the threshold of 0.21 g is 1.90476: 12 x 1.90476 - 12 = 10.857 inches of
lateral spreading; K_delta = 0.0086 x 421.875 - 0.0914 x 56.25 + 0.4698 x 7.5 - 0.9835 = 1.02688; 28.32 cm.
"""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from holdfast.errors import UnknownName
from holdfast.recovery.hazard import Ground, places_of, sites_of, uniform, with_ground_failure
from holdfast.recovery.hazard.ground_failure import lateral_spread, slide_cm

HAND = Ground("low", "none", 5 / 3.28084, 7.5)


def grid(side, step=250.0):
    east, north = np.meshgrid(np.arange(side) * step, np.arange(side) * step)
    return np.column_stack([east.ravel() + 500_000.5, north.ravel() + 4_000_000.5])


def moved(position, ground, pga=0.4, places=None, seed=1, measures=("PGD",)):
    event = with_ground_failure(uniform({"PGA": pga}), ground, places)
    return event.at(sites_of(position, "EPSG:32610", 400.0), measures)(np.random.default_rng(seed))


def test_share_and_median_by_hand():
    found = moved(grid(200), HAND)["PGD"]
    failed = found > 0
    assert failed.mean() == pytest.approx(0.04738, abs=4 * np.sqrt(0.04738 * 0.95 / failed.size))
    # lognormal around the spreading by hand: its median within 4 standard errors (beta 0.5)
    error = 4 * 0.5 * 1.2533 / np.sqrt(failed.sum())
    assert np.log(np.median(found[failed])) == pytest.approx(np.log(28.32), abs=error)


@pytest.mark.parametrize(("ratio", "inches"), [(0.9, 0), (1.5, 6), (2, 12), (2.5, 21), (3, 30), (3.5, 65), (9, 100)])
def test_lateral_spreading_of_the_manual(ratio, inches):
    assert lateral_spread(ratio) == pytest.approx(inches)


def test_slide_by_hand():
    """0.5 of PGA, magnitude 7: 10^(-2.71 + 2.335 x log10 0.5 - 1.478 x log10 0.5 + 2.968) = 10^(0.258 - 0.25798)."""
    assert slide_cm(0.5, 7.0) == pytest.approx(10 ** (0.258 - 0.857 * np.log10(2)), rel=1e-12)
    assert slide_cm(1.0, 7.0) == 0


def test_slopes_of_the_worst_class_fail_by_their_share():
    found = moved(grid(100), Ground("none", "X"))["PGD"]
    assert (found > 0).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 10_000))


def test_no_failure_below_the_threshold():
    assert not moved(grid(20), Ground("very_low", "IV"), pga=0.1)["PGD"].any()


def test_ground_of_a_place_does_not_depend_on_the_other_sites():
    position = grid(40)
    whole = moved(position, Ground("very_high"))["PGD"]
    part = moved(position[::-7], Ground("very_high"))["PGD"]
    assert np.array_equal(part, whole[::-7])


def test_sites_in_one_patch_fail_together():
    position = np.repeat(grid(20), 2, axis=0) + np.tile([[0.0, 0.0], [40.0, 60.0]], (400, 1))
    found = moved(position, Ground("very_high"))["PGD"].reshape(-1, 2)
    assert np.array_equal(found[:, 0], found[:, 1])
    assert (found > 0).any()


def test_shaking_is_the_same_with_and_without():
    spread = uniform({"PGA": 0.4}, 0.3, 0.5)
    sites = sites_of(grid(5), "EPSG:32610", 400.0)
    plain = spread.at(sites, ("PGA",))(np.random.default_rng(3))
    both = with_ground_failure(spread, Ground("high")).at(sites, ("PGA", "PGD"))(np.random.default_rng(3))
    assert np.array_equal(plain["PGA"], both["PGA"])


def test_stated_deformation_or_no_failure_leaves_the_event_as_it_is():
    stated, plain = uniform({"PGA": 0.4}, pgd_cm=5.0), uniform({"PGA": 0.4})
    assert with_ground_failure(stated, Ground("high")) is stated
    assert with_ground_failure(plain, Ground("none")) is plain


def test_places_say_what_the_ground_is():
    position = grid(60)
    sites = sites_of(position, "EPSG:32610", 400.0)
    table = gpd.GeoDataFrame(
        {"liquefaction": ["very_high", None], "landslide": [None, None]},
        geometry=[Point(503_000, 4_007_500), Point(512_000, 4_007_500)],
        crs="EPSG:32610",
    )
    found = moved(position, Ground("none"), places=places_of(table))["PGD"]
    west = sites.position[:, 0] < 507_000
    assert (found[west] > 0).mean() == pytest.approx(0.22, abs=0.08)
    assert not found[sites.position[:, 0] > 508_000].any()


def test_unknown_class_is_named():
    with pytest.raises(UnknownName, match="very_wet"):
        with_ground_failure(uniform({"PGA": 0.4}), Ground("very_wet"))
