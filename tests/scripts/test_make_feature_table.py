"""docs/features.md says what the schema says."""

import runpy
from pathlib import Path

from holdfast.config import RatingOptions
from holdfast.sources.readers import PLACED_SOURCES, SOURCES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "features.md").read_text()


def test_tables_are_those_of_the_schema():
    script = runpy.run_path(str(ROOT / "scripts" / "make_feature_table.py"))
    assert script["filled"](PAGE) == PAGE, "run python scripts/make_feature_table.py"
    assert PAGE.count("| `") > 30


DOCUMENTS = ("city", "earthquake", "recovery", "flood", "wind", "measures", "what-if")


def test_every_reader_and_option_is_described():
    pages = PAGE + "".join((ROOT / "docs" / f"{name}.md").read_text() for name in DOCUMENTS)
    assert [name for name in (*SOURCES, *PLACED_SOURCES) if f"`{name}`" not in pages and f'"{name}"' not in pages] == []
    options = (
        "features also leave_out replace per directions missing access reach tower_reach tower_range service_reach"
    )
    assert set(options.split()) <= set(RatingOptions.model_fields)
    assert all(f"`{name}" in PAGE for name in options.split())
