"""Reports in a real browser: nothing is cut on narrow screens or left half empty on paper, numbers have units, keys reach all.

The truth is what Chromium lays out and focuses, and what poppler draws of its PDF. The pages of two small cases are looked at
always; `pytest -m slow` looks at those of the demo, Harris County, Liechtenstein, Berkeley and a comparison.
"""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import holdfast

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENS = (1280, 390, 320)  # pixels: a desk, a phone, the narrowest phone
LEAST_FILLED = 0.6  # of the height between the margins of a printed page, but the last
PRINT_MARGIN = 14 / 297  # of the height of a page, as in style.css
EXAMPLES = Path(__file__).parents[2] / "examples"
FEW, ANOTHER = {"recovery.draws": 3}, {"random": {"recovery.strategy": "random"}}
MAKE = {
    "city": lambda out: holdfast.simulate(EXAMPLES / "helsinki.toml", out=out, overrides=FEW),
    "demo": lambda out: holdfast.demo(out=out, overrides={}),
    "harris": lambda out: holdfast.rate(EXAMPLES / "harris.toml", out=out),
    "liechtenstein": lambda out: holdfast.simulate(EXAMPLES / "liechtenstein_city.toml", out=out, overrides=FEW),
    "berkeley": lambda out: holdfast.simulate(EXAMPLES / "berkeley.toml", out=out, overrides=FEW),
    "comparison": lambda out: holdfast.compare(
        EXAMPLES / "helsinki.toml", alternatives=ANOTHER, out=out, overrides=FEW
    ),
}
CASES = [
    "rating",
    "city",
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("demo", "harris", "liechtenstein", "berkeley", "comparison")
    ),
]
pytestmark = pytest.mark.browser

