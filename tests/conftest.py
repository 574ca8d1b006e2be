"""What all tests share: the real data, a small synthetic study, and the command line in-process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from shapely.geometry import box

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data"))
SUPERUSER = "the superuser may write everywhere"
REQUIRED = os.environ.get("HOLDFAST_REQUIRE") == "all"
if os.environ.get("HOLDFAST_WITHOUT") == "torch":  # as if the extra `deep` were not installed
    _found = PathFinder.find_spec
    PathFinder.find_spec = lambda name, *rest: None if name == "torch" else _found(name, *rest)
DEEP = find_spec("torch") is not None
for _end in {signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)}:
    if signal.getsignal(_end) is signal.SIG_IGN:  # of a job in the background, whose children would ignore them too
        signal.signal(_end, signal.SIG_DFL)
settings.register_profile("no clock", deadline=None)  # a first call compiles
settings.load_profile("no clock")


def pytest_collection_modifyitems(items):
    """What needs torch is skipped where it is not installed."""
    for item in items:
        if not DEEP and item.get_closest_marker("deep"):
            item.add_marker(pytest.mark.skip(reason='needs torch: pip install "holdfast[deep]"'))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Under HOLDFAST_REQUIRE=all nothing may be skipped but what the superuser cannot try: a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    expected = hasattr(report, "wasxfail") or SUPERUSER in str(report.longrepr)
    if REQUIRED and report.skipped and not expected:
        report.outcome = "failed"
        report.longrepr = f"skipped although HOLDFAST_REQUIRE=all: {report.longrepr}"


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the real data."""
    if not DATA.is_dir():
        pytest.skip(f"no real data at {DATA}; set HOLDFAST_DATA to their folder")
    return DATA


@pytest.fixture
def cli(monkeypatch, capsys) -> Callable[..., SimpleNamespace]:
    """Run the command line; gives code, out, err."""
    from holdfast.cli import main

    def run(*arguments: object) -> SimpleNamespace:
        monkeypatch.setattr(sys, "argv", ["holdfast", *[str(a) for a in arguments]])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
            raise SystemExit(0)
        streams = capsys.readouterr()
        return SimpleNamespace(code=end.value.code or 0, out=streams.out, err=streams.err)

    return run


STOPS_INSIDE = """
import os, sys

name, number, calls = sys.argv[1], int(sys.argv[2]), 0
del sys.argv[1:3]
here = os.path.dirname(sys.argv[sys.argv.index("--out") + 1])


def stopping(real):
    def call(*arguments, **keywords):
        global calls
        calls += name == "fsync" or str(arguments[0]).startswith(here)  # compiled kernels are renamed elsewhere
        if calls == number:
            print("inside", flush=True)
            sys.stdin.read()
        return real(*arguments, **keywords)

    return call


for each in ("rename", "replace") if name == "rename" else (name,):
    setattr(os, each, stopping(getattr(os, each)))
from holdfast.cli import main

main()
"""


@pytest.fixture
def killed_inside() -> Callable[..., bool]:
    """Run the command line and kill it inside a call of the system; gives whether it came there.

    The child says that it is inside, so that no clock is raced.
    """

    def run(call: str, number: int, *arguments: object) -> bool:
        command = [sys.executable, "-c", STOPS_INSIDE, call, str(number), *[str(a) for a in arguments]]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            inside = "inside\n" in child.stdout
            child.kill()
        return inside

    return run


def synthetic_tables(side: int = 8, size: float = 3000.0, seed: int = 1) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Outlines and attributes of synthetic tracts, side x side squares."""
    rng = np.random.default_rng(seed)
    places = [(x, y) for y in range(side) for x in range(side)]
    east, north = 230_000, 3_290_000
    outlines = [
        box(east + x * size, north + y * size, east + (x + 1) * size, north + (y + 1) * size) for x, y in places
    ]
    ids = [f"t{i:03d}" for i in range(len(places))]
    wealth = np.array([x / side + y / side + rng.normal(0, 0.2) for x, y in places])
    wealth = (wealth - wealth.min()) / np.ptp(wealth)
    shapes = gpd.GeoDataFrame({"geoid": ids}, geometry=outlines, crs="EPSG:32615")
    table = pd.DataFrame(
        {
            "geoid": ids,
            "homes": rng.integers(200, 3000, len(ids)),
            "land_m2": size**2,
            "built": np.round(1950 + 50 * wealth + rng.normal(0, 5, len(ids))),
            "poor": np.clip(0.4 - 0.35 * wealth + rng.normal(0, 0.03, len(ids)), 0, 1).round(4),
            "uninsured": np.clip(0.35 - 0.3 * wealth + rng.normal(0, 0.03, len(ids)), 0, 1).round(4),
            "school": np.clip(0.6 + 0.38 * wealth + rng.normal(0, 0.02, len(ids)), 0, 1).round(4),
        }
    )
    return shapes, table


STUDY = """
name = "Synthetic metro"
seed = 3

[region]
cell_size = 2000

[tables.areas]
source = "polygons"
path = "tracts.gpkg"
attributes = "tracts.csv"
key = "geoid"

[tables.areas.columns]
housing_units = "homes"
land_m2 = "land_m2"
median_year_built = "built"
poverty_share = "poor"
uninsured_share = "uninsured"
high_school_share = "school"

[tables.hospitals]
source = "points"
path = "hospitals.csv"

[rating]
refits = 3
permutations = 99

[rating.autoencoder]
epochs = 40
"""


@pytest.fixture
def study(tmp_path) -> Path:
    """Study file of a synthetic metro with its input files beside it."""
    return write_study(tmp_path / "study")


@pytest.fixture(scope="module")
def shared_study(tmp_path_factory) -> Path:
    """The same for all tests of a module, which leave its files as they are."""
    return write_study(tmp_path_factory.mktemp("shared") / "study")


def write_study(folder: Path) -> Path:
    """Write the study of a synthetic metro and its input files into a new folder."""
    folder.mkdir()
    shapes, table = synthetic_tables()
    shapes.to_file(folder / "tracts.gpkg", layer="tracts", driver="GPKG")
    table.to_csv(folder / "tracts.csv", index=False)
    centres = shapes.geometry.centroid.to_crs("EPSG:4326").iloc[::9]
    hospitals = pd.DataFrame({"longitude": centres.x, "latitude": centres.y, "name": "synthetic"})
    hospitals.to_csv(folder / "hospitals.csv", index=False)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"
