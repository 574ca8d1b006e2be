"""The packaged tables of occupancies and networks are those that their script makes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_script_makes_the_packaged_tables(data, tmp_path):
    script = ROOT / "scripts" / "make_parameter_tables.py"
    subprocess.run([sys.executable, str(script), "--data", str(data), "--out", str(tmp_path)], check=True)
    for name in ("occupancies", "national_per_head", "network_fragility"):
        packaged = ROOT / "src" / "holdfast" / "data" / f"{name}.csv"
        assert (tmp_path / f"{name}.csv").read_bytes() == packaged.read_bytes()
