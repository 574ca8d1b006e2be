"""The page of a plausibility report: map, legend, text."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pytest

from holdfast.pages.city_report import GROUPS, city_map, city_page, legend, plausibility_facts, summary_lines
from holdfast.pages.frame import frame_of
from holdfast.recovery.city.plausibility import plausibility
from holdfast.recovery.city.verdict import verdict
from holdfast.types import Provenance

sys.path.insert(0, str(Path(__file__).parents[1] / "recovery"))
from cities import five_buildings, network


@pytest.fixture
def city():
    made = five_buildings()
    table = made.buildings.assign(
        stories=2.0, year_built=1950.0, inferred="residents:per_floor_area", night_occupants=1.0, day_occupants=2.0
    )
    return replace(made, buildings=table)


def test_every_building_and_edge_is_drawn(city):
    svg = city_map(city)
    assert svg.count("h0") == 5  # dots
    assert svg.count("L") >= 1
    assert svg.count('width="9"') == sum(int(n.nodes["source"].sum()) for n in city.networks.values())
    assert svg.endswith("</svg>")


def test_dark_parts_are_red(city):
    cut = network(
        "power",
        {"p1": (100, 0, True, None), "p2": (600, 0, False, None), "p3": (700, 0, False, None)},
        [("e1", "p2", "p3", None)],
    )
    assert "#d00000" in city_map(replace(city, networks={"power": cut}))
    assert "#d00000" not in city_map(city)


def test_legend_counts_what_the_map_shows(city):
    rows = {row["name"]: row["count"] for row in legend(city)}
    assert rows["Homes"] == 2
    assert sum(rows[name] for name in GROUPS if name in rows) == 5
    assert rows["Power network"] == 1


def test_bridges_are_told_apart(city):
    power = city.networks["power"]
    roads = replace(power, name="transport", edges=power.edges.assign(kind="bridge"))
    rows = {row["name"]: row["count"] for row in legend(replace(city, networks={"transport": roads}))}
    assert rows["Bridges and tunnels"] == 1


def test_the_frame_keeps_shapes_inside(city):
    frame = frame_of(city.buildings.geometry)
    xy = frame.place(np.column_stack([city.buildings.geometry.x, city.buildings.geometry.y]))
    assert (xy >= -1e-6).all()
    assert xy[:, 0].max() <= frame.width + 1e-6


def test_page_facts_and_lines(city):
    found = plausibility(city)
    page = city_page(
        city,
        found,
        verdict(city, found),
        Provenance("check", "Five", {}, 1, (), {"holdfast": "0"}),
        "abc",
        ["nothing <b>"],
    )
    assert "nothing &lt;b&gt;" in page
    assert "COM4 Professional and technical services" in page
    facts = plausibility_facts(found)
    assert set(facts) == {"totals", "uses", "networks", "inferred", "checks", "known_totals", "per_head"}
    lines = summary_lines("Five", "USD_2017", found)
    assert lines[0].startswith(
        "Five: No totals of the city are known (tables.totals): per resident, over those published of US"
    )
    assert lines[1].startswith("Five: 5 buildings around ")
    assert "415 m2 of floor, $510 k to replace, 10 residents" in lines[1]
    assert any(line.startswith("  ODD: floor area per resident") or "ODD" in line for line in lines)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def five_page(city):
    found = plausibility(city)
    graded = replace(verdict(city, found), odd=("product per resident is 8.9 times that of FI",))
    made = Provenance("check", "Five", {}, 1, (), {"holdfast": "0"})
    return city_page(city, found, graded, made, "abc", [])


def test_the_verdict_is_the_first_sentence(city):
    text = re.sub(r"<[^>]+>", " ", five_page(city).split("<main>")[1])
    assert text.split()[0] == "Verdict:"
    assert "product per resident is 8.9 times that of FI" in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_of_a_city_fits_the_screen(city, tmp_path, width):
    """No sideways scrolling on a desk or the narrowest phone."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    page = tmp_path / "probe.html"
    # an iframe of the wanted width: headless windows cannot be narrower than 500 px
    page.write_text(
        f'<iframe id="f" style="width:{width}px;height:800px;border:0" srcdoc="{escape(five_page(city))}"></iframe><script>'
        'document.getElementById("f").onload = e => { document.title = "probe " + '
        "e.target.contentDocument.documentElement.scrollWidth; }</script>"
    )
    asked = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    command = [CHROMIUM, *asked, f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=4000", "--dump-dom"]
    dom = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, check=True, timeout=90).stdout
    assert int(re.search(r"<title>probe (\d+)</title>", dom)[1]) <= width
