"""Verbs that weigh spending before an event."""

from pathlib import Path

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
from holdfast.cli.telling import tell_measures, tell_what_if


@app.command()
def measures(
    study: StudyFile,
    out: Out = Path("results/measures"),
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

    given = overrides(data, seed, set_, draws)
    table = followed(
        lambda tell: flow(study, out=out, overwrite=overwrite, overrides=given, workers=workers, progress=tell), quiet
    )
    ended(out, ["measures"], lambda: tell_measures(table), as_json=json_, quiet=quiet, opened=open_)


@app.command()
def what_if(
    study: StudyFile,
    out: Out = Path("results/what-if"),
    data: Data = None,
    seed: Seed = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Change features of a rating or add objects: who gains, who falls, what is an artefact, and the cheapest change.

    Example: `holdfast what-if examples/harris_what_if.toml --data ../shared/data/rating --out results/harris-what-if`
    """
    from holdfast.flows.what_if import what_if as flow

    given = overrides(data, seed, set_)
    cells = followed(lambda tell: flow(study, out=out, overwrite=overwrite, overrides=given, progress=tell), quiet)
    ended(out, ["what_if"], lambda: tell_what_if(cells.attrs["summary"]), as_json=json_, quiet=quiet, opened=open_)
