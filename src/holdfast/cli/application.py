"""The application of the command line: options that verbs share, how a flow is followed, and how a verb ends."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from holdfast.cli.telling import say, tell_json, tell_place


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


def show(out: Path, wanted: bool) -> None:
    """Open the report of a result folder in the browser, if that is wanted."""
    if wanted:
        typer.launch(str(out / "report.html"))


def ended(
    out: Path, names: Sequence[str], tell: Callable[[], None], *, as_json: bool, quiet: bool, opened: bool
) -> None:
    """End a verb that wrote a result: its summaries (files by name) as JSON, or its words and its place; open the report."""
    if as_json:
        tell_json(out, names)
    elif not quiet:
        tell()
        tell_place(out)
    show(out, opened)


def overrides(
    data: Path | None, seed: int | None, pairs: Sequence[str] | None, draws: int | None = None
) -> dict[str, Any]:
    """Keys of the study that the command line sets: ``--set`` pairs, then ``--data``, ``--seed`` and ``--draws``."""
    from holdfast.config import parse_override

    given = dict(parse_override(text) for text in pairs or ())
    # options of their own go over `--set` of the same key
    own = {"data": None if data is None else str(data), "seed": seed, "recovery.draws": draws}
    return given | {key: value for key, value in own.items() if value is not None}


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
