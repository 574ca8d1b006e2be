"""Verbs that take up what is observed while a recovery runs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.cli.telling import tell_json, tell_nowcast, tell_place
from holdfast.cli.verbs import Json, Open, Overwrite, Quiet, app, followed, show

__all__ = ["app"]


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
    out: Annotated[Path, typer.Option("--out", help="Result folder.")] = Path("results/nowcast"),
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
    if json_:
        tell_json(out, ["nowcast"])
    elif not quiet:
        tell_nowcast(table.attrs["summary"])
        tell_place(out)
    show(out, open_)
