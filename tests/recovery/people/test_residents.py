"""Households: laws, days worked out by hand, and a test that takes the future away."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import town

from holdfast.errors import DataMissing
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.residents import GRAIN, NEVER, Seen, decide, residents_of

KEY = np.uint64(7)
STAY_NO_WAY = {"dislocation_constant": 99.0}  # everybody leaves a damaged home
HEROES = {"dislocation_constant": -99.0}


def homes(count, residents=2.0, occupancy="RES1"):
    """As many buildings in one zone."""
    buildings = pd.DataFrame({"occupancy": occupancy, "residents": residents, "zone_id": "z"}, index=range(count))
    return buildings, gpd.GeoDataFrame(index=pd.Index(["z"], name="zone_id"), geometry=[None], crs="EPSG:32610")


def seen(count, **changes):
    """All is complete damage that is repaired on day 100."""
    fields = {
        "loss": np.ones(count),
        "habitable": np.zeros(count),
        "eased": np.zeros(count),
        "eased_day": np.full(count, NEVER),
        "repaired": np.full(count, 100),
        "served": np.full(count, 3),
        "without_place": np.zeros(200),
        "sold": np.zeros(count, dtype=bool),
    }
    return Seen(**(fields | changes))


def decided(count, figures, **changes):
    own = agent_figures(figures)
    return decide(residents_of(*homes(count), own), own, KEY, seen(count, **changes))


def test_households_hold_all_residents_but_a_grain():
    city = town(200, seed=2)
    residents = residents_of(city.buildings, city.zones, agent_figures({}))
    inside = np.bincount(residents.building, residents.persons, 200)
    lost = city.buildings["residents"].to_numpy() - inside
    assert (lost >= 0).all() and (lost < 1 / GRAIN).all()
    assert np.array_equal(residents.persons * GRAIN, np.rint(residents.persons * GRAIN))


def test_days_by_hand():
    """All leave at once on day 1; repaired on day 100, seven days of notice: back on day 107; no rate of settling elsewhere."""
    stay = {"resettle_rate_owner": 0.0, "resettle_rate_renter": 0.0, "leave_share": 1.0}
    out = decided(50, STAY_NO_WAY | stay)
    assert out.dislocated.all() and (out.leaves == 1).all() and (out.returns == 107).all()
    late = decided(50, STAY_NO_WAY | stay, served=np.full(50, 130))
    assert (late.returns == 137).all()
    assert not decided(50, HEROES | stay).dislocated.any()


def test_a_share_leaves_at_once_and_the_others_by_the_places_that_lack():
    """With .5 of the displaced without a place and a rate of .2 a day the hazard is .1: exp(-1) are left after ten days."""
    figures = STAY_NO_WAY | {"leave_share": 0.25, "unhoused_leave_rate": 0.2}
    out = decided(20_000, figures, without_place=np.full(200, 0.5))
    error = 4 * 0.5 / np.sqrt(20_000)
    assert (out.leaves == 1).mean() == pytest.approx(0.25 + 0.75 * (1 - np.exp(-0.1)), abs=error)
    assert (out.leaves > 10).mean() == pytest.approx(0.75 * np.exp(-1), abs=error)
    assert (out.leaves < 107).sum() == (out.leaves < NEVER).sum()  # nobody leaves who is home again


def test_who_settles_elsewhere_by_tenure():
    """Away from day 1 to day 107, 106 / (365 / 12) months: 1 - exp(-rate x months) settle elsewhere."""
    figures = STAY_NO_WAY | {"leave_share": 1.0, "renters_single_family": 0.3}
    out = decided(20_000, figures)
    months = 106 / (365 / 12)
    expected = 0.7 * (1 - np.exp(-0.015 * months)) + 0.3 * (1 - np.exp(-0.04 * months))
    assert out.resettles.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 20_000))
    assert (out.returns[out.resettles] == NEVER).all()


AT_ONCE = {"leave_share": 1.0, "resettle_rate_owner": 1e9, "resettle_rate_renter": 1e9}  # away for good from day 1


def test_homes_left_for_good_are_taken_after_the_time_that_they_stand_empty():
    """Free on day 100, taken at the rate 1 / 50 days, half of them ever: .5 (1 - exp(-t / 50)) by day 100 + t."""
    out = decided(20_000, STAY_NO_WAY | AT_ONCE | {"refill_days": 50.0, "refill_share": 0.5})
    assert out.resettles.all() and (out.arrives > 100).all()
    for days in (10, 50, 200):
        assert (out.arrives <= 100 + days).mean() == pytest.approx(0.5 * (1 - np.exp(-days / 50)), abs=0.0145)
    none = decided(50, STAY_NO_WAY | AT_ONCE | {"refill_share": 0.0})
    assert (none.arrives == NEVER).all()
    soon = decided(50, STAY_NO_WAY | AT_ONCE | {"refill_days": 0.0})
    assert (soon.arrives == 100).all()


def test_nobody_takes_a_ruin_or_a_home_that_somebody_comes_back_to():
    never = decided(50, STAY_NO_WAY | AT_ONCE, repaired=np.full(50, NEVER))
    assert (never.arrives == NEVER).all()
    back = decided(2000, STAY_NO_WAY | {"leave_share": 1.0})
    assert ((back.returns < NEVER) != (back.arrives < NEVER)).all()
    assert np.array_equal(back.arrives < NEVER, back.resettles)


def test_owners_who_have_sold_do_not_come_back_and_their_tenants_do():
    rates = {"leave_share": 1.0, "resettle_rate_owner": 0.0, "resettle_rate_renter": 0.0, "renters_single_family": 0.3}
    out = decided(20_000, STAY_NO_WAY | rates, sold=np.ones(20_000, dtype=bool))
    assert out.resettles.mean() == pytest.approx(0.7, abs=0.013)
    assert not decided(50, STAY_NO_WAY | rates).resettles.any()


def test_a_temporary_repair_opens_a_part():
    """.5 of each can be lived in, .8 from day 20 on: .3 of the households have a home on day 20."""
    changes = {"habitable": np.full(20_000, 0.5), "eased": np.full(20_000, 0.8), "eased_day": np.full(20_000, 20)}
    out = decided(20_000, STAY_NO_WAY, **changes)
    assert out.usable.mean() == pytest.approx(0.5, abs=0.015)
    assert (out.home == 20).mean() == pytest.approx(0.3, abs=0.015)
    assert set(out.home.tolist()) == {0, 20, 100}


@pytest.mark.parametrize("day", [1, 5, 30, 100, 107])
def test_nobody_knows_the_future(day):
    """What is decided up to a day is the same where all that comes after it is taken away."""
    rng = np.random.default_rng(day)
    repaired, served = rng.integers(2, 200, 3000), rng.integers(0, 30, 3000)
    lacks = rng.uniform(0, 1, 300)
    figures = {"leave_share": 0.3, "unhoused_leave_rate": 0.05, "resettle_rate_owner": 0.2, "refill_days": 20.0}
    whole = decided(3000, figures, repaired=repaired, served=served, without_place=lacks)
    cut = {"repaired": np.where(repaired > day, NEVER, repaired), "served": np.where(served > day, NEVER, served)}
    part = decided(3000, figures, **cut, without_place=lacks[:day])
    for name in ("leaves", "returns", "home", "arrives"):
        a, b = getattr(whole, name), getattr(part, name)
        assert np.array_equal(a[a <= day], b[a <= day]), name
        assert (b[a > day] > day).all(), name
    assert np.array_equal(whole.dislocated, part.dislocated)


def test_shares_of_the_zones_stand_instead():
    buildings, zones = homes(3)
    own = residents_of(buildings, zones.assign(group_renters=0.6), agent_figures({}))
    assert (own.renters == 0.6).all()
    with pytest.raises(DataMissing, match="group_black"):
        residents_of(buildings, zones, agent_figures({"dislocation_black": -0.01826}))
