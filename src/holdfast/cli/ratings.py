"""Verbs about a rating that is there: what drives its levels, what contests them, what new data change."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.cli.application import (
    Data,
    Json,
    Open,
    Out,
    Overwrite,
    Quiet,
    Set,
    app,
    ended,
    followed,
    overrides,
)
from holdfast.cli.telling import say, tell_drivers, tell_privacy, tell_update

PANEL = "Commands for a rating that was made"


@app.command(rich_help_panel=PANEL)
def drivers(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder of `holdfast rate`.")],
    explanation: Annotated[
        str, typer.Option("--explanation", help="integrated_gradients, relevance or one_at_a_time.")
    ] = "integrated_gradients",
    cells: Annotated[
        str, typer.Option("--cells", metavar="COLUMN=LEVEL", help="Where distinct kinds of cells are looked for.")
    ] = "level=1",
    seed: Annotated[int, typer.Option("--seed", help="Seed of random orders, drawings and halves.")] = 1,
    out: Out = Path("results/drivers"),
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Say what drives the levels of a rating, how far that can be believed, and which kinds of cells there are.

    Example: `holdfast drivers results/harris --out results/harris-drivers`
    """
    from holdfast.flows.drivers import drivers as flow

    settings: dict[str, Any] = {
        "explanation": explanation,
        "cells": cells,
        "seed": seed,
        "out": out,
        "overwrite": overwrite,
    }
    table = followed(lambda tell: flow(result, **settings, progress=tell), quiet)
    ended(out, ["explanation"], lambda: tell_drivers(table.attrs["summary"]), as_json=json_, quiet=quiet, opened=open_)


@app.command(rich_help_panel=PANEL)
def contest(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Result of `holdfast rate`.")],
    area: Annotated[str, typer.Option("--area", metavar="ID", help="Cell or area that the note is about.")],
    note: Annotated[str, typer.Option("--note", help="What is contested, and why.")],
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Contest what a rating says of an area: a note that stays with the result and is shown in its report.

    Example: `holdfast contest results/harris --area E40N357 --note "The clinic closed in 2020"`
    """
    from holdfast.flows.contest import contest as flow

    written = flow(result, area=area, note=note)
    if json_:
        say(json.dumps(written, ensure_ascii=False))
    elif not quiet:
        say(f"Noted on {area}; `holdfast report {result}` shows it.")


@app.command(rich_help_panel=PANEL)
def privacy(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT...", help="A rating first, then what belongs to it: what-if, drivers, updates."),
    ],
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Attack what the folders public/ of results tell together of few households; refuse what tells of them.

    Example: `holdfast privacy results/harris results/harris-what-if`
    """
    from holdfast.flows.privacy import privacy as flow

    table = flow(results)
    if json_:
        say(json.dumps({"files": table.to_dict("records"), **table.attrs["summary"]}, ensure_ascii=False))
    elif not quiet:
        tell_privacy(table)


@app.command(rich_help_panel=PANEL)
def update(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT", help="Result of `holdfast rate` or of an earlier update.")
    ],
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="Study of the same region with new tables.")],
    refit: Annotated[bool, typer.Option("--refit", help="Fit a new model too, beside the frozen one.")] = False,
    fetch: Annotated[
        bool,
        typer.Option(
            "--fetch", help="Fetch tables whose path is an http address; without it nothing leaves the machine."
        ),
    ] = False,
    watch: Annotated[
        float | None,
        typer.Option("--watch", metavar="SECONDS", help="Look at the files this often; rate when they change."),
    ] = None,
    out: Out = Path("results/update"),
    data: Data = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Rate new data by the frozen model of an earlier rating: what drifted, which cells moved beyond their error, and why.

    Example: `holdfast update results/harris examples/harris.toml --data ../shared/data/rating --out results/harris-2`
    """
    from holdfast.flows.remembered import Memory
    from holdfast.flows.update import Asked, inputs_digest, updated, watched

    asked = Asked(result, study, refit, fetch, out, overwrite, overrides(data, None, set_))
    memory = None if watch is None else Memory()

    def once() -> None:
        def run(tell: Any) -> Any:
            return updated(asked, tell, memory)

        summary = followed(run, quiet).attrs["update"]
        ended(out, ["update"], lambda: tell_update(summary), as_json=json_, quiet=quiet, opened=open_)

    if watch is None:
        once()
    else:
        watched(lambda: inputs_digest(asked), once, watch, missed=lambda text: typer.echo(text, err=True))
