"""Changes are made where something is computed, each is valid and does what it says when it is on, and kernels follow."""

import ast
from pathlib import Path

import pytest
from mutation import Change, changed, changes, computing, dependents, switched, written

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
    for change in found[::10]:
        whole = (PACKAGE / change.file).read_bytes()
        assert ast.dump(ast.parse(written(whole, change))) != ast.dump(ast.parse(whole))
    for file in {c.file for c in found}:
        here = {i: c for i, c in enumerate(found) if c.file == file and c.function != "module"}
        whole = (PACKAGE / file).read_bytes()
        every = switched(whole, here)
        ast.parse(every)
        assert every.count(b"\n") == whole.count(b"\n")


def test_what_is_on_is_what_runs():
    """By hand, for 7 < 7 + 2 * 3: the comparison, the sum and the product, one inside the other."""
    text = b"import math\n\n\ndef f(x, y):\n    return x < x + 2 * y\n"
    wanted = {"x < x + 2 * y": "x <= x - 2 * y", "x + 2 * y": "x - 2 * y", "2 * y": "2 + y"}
    made = {}
    for number, (before, after) in enumerate(wanted.items()):
        begin = text.index(before.encode())
        made[number] = Change("room", Path("f.py"), "f", 5, begin, before, f"({after})", begin, begin + len(before))
    whole = switched(text, made).decode().replace("from holdfast.changed import changed; ", "")
    for on, value in {-1: 7 < 7 + 2 * 3, 0: 7 <= 7 - 2 * 3, 1: 7 < 7 - 2 * 3, 2: 7 < 7 + (2 + 3)}.items():
        scope = {"changed": lambda on=on: on}
        exec(whole, scope)
        assert scope["f"](7, 3) is value


def test_what_imports_a_module_is_made_anew():
    found = dependents(PACKAGE, Path("recovery/engine/records.py"))
    assert {"recovery.engine.records", "recovery.engine.loop", "recovery.simulation.simulate_draws"} <= found
    assert "rating.model.levels" not in found
    assert "recovery.hazard.shaking" not in found
