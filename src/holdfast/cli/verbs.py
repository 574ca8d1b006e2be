"""The verbs of the command line: one per flow."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from holdfast.cli.telling import (
    say,
    tell_checked,
    tell_cities,
    tell_differences,
    tell_json,
    tell_losses,
    tell_place,
    tell_rating,
    tell_scenarios,
    tell_scores,
    tell_stopped,
    tell_trained,
)


class Stopped(Exception):  # noqa: N818  no error: somebody wished it
    """A run was stopped; with what was kept, in words."""


# options of the whole program stand before the verb and are parsed before it runs, apart from where errors end
ASKED: list[Path] = []
"""File that `--traceback` names, for whoever reports a fault."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Rates how resilient each neighbourhood is and simulates how a city recovers.",
)

validate = typer.Typer(no_args_is_help=True, help="Hold results to what was observed.", rich_markup_mode="markdown")
app.add_typer(validate, name="validate")

# options that several verbs share, so that each has one name and one help text
StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="Study file; `holdfast init` writes one.")]
Out = Annotated[Path, typer.Option("--out", help="Result folder.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the input files, over the study's.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of every random number, over the study's.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any key of the study, dotted; repeatable.")
]
Workers = Annotated[int, typer.Option("--workers", help="Processes; the result is the same for any number.")]
Draws = Annotated[int | None, typer.Option("--draws", help="Monte-Carlo realisations, over the study's.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors (with --json: the JSON alone).")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the result of another study, and files changed since.")
]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]


def _version(asked: bool) -> None:
    """Print the version and end, where that is asked for."""
    if asked:
        from importlib.metadata import version

        say(f"holdfast {version('holdfast')}")
        raise typer.Exit


