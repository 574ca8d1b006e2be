"""The packaged Hazus tables are those of the library they come from."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_script_makes_the_packaged_tables(tmp_path):
    if find_spec("dlml") is None:
        pytest.skip("simcenter-dlml is not installed")
    script = ROOT / "scripts" / "make_hazus_tables.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, capture_output=True)
    for name in ("hazus_fragility", "hazus_repair"):
        packaged = ROOT / "src" / "holdfast" / "data" / f"{name}.csv"
        assert (tmp_path / f"{name}.csv").read_bytes() == packaged.read_bytes()
