"""Variants of a study change one thing each."""

from holdfast.flows.variants import feature_variants, grid_variants


def test_variants_change_one_thing_each():
    systems = {
        "poverty": "society",
        "education": "society",
        "road_density": "infrastructure",
        "green_space": "facilities",
    }
    directions = {"poverty": -1, "education": 1, "road_density": 1, "green_space": 1}
    variants = feature_variants(directions, systems)
    assert [v.kind for v in variants] == ["direction"] * 4 + ["left out"] * 4 + ["society"]
    for variant in variants[:4]:
        changed = {n for n, d in variant.overrides["rating.directions"].items() if d != directions[n]}
        assert changed == {variant.name}
    assert variants[-1].overrides == {"rating.features": ["road_density", "green_space"]}
    assert feature_variants(directions, dict.fromkeys(directions, "society"))[-1].kind == "left out"
    few = feature_variants({"poverty": -1, "education": 1}, systems)
    assert {v.kind for v in few} == {"direction"}
    assert [v.overrides for v in grid_variants(500.0, [500.0])] == [{"region.offset": 0.5}]
