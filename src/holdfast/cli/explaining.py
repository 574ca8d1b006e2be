"""The verb that says what drives the levels of a rating."""

from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.cli.application import Json, Open, Out, Overwrite, Quiet, app, ended, followed
from holdfast.cli.telling import say


@app.command()
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


def tell_drivers(summary: dict[str, Any]) -> None:
    """Print the drivers of each level in words, from the content of ``explanation.json``."""
    for row in summary["levels"]:
        words = "; ".join(d["words"] for d in row["drivers"]) or "nothing stands out from the middle of the metro"
        say(f"Level {row['level']}, {row['name']}: {words}.")
    kinds = summary["archetypes"]
    if kinds["cells"] is None:
        say(f"Kinds in {kinds['of']}: {kinds['why']}.")
    elif not kinds["distinct"]:
        say(f"The {kinds['cells']:,} cells of {kinds['of']} fall into no distinct kinds.")
    for kind in kinds.get("kinds", ()):
        if kinds["distinct"]:
            say(f"Kind {kind['kind']} of {kinds['of']} ({kind['cells']:,} cells): {kind['name']}.")
    for row in summary["faithfulness"]:
        name = row["explanation"].replace("_", " ")
        say(f"By {name} the score falls faster than by chance in {row['cells_beating_chance']:.0%} of the cells.")
