"""Every command and code block in README and docs runs; set-up lines are those of the Makefile."""

import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from holdfast.config import Study

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"`(?:holdfast\.)?((?:rating|recovery|training|sources|flows|pages)\.(?!json`|nc`)[\w.]+)`")
SET_UP = ("make ", "python3 -m venv", ".venv/bin/")


def blocks(language):
    for document in DOCUMENTS:
        for number, (kind, text) in enumerate(BLOCK.findall(document.read_text())):
            if kind == language:
                yield pytest.param(document, text, id=f"{document.name}-{number}")


def commands():
    for document in DOCUMENTS:
        lines = [
            line
            for kind, text in BLOCK.findall(document.read_text())
            if kind == "bash"
            for line in text.splitlines()
            if line.strip() and not line.startswith(("#", *SET_UP))
        ]
        if lines:
            yield pytest.param(lines, id=document.name)


@pytest.mark.parametrize(("document", "text"), list(blocks("python")))
def test_python_blocks_run(document, text, tmp_path):
    """Each block by itself, beside a copy of the examples."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    subprocess.run([sys.executable, "-c", text], cwd=tmp_path, check=True, capture_output=True, timeout=300)


@pytest.mark.parametrize("lines", list(commands()))
def test_commands_run(lines, tmp_path, data, cli, monkeypatch):
    """All commands of a document in order, from a copy of the examples, without a new process for each."""
    here = tmp_path / "holdfast"
    shutil.copytree(ROOT / "examples", here / "examples")
    monkeypatch.chdir(here)
    for line in lines:
        program, *arguments = shlex.split(line.replace("../shared/data", str(data)))
        assert program == "holdfast", f"how should the tests run this? {line}"
        done = cli(*arguments)
        assert done.code == 0, f"{line}\n{done.err}"


def test_set_up_lines_are_those_of_the_makefile():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    torch = re.search(r"^TORCH = (.*)$", makefile, re.MULTILINE)[1]
    assert f".venv/bin/python -m pip install {torch}" in readme
    assert "pip install -c constraints.txt ." in readme
    for target in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_make_demo_ends_with_a_report(tmp_path):
    """The README's command, where `make` has set up; the set-up itself is what brought this test here."""
    if not (ROOT / ".venv" / ".core").exists():
        pytest.skip("not set up by make")
    done = subprocess.run(
        ["make", "demo", f"OUT={tmp_path / 'demo'}"], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "report.html").exists()


def test_links_between_documents_lead_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_drawings_of_the_architecture_are_the_import_contracts():
    text = (ROOT / "docs" / "architecture.md").read_text()
    drawn = [
        [set(line.split()) - {"|"} for line in drawing.splitlines()]
        for drawing in re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = {
        c["name"]: [set(floor.replace("holdfast.", "").split()) - {"|"} for floor in c["layers"]]
        for c in contracts
        if "layers" in c
    }
    assert drawn == [held["Floors"], held["Inside rating"], held["Inside recovery"]]


def test_every_example_has_its_page():
    pages = {page.stem for page in (ROOT / "docs" / "examples").glob("*.md")}
    assert pages == {file.stem for file in (ROOT / "examples").glob("*.toml")} | {"index"}


def test_dotted_names_lead_to_something():
    """A name such as `recovery.damage.pipes.pipe_classes` is a key of the study, or a module or a name in it."""
    study = Study.model_json_schema()
    lost = [
        f"{document.name}: {name}"
        for document in DOCUMENTS
        for name in NAME.findall(document.read_text())
        if not (is_key(study, study, name.split(".")) or is_code(f"holdfast.{name}"))
    ]
    assert lost == []


def is_key(study, section, parts):
    """Whether the schema of a study has a key; what stands below a free table is not known."""
    for part in parts:
        ways = [section, *section.get("anyOf", []), *section.get("allOf", [])]
        ways = [study["$defs"][w["$ref"].rpartition("/")[2]] if "$ref" in w else w for w in ways]
        if any("additionalProperties" in w and "properties" not in w for w in ways):
            return True
        section = next((w["properties"][part] for w in ways if part in w.get("properties", {})), None)
        if section is None:
            return False
    return True


def is_code(name):
    try:
        return pkgutil.resolve_name(name) is not None
    except (ImportError, AttributeError):
        return False


def test_the_library_is_shown_in_twelve_short_examples():
    text = (ROOT / "docs" / "library.md").read_text()
    lengths = [len([line for line in code.splitlines() if line.strip()]) for _, code in BLOCK.findall(text)]
    assert len(lengths) == 12
    assert max(lengths) <= 8
