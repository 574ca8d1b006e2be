"""A rating loads no torch, and what needs torch says so where it is not installed."""

import subprocess
import sys

import pytest

WITHOUT = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "torch" else found(name, *rest)
"""


def run(script):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_default_rating_loads_no_torch(study):
    script = f"""
import sys
import holdfast.rating, holdfast.rating.estimator, holdfast.rating.model.methods, holdfast.training.output_models
import holdfast
holdfast.rate({str(study)!r})
print([name for name in sys.modules if name.partition('.')[0] == 'torch'])
"""
    assert run(script) == "[]"


@pytest.mark.parametrize("method", ["resilinet", "graph_autoencoder"])
def test_a_network_asks_for_torch(study, method):
    script = f"""{WITHOUT}
import holdfast
try:
    holdfast.rate({str(study)!r}, overrides={{"rating.method": {method!r}}})
except holdfast.DataMissing as error:
    print(error)
"""
    assert run(script) == 'a rating method with a network needs the package torch: pip install "holdfast[deep]"'


def test_the_estimator_and_training_ask_for_torch(tmp_path):
    script = f"""{WITHOUT}
import numpy as np
from holdfast.errors import DataMissing
from holdfast.flows.train import train
from holdfast.rating.estimator import EmbeddedClustering
for work in (lambda: EmbeddedClustering().fit(np.eye(9)), lambda: train({str(tmp_path)!r})):
    try:
        work()
    except DataMissing as error:
        print(error)
"""
    assert run(script).splitlines() == [
        'embedded clustering needs the package torch: pip install "holdfast[deep]"',
        'holdfast train needs the package torch: pip install "holdfast[deep]"',
    ]
