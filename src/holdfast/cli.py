"""The command line: one verb per flow, errors in one message, exit code 2 for bad input."""

import json
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Rates how resilient each neighbourhood is and simulates how a city recovers.",
)

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="Study file; `holdfast init` writes one.")]
Out = Annotated[Path, typer.Option("--out", help="Result folder.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the input files, over the study's.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of every random number, over the study's.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any key of the study, dotted; repeatable.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Tell no progress.")]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]


@app.command()
def init(path: Annotated[Path, typer.Argument(help="File to write.")] = Path("study.toml")) -> None:
    """Write a commented study file to start from.

    Example: `holdfast init my-metro.toml`
    """
    from holdfast.flows.init import init as flow

    say(f"{flow(path)} written; edit it, then: holdfast check {path}")


@app.command()
def check(
    study: StudyFile,
    data: Data = None,
    seed: Seed = None,
    set_: Set = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Read all that a run would read, name every fault, and print the complete study.

    Example: `holdfast check examples/harris.toml --data ../shared/data/rating`
    """
    from holdfast.flows.check import check as flow

    result = followed(lambda tell: flow(study, overrides=overrides(data, seed, set_), progress=tell), quiet)
    say(json.dumps(result, indent=2, ensure_ascii=False))
    if not json_:
        say(f"{study}: good; {result['rateable']:,} of {result['cells']:,} cells can be rated")


@app.command()
def demo(
    out: Out = Path("holdfast-demo"),
    seed: Seed = None,
    set_: Set = None,
    open_: Open = False,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the main job on what the package ships, offline.

    Example: `holdfast demo --open`
    """
    from holdfast.flows.demo import demo as flow

    cells = followed(lambda tell: flow(out=out, overrides=overrides(None, seed, set_), progress=tell), quiet)
    tell_rating(cells.attrs["summary"], out, json_, open_)


@app.command()
def rate(
    study: StudyFile,
    out: Out = Path("results/rating"),
    data: Data = None,
    seed: Seed = None,
    set_: Set = None,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Rate every cell of a region.

    Example: `holdfast rate examples/harris.toml --data ../shared/data/rating --out results/harris`
    """
    from holdfast.flows.rate import rate as flow

    cells = followed(lambda tell: flow(study, out=out, overrides=overrides(data, seed, set_), progress=tell), quiet)
    tell_rating(cells.attrs["summary"], out, json_, open_)


@app.command()
def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="HTML file to write.")] = None,
    json_: Json = False,
    open_: Open = False,
) -> None:
    """Write the report of a result anew, after holding every file to its checksum.

    Example: `holdfast report results/harris --out harris.html`
    """
    from holdfast.flows.report import report as flow

    path = flow(result, out=out)
    say(json.dumps({"report": str(path)}) if json_ else f"report: {path}")
    if open_:
        typer.launch(str(path))


def say(text: str) -> None:
    """Print a line on standard output.

    Parameters
    ----------
    text : str
        The line.
    """
    typer.echo(text)


def tell_rating(summary: dict[str, Any], out: Path, as_json: bool, show: bool) -> None:
    """Print what a rating found.

    Parameters
    ----------
    summary : dict
        Content of ``rating.json``.
    out : Path
        Result folder.
    as_json : bool
        Print the summary as JSON instead of words.
    show : bool
        Open the report in the browser.
    """
    page = out / "report.html"
    if as_json:
        say(
            json.dumps(
                {**json.loads((out / "rating.json").read_text(encoding="utf-8")), "out": str(out)}, ensure_ascii=False
            )
        )
    else:
        levels = ", ".join(f"{row['cells']:,} at level {row['level']}" for row in summary["levels"])
        say(f"{summary['name']}: {summary['rated']:,} of {summary['cells']:,} cells rated ({levels}).")
        for reason, count in summary["unrated"].items():
            say(f"No level for {count:,} cells: {reason}.")
        say(f"Absent features: {', '.join(summary['features_absent']) or 'none'}.")
        say(f"Result: {out}\nReport: {page.resolve()}")
    if show:
        typer.launch(str(page))


def overrides(data: Path | None, seed: int | None, pairs: Sequence[str] | None) -> dict[str, Any]:
    """Keys of the study that the command line sets.

    Parameters
    ----------
    data : Path or None
        Folder of the input files.
    seed : int or None
        Seed.
    pairs : sequence of str or None
        ``key=value`` each.
    """
    from holdfast.config import parse_override

    given = dict(parse_override(text) for text in pairs or ())
    if data is not None:
        given["data"] = str(data)
    if seed is not None:
        given["seed"] = seed
    return given


def followed(run: Callable[[Callable[[str, float], None]], Any], quiet: bool) -> Any:
    """Run a flow and tell its progress: a bar on a terminal, a line of JSON per step elsewhere.

    Parameters
    ----------
    run : callable
        Takes the function that is told each step.
    quiet : bool
        Tell nothing.
    """
    if quiet:
        return run(lambda *_: None)
    console = Console(stderr=True)
    if not console.is_terminal:
        return run(lambda step, share: typer.echo(json.dumps({"step": step, "done": round(share, 3)}), err=True))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        return run(lambda step, share: bar.update(task, description=step, completed=share))


def fail(message: str, code: int) -> NoReturn:
    """Print one message on standard error and end.

    Parameters
    ----------
    message : str
        What, where, remedy.
    code : int
        Exit code: 1 failed while running, 2 bad input.
    """
    typer.echo(f"holdfast: {message}", err=True)
    sys.exit(code)


def main() -> None:
    """Run the command line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries; ours are errors or stand in the report
            app()
    except (TableError, UnknownName, DataMissing) as error:
        fail(str(error), 2)
    except NotConverged as error:
        fail(str(error), 1)
    except KeyboardInterrupt:
        fail("stopped; nothing was written", 1)
    except (OSError, MemoryError) as error:
        fail(f"{type(error).__name__}: {error}", 1)
