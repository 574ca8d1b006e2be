"""The rules of the house: sizes, imports, names, schemas."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from hatchling.builders.wheel import WheelBuilder
from measure_structure import (
    SHORT_ENTRY,
    STARTED_FROM_OUTSIDE,
    comments,
    function_lengths,
    imported,
    parameter_entries,
    read,
    records,
)
from measure_structure import code_lines as code_of

import holdfast
from holdfast.tables import schema, schema_names, schema_rows

ROOT = Path(__file__).parents[1]
PACKAGE = Path(holdfast.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
WRITTEN = sorted(p for folder in ("src", "tests", "scripts", "benchmarks") for p in (ROOT / folder).rglob("*.py"))
ALIGNED_FIGURES = {
    "src/holdfast/recovery/hazard/chance.py": "coefficients of the published algorithm AS 241, four to a line as printed there",
    "tests/recovery/hazard/test_motion.py": "published tables of ground motion, one period to a line",
    "tests/recovery/hazard/test_rupture.py": "published distances, one site to a line",
}

MOST_FIELDS, MOST_IMPORTS, MOST_DOUBLE_NAMES = 12, 15, 5
USUAL_LINES, USUAL_LINES_OF_CODE = 35, 25  # of a function, 90 % of them: with docstring, and code alone
LEAST_COMMENTS, MOST_SHORT_ENTRIES = 45, 100  # per 1,000 lines of code; of three words or fewer
KEYS = "the keys of one section of the study; a key is no part of a meaning that another key has"
WIDE_RECORDS = {
    "holdfast.config.study.Study": (16, "one section of the study each"),
    "holdfast.config.rating.RatingOptions": (31, KEYS),
    "holdfast.config.table_options.TableOptions": (31, KEYS),
    "holdfast.config.recovery.RecoveryOptions": (31, KEYS),
    "holdfast.config.scenario.ScenarioOptions": (27, KEYS),
    "holdfast.config.city.CityOptions": (23, KEYS),
    "holdfast.recovery.city.assembly.CityRules": (13, "all that is asked for of a city, by the keys of its section"),
    "holdfast.recovery.validation.outages.practice.Practice": (
        20,
        "the figures of one event, by the names of a packaged table",
    ),
    "holdfast.recovery.engine.records.Curves": (13, "one curve each"),
    "holdfast.recovery.losses.block_result.Curves": (13, "one curve each"),
    "holdfast.recovery.settings.run_settings.RecoverySettings": (13, "one choice each of how a city recovers"),
    "holdfast.recovery.damage.assets.Consequences": (13, "flat arrays that a compiled kernel takes"),
    "holdfast.recovery.damage.draw_kernels.FlatConsequences": (17, "flat arrays that a compiled kernel takes"),
    "holdfast.recovery.function.service_capacity.People": (13, "flat arrays that a compiled kernel takes"),
    "holdfast.types.Parameters": (20, "one field for each packaged table of figures"),
}
MANY_IMPORTS = {
    "holdfast": (20, "it hands on every verb"),
    "holdfast.config.study": (16, "it nests the section of every stage"),
    "holdfast.flows.rated_region": (30, "it calls every stage of a rating in order"),
    "holdfast.recovery.city.assembly": (16, "it calls every stage of making a city in order"),
    "holdfast.flows.cities": (25, "it reads every kind of table that a city is made of"),
    "holdfast.flows.check": (19, "it reads all that any verb reads"),
    "holdfast.flows.draws": (23, "what every simulating verb shares: it calls every stage of a recovery in order"),
    "holdfast.flows.inputs": (23, "it reads every kind of table that a rating takes"),
    "holdfast.sources.networks.roads": (
        18,
        "lines, points and gateways each come through the readers of their own kind",
    ),
    "holdfast.recovery.simulation.simulate_draws": (16, "it sums up what every stage of a draw gives"),
    "holdfast.flows.drivers": (17, "it calls every stage of an explanation in order"),
    "holdfast.flows.rate": (19, "it writes what every room of a rating found"),
    "holdfast.flows.report": (23, "it puts the parts of every kind of result on a page"),
    "holdfast.flows.measures": (18, "it calls every stage of an appraisal in order"),
    "holdfast.flows.update": (21, "it calls a rating, and all that compares it with an earlier one"),
    "holdfast.flows.what_if": (17, "it calls every stage of a rating twice, and what stands between"),
    "holdfast.flows.train": (16, "it reads every statistic and calls both trainings from end to end"),
    "holdfast.recovery.simulation.draw_inputs": (
        25,
        "it turns the results of every stage before the engine into flat arrays",
    ),
}
STORIES = {
    "test_house.py": "the rules of the house",
    "flows/test_bad_input.py": "what a user can do wrong, over all verbs",
    "hostile/test_bad_inputs.py": "every fault in every table and key, over all verbs",
    "hostile/test_attacks.py": "what tries to reach further than it may, over inputs, keys and results",
    "hostile/test_endless_numbers.py": "whole numbers that no float holds, over all readers of JSON",
    "hostile/test_fuzzing.py": "files that hypothesis spoils, over all readers",
    "hostile/test_kinds.py": "one kind of fault, over all readers",
    "hostile/test_reach.py": "what a run opens and asks of the network, over a whole run",
    "rating/test_outside.py": "a feature and a method that stand outside the package",
    "flows/test_outside.py": "a strategy, a hazard, a network model and a source that stand outside the package",
    "flows/test_network_study.py": "one study through three verbs: networks from files",
    "flows/test_open_regions.py": "one study through three verbs: regions without a census",
    "flows/test_present.py": "one study through two verbs: from an observed state on",
    "flows/test_same_results.py": "results of the release before, over all flows",
    "flows/test_stopped.py": "runs that are ended, over two verbs",
    "pages/test_pages.py": "colours, charts and maps together",
    "pages/test_in_browser.py": "reports of every kind in a real browser, on screens and on paper",
    "rating/test_light.py": "what the package loads, and what it says where an extra is missing",
    "recovery/test_five_buildings.py": "five buildings day by day through the whole chain, by hand",
    "sources/test_cases.py": "small inputs that went wrong, over all readers",
    "sources/test_independent_readers.py": "readers against readers of other packages, on files that these carry",
    "sources/test_building_layouts.py": "the layouts of a packaged table, each by a small file",
}
WAITS = {
    "tests/test_blocks.py": "waits with a generous limit for other processes to end; the system sends no other sign",
    "tests/flows/test_stopped.py": "the same",
}


def code_lines(text: str) -> set[int]:
    """Numbers of the lines that hold code: no blanks, comments or docstrings."""
    tree = ast.parse(text)
    doc = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            doc |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = {i for i, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")}
    return lines - doc


def functions(path: Path):
    return [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_sizes(path):
    text = path.read_text()
    code = code_lines(text)
    assert len(code) <= 400
    assert len(text.splitlines()) <= 600
    for function in functions(path):
        inside = code & set(range(function.lineno, function.end_lineno + 1))
        assert len(inside) <= 60, function.name
        if path.parent.name == "cli" and function.decorator_list:
            continue  # the arguments of a verb are the options of the command line
        arguments = function.args
        count = len(arguments.args) + len(arguments.kwonlyargs) + len(arguments.posonlyargs)
        assert count <= 8, function.name


def test_most_functions_are_short(package):
    code, whole = zip(*(pair for module in package.values() for pair in function_lengths(module)), strict=True)
    assert np.percentile(code, 90) <= USUAL_LINES_OF_CODE
    assert np.percentile(whole, 90) <= USUAL_LINES


def test_docstrings_say_more_than_names_and_comments_say_why(package):
    """Nobody can count whether a comment is right: these only show when nobody writes any, or docstrings are filled up."""
    words = [count for module in package.values() for count in parameter_entries(module)]
    assert sum(count <= SHORT_ENTRY for count in words) <= MOST_SHORT_ENTRIES
    written = sum(all_ - to_tools for all_, to_tools in map(comments, package.values()))
    assert written >= LEAST_COMMENTS * sum(len(code_of(module)) for module in package.values()) / 1000


def test_the_formatter_is_skipped_for_aligned_figures_alone():
    skipped = "# fmt: " + "skip"
    found = {
        str(p.relative_to(ROOT)) for p in WRITTEN if skipped in p.read_text() or "# fmt: " + "off" in p.read_text()
    }
    assert found == set(ALIGNED_FIGURES)


@pytest.fixture(scope="module")
def package():
    """Modules of the package by dotted name, as `scripts/measure_structure.py` reads them."""
    return read(ROOT)


def test_records_have_few_fields(package):
    """An exception stands with the number of fields that it may not pass."""
    wide = {
        f"{name}.{record}": count
        for name, module in package.items()
        for record, count in records(module).items()
        if count > WIDE_RECORDS.get(f"{name}.{record}", (MOST_FIELDS,))[0]
    }
    assert wide == {}


def test_modules_import_few_others(package):
    many = {
        name: count
        for name, module in package.items()
        if (count := len(imported(module, package))) > MANY_IMPORTS.get(name, (MOST_IMPORTS,))[0]
    }
    assert many == {}


def test_every_module_is_imported(package):
    used = set().union(*(imported(module, package) for module in package.values()))
    alone = {name for name, module in package.items() if not module.is_folder} - used - STARTED_FROM_OUTSIDE
    assert alone == set()


def test_few_module_names_occur_twice(package):
    names = [name.rpartition(".")[2] for name, module in package.items() if not module.is_folder]
    assert len({name for name in names if names.count(name) > 1}) <= MOST_DOUBLE_NAMES


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_argument_is_thrown_away(path):
    """An argument that a function deletes shows a seam that is too wide."""
    for function in functions(path):
        arguments = {a.arg for a in (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)}
        deleted = {
            n.id for d in ast.walk(function) if isinstance(d, ast.Delete) for n in d.targets if isinstance(n, ast.Name)
        }
        assert not arguments & deleted, function.name


def test_tests_stand_at_the_path_of_what_they_test():
    homes = [PACKAGE, ROOT]  # benchmarks and scripts stand beside the package
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT / "tests")
        tested = place.with_name(place.name.removeprefix("test_"))
        found = any((home / tested).exists() or (home / tested.with_suffix("")).is_dir() for home in homes)
        assert found != (place.as_posix() in STORIES), place


def test_no_test_races_the_clock():
    """Neither a pause nor a limit decides a test: a process says where it is, a count says how much was done."""
    clocks = ("time." + "sleep", "perf_" + "counter", "time." + "monotonic", "time." + "time(")
    found = {
        str(p.relative_to(ROOT)) for p in (ROOT / "tests").rglob("*.py") if any(c in p.read_text() for c in clocks)
    }
    assert found <= set(WAITS)


def test_import_loads_nothing_but_itself():
    """Whatever is loaded beyond what Python itself loads must be of the standard library."""
    script = (
        "import sys; before = set(sys.modules); import holdfast; "
        "print([m for m in set(sys.modules) - before if m.split('.')[0] not in {*sys.stdlib_module_names, 'holdfast'}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_verb_is_a_flow_is_a_name():
    from holdfast.cli import app

    verbs = {(c.name or c.callback.__name__).replace("-", "_") for c in app.registered_commands}
    for group in app.registered_groups:  # `validate recovery` is the flow and the name validate_recovery
        verbs |= {f"{group.name}_{c.name}".replace("-", "_") for c in group.typer_instance.registered_commands}
    verbs |= {"compare_cities"}  # the verb `compare`, where it is given results of different cities
    for verb in verbs:
        flow = getattr(importlib.import_module(f"holdfast.flows.{verb}"), verb)
        assert getattr(holdfast, verb) is flow
    public = {name for name in holdfast.__all__ if callable(getattr(holdfast, name)) and name[0].islower()}
    assert public == verbs
    assert len(holdfast.__all__) <= 22  # one per verb, and four errors


@pytest.mark.parametrize(
    "verb",
    [
        "init",
        "check",
        "demo",
        "rate",
        "simulate",
        "compare",
        "measures",
        "what-if",
        "update",
        "contest",
        "train",
        "validate recovery",
        "validate rating",
        "drivers",
        "report",
    ],
)
def test_help_shows_an_example(verb, cli):
    assert "Example: holdfast" in cli(*verb.split(), "--help").out.replace("`", "")


@pytest.mark.parametrize("name", schema_names())
def test_schemas_are_complete(name):
    for row in schema_rows(name):
        assert row["description"].strip(), row
        assert row["source"].strip(), row
        assert None not in row, f"a field too many: {row}"
        assert None not in row.values(), f"a field too few: {row}"
    columns = [rule.column for rule in schema(name)]
    assert len(columns) == len(set(columns))


def test_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute"):
        holdfast.nothing  # noqa: B018
    assert "rate" in dir(holdfast)


def test_the_wheel_holds_type_hints_tables_and_licences(tmp_path):
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = set(ZipFile(wheel).namelist())
    shipped = {p.relative_to(PACKAGE.parent).as_posix() for p in PACKAGE.rglob("*") if p.is_file()}
    assert {n for n in shipped if "__pycache__" not in n and not n.endswith((".nbi", ".nbc"))} <= names
    assert "holdfast/py.typed" in names
    assert {n.rpartition("/")[2] for n in names if ".dist-info/licenses" in n} == {
        "LICENSE",
        "LICENSE-simcenter-dlml.txt",
    }
