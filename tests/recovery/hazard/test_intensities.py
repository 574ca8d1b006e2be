"""Shaking from tables: medians with their spread, realisations as they stand, extension to other places."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.hazard import Extension, Sites, intensities

SITES = Sites(np.zeros((2, 2)), np.array([10.0, 10.01]), np.array([45.0, 45.0]), np.full(2, 500.0))
GRID = pd.DataFrame(
    [(10 + 0.01 * i, 45 + 0.01 * j, 0.1 * (1 + i), 5.0 * (1 + j)) for i in range(3) for j in range(3)],
    columns=["longitude", "latitude", "PGA", "PGV"],
)


def draws(table: pd.DataFrame, wanted=("PGA",), count=1, sites=SITES, **changes) -> list[dict[str, np.ndarray]]:
    field = intensities(table, **changes).at(sites, wanted)
    return [field(np.random.default_rng(i)) for i in range(count)]


def test_a_site_on_a_point_of_the_grid_has_its_median():
    (one,) = draws(GRID, ("PGA", "PGV"))
    np.testing.assert_allclose(one["PGA"], [0.1, 0.2], rtol=1e-6)
    np.testing.assert_allclose(one["PGV"], [5.0, 5.0], rtol=1e-6)


def test_between_points_the_mean_of_logs_by_inverse_square_distance():
    """Origin: by hand, two points at 1 and 3 parts of the way: weights 9 and 1 of 10."""
    two = GRID.iloc[[0, 6]]  # PGA 0.1 at 10.00 and 0.3 at 10.02
    site = Sites(np.zeros((1, 2)), np.array([10.005]), np.array([45.0]), np.full(1, 500.0))
    (one,) = draws(two, sites=site)
    assert one["PGA"][0] == pytest.approx(np.exp(0.9 * np.log(0.1) + 0.1 * np.log(0.3)))
    (near,) = draws(two, sites=site, extension=Extension("nearest"))
    assert near["PGA"][0] == pytest.approx(0.1)


def test_spread_of_a_map_is_the_one_it_states():
    """Total 0.5, of which the ratio of the models' parts 0.3 : 0.4 gives 0.3 between events."""
    table = GRID.assign(PGA_sd=0.5, PGA_between_sd=0.3)
    logs = np.log([d["PGA"] for d in draws(table, count=1500)])
    np.testing.assert_allclose(logs.std(axis=0), 0.5, rtol=4 / np.sqrt(2 * 1500))
    near = np.cov(logs.T)[0, 1]
    assert near == pytest.approx(0.25, rel=0.12)  # the sites share nearly all of both parts
    bare = np.log([d["PGA"] for d in draws(GRID.assign(PGA_sd=0.5), count=800)])
    assert bare.std() > 0.4


def test_without_a_stated_spread_the_scenario_gives_it():
    assert len({d["PGA"][0] for d in draws(GRID, count=3)}) == 1
    logs = np.log([d["PGA"][0] for d in draws(GRID, count=800, between_event_sd=0.4)])
    assert logs.std() == pytest.approx(0.4, rel=4 / np.sqrt(1600))


def realisations() -> pd.DataFrame:
    rows = [
        (f"s{k}", r, 10 + 0.01 * k, 45.0, 0.1 + 0.01 * r + 0.001 * k, float(r % 2)) for k in range(2) for r in range(5)
    ]
    return pd.DataFrame(rows, columns=["site_id", "realisation", "longitude", "latitude", "PGA", "PGD"])


def test_each_draw_is_one_realisation_at_all_sites():
    found = draws(realisations().sample(frac=1, random_state=1), ("PGA", "PGD"), count=200)
    number = [round((d["PGA"][0] - 0.1) * 100) for d in found]
    assert set(number) == set(range(5))
    for r, d in zip(number, found, strict=True):
        np.testing.assert_allclose(d["PGA"], [0.1 + 0.01 * r, 0.101 + 0.01 * r], rtol=1e-6)
        np.testing.assert_allclose(d["PGD"], [r % 2, r % 2], atol=1e-6)


def test_real_table_of_alameda(data):
    """Median PGA of 0.37 g at the sites themselves, and no draw that is not in the table."""
    raw = pd.read_csv(data / "city" / "alameda_im_mw705_hayward.csv.gz")
    table = raw.rename(columns={"realization": "realisation", "lon": "longitude", "lat": "latitude", "SA_1.0": "SA1.0"})
    place = table.drop_duplicates("site")
    sites = Sites(np.zeros((99, 2)), place["longitude"].to_numpy(), place["latitude"].to_numpy(), np.full(99, 400.0))
    found = draws(table, ("PGA", "SA1.0"), count=60, sites=sites)
    assert np.median([d["PGA"] for d in found]) == pytest.approx(0.37, abs=0.05)
    known = table.pivot_table(index="realisation", columns="site", values="PGA")[place["site"]].to_numpy()
    assert np.isclose(known, found[0]["PGA"]).all(axis=1).any()


BAD = {
    "far from every place": (
        {"extension": Extension(farthest_km=0.1), "sites": SITES._replace(longitude=np.array([10.5, 10.6]))},
        GRID,
        "2 of 2 sites lie more than 0.1 km",
    ),
    "longitude and latitude swapped": (
        {},
        GRID.rename(columns={"longitude": "latitude", "latitude": "longitude"}),
        "longitude and latitude swapped",
    ),
    "unknown extension": (
        {"extension": Extension("kriging")},
        GRID,
        '"kriging" is not a known extension; known: idw, nearest',
    ),
    "no such measure": ({"wanted": ("SA1.0",)}, GRID, "its column beside PGA, PGV"),
    "spread twice": ({"within_event_sd": 0.5}, realisations(), "realisations, which contain the spread already"),
    "a realisation twice": (
        {},
        pd.concat([realisations(), realisations().iloc[:1]]),
        "realisation 0 stands twice at 10, 45",
    ),
    "a site without a realisation": ({}, realisations().iloc[:-1], "realisation 4 has 1 of 2 places"),
}


@pytest.mark.parametrize(("changes", "table", "words"), BAD.values(), ids=BAD)
def test_bad_tables(changes, table, words):
    with pytest.raises((TableError, UnknownName), match=words):
        draws(table, **changes)


@pytest.mark.parametrize("way", ["nearest", "idw"])
@pytest.mark.parametrize("turn", [0.0, 360.0, -360.0])
def test_the_date_line_is_no_edge(way, turn):
    """Law: a map and sites that are moved along a circle of latitude give the same, also across 180 degrees."""
    sites = [
        Sites(np.zeros((2, 2)), np.array(x), np.array([45.0031, 45.0012]), np.full(2, 500.0))
        for x in ([10.0037, 9.9961], [-179.9963, 179.9961])
    ]
    there = GRID.assign(longitude=GRID["longitude"] - 0.01)
    moved = there.assign(longitude=(there["longitude"] + 170 + 180) % 360 - 180 + turn)
    here, across = (
        draws(t, sites=s, extension=Extension(way))[0]["PGA"] for t, s in zip((there, moved), sites, strict=True)
    )
    np.testing.assert_allclose(across, here, rtol=1e-6)
