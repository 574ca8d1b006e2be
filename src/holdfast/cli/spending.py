"""Verbs that weigh spending before an event."""

from pathlib import Path
from typing import Annotated

import typer

from holdfast.cli.observing import app
from holdfast.cli.telling import tell_json, tell_measures, tell_place
from holdfast.cli.verbs import (
    Data,
    Draws,
    Json,
    Open,
    Overwrite,
    Quiet,
    Seed,
    Set,
    StudyFile,
    Workers,
    followed,
    overrides,
    show,
)

__all__ = ["app"]


@app.command()
def measures(
    study: StudyFile,
    out: Annotated[Path, typer.Option("--out", help="Result folder.")] = Path("results/measures"),
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
    """Simulate with and without measures, and tell what each saves and costs and which to choose for a budget.

    Example: `holdfast measures examples/helsinki_measures.toml --draws 10 --out results/helsinki-measures`
    """
    from holdfast.flows.measures import measures as flow

    given = overrides(data, seed, set_) | ({} if draws is None else {"recovery.draws": draws})
    table = followed(
        lambda tell: flow(study, out=out, overwrite=overwrite, overrides=given, workers=workers, progress=tell), quiet
    )
    if json_:
        tell_json(out, ["measures"])
    elif not quiet:
        tell_measures(table)
        tell_place(out)
    show(out, open_)
