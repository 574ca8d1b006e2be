"""Rules that fill attributes of buildings. Origin of the classes: the packaged table read by eye, one case per row kind."""

import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.frames.attributes import structures, unit_costs


@pytest.mark.parametrize(
    ("rule", "material", "use", "year", "stories", "area", "structure"),
    [
        ("masonry", None, "RES3", 1900, 5, 900, "URM"),
        ("masonry", None, "COM4", 1900, 9, 900, "C3"),
        ("masonry", None, "RES3", 1941, 5, 900, "C2"),
        ("masonry", None, "RES1", 1990, 2, 150, "W1"),
        ("masonry", "wood", "RES1", 2000, 2, 150, "W1"),
        ("masonry", "plaster", "RES3", 1900, 5, 900, "URM"),
        ("masonry", "wood", "COM1", 2000, 1, 464, "W1"),
        ("masonry", "wood", "COM1", 2000, 1, 465, "W2"),
        ("light_frame", None, "RES1", 1900, 2, 150, "W1"),
        ("light_frame", None, "RES3", 1930, 8, 3000, "C3"),
        ("light_frame", None, "COM1", 1930, 2, 900, "URM"),
        ("light_frame", None, "COM4", 1990, 20, 20_000, "S1"),
        ("light_frame", None, "IND1", 1990, 1, 2000, "S3"),
        ("light_frame", "masonry", "COM1", 1960, 2, 900, "RM1"),
        ("light_frame", "concrete", "COM4", 1930, 5, 900, "C3"),
        ("light_frame", "wood", "RES2", 1990, 1, 90, "MH"),
    ],
)
def test_structures(rule, material, use, year, stories, area, structure):
    table = pd.DataFrame({"occupancy": [use], "year_built": [year], "stories": [stories], "floor_area_m2": [area]})
    assert structures(rule, table, pd.Series([material])).tolist() == [structure]


def test_every_building_finds_a_structure():
    uses = packaged("occupancy_names")["occupancy"]
    rows = [(u, y, n, a) for u in uses for y in (1800, 1950, 2020) for n in (1, 4, 40) for a in (50.0, 5e4)]
    table = pd.DataFrame(rows, columns=["occupancy", "year_built", "stories", "floor_area_m2"])
    known = set(packaged("height_rules")["structure"])
    for rule in packaged("structure_rules")["rule"].unique():
        for material in (None, "wood", "brick", "unheard-of"):
            assert structures(rule, table, pd.Series(material, index=table.index, dtype="string")).isin(known).all()


def test_costs_are_area_times_rate():
    table = pd.DataFrame({"occupancy": ["RES1", "EDU1"], "floor_area_m2": [100.0, 10.0]}, index=[7, 9])
    assert unit_costs(table).to_dict() == {7: 148_000.0, 9: 15_300.0}


def test_tables_of_rules_fit_together():
    uses = set(packaged("occupancy_names")["occupancy"])
    assert set(packaged("occupants")["occupancy"]) == uses
    assert set(packaged("building_costs")["occupancy"]) == uses
    assert set(packaged("osm_uses")["occupancy"]) <= uses | {"HOME"}
    assert set(packaged("occupancy_codes")["occupancy"]) <= uses
    assert not packaged("osm_uses").duplicated(["key", "value"]).any()
    assert not set(packaged("osm_skipped")["value"]) & set(packaged("osm_uses").query("key == 'building'")["value"])
    occupants = packaged("occupants").set_index("occupancy")
    shares = occupants[["night_share", "day_share", "commute_share"]].to_numpy()
    assert ((shares >= 0) & (shares <= 1)).all()


def test_peaks_are_per_100_m2():
    """Origin: FEMA P-58-1 gives 4 people per 1,000 ft2 of office at the peak; 1,000 ft2 are 92.90304 m2."""
    occupants = packaged("occupants").set_index("occupancy")["peak_per_100_m2"]
    assert occupants["COM4"] == pytest.approx(4 / 92.90304 * 100, rel=1e-3)
    assert occupants["EDU1"] == pytest.approx(14 / 92.90304 * 100, rel=1e-3)
