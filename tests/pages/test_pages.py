"""Colours, maps and pages."""

import itertools
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE

import holdfast
from holdfast.pages.charts import profile_chart, share_bars
from holdfast.pages.colour import LEVELS, SEQUENTIAL
from holdfast.pages.maps import cell_map
from holdfast.pages.qgis import area_style, level_style
from holdfast.pages.rating_report import rating_parts
from holdfast.rating.grid.region import squares


@pytest.mark.parametrize("palette", [LEVELS, SEQUENTIAL])
@pytest.mark.parametrize("deficiency", [None, "deuteranomaly", "protanomaly", "tritanomaly"])
def test_colours_stay_apart(palette, deficiency):
    """Origin: CAM02-UCS differences and Machado's deficiency model, by colorspacious."""
    colours = [np.array([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for c in palette]
    if deficiency:
        space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
        colours = [np.clip(cspace_convert(c, space, "sRGB1"), 0, 1) for c in colours]
    differences = [deltaE(a, b, input_space="sRGB1") for a, b in itertools.combinations(colours, 2)]
    assert min(differences) >= 10


def test_a_map_draws_every_cell_and_escapes_text():
    cells = squares(np.array([0, 1, 2]), np.array([0, 0, 1]), 2000.0, "EPSG:32615")
    svg = cell_map(cells, ["#000000"] * 3, ["<b>&"] * 3, np.array([True, False, False]), "Map")
    root = ElementTree.fromstring(svg)
    squares_drawn = [r for r in root.iter("rect") if r.find("title") is not None]
    assert len(squares_drawn) == 3
    assert "<b>" not in svg
    assert svg.count("url(#hatch)") == 1
    assert "km</text>" in svg


def test_the_chart_and_the_style_are_well_formed():
    ElementTree.fromstring(profile_chart({"a": [-1, 0, 1, 2, 3.0]}, LEVELS, ["A & B"]))
    style = ElementTree.fromstring(re.sub("<!DOCTYPE[^>]*>", "", level_style()))
    assert [c.get("value") for c in style.iter("category")] == ["1", "2", "3", "4", "5", ""]
    labels = [c.get("label") for c in style.iter("category")]
    assert labels == ["1, very low", "2, low", "3, moderate", "4, high", "5, very high", "not rated"]
    areas = ElementTree.fromstring(re.sub("<!DOCTYPE[^>]*>", "", area_style()))
    assert [c.get("upper") for c in areas.iter("range")] == ["1.5", "2.5", "3.5", "4.5", "5"]


def test_bars_are_well_formed_and_ordered_as_given():
    root = ElementTree.fromstring(share_bars({"A & B": 0.3, "C": 0.1}, {"A & B": 0.5, "C": 0.5}, "<weights>"))
    wide = [float(bar.get("width")) for bar in root.iter("rect")]
    assert wide[0] == pytest.approx(3 * wide[1], rel=0.01)
    assert root.get("aria-label") == "<weights>"


def test_a_level_that_no_cell_has_leaves_a_gap(study):
    """As in one metro of a pool: the other levels keep their colours and numbers."""
    cells = holdfast.rate(study)
    summary = json.loads(json.dumps(cells.attrs["summary"], default=float))
    summary["levels"][2] |= {"cells": 0, "housing_units": 0.0}
    for part in ("features", "scaled"):
        summary["levels"][2][part] = dict.fromkeys(summary["levels"][2][part])
    parts = rating_parts(cells, summary)
    drawn = [t.text for t in ElementTree.fromstring(parts["profiles"]).iter("text") if t.get("font-size") == "11"]
    assert set(drawn) == {"1", "2", "4", "5"}


def test_hostile_names_are_escaped(study, tmp_path):
    holdfast.rate(study, out=tmp_path / "out", overrides={"name": "<script>alert(1)</script>"})
    assert "<script>" not in (tmp_path / "out" / "report.html").read_text()
