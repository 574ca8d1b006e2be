"""Changes are made where something is computed, each is valid, and kernels that could differ are made anew."""

import ast
from pathlib import Path

import pytest
from mutation import changed, changes, computing, dependents

import holdfast

PACKAGE = Path(holdfast.__file__).parent
TEXT = '''
def share(x: "list[1]", top=2) -> int:
    """Docstring with 1 + 1."""
    if x < 0 and not top:
        raise ValueError(f"{x - 1} is below {0}")
    return x / top + 1.5
'''


def test_what_is_changed():
    """By hand: the comparison, its 0, the `and`, the `not`, the division, the sum, 1.5 and the default 2."""
    made = [(ast.unparse(n), ast.unparse(changed(n))) for n, _ in computing(ast.parse(TEXT)) if changed(n)]
    assert sorted(made) == sorted(
        [
            ("2", "3"),
            ("x < 0 and (not top)", "x < 0 or not top"),
            ("x < 0", "x <= 0"),
            ("0", "1"),
            ("not top", "top"),
            ("x / top + 1.5", "x / top - 1.5"),
            ("x / top", "x * top"),
            ("1.5", "3.0"),
        ]
    )


@pytest.mark.parametrize("room", ["damage", "levels", "engine"])
def test_every_change_is_python_and_changes_one_place(room):
    found = changes(PACKAGE, room)
    assert len(found) > 50
    for change in found:
        whole = (PACKAGE / change.file).read_text()
        assert change.text != whole
        assert ast.dump(ast.parse(change.text)) != ast.dump(ast.parse(whole))
        assert len(change.text.splitlines()) <= len(whole.splitlines())


def test_what_imports_a_module_is_made_anew():
    found = dependents(PACKAGE, Path("recovery/engine/records.py"))
    assert {"recovery.engine.records", "recovery.engine.loop", "recovery.simulation.simulate_draws"} <= found
    assert "rating.model.levels" not in found
    assert "recovery.hazard.shaking" not in found
