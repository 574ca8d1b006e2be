"""Contract over all hazards: what a field gives, and the spread of the event."""

from dataclasses import replace
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.hazard import (
    MEASURES,
    Correlation,
    Earthquake,
    Extension,
    Hazard,
    Sites,
    field_at,
    ground_motion,
    intensities,
    sites_of,
    uniform,
)

EARTHQUAKE = Earthquake(magnitude=6.5, longitude=-122.2, latitude=37.8, depth_km=8, strike=325.0)
MEDIANS = {"PGA": 0.3, "PGV": 20.0}
SPREAD = {"between_event_sd": 0.3, "within_event_sd": 0.5}
PLACES = pd.DataFrame(
    {
        "longitude": [-122.3, -122.1, -122.2],
        "latitude": [37.8, 37.8, 37.9],
        "PGA": [0.3, 0.2, 0.1],
        "PGV": 20.0,
        "PGD": 0.0,
    }
)
NAMES = ("uniform", "ground_motion", "intensities")


def event(name: str, table: pd.DataFrame = PLACES, pgd_cm: float | None = 0.0) -> Hazard:
    """One event of each kind."""
    if name == "uniform":
        return uniform(MEDIANS, **SPREAD, pgd_cm=pgd_cm)
    if name == "ground_motion":
        return ground_motion(EARTHQUAKE, pgd_cm=pgd_cm)
    return intensities(table, **SPREAD, pgd_cm=pgd_cm, extension=Extension(farthest_km=30.0))


@pytest.fixture
def sites() -> Sites:
    lon, lat = np.random.default_rng(0).uniform([-122.35, 37.75], [-122.1, 37.9], (50, 2)).T
    return Sites(np.column_stack([lon * 88e3, lat * 111e3]), lon, lat, np.full(50, 400.0))


@pytest.mark.parametrize("name", NAMES)
def test_contract(name, sites):
    """The measures asked for, in their order, at every site; the same for the same seed; nothing changed."""
    before, table = [a.copy() for a in sites], PLACES.copy()
    wanted = ("PGV", "PGA", "PGD")
    hazard = event(name, table)
    assert set(wanted) <= set(hazard.measures) <= set(MEASURES)
    field = hazard.at(sites, wanted)
    first, again, other = (field(np.random.default_rng(n)) for n in (1, 1, 2))
    assert tuple(first) == wanted
    for measure in wanted[:2]:
        assert first[measure].shape == (50,)
        assert (first[measure] > 0).all()
        assert first[measure].tobytes() == again[measure].tobytes()
        assert (first[measure] != other[measure]).all()
    assert (first["PGD"] == 0).all()
    assert all((a == b).all() for a, b in zip(before, sites, strict=True))
    assert table.equals(PLACES)
    assert tuple(hazard.at(sites, ("PGA",))(np.random.default_rng(1))) == ("PGA",)


