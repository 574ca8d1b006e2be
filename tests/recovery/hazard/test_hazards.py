"""Contract over all hazards: what a field gives, and the spread of the event."""

import numpy as np
import pandas as pd
import pytest

from holdfast.config import RuptureOptions, ScenarioOptions
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.recovery.hazard import GIVEN, HAZARDS, MEASURES, Sites, gives, hazard, sites_of, vs30_at

RUPTURE = RuptureOptions(magnitude=6.5, longitude=-122.2, latitude=37.8, depth_km=8, strike=325.0)
PLACES = pd.DataFrame(
    {
        "longitude": [-122.3, -122.1, -122.2],
        "latitude": [37.8, 37.8, 37.9],
        "PGA": [0.3, 0.2, 0.1],
        "PGV": 20.0,
        "PGD": 0.0,
    }
)


def scenario(name: str, **changes) -> ScenarioOptions:
    ways = {
        "uniform": {
            "unit": "g",
            "value": 0.3,
            "values": {"PGV": 20.0},
            "between_event_sd": 0.3,
            "within_event_sd": 0.5,
        },
        "ground_motion": {"rupture": RUPTURE},
        "intensities": {"between_event_sd": 0.3, "within_event_sd": 0.5, "farthest_km": 30.0},
    }
    return ScenarioOptions(**{"hazard": name, "pgd_cm": 0.0, **ways[name], **changes})


@pytest.fixture
def sites() -> Sites:
    lon, lat = np.random.default_rng(0).uniform([-122.35, 37.75], [-122.1, 37.9], (50, 2)).T
    return Sites(np.column_stack([lon * 88e3, lat * 111e3]), lon, lat, np.full(50, 400.0))


@pytest.mark.parametrize("name", HAZARDS)
def test_contract(name, sites):
    """The measures asked for, in their order, at every site; the same for the same seed; nothing changed."""
    before = [a.copy() for a in sites]
    tables = {"shaking": PLACES.copy()}
    wanted = ("PGV", "PGA", "PGD")
    assert set(wanted) <= set(gives(scenario(name), tables)) <= set(MEASURES)
    field = HAZARDS[name](sites, scenario(name), wanted, tables)
    first, again, other = (
        field(np.random.default_rng(1)),
        field(np.random.default_rng(1)),
        field(np.random.default_rng(2)),
    )
    assert tuple(first) == wanted
    for measure in wanted[:2]:
        assert first[measure].shape == (50,)
        assert (first[measure] > 0).all()
        assert first[measure].tobytes() == again[measure].tobytes()
        assert (first[measure] != other[measure]).all()
    assert (first["PGD"] == 0).all()
    assert all((a == b).all() for a, b in zip(before, sites, strict=True))
    assert tables["shaking"].equals(PLACES)
    alone = HAZARDS[name](sites, scenario(name), ("PGA",), tables)
    assert tuple(alone(np.random.default_rng(1))) == ("PGA",)


@pytest.mark.parametrize("name", HAZARDS)
def test_permanent_ground_deformation_is_never_invented(name, sites):
    tables = {"shaking": PLACES.drop(columns="PGD")}
    bare = scenario(name, pgd_cm=None)
    assert "PGD" not in gives(bare, tables)
    with pytest.raises(TableError, match="state `pgd_cm`, 0 for none"):
        HAZARDS[name](sites, bare, ("PGA", "PGD"), tables)
    field = HAZARDS[name](sites, scenario(name, pgd_cm=3.0), ("PGD",), tables)
    assert (field(np.random.default_rng(1))["PGD"] == 3).all()


@pytest.mark.parametrize("name", ["uniform", "ground_motion"])
def test_spread_of_the_event(name, sites):
    """Total standard deviation over draws: sqrt(tau^2 + phi^2), with BSSA14's .348 and .495 above M 5.5 at PGA."""
    field = HAZARDS[name](sites, scenario(name), ("PGA",), None)
    logs = np.log([field(np.random.default_rng(i))["PGA"] for i in range(800)])
    tau, phi = {"uniform": (0.3, 0.5), "ground_motion": (0.348, 0.495)}[name]
    assert logs.std(axis=0).mean() == pytest.approx(np.hypot(tau, phi), rel=4 / np.sqrt(2 * 800))
    shared = np.cov(logs[:, 0], logs[:, 1])[0, 1]
    assert tau**2 * 0.8 < shared < tau**2 + phi**2


def test_uniform_without_spread_is_its_median(sites):
    calm = scenario("uniform", between_event_sd=0.0, within_event_sd=0.0)
    drawn = HAZARDS["uniform"](sites, calm, ("PGA", "PGV"), None)(np.random.default_rng(1))
    np.testing.assert_allclose(drawn["PGA"], 0.3)
    np.testing.assert_allclose(drawn["PGV"], 20)
    none = HAZARDS["uniform"](sites, scenario("uniform", value=0.0), ("PGA",), None)(np.random.default_rng(1))
    assert (none["PGA"] == 0).all()


