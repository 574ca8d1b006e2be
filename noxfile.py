"""The suite on every supported Python, with the newest and the oldest dependencies, and without the extras.

    python -m pip install nox && nox --list
    nox -s newest-3.13 -- tests/rating tests/test_house.py

What stands after `--` goes to pytest; without it the whole suite runs. The sessions ignore constraints.txt, which fixes what
`make` installs; they need the Pythons that they name, and skip those that are not there.
"""

import re
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYTHONS = ("3.11", "3.12", "3.13")
CPU_TORCH = ("--extra-index-url", "https://download.pytorch.org/whl/cpu")
NO_EXTRAS = ("wntr", "pandapower")
"""Programs of the extras, which do not all work with the oldest core: tests that need them are left out there."""
LOWEST = re.compile(r"([\w.-]+)>=([\d.]+)")
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


def programs_of_tests() -> list[str]:
    """Requirements of the tests: the extra `dev` without linters and programs of other extras."""
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    return [need for need in dev if not need.startswith(("ruff", "mypy", "import-linter", "types-", *NO_EXTRAS))]


def lowest_versions() -> str:
    """Constraints that hold everything in pyproject.toml to the oldest version that it allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs = [*project["dependencies"], *programs_of_tests()]
    return "\n".join(f"{found[1]}=={found[2]}" for need in needs if (found := LOWEST.match(need))) + "\n"


def run_suite(session: nox.Session) -> None:
    """Import the package, then run the tests."""
    session.run("python", "-c", "import holdfast; print(holdfast.__version__, holdfast.rate, holdfast.simulate)")
    session.run("python", "-m", "pytest", "-q", *session.posargs)


@nox.session(python=PYTHONS)
def newest(session: nox.Session) -> None:
    """The newest dependencies that pyproject.toml allows, with all extras."""
    session.install("-e", ".[deep,dev]", *CPU_TORCH)
    run_suite(session)


@nox.session(python=PYTHONS)
def no_deep(session: nox.Session) -> None:
    """The newest dependencies, without the extra `deep`: what needs torch is skipped, or says what to install."""
    session.install("-e", ".[dev]")
    run_suite(session)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The oldest dependencies that pyproject.toml allows, without extras."""
    constraints = Path(session.create_tmp()) / "lowest.txt"
    constraints.write_text(lowest_versions())
    session.install("-c", str(constraints), "-e", ".", *programs_of_tests())
    run_suite(session)
