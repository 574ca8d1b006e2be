"""Compiled kernels: one folder for all processes; what one process compiled no other compiles again."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import NumbaError

from holdfast import kernels

SCRIPT = """
import sys
from holdfast.blocks import run

def misses(_):
    import holdfast.recovery.simulation.simulate_draws
    from cities import five_buildings, parameters
    from holdfast.recovery.simulation.draw_inputs import prepare
    from holdfast.recovery.hazard import uniform
    from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block
    from numba.core.dispatcher import Dispatcher
    from plans import plan

    options = plan(damage="given", crews={"building": 1, "power": 1, "water": 1})
    inputs = prepare(five_buildings(), uniform({"PGA": 1.0}), *options, parameters())
    simulate_block(inputs, draw_seeds(1, 1)[0])
    modules = [m for name, m in sys.modules.items() if name.startswith("holdfast.")]
    own = {id(f): f for m in modules for f in vars(m).values() if isinstance(f, Dispatcher)}
    stats = [f.stats for f in own.values()]
    return sum(map(len, (s.cache_hits for s in stats))), sum(sum(s.cache_misses.values()) for s in stats)

if __name__ == "__main__":
    print(list(run(misses, [0] * int(sys.argv[1]), workers=int(sys.argv[1]))))
"""


def played(script: Path, workers: int) -> list[tuple[int, int]]:
    """Kernels that were found and kernels that were compiled, in this process or in each spawned one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, script, str(workers)], capture_output=True, text=True, check=True, env=environment
    )
    return eval(done.stdout)


def test_a_second_process_and_spawned_workers_compile_nothing(tmp_path):
    script = tmp_path / "play.py"
    script.write_text(SCRIPT)
    kernels.share_kernels()  # as the import of a room does, so that this process names the folder too
    played(script, 1)  # compiles, on a machine that has not yet
    for workers in (1, 2):
        for found, compiled in played(script, workers):
            assert found > 5  # those that Python calls; the others come with them
            assert compiled == 0
    assert kernels.compiled("loop.advance")


def name_folder(monkeypatch, given=None):
    """Folder that a fresh process would name."""
    monkeypatch.setattr(sys, "modules", {k: v for k, v in sys.modules.items() if k != "numba"})
    if given is None:
        monkeypatch.delenv(kernels.VARIABLE, raising=False)
    else:
        monkeypatch.setenv(kernels.VARIABLE, str(given))
    kernels.share_kernels()
    return Path(os.environ[kernels.VARIABLE])


def test_the_folder_lies_in_the_package_or_where_the_user_says(monkeypatch, tmp_path):
    own = name_folder(monkeypatch)
    assert own.parent == kernels.PACKAGE / "__pycache__"
    assert name_folder(monkeypatch, tmp_path) == tmp_path / own.name
    assert name_folder(monkeypatch, tmp_path / "kernels-mine") == tmp_path / "kernels-mine"


def test_a_read_only_package_leaves_the_kernels_to_the_user(monkeypatch, tmp_path):
    blocked = tmp_path / "package"
    blocked.write_text("no folder can be made in a file")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert name_folder(monkeypatch, blocked).parent == tmp_path / "cache" / "holdfast"
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "short"))
    assert name_folder(monkeypatch, blocked).parent == tmp_path / "short" / "holdfast"


def test_the_name_follows_the_code_of_the_kernels_alone(monkeypatch):
    """A constant that a kernel takes from a file without kernels counts; what no kernel imports does not."""
    before = kernels._digest()
    found = kernels.sources()
    names = {str(file.relative_to(kernels.PACKAGE)) for file in found}
    assert {"recovery/engine/loop.py", "recovery/engine/records.py", "rating/grid/streets.py"} <= names
    assert not names & {"recovery/simulation/simulate_draws.py", "rating/rate/stages.py"}
    changed = {**found, kernels.PACKAGE / "recovery/engine/records.py": b"MINUTES = 1441"}
    monkeypatch.setattr(kernels, "sources", lambda: changed)
    assert kernels._digest() != before


@pytest.mark.parametrize("room", ["holdfast.recovery", "holdfast.rating"])
def test_the_folder_is_named_before_numba_is_loaded(room, tmp_path):
    code = f"import os, sys, {room}; print('numba' in sys.modules, os.environ['NUMBA_CACHE_DIR'])"
    environment = {**os.environ, kernels.VARIABLE: str(tmp_path), "PYTHONPATH": str(kernels.PACKAGE.parent)}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert out.stdout.split()[0] == "False"
    assert "kernels-" in out.stdout


def test_kernels_without_counted_references_hand_back_numbers_alone():
    """An array handed back uncounted could be gone before it is read."""
    found = {}
    for file in kernels.sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and "allocation_free" in map(ast.unparse, node.decorator_list):
                found[node.name] = ast.unparse(node.returns)
    assert "update_building" in found
    numbers = re.compile(r"None|bool|int|float|tuple\[((int|float), )*(int|float)\]")
    assert {name: given for name, given in found.items() if not numbers.fullmatch(given)} == {}


def test_a_kernel_without_counted_references_makes_no_array():
    @kernels.allocation_free
    def total(n):
        return np.ones(n).sum()

    with pytest.raises(NumbaError):
        total(3)
