"""Contract of the packaged tables: every figure says where it comes from or that it is assumed."""

import pytest

from holdfast.data import figure, packaged, packaged_names
from holdfast.errors import UnknownName

OURS = [
    "building_costs",
    "building_layouts",
    "code_fallbacks",
    "code_rules",
    "delays",
    "figures",
    "floor_area",
    "input_output",
    "gdp_lines",
    "height_rules",
    "inference_rules",
    "layout_notes",
    "material_codes",
    "network_assets",
    "network_fragility",
    "network_needs",
    "network_repair",
    "national_per_head",
    "occupancies",
    "occupancy_codes",
    "occupancy_names",
    "occupants",
    "osm_layers",
    "osm_skipped",
    "osm_uses",
    "plausible_ranges",
    "production_buffers",
    "production_figures",
    "production_groups",
    "production_residuals",
    "productivity",
    "published_elasticities",
    "published_production",
    "rebuilding_figures",
    "rebuilding_owners",
    "rebuilding_steps",
    "sectors",
    "services",
    "states",
    "gmm_bssa14",
    "gmm_cy14",
    "gmm_limits",
    "rupture_scaling",
    "measure_correlation",
    "correlation_ranges",
    "intensity_units",
    "stock_mixes",
    "stock_regions",
    "structure_mixes",
    "structure_rules",
    "traced_rules",
    "usability",
    "usual_uses",
]


@pytest.mark.parametrize("name", OURS)
def test_every_row_has_a_source(name):
    table = packaged(name)
    assert len(table)
    assert (table["source"].str.len() > 3).all()


def test_a_caller_cannot_change_the_packaged_table():
    packaged("usability")["functional_share"] = 0.5
    assert packaged("usability")["functional_share"].max() == 1


def test_unknown_names_list_the_known():
    with pytest.raises(UnknownName, match="height_rules"):
        packaged("heights")
    with pytest.raises(UnknownName, match="story_height"):
        figure("storey_height")
    assert set(OURS) <= set(packaged_names())
