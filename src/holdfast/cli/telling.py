"""What the command line prints of a result, in words or as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer


def say(text: str) -> None:
    """Print a line on standard output."""
    typer.echo(text)


def tell_checked(study: str, result: dict[str, Any], full: bool = False) -> None:
    """Print a screen of what a run would find and how plausible its city is, from the result of `holdfast.check`.

    With `full` also the complete study and every input, as JSON.
    """
    # warnings first: the lines that follow may be long
    for part in ("rating", "recovery"):
        for row in result.get(part, {}).get("inputs", ()):
            tell_warnings([f"{row['file']}: {text}" for text in row["warnings"]])
    recovery = {k: v for k, v in result.get("recovery", {}).items() if k not in ("told", "plausibility")}
    facts = result | ({"recovery": recovery} if recovery else {})  # the lines that follow say the rest in words
    if full:
        say(json.dumps(facts, indent=2, ensure_ascii=False))
    for part in ("rating", "recovery"):
        for row in result.get(part, {}).get("inputs", ()):
            say(f"{row['file']} ({row['table']}): {row['rows']:,} rows" + "".join(f"; {n}" for n in row["notes"][:1]))
    if "rating" in result:
        tell_features(result["rating"])
    for line in result.get("recovery", {}).get("told", []):
        say(line)
    if "rating" in result:
        say(f"{study}: good; {result['rating']['rateable']:,} of {result['rating']['cells']:,} cells can be rated")
    if recovery:
        count = recovery["buildings"]
        what = f"{count:,} buildings can be simulated" if count else "networks are readable; no buildings to simulate"
        # what is read may be in order, and the city be none
        say(f"{study}: {recovery['verdict']['grade'] if count else 'good'}; {what}")
    if not full:
        say("The complete study with its defaults, and all notes on the inputs: --full")
    if "report" in result:
        say(f"Report: {Path(result['report']).resolve()}")


def tell_features(rating: Mapping[str, Any]) -> None:
    """Print which features a rating has, and why others are absent."""
    say(f"Features: {', '.join(rating['features'])}")
    for name, reason in rating["absent"].items():
        say(f"  absent: {name}: {reason}")


def tell_warnings(warnings: Iterable[str]) -> None:
    """Print what must be known of the input files before anything else, one line each."""
    for text in warnings:
        say(f"Warning: {text}.")


def tell_trained(out: Path, tables: Mapping[str, Any]) -> None:
    """Print the tables that a training wrote, with their rows, and where."""
    for name, table in tables.items():
        say(f"  {name}.csv: {len(table):,} rows")
    say(f"Result: {out}\nModel cards: {out / 'card_production.md'}, {out / 'card_service.md'}")


def tell_stopped(out: Path) -> None:
    """Print what stopped runs have left beside a result."""
    # imported here, since `--help` needs none of it
    from holdfast.store.kept import stopped_runs

    for left in stopped_runs(out.resolve()):
        say(
            f"A stopped run left {left.folder} ({left.blocks:,} blocks, {left.bytes / 1e6:,.1f} MB, {left.days:.0f} days "
            "old): its study goes on with --resume; else remove the folder"
        )


def tell_rating(summary: dict[str, Any]) -> None:
    """Print what a rating found, from the content of ``rating.json``."""
    if not summary["noise"]["told_apart"]:
        say(f"This map cannot be told from noise (p {summary['noise']['p_value']:.2f}): its levels mean nothing.")
    tell_warnings(summary["warnings"])
    levels = ", ".join(f"{row['cells']:,} at level {row['level']}" for row in summary["levels"])
    say(f"{summary['name']}: {summary['rated']:,} of {summary['cells']:,} cells rated ({levels}).")
    for reason, count in summary["unrated"].items():
        say(f"No level for {count:,} cells: {reason}.")
    say(f"Absent features: {', '.join(summary['features_absent']) or 'none'}.")


def tell_overlay(summary: dict[str, Any]) -> None:
    """Print where risk is high and resilience low, from the content of ``overlay.json``."""
    from holdfast.pages.words import percent, rounded

    if not summary["noise"]["told_apart"]:
        say(f"The features of the risk cannot be told from noise (p {summary['noise']['p_value']:.2f}).")
    worst, unit = summary["worst"], "housing units" if summary["unit"] == "housing_units" else "m2"
    say(
        f"Low resilience and high risk: {rounded(worst['people'])} {unit} ({percent(worst['share'])}) in {worst['places']} places, "
        f"{rounded(worst['sure_people'])} of them surely."
    )


def tell_losses(summary: dict[str, Any]) -> None:
    """Print what a simulation found, from the content of ``losses.json``."""
    from holdfast.pages.words import days_interval, event_sentence, with_interval

    tell_warnings(summary["warnings"])
    scenario, losses = summary["scenario"], summary["losses"]
    say(
        f"{summary['name']}: {summary['buildings']:,} buildings, {summary['draws']:,} draws, {scenario['name']}. {scenario['note']}"
    )
    for name in ("total_economic_loss", "repair_cost", "lost_production", "service_capacity_loss"):
        say(f"  {name.replace('_', ' ')}: {with_interval(losses[name], summary['draws'])}")
    net = summary["production"]["net_lost_production"]
    say(f"  of it after supply and demand (net lost production): {with_interval(net, summary['draws'])}")
    # losses of a draw that ends damaged go on after its last day: what is counted is the least that they are
    if years := scenario.get("return_period_years"):
        say(f"  {event_sentence(summary['name'], years, losses, summary['draws'], scenario['hazard'])}")
    if summary["recovered_share"] < 1:
        share, day = 1 - summary["recovered_share"], summary["recovery"]["horizon_days"]
        say(f"  lower bounds: {share:.0%} of the draws are not fully repaired by day {day:,}")
    reached = summary["days_to"].get("economic productivity", {}).get("90%")
    if reached:
        # JSON has no infinity, a summary in memory has
        within = {k: None if v is None or v == float("inf") else v for k, v in reached.items()}
        say(f"  days until 90 % of production: {days_interval(within)}")


def tell_scenarios(summary: dict[str, Any]) -> None:
    """Print what a set of scenarios costs in a mean year, from the content of ``scenarios.json``."""
    from holdfast.pages.words import amount, event_sentence

    tell_warnings(summary["warnings"])
    say(f"{summary['name']}: {len(summary['scenarios'])} scenarios, {summary['draws']:,} draws each. In a mean year:")
    for name, row in summary["average_annual_loss"].items():
        unit = row["unit"].removesuffix("/year")
        say(
            f"  {name.replace('_', ' ')}: {amount(row['value'], unit)} (Monte-Carlo error {amount(row['error'], unit, 2)})"
        )
    for row in summary["events_of_return_period"]:
        sentence = event_sentence(summary["name"], row["years"], row["losses"], summary["draws"], row["hazard"])
        say(f"{sentence} ({row['scenario']})")


def tell_differences(table: Any) -> None:
    """Print what a comparison found, from the table of `holdfast.compare`."""
    from holdfast.pages.words import amount

    for (name, loss), row in table.iterrows():
        # the two sums; their parts stand in the report
        if loss in ("total_economic_loss", "service_capacity_loss"):
            low, mean, high = (amount(row[k], row["unit"]) for k in ("difference_low", "difference", "difference_high"))
            say(f"{name}: {loss.replace('_', ' ')} {mean} (95 % interval of the mean {low} to {high}) beside the study")


def tell_measures(table: Any) -> None:
    """Print what measures save and cost, from the table of `holdfast.measures`."""
    from holdfast.pages.measures_report import council_sentences, rating_sentences
    from holdfast.pages.words import amount, percent, ratio_words, rounded

    summary = table.attrs["summary"]
    tell_warnings(summary["warnings"])
    for row in summary["measures"]:
        say(
            f"{row['measure_id']}: saves {amount(row['saved_money'], summary['money'])} and {rounded(row['saved_person_days'])} "
            f"person-days in a mean year for {amount(row['present_cost'], summary['money'])}; benefit per cost "
            f"{ratio_words(row)}; pays back in {percent(row['pays_back'])} of futures"
        )
    for text in (*council_sentences(summary), *rating_sentences(summary["rating"])):
        say(text)


def tell_what_if(summary: dict[str, Any]) -> None:
    """Print who gains and falls in each mode, and the cheapest changes, from the content of ``what_if.json``."""
    from holdfast.pages.what_if_report import what_if_sentences
    from holdfast.pages.words import amount, change_words

    for text in what_if_sentences(summary):
        say(text)
    for row in summary["cheapest"]:
        words = "; ".join(change_words(c) for c in row["changes"]) or "no change"
        cost = "out of reach" if row["cost"] is None else amount(row["cost"], summary["money"])
        say(f"  {row['cell_id']} (level {row['level']}): {cost}: {words}")
    if summary["shared_cost"]:
        say(f"  once for all of them: {amount(summary['shared_cost'], summary['money'])}")


def tell_cities(summary: dict[str, Any]) -> None:
    """Print the losses of cities side by side, from the content of ``cities.json``."""
    from holdfast.pages.cities_report import cities_parts
    from holdfast.pages.words import amount, rounded

    tell_warnings(summary["warnings"])
    for row in summary["cities"]:
        say(
            f"{row['name']}: {row['scenario']['name']}, {row['draws']:,} draws; {rounded(row['floor_area_m2'])} m2 of floor, "
            f"{rounded(row['residents'])} residents, {amount(row['normal_production'], summary['money'])} a normal day"
        )
    say("Losses, median (P5 to P95):")
    for table in cities_parts(summary)["tables"]:
        wide = [max(map(len, column)) for column in zip(*table, strict=True)]
        for first, *cells in table:
            numbers = "  ".join(cell.rjust(width) for cell, width in zip(cells, wide[1:], strict=True))
            say(f"  {first.ljust(wide[0])}  {numbers}")
    for text in summary["limits"]:
        say(f"{text}.")


def tell_scores(scores: Any) -> None:
    """Print what a validation found, from the table of `holdfast.validate_recovery`."""
    for row in scores.itertuples():
        known = "" if row.model != "simulated" else ", registered" if row.registered else ", not registered"
        say(
            f"{row.event}, {row.quantity}: {row.prediction}, {row.model}{known}: {row.coverage_90:.0%} of {row.points} "
            f"observed values inside the 90 % band, CRPS {row.crps:.3f}"
        )


def tell_nowcast(summary: dict[str, Any]) -> None:
    """Print what observations changed, from the content of ``nowcast.json``."""
    from holdfast.pages.words import rounded

    say(
        f"{summary['observations']} observations up to day {summary['last_day']:g}; {summary['draws']} draws, worth "
        f"{summary['effective_draws']:.0f} of equal weight"
    )
    if summary["exponent"] < 1:
        say(
            f"the observations lie at the edge of the draws: their weight was lowered (exponent {summary['exponent']:.2f})"
        )
    for loss in summary["losses"].values():
        before, after = (
            f"{rounded(loss[w]['p50'])} ({rounded(loss[w]['p5'])} to {rounded(loss[w]['p95'])})"
            for w in ("before", "after")
        )
        say(f"{loss['name']}, {loss['unit']}: {before} before, {after} after")


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


def tell_privacy(table: Any) -> None:
    """Print what an attack on public folders found, from the table of `holdfast.privacy`."""
    for row in table.itertuples():
        say(f"{row.file}: {row.rows:,} rows, {row.sums} sums, {row.beyond} of them over withheld cells")
    facts = table.attrs["summary"]
    if facts["few"]:
        say(
            f"None of {facts['few']} cells with fewer than {facts['fewest_households']:g} households can be narrowed to less than "
            f"{facts['narrowest']:.1f} households."
        )
    else:
        say(f"No cell has fewer than {facts['fewest_households']:g} households.")


def tell_update(summary: dict[str, Any]) -> None:
    """Print what a new vintage changed, from the content of ``update.json``."""
    from holdfast.pages.words import percent, plain

    drifted = [
        f"{plain(row['feature']).lower()} ({row['shift'] or 0:+.2f} sd)" for row in summary["drift"] if row["notable"]
    ]
    say(f"Drifted: {', '.join(drifted) or 'nothing notably'}.")
    moved, people = summary["moved"], summary["people"]
    share = people["beyond"] / people["all"] if people["all"] else 0.0
    say(
        f"{moved['cells']:,} of {summary['cells']['same']:,} cells have another level, {moved['beyond']:,} beyond their error ({percent(share)} of the people)."
    )


def tell_json(out: Path, names: Sequence[str]) -> None:
    """Print the summaries of a result (files by name, such as ``rating``) as one JSON object."""
    content: dict[str, Any] = {"out": str(out), "report": str(out / "report.html")}
    for name in names:
        # of two summaries the first keeps a key that both have, such as the name of a demo
        content |= {
            k: v for k, v in json.loads((out / f"{name}.json").read_text(encoding="utf-8")).items() if k not in content
        }
    say(json.dumps(content, ensure_ascii=False))


def tell_place(out: Path) -> None:
    """Print where the result lies."""
    say(f"Result: {out}\nReport: {(out / 'report.html').resolve()}")
