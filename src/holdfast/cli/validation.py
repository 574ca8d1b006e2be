"""Verbs that hold results to what was observed, or take it up while a recovery runs."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.cli.application import (
    Json,
    Open,
    Out,
    Overwrite,
    Quiet,
    app,
    ended,
    followed,
    validate,
)
from holdfast.cli.telling import say, tell_nowcast, tell_scores


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
    ended(out, ["validation"], lambda: tell_scores(table), as_json=json_, quiet=quiet, opened=open_)


@validate.command("rating")
def validate_rating(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder of `holdfast rate`.")],
    outcome: Annotated[Path, typer.Argument(metavar="OUTCOME.csv", help="Outcome by area, zeros included.")],
    people: Annotated[str, typer.Option("--people", help="Column with the people of an area.")],
    count: Annotated[str | None, typer.Option("--count", help="Column with the cases of an area.")] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="Column with a rate, instead of cases.")] = None,
    control: Annotated[list[str] | None, typer.Option("--control", help="Column of hazard; repeatable.")] = None,
    part: Annotated[
        str | None,
        typer.Option("--part", help="Column with the county or metro: learned weights are tested in others."),
    ] = None,
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

    named = {"count": count, "rate": rate, "people": people, "controls": control, "part": part}
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
    words = "\n".join(table.attrs["summary"]["words"])
    ended(out, ["outcome"], lambda: say(words), as_json=json_, quiet=quiet, opened=open_)


@app.command()
def nowcast(
    predicted: Annotated[
        Path, typer.Argument(metavar="RESULT", help="Result of `holdfast simulate`, or a table of draws.")
    ],
    observed: Annotated[Path, typer.Argument(metavar="OBSERVED.csv", help="What was observed so far.")],
    event: Annotated[str, typer.Option("--event", help="Name of the event in the observed table.")] = "this event",
    until: Annotated[float | None, typer.Option("--until", help="Last day of the observations that weigh.")] = None,
    observation_error: Annotated[
        float, typer.Option("--observation-error", help="Standard deviation of an observed share.")
    ] = 0.02,
    model_error: Annotated[float, typer.Option("--model-error", help="Standard deviation of the model's share.")] = 0.1,
    out: Out = Path("results/nowcast"),
    overwrite: Overwrite = False,
    json_: Json = False,
    quiet: Quiet = False,
    open_: Open = False,
) -> None:
    """Weight the draws of a predicted recovery by what was observed of it, and go on with the forecast.

    Example: `holdfast nowcast examples/predicted_synthetic.csv examples/observed_synthetic.csv --until 4`
    """
    from holdfast.flows.nowcast import nowcast as flow
    from holdfast.recovery.validation import Discrepancy

    errors = Discrepancy(observation_error, model_error)
    settings: dict[str, Any] = {"event": event, "until": until, "errors": errors, "out": out, "overwrite": overwrite}
    table = followed(lambda tell: flow(predicted, observed, **settings, progress=tell), quiet)
    ended(out, ["nowcast"], lambda: tell_nowcast(table.attrs["summary"]), as_json=json_, quiet=quiet, opened=open_)