@app.callback()
def options(
    traceback: Annotated[
        Path | None, typer.Option("--traceback", metavar="FILE", help="Where to write the place of an error.")
    ] = None,
    version: Annotated[  # noqa: ARG001  answered by its callback
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Rates how resilient each neighbourhood is and simulates how a city recovers."""
    ASKED[:] = [] if traceback is None else [traceback]


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("study.toml"),
    rating: Annotated[bool, typer.Option("--rating", help="A region to rate.")] = False,
    city: Annotated[bool, typer.Option("--city", help="A city to simulate.")] = False,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="OpenStreetMap extract, or table of buildings.")
    ] = None,
    bbox: Annotated[
        str | None, typer.Option("--bbox", metavar="W,S,E,N", help="Part of the extract to read, degrees.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Write a commented study file to start from, for what you have.

    Example: `holdfast init town.toml --from town.osm.pbf --bbox 24.94,60.16,24.96,60.18`
    """
    # in every verb: flows are imported as they are used, so that `--help` and bad options answer at once
    from holdfast.flows.init import init as flow

    # who gives nothing on a terminal is asked; a script gets the template of a rating
    if not (rating or city or source or quiet) and sys.stdin.isatty():
        answer = typer.prompt("A rating of a region, or a city to simulate? (rating/city)", default="rating")
        city = answer.strip().lower() == "city"
        told = typer.prompt("File that you have (.osm.pbf, or a table of buildings; empty for none)", default="")
        source = Path(told) if told else None
    kind = "city" if city else "rating" if rating else None
    written = flow(path, kind=kind, source=source, bbox=box_of(bbox))
    if not quiet:
        say(f"{written} written; edit it, then: holdfast check {path}")


@app.command()
def check(
    study: StudyFile,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the plausibility report of the city: city.html.")
    ] = None,
    data: Data = None,
    seed: Seed = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
    full: Annotated[bool, typer.Option("--full", help="Print the complete study and every input, as JSON.")] = False,
) -> None:
    """Read all that a run would read, name every fault, and print what a run would find and how plausible its city is.

    Example: `holdfast check examples/harris.toml --data ../shared/data/rating`
    """
    from holdfast.flows.check import check as flow

    given = overrides(data, seed, set_)
    result = followed(lambda tell: flow(study, out=out, overwrite=overwrite, overrides=given, progress=tell), quiet)
    if json_:
        say(json.dumps(result, indent=2, ensure_ascii=False))
    elif not quiet:
        tell_checked(str(study), result, full)
    # without a folder there is no report to open
    if open_ and out is not None:
        typer.launch(result["report"])


@app.command()
def demo(
    out: Out = Path("holdfast-demo"),
    seed: Seed = None,
    workers: Workers = 1,
    set_: Set = None,
    open_: Open = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the main job on what the package ships, offline.

    Example: `holdfast demo --open`
    """
    from holdfast.flows.demo import demo as flow

    given = overrides(None, seed, set_)
    cells, curves = followed(
        lambda tell: flow(out=out, overwrite=overwrite, overrides=given, workers=workers, progress=tell), quiet
    )
    if json_:
        tell_json(out, ["rating", "losses"])
    elif not quiet:
        tell_rating(cells.attrs["summary"])
        tell_losses(curves.attrs["summary"])
        tell_place(out)
    show(out, open_)


@app.command()
def rate(
    study: StudyFile,
    out: Out = Path("results/rating"),
    data: Data = None,
    seed: Seed = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Rate every cell of a region.

    Example: `holdfast rate examples/harris.toml --data ../shared/data/rating --out results/harris`
    """
    from holdfast.flows.rate import rate as flow

    cells = followed(
        lambda tell: flow(study, out=out, overwrite=overwrite, overrides=overrides(data, seed, set_), progress=tell),
        quiet,
    )
    if json_:
        tell_json(out, ["rating"])
    elif not quiet:
        tell_rating(cells.attrs["summary"])
        tell_place(out)
    show(out, open_)


@app.command()
def simulate(
    study: StudyFile,
    out: Out = Path("results/recovery"),
    data: Data = None,
    draws: Draws = None,
    workers: Workers = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Take over what a stopped run has done.")] = False,
    seed: Seed = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Simulate how a city loses and regains its functions, in money and person-days.

    Example: `holdfast simulate examples/helsinki.toml --draws 20 --out results/helsinki`
    """
    from holdfast.flows.simulate import simulate as flow

    given = overrides(data, seed, set_) | ({} if draws is None else {"recovery.draws": draws})
    curves = followed(
        lambda tell: flow(
            study, out=out, overwrite=overwrite, overrides=given, workers=workers, resume=resume, progress=tell
        ),
        quiet,
    )
    # a set of scenarios sums up in another file than one
    summary = curves.attrs["summary"]
    if json_:
        tell_json(out, ["scenarios" if "scenarios" in summary else "losses"])
    elif not quiet:
        (tell_scenarios if "scenarios" in summary else tell_losses)(summary)
        tell_place(out)
        tell_stopped(out)
    show(out, open_)


@app.command()
def compare(
    compared: Annotated[
        list[Path],
        typer.Argument(
            metavar="STUDY.toml | RESULT RESULT ...",
            help="Study whose alternatives are compared, or results of `holdfast simulate` of different cities.",
        ),
    ],
    out: Out = Path("results/comparison"),
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="KEY=VALUE",
            help="Alternative that changes this key; repeatable. Without: every strategy.",
        ),
    ] = None,
    data: Data = None,
    draws: Draws = None,
    workers: Workers = 1,
    seed: Seed = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Play the same draws through under alternatives and tell the paired differences, or put cities side by side.

    Example: `holdfast compare examples/helsinki.toml --draws 20 --with recovery.strategy=random --with recovery.crews.power=8`

    Example: `holdfast compare results/helsinki results/berkeley --out results/cities`
    """
    from holdfast.config import parse_override
    from holdfast.flows.compare import compare as flow

    given = overrides(data, seed, set_) | ({} if draws is None else {"recovery.draws": draws})
    # an alternative is called what it was written as
    chosen = {text: dict([parse_override(text)]) for text in with_ or ()}
    # a study is a file: folders, or more than one, are results
    cities = len(compared) > 1 or compared[0].is_dir()
    if cities:
        table = followed(lambda tell: cities_beside(compared, [*given, *chosen], out, overwrite, tell), quiet)
    else:
        table = followed(
            lambda tell: flow(
                compared[0],
                alternatives=chosen,
                out=out,
                overwrite=overwrite,
                overrides=given,
                workers=workers,
                progress=tell,
            ),
            quiet,
        )
    if json_:
        tell_json(out, ["cities" if cities else "comparison"])
    elif not quiet:
        tell_cities(table.attrs["summary"]) if cities else tell_differences(table)
        tell_place(out)
    show(out, open_)


def cities_beside(
    results: Sequence[Path], keys: Sequence[str], out: Path, overwrite: bool, progress: Callable[[str, float], None]
) -> Any:
    """Put results side by side; `keys` of a study that were given with them are refused, for none is run again."""
    from holdfast.errors import Problem, TableError
    from holdfast.flows.compare_cities import compare_cities

    if keys:
        text = f"results are compared as they are, and {', '.join(keys)} would change nothing; leave it out, or run the studies again"
        raise TableError("holdfast compare", [Problem(text)])
    return compare_cities(results, out=out, overwrite=overwrite, progress=progress)


@app.command()
def train(
    data: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the public statistics.")],
    out: Out = Path("results/training"),
    seed: Annotated[int, typer.Option("--seed", help="Seed of every random number.")] = 1,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train the models behind the tables of productivity and service capacity again.

    Example: `holdfast train ../shared/data/training --out results/training`
    """
    from holdfast.flows.train import train as flow

    tables = followed(lambda tell: flow(data, out=out, overwrite=overwrite, seed=seed, progress=tell), quiet)
    # the tables are the result: there is no page to open or to name
    if json_:
        say(json.dumps({"out": str(out), "tables": {name: len(table) for name, table in tables.items()}}))
        return
    if not quiet:
        tell_trained(out, tables)


@validate.command("recovery")
def validate_recovery(
    observed: Annotated[Path | None, typer.Argument(metavar="OBSERVED.csv", help="Observed curves.")] = None,
    predicted: Annotated[
        list[Path] | None,
        typer.Option("--predicted", help="Table of draws, simulation result, or registration; repeatable."),
    ] = None,
    register: Annotated[
        Path | None, typer.Option("--register", help="Write the prediction down with its hash, before any comparison.")
    ] = None,
    event: Annotated[str | None, typer.Option("--event", help="Event that a simulation result predicts.")] = None,
    out: Out = Path("results/validation"),
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Hold predicted recoveries to observed ones, beside baselines; or register a prediction before.

    Example: `holdfast validate recovery examples/observed_synthetic.csv --predicted examples/predicted_synthetic.csv`
    """
    from holdfast.flows.validate_recovery import validate_recovery as flow

    # a registration goes to a place of its own and compares nothing
    target = None if register is not None else out
    table = followed(
        lambda tell: flow(
            observed,
            predicted=predicted or [],
            event=event,
            registration=register,
            out=target,
            overwrite=overwrite,
            progress=tell,
        ),
        quiet,
    )
    if register is not None:
        summary = table.attrs["summary"]
        text = (
            json.dumps({"out": str(register), **summary}) if json_ else f"Registered: {register}\n{summary['sha256']}"
        )
        if json_ or not quiet:
            say(text)
        return
    if json_:
        tell_json(out, ["validation"])
    elif not quiet:
        tell_scores(table)
        tell_place(out)
    show(out, open_)


@validate.command("rating")
def validate_rating(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder of `holdfast rate`.")],
    outcome: Annotated[Path, typer.Argument(metavar="OUTCOME.csv", help="Outcome by area, zeros included.")],
    people: Annotated[str, typer.Option("--people", help="Column with the people of an area.")],
    count: Annotated[str | None, typer.Option("--count", help="Column with the cases of an area.")] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="Column with a rate, instead of cases.")] = None,
    control: Annotated[list[str] | None, typer.Option("--control", help="Column of hazard; repeatable.")] = None,
    block_km: Annotated[float, typer.Option("--block-km", help="Side of blocks that share errors, km.")] = 20.0,
    out: Out = Path("results/outcome"),
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Hold a rating to an outcome by area, beside other methods, each feature, and all of them weighted freely.

    Example: `holdfast validate rating results/harris claims.csv --count claims --people residents --control flooded_share`
    """
    from holdfast.flows.validate_rating import validate_rating as flow

    named = {"count": count, "rate": rate, "people": people, "controls": control}
    table = followed(
        lambda tell: flow(
            result,
            outcome,
            columns={k: v for k, v in named.items() if v},
            block_km=block_km,
            out=out,
            overwrite=overwrite,
            progress=tell,
        ),
        quiet,
    )
    if json_:
        tell_json(out, ["outcome"])
    elif not quiet:
        for text in table.attrs["summary"]["words"]:
            say(text)
        tell_place(out)
    show(out, open_)


@app.command()
def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="HTML file to write.")] = None,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Write the report of a result again, after holding every file to its checksum.

    Example: `holdfast report results/harris --out harris.html`
    """
    from holdfast.flows.report import report as flow

    path = flow(result, out=out)
    if json_ or not quiet:
        say(json.dumps({"report": str(path)}) if json_ else f"report: {path}")
    if open_:
        typer.launch(str(path))


def show(out: Path, wanted: bool) -> None:
    """Open the report of a result folder in the browser, if that is wanted."""
    if wanted:
        typer.launch(str(out / "report.html"))


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """Four numbers between commas."""
    if text is None:
        return None
    from holdfast.errors import Problem, TableError

    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        message = f'"{text}" is no rectangle; give west,south,east,north in degrees'
        raise TableError("init", [Problem(message, column="--bbox")]) from None
    return west, south, east, north


def overrides(data: Path | None, seed: int | None, pairs: Sequence[str] | None) -> dict[str, Any]:
    """Keys of the study that the command line sets: ``--set`` pairs, then ``--data`` and ``--seed``."""
    from holdfast.config import parse_override

    given = dict(parse_override(text) for text in pairs or ())
    # options of their own go over `--set` of the same key
    if data is not None:
        given["data"] = str(data)
    if seed is not None:
        given["seed"] = seed
    return given


def followed(run: Callable[[Callable[[str, float], None]], Any], quiet: bool) -> Any:
    """Run a flow and report its progress: a bar on a terminal, a line of JSON per step elsewhere; nothing if quiet.

    Raises
    ------
    Stopped
        If the user or the system stops it; typer would swallow the words of a `KeyboardInterrupt`.
    """
    try:
        return _told(run, quiet)
    except KeyboardInterrupt as stop:
        raise Stopped(str(stop)) from stop


def _told(run: Callable[[Callable[[str, float], None]], Any], quiet: bool) -> Any:
    """Run a flow and tell its progress in the way that suits who listens."""
    if quiet:
        return run(lambda *_: None)
    # on standard error, since standard output may be read by another program
    console = Console(stderr=True)
    if not console.is_terminal:
        return run(lambda step, share: typer.echo(json.dumps({"step": step, "done": round(share, 3)}), err=True))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        return run(lambda step, share: bar.update(task, description=step, completed=share))
