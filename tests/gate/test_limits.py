"""The limits that docs/results.md states are those of the code."""

from pathlib import Path

from holdfast.blocks import MOST_WORKERS
from holdfast.gate import limits
from holdfast.rating.grid.region import MOST_CELLS
from holdfast.store.beside import ABANDONED_DAYS
from holdfast.store.place import LONGEST_NAME

PAGE = Path(__file__).parents[2] / "docs" / "results.md"
STATED = {
    "study file": f"{limits.STUDY_BYTES // limits.MIB} MiB; {limits.STUDY_DEPTH} sections and lists inside one another; numbers of {limits.DIGITS:,} digits",
    "JSON of a result": f"{limits.OWN_JSON_BYTES // limits.MIB} MiB; {limits.OWN_JSON_DEPTH} levels",
    "text": f"{100 * limits.SHARE_OF_MACHINE:.0f} % of the free memory ({limits.TEXT_MEMORY} bytes per byte of text, {limits.JSON_MEMORY} per byte of JSON)",
    "packed": f"unpacks to {limits.UNPACKED_BYTES // limits.GIB} GiB at most, and above {limits.UNPACKED_FREE // limits.MIB} MiB to {limits.UNPACKED_RATIO} times its size",
    "raster": f"10^{len(str(limits.RASTER_PIXELS)) - 1} pixels; blocks of 2^{limits.BLOCK_PIXELS.bit_length() - 1} pixels",
    "a run": f"| a simulation | {100 * limits.SHARE_OF_MACHINE:.0f} % of the memory and of the disk",
    "workers": f"| {MOST_WORKERS:,} |",
    "names": f"names of more than {LONGEST_NAME} bytes",
    "abandoned": f"written to for {ABANDONED_DAYS} days",
}


def test_the_page_states_the_limits():
    text = " ".join(PAGE.read_text().split())
    assert [name for name, words in STATED.items() if words not in text] == []
    assert MOST_CELLS == 5_000_000
