"""What a run will take: held against what it took, and refused before it begins."""

import gc
import re
import tracemalloc
from dataclasses import fields, replace

import numpy as np
import pytest
from cities import parameters, town
from plans import plan
from towns import write_town

import holdfast
from holdfast.data import figure
from holdfast.errors import TableError
from holdfast.flows import run_size as room
from holdfast.flows.run_size import require_room, run_size
from holdfast.recovery.hazard import uniform
from holdfast.recovery.losses.block_result import arrays_of
from holdfast.recovery.losses.results import summarise
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block

DRAWS = 40


@pytest.fixture(scope="module")
def played():
    """A city of 3,000 buildings, its draws, and the most memory that playing and summing them up took."""
    city, tables = town(3000), parameters()
    inputs = prepare(city, uniform({"PGA": 0.4}, 0.3, 0.3), *plan(), tables)
    simulate_block(inputs, draw_seeds(1, 1)[0])  # compiles
    gc.collect()
    tracemalloc.start()
    blocks = [simulate_block(inputs, seeds) for seeds in draw_seeds(1, DRAWS)]
    summarise(city, tables, blocks)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return inputs, blocks, most


def test_the_estimate_is_a_bound_that_is_not_far_off(played):
    inputs, blocks, most = played
    days = max(b.curves.EP.shape[1] for b in blocks)
    assert most <= run_size(inputs, DRAWS, days).memory - figure("writing_bytes") <= 2 * most


def test_sums_are_as_large_as_their_arrays(played):
    """Origin: the bytes of the arrays themselves."""
    inputs, blocks, _ = played
    block = blocks[0]
    count, nodes = inputs.assets.buildings, inputs.assets.nodes
    assert sum(getattr(block.buildings, f.name).nbytes for f in fields(block.buildings)) == room.PER_BUILDING * count
    assert sum(getattr(block.nodes, f.name).nbytes for f in fields(block.nodes)) == room.PER_NODE * nodes
    held = sum(a.nbytes for b in blocks for a in arrays_of(b).values())
    days = max(b.curves.EP.shape[1] for b in blocks)
    assert held <= run_size(inputs, DRAWS, days).disk / room.ON_DISK


def test_more_of_anything_takes_more(played):
    inputs, *_ = played
    one = run_size(inputs, 100, 500)
    assert run_size(inputs, 1000, 500).memory > one.memory
    assert run_size(inputs, 100, 5000).memory > one.memory
    assert run_size(inputs, 100, 500, workers=2).memory > one.memory
    assert run_size(inputs, 100, 500, runs=3).memory > one.memory
    assert run_size(inputs, 1000, 500).disk > 5 * one.disk


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_what_does_not_fit_is_refused_with_what_would(kind, played, monkeypatch, tmp_path):
    inputs, *_ = played
    monkeypatch.setattr(room, "memory", lambda: 1e15)
    monkeypatch.setattr(room, "disk", lambda _: 1e15)
    require_room(inputs, 1_000, tmp_path)
    monkeypatch.setattr(room, kind, lambda *_: 3e8)
    with pytest.raises(TableError, match=r"column recovery\.draws: 50,000 draws of") as caught:
        require_room(inputs, 50_000, tmp_path, workers=1)
    text = str(caught.value)
    assert f"GB of {kind}, more than 80 % of the 0.3 GB that are free" in text
    fit = int(re.search(r"at most about ([\d,]+) draws fit", text)[1].replace(",", ""))
    assert 0 < fit < 50_000
    require_room(inputs, fit, tmp_path)
    with pytest.raises(TableError):
        require_room(inputs, 2 * fit, tmp_path)
    monkeypatch.setattr(room, kind, lambda *_: 1000)
    with pytest.raises(TableError, match="not even one draw fits"):
        require_room(inputs, 1, tmp_path)


def test_curves_count_as_long_as_they_are(played, monkeypatch):
    """Up to a horizon of 100,000 days the curves would not fit; a draw shows that they end far earlier."""
    inputs, *_ = played
    far = inputs._replace(settings=replace(inputs.settings, horizon_days=100_000))
    bound = run_size(far, 1_000, far.settings.horizon_days).memory
    monkeypatch.setattr(room, "memory", lambda: bound / 2)
    require_room(far, 1_000, None)


@pytest.mark.parametrize("verb", ["check", "simulate", "compare"])
def test_every_verb_refuses_before_it_computes(verb, tmp_path, monkeypatch):
    study = write_town(tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    monkeypatch.setattr(room, "memory", lambda: 1000)
    with pytest.raises(TableError, match=r"draws of .* assets take about"):
        getattr(holdfast, verb)(study, **({} if verb == "check" else {"out": tmp_path / "out"}))
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_what_is_free_is_known(tmp_path):
    assert 1e6 < room.disk(tmp_path / "not" / "there") < 1e17
    assert 1e6 < room.memory() < 1e15
    assert np.isfinite(room.memory())
