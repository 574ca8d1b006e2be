"""The verbs that make a study, check and run it, and write a result again."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.cli.application import (
    Data,
    Draws,
    Json,
    Open,
    Out,
    Overwrite,
    Quiet,
    Seed,
    Set,
    StudyFile,
    Workers,
    app,
    ended,
    followed,
    overrides,
)
from holdfast.cli.telling import (
    say,
    tell_checked,
    tell_cities,
    tell_differences,
    tell_losses,
    tell_overlay,
    tell_rating,
    tell_scenarios,
    tell_stopped,
    tell_trained,
)


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

    def tell() -> None:
        tell_rating(cells.attrs["summary"])
        tell_losses(curves.attrs["summary"])

    ended(out, ["rating", "losses"], tell, as_json=json_, quiet=quiet, opened=open_)


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

    def tell() -> None:
        tell_rating(cells.attrs["summary"])
        if "overlay" in cells.attrs:
            tell_overlay(cells.attrs["overlay"])

    names = ["rating", "overlay"] if "overlay" in cells.attrs else ["rating"]
    ended(out, names, tell, as_json=json_, quiet=quiet, opened=open_)


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

    given = overrides(data, seed, set_, draws)
    curves = followed(
        lambda tell: flow(
            study, out=out, overwrite=overwrite, overrides=given, workers=workers, resume=resume, progress=tell
        ),
        quiet,
    )
    # a set of scenarios sums up in another file than one
    summary = curves.attrs["summary"]
    of_set = "scenarios" in summary

    def tell() -> None:
        (tell_scenarios if of_set else tell_losses)(summary)
        tell_stopped(out)

    ended(out, ["scenarios" if of_set else "losses"], tell, as_json=json_, quiet=quiet, opened=open_)


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

    given = overrides(data, seed, set_, draws)
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
    ended(
        out,
        ["cities" if cities else "comparison"],
        lambda: tell_cities(table.attrs["summary"]) if cities else tell_differences(table),
        as_json=json_,
        quiet=quiet,
        opened=open_,
    )


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