@pytest.mark.parametrize("name", NAMES)
def test_an_event_travels_to_another_process(name, sites):
    """By value, as the start of a worker sends it; the draws are the same there."""
    there = ForkingPickler.loads(ForkingPickler.dumps(event(name)))
    drawn = [h.at(sites, ("PGA",))(np.random.default_rng(5))["PGA"].tobytes() for h in (event(name), there)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("name", NAMES)
def test_permanent_ground_deformation_is_never_invented(name, sites):
    bare = event(name, PLACES.drop(columns="PGD"), pgd_cm=None)
    assert "PGD" not in bare.measures
    with pytest.raises(TableError, match="state `pgd_cm`, 0 for none"):
        bare.at(sites, ("PGA", "PGD"))
    field = event(name, PLACES.drop(columns="PGD"), pgd_cm=3.0).at(sites, ("PGD",))
    assert (field(np.random.default_rng(1))["PGD"] == 3).all()


@pytest.mark.parametrize("name", ["uniform", "ground_motion"])
def test_spread_of_the_event(name, sites):
    """Total standard deviation over draws: sqrt(tau^2 + phi^2), with BSSA14's .348 and .495 above M 5.5 at PGA."""
    field = event(name).at(sites, ("PGA",))
    logs = np.log([field(np.random.default_rng(i))["PGA"] for i in range(800)])
    tau, phi = {"uniform": (0.3, 0.5), "ground_motion": (0.348, 0.495)}[name]
    assert logs.std(axis=0).mean() == pytest.approx(np.hypot(tau, phi), rel=4 / np.sqrt(2 * 800))
    shared = np.cov(logs[:, 0], logs[:, 1])[0, 1]
    assert tau**2 * 0.8 < shared < tau**2 + phi**2


def test_uniform_without_spread_is_its_median(sites):
    drawn = uniform(MEDIANS).at(sites, ("PGA", "PGV"))(np.random.default_rng(1))
    np.testing.assert_allclose(drawn["PGA"], 0.3)
    np.testing.assert_allclose(drawn["PGV"], 20)
    none = uniform({"PGA": 0.0}, **SPREAD).at(sites, ("PGA",))(np.random.default_rng(1))
    assert (none["PGA"] == 0).all()


def test_far_sites_share_the_residual_of_the_event():
    far = Sites(np.array([[0.0, 0.0], [5e5, 0.0], [0.0, 5e5]]), np.zeros(3), np.zeros(3), np.full(3, 760.0))
    field = uniform(MEDIANS, between_event_sd=0.3).at(far, ("PGA",))
    events = [field(np.random.default_rng(i))["PGA"] for i in range(5)]
    assert all(np.ptp(event) == 0 for event in events)
    assert len({event[0] for event in events}) == 5


def test_events_share_their_random_numbers(sites):
    """Common random numbers: twice the median is twice the shaking, draw by draw."""
    one, two = (uniform({**MEDIANS, "PGA": v}, **SPREAD).at(sites, ("PGA", "PGV")) for v in (0.2, 0.4))
    first, second = one(np.random.default_rng(7)), two(np.random.default_rng(7))
    np.testing.assert_allclose(second["PGA"], 2 * first["PGA"])
    np.testing.assert_allclose(second["PGV"], first["PGV"])
    fields = [ground_motion(e).at(sites, ("PGA",)) for e in (EARTHQUAKE, replace(EARTHQUAKE, magnitude=7.0))]
    weaker, stronger = (field(np.random.default_rng(7))["PGA"] for field in fields)
    assert (stronger > weaker).all()


def test_residuals_of_measures_correlate(sites):
    field = event("ground_motion").at(sites, ("PGA", "PGV"))
    draws = [field(np.random.default_rng(i)) for i in range(600)]
    logs = np.log([[d["PGA"][0], d["PGV"][0]] for d in draws])
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(0.733, abs=4 * (1 - 0.733**2) / np.sqrt(600))


BAD = {
    "percent for a share of g": ({"PGA": 30.0}, {}, "30 is outside 0 to 5 g; is the unit wrong"),
    "unknown measure": ({"PSA": 1.0}, {}, '"PSA" is not a measure of shaking; known: PGA, SA0.3'),
    "negative median": ({"PGV": -2.0}, {}, "-2 is outside 0 to 500 cm/s"),
    "no median": ({}, {}, "give the median of a measure"),
    "negative deviation": (MEDIANS, {"within_event_sd": -1.0}, "-1 is outside 0 to 2"),
}


@pytest.mark.parametrize(("medians", "spread", "words"), BAD.values(), ids=BAD)
def test_bad_uniform_events(medians, spread, words):
    with pytest.raises(TableError, match=words):
        uniform(medians, **spread)


def test_bad_correlation(sites):
    rock = uniform(MEDIANS, **SPREAD, correlation=Correlation(vs30_clustering="rock"))
    with pytest.raises(UnknownName, match='"rock" is not a known clustering of vs30'):
        rock.at(sites, ("PGA",))


def test_bad_ground_motion(sites):
    with pytest.raises(UnknownName, match='"as97" is not a known ground-motion model; known: bssa14, cy14'):
        ground_motion(EARTHQUAKE, "as97")
    with pytest.raises(TableError, match="50 sites have a vs30 outside 150 to 1500 m/s"):
        ground_motion(EARTHQUAKE).at(sites._replace(vs30=np.full(50, 2900.0)), ("PGA",))
    with pytest.raises(TableError, match=r"70 is outside 3 to 8\.5"):
        ground_motion(replace(EARTHQUAKE, magnitude=70.0))


def test_measures_that_none_gives(sites):
    with pytest.raises(TableError, match="beside PGA, PGV"):
        uniform(MEDIANS).at(sites, ("SA1.0",))


def test_a_hazard_from_outside_is_held_to_its_shape(sites):
    short = Hazard(("PGA",), lambda sites, measures: lambda rng: {"PGA": np.zeros(3)})
    with pytest.raises(TableError, match=r"shape \(3,\); give one number for each of the 50 sites"):
        field_at(short, sites, ("PGA",))(np.random.default_rng(1))
    silent = Hazard(("PGA", "PGV"), lambda sites, measures: lambda rng: {"PGA": np.zeros(50)})
    with pytest.raises(TableError, match="column PGV: is needed"):
        field_at(silent, sites, ("PGA", "PGV"))(np.random.default_rng(1))
    with pytest.raises(UnknownName, match='"MMI" is not a known intensity measure'):
        field_at(Hazard(("MMI",), short.at), sites, ("MMI",))


def test_sites_know_their_coordinates_and_ground():
    place = sites_of(np.array([[563_000.0, 4_190_000.0]]), "EPSG:32610", 300.0)
    assert place.longitude[0] == pytest.approx(-122.28, abs=0.01)
    assert place.latitude[0] == pytest.approx(37.86, abs=0.01)
    assert place.vs30[0] == 300