CUT = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const inside = (r, b) => r.left >= b.left - 1 && r.right <= b.right + 1 && r.top >= b.top - 1 && r.bottom <= b.bottom + 1;
  for (const e of document.querySelectorAll('body *'))
    if (e.getBoundingClientRect().right > wide + 1 && !e.closest('.scroll, .inner, figure')) found.push('beyond the edge: ' + e.textContent.slice(0, 60));
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect();
    for (const t of svg.querySelectorAll('text')) if (box.width && !inside(t.getBoundingClientRect(), box)) found.push('outside its picture: ' + t.textContent);
  }
  if (document.documentElement.scrollWidth > wide) found.push('the page scrolls sideways');
  return found;
}"""
HIDDEN_TEXT = """() => [...document.querySelectorAll('svg.chart')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) =>
    Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 4 && a !== b)
    .map(([b]) => a + ' over ' + b));
})"""
TABLES = """() => [...document.querySelectorAll('table')].map(t => {
  const words = e => e.textContent.replace(/\\s+/g, ' ').trim();
  return {head: [...t.tHead.rows[0].cells].map(words),
    rows: [...t.tBodies].flatMap(b => [...b.rows]).map(r => [...r.cells].flatMap(c => [words(c), ...Array(c.colSpan - 1).fill('')]))};
})"""
FOCUSABLE = """() => {
  const scrolls = e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
  const hidden = e => e.closest('details:not([open])') && e.tagName != 'SUMMARY';
  const all = [...document.querySelectorAll('a[href], summary, [tabindex="0"], .scroll, .inner, figure')].filter(e => !hidden(e) &&
    (e.matches('a[href], summary, [tabindex]') || (scrolls(e) && getComputedStyle(e).overflowX == 'auto' && !e.querySelector('a[href]'))));
  all.forEach((e, i) => e.dataset.stop = i);
  return all.length;
}"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), r = e.getBoundingClientRect();
  return e === document.body ? null : {stop: e.dataset.stop, seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    inside: r.bottom > 0 && r.top < innerHeight, small: e.tagName === 'SUMMARY' && r.height < 24};
}"""
NUMBER = r"[+\-−]?[\d,]+(\.\d+)?"  # noqa: RUF001, the minus sign of print
BARE = re.compile(rf"{NUMBER}( ?(to|–|and|±) ?{NUMBER})*( \({NUMBER}( to {NUMBER})?\))?")  # noqa: RUF001, the dash of ranges
UNITS = (
    r"%|share|km|\bm²|\bm\b|mbit|\$|currency|degrees|deviations|days?\b|hours?\b|years?\b|dates?\b|rate a year|level|kappa|ratio|"
    r"index|rank|correlation|persons?|people|residents|workers|units|homes|households|cells?\b|buildings|edges|nodes|sources|parts|"
    r"features|draws|kinds|\bno\."
)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, driven by playwright."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    with driver.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def reports(shared_study, tmp_path_factory):
    """Gives the report of a case, made when it is first asked for."""
    made = {}

    def report(name, request):
        if name not in made:
            made[name] = tmp_path_factory.mktemp("reports") / name
            if name in ("harris", "liechtenstein", "berkeley"):
                request.getfixturevalue("data")
            MAKE.get(name, lambda out: holdfast.rate(shared_study, out=out))(made[name])
        return (made[name] / "report.html").as_uri()

    return report


@pytest.fixture
def opened(browser, reports, request):
    """Opens the report of a case in a window of some width; nothing but the file is asked for."""
    pages = []

    def page(name, width=1280):
        pages.append(browser.new_page(viewport={"width": width, "height": 900}))
        asked = []
        pages[-1].on("request", lambda wanted: asked.append(wanted.url))
        address = reports(name, request)
        pages[-1].goto(address)
        assert asked == [address]
        return pages[-1]

    yield page
    for each in pages:
        each.close()


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_cut_or_covered(opened, name):
    for width in SCREENS:
        page = opened(name, width)
        assert page.evaluate(CUT) == [], width
    assert page.evaluate(HIDDEN_TEXT) == []


@pytest.mark.parametrize("name", CASES)
def test_every_number_has_a_unit(opened, name):
    """In its cell, in the head of its column or of the first one, in the first cell of its row, or in a column of units."""
    page = opened(name)
    assert unitless(page.evaluate(TABLES)) == []
    axes = page.evaluate("[...document.querySelectorAll('svg.chart')].map(s => s.textContent)")
    assert [text for text in axes if not re.search(UNITS, text, re.IGNORECASE)] == []
    facts = page.evaluate("[...document.querySelectorAll('.facts li')].map(li => li.lastChild.textContent.trim())")
    assert all(re.search("[a-z]{3}", fact) for fact in facts)


def test_the_rule_of_units_finds_a_bare_number():
    rows = [["Floods", "12", "3 m"], ["Persons injured", "1,200", "4 to 5"]]
    assert unitless([{"head": ["What", "P5", "Depth"], "rows": rows}]) == ["P5 of Floods: 12"]


def unitless(tables):
    """Bare numbers in tables for which no place names a unit."""
    found = []
    for table in tables:
        units = {i for i, name in enumerate(table["head"]) if name == "Unit"}
        for row in table["rows"]:
            for column, cell in enumerate(row):
                places = [table["head"][column], table["head"][0], row[0], *(row[i] for i in units)]
                if BARE.fullmatch(cell) and not any(re.search(UNITS, p, re.IGNORECASE) for p in places):
                    found.append(f"{table['head'][column]} of {row[0]}: {cell}")
    return found


@pytest.mark.parametrize("name", CASES)
def test_keys_reach_and_work_everything(opened, name):
    page = opened(name, 390)
    stops = page.evaluate(FOCUSABLE)
    seen = []
    for _ in range(stops + 1):
        page.keyboard.press("Tab")
        state = page.evaluate(FOCUSED)
        if state is None:
            break
        seen.append(state)
    assert [int(state["stop"]) for state in seen] == list(range(stops))
    assert all(state["seen"] and state["inside"] and not state["small"] for state in seen)
    for number in range(page.locator("summary").count()):
        page.locator("summary").nth(number).press("Enter")
        assert page.locator("details").nth(number).get_attribute("open") is not None


@pytest.mark.parametrize("name", CASES)
def test_every_map_has_a_table_that_keys_reach(opened, name):
    page = opened(name, 390)
    for number in range(page.locator("figure:has(svg.map)").count()):
        link = page.locator("figure:has(svg.map)").nth(number).locator("figcaption a")
        link.press("Enter")
        table = page.locator(link.get_attribute("href")).locator("table").first
        assert table.is_visible()
        assert table.locator("tbody tr").count() > 1


@pytest.mark.parametrize("name", CASES)
def test_no_printed_page_is_half_empty(opened, name, tmp_path):
    """Ink is what poppler draws darker than paper; the last page may end where the text does."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs poppler: pdftoppm")
    opened(name).pdf(path=tmp_path / "report.pdf", format="A4", prefer_css_page_size=True)
    subprocess.run(["pdftoppm", "-gray", "-r", "30", tmp_path / "report.pdf", tmp_path / "page"], check=True)
    filled = [filled_share(file) for file in sorted(tmp_path.glob("page-*.pgm"))]
    assert len(filled) > 1
    assert min(filled[:-1]) >= LEAST_FILLED, filled


def filled_share(file):
    """Lowest ink of a page drawn in grey (PGM), over the height between its margins."""
    _, size, _, pixels = file.read_bytes().split(b"\n", 3)
    wide, tall = map(int, size.split())
    ink = np.flatnonzero((np.frombuffer(pixels, np.uint8).reshape(tall, wide) < 245).any(axis=1))
    return (ink[-1] / tall - PRINT_MARGIN) / (1 - 2 * PRINT_MARGIN) if len(ink) else 0.0