def test_far_sites_share_the_residual_of_the_event():
    far = Sites(np.array([[0.0, 0.0], [5e5, 0.0], [0.0, 5e5]]), np.zeros(3), np.zeros(3), np.full(3, 760.0))
    field = HAZARDS["uniform"](far, scenario("uniform", within_event_sd=0.0), ("PGA",), None)
    events = [field(np.random.default_rng(i))["PGA"] for i in range(5)]
    assert all(np.ptp(event) == 0 for event in events)
    assert len({event[0] for event in events}) == 5


def test_scenarios_share_their_random_numbers(sites):
    """Common random numbers: twice the median is twice the shaking, draw by draw."""
    one, two = (HAZARDS["uniform"](sites, scenario("uniform", value=v), ("PGA", "PGV"), None) for v in (0.2, 0.4))
    first, second = one(np.random.default_rng(7)), two(np.random.default_rng(7))
    np.testing.assert_allclose(second["PGA"], 2 * first["PGA"])
    np.testing.assert_allclose(second["PGV"], first["PGV"])
    stronger = RUPTURE.model_copy(update={"magnitude": 7.0})
    logs = [
        np.log(
            HAZARDS["ground_motion"](sites, scenario("ground_motion", rupture=r), ("PGA",), None)(
                np.random.default_rng(7)
            )["PGA"]
        )
        for r in (RUPTURE, stronger)
    ]
    assert (logs[1] > logs[0]).all()


def test_residuals_of_measures_correlate(sites):
    field = HAZARDS["ground_motion"](sites, scenario("ground_motion"), ("PGA", "PGV"), None)
    draws = [field(np.random.default_rng(i)) for i in range(600)]
    logs = np.log([[d["PGA"][0], d["PGV"][0]] for d in draws])
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(0.733, abs=4 * (1 - 0.733**2) / np.sqrt(600))


BAD = {
    "unit of another measure": ({"unit": "cm/s"}, '"cm/s" is not the unit of PGA, which is g'),
    "no unit": ({"unit": None}, 'missing; state unit = "g"'),
    "percent for a share of g": ({"value": 30.0}, "30 is outside 0 to 5 g; is the unit wrong"),
    "unknown measure": ({"values": {"PSA": 1.0}}, '"PSA" is not a measure of shaking; known: PGA, SA0.3'),
    "negative median": ({"values": {"PGV": -2.0}}, "-2 is outside 0 to 500 cm/s"),
    "no median": ({"value": None, "values": {}}, "the hazard uniform needs a median"),
    "unknown clustering": ({"vs30_clustering": "rock"}, '"rock" is not a known clustering of vs30'),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
def test_bad_uniform_scenarios(changes, words, sites):
    with pytest.raises((TableError, UnknownName), match=words):
        HAZARDS["uniform"](sites, scenario("uniform", **changes), ("PGA",), None)


BAD_MOTION = {
    "no rupture": ({"rupture": None}, "needs a magnitude and a place"),
    "unknown model": ({"model": "as97"}, '"as97" is not a known ground-motion model; known: bssa14, cy14'),
    "vs30 in km/s or of another place": ({}, "50 sites have a vs30 outside 150 to 1500 m/s"),
}


@pytest.mark.parametrize(("changes", "words"), BAD_MOTION.values(), ids=BAD_MOTION)
def test_bad_ground_motion(changes, words, sites):
    rock = sites._replace(vs30=np.full(50, 2900.0))
    with pytest.raises((TableError, UnknownName), match=words):
        HAZARDS["ground_motion"](rock, scenario("ground_motion", **changes), ("PGA",), None)


def test_unknown_hazard_and_measures_that_none_gives(sites):
    with pytest.raises(UnknownName, match="known: ground_motion, intensities, uniform"):
        hazard("meteor")
    with pytest.raises(UnknownName, match="meteor"):
        gives(ScenarioOptions(hazard="meteor"))
    with pytest.raises(DataMissing, match="needs a table of shaking"):
        gives(ScenarioOptions(hazard="intensities"), None)
    with pytest.raises(TableError, match=r"add it under \[scenario.values\]"):
        HAZARDS["uniform"](sites, scenario("uniform"), ("SA1.0",), None)
    assert set(GIVEN) == set(HAZARDS)


def test_sites_know_their_coordinates_and_ground():
    place = sites_of(np.array([[563_000.0, 4_190_000.0]]), "EPSG:32610", vs30_at(ScenarioOptions(vs30=300.0)))
    assert place.longitude[0] == pytest.approx(-122.28, abs=0.01)
    assert place.latitude[0] == pytest.approx(37.86, abs=0.01)
    assert place.vs30[0] == 300
    own = vs30_at(ScenarioOptions(), {"vs30": pd.DataFrame({"vs30": [250.0]})})
    assert np.asarray(own).tolist() == [250.0]
