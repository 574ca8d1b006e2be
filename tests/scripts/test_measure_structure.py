"""What the script counts, on a package of four modules counted by hand."""

import subprocess
import sys

import pytest
from measure_structure import ROOT, measures

FIRST = '''"""First."""

from holdfast.wing import second


def long_name(width, height):
    """Area.

    Parameters
    ----------
    width : float
        Width.
    height : float
        Above the ground, m; never below nought.

    Returns
    -------
    float
        An area.
    """
    # the ground is level, so that no slope enters
    return width * height * second.ONE  # noqa: X1
'''
SIX = "\n".join(f"C{i} = {i}" for i in range(6))


@pytest.fixture
def checkout(tmp_path):
    files = {
        "__init__.py": "",
        "cli.py": "def main():\n    from holdfast.first import long_name\n",
        "first.py": FIRST,
        "wing/__init__.py": "",
        "wing/second.py": f"from typing import NamedTuple\n\nONE = 1\n{SIX}\n\n\nclass Place(NamedTuple):\n    x: int\n    y: int\n",
        "wing/first.py": f"from . import second\n\n{SIX}\n",
    }
    for name, text in files.items():
        path = tmp_path / "src" / "holdfast" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_counts(checkout):
    found = measures(checkout)
    assert found["rooms, arrows in holdfast"] == "3, 2"
    assert found["rooms, arrows in holdfast.wing"] == "2, 1"
    assert found["modules; code lines; lines"] == "4; 23; 46"
    assert found["function p50 / p90, with docstring"] == "9.5 / 16"
    assert found["largest records, fields"] == "second.Place 2"
    assert found["comments per 1,000 lines of code (of these to tools)"] == "87 (43)"
    assert found["parameter entries of 3 words or fewer"] == "1 of 2"
    assert found["module names that occur twice or more"] == "1 (first)"
    assert found["modules without an importer"] == "1 (holdfast.wing.first)"
    assert found["repeated runs of 6 lines of code or more"] == "1"


def test_before_and_after_stand_side_by_side(checkout):
    script = ROOT / "scripts" / "measure_structure.py"
    ran = subprocess.run([sys.executable, script, checkout, checkout], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("| measure | before | after |\n|---|---|---|\n")
    assert "| repeated runs of 6 lines of code or more | 1 | 1 |" in ran.stdout
