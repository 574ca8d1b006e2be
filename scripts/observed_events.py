"""Renew the section of docs/validation.md on observed recoveries, from the results of the benchmarks.

python scripts/observed_events.py

Reads benchmarks/results: hindcast_irma_2017_*, fit_outages, hindcast_joplin, observed_events_*, rebuilding_pace and
rebuilding_jumps, and the packaged table published_recoveries.
scripts/validate.py writes the whole page and calls `section` too.
"""

import re
from pathlib import Path

import pandas as pd

from holdfast.data import packaged

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
TARGET = ROOT / "docs" / "validation.md"
START, END = "<!-- observed -->", "<!-- end of observed -->"
LEVELS = ("50", "90", "95")
HOMES = ("homes_repaired", "multifamily_repaired", "multifamily_replaced")


def by_event() -> str:
    """One row per event and quantity: the prediction, beside the best of the baselines and what is aimed at."""
    files = [RESULTS / f"{name}_scores.csv" for name in ("hindcast_irma_2017", "observed_events")]
    scores = pd.concat([pd.read_csv(f) for f in files if f.is_file()], ignore_index=True)
    industries = scores["quantity"].str.startswith("output_")
    told = scores.loc[industries, "quantity"].nunique()
    scores = scores[~industries].copy()
    scores["key"] = scores["event"] + ", " + scores["quantity"].str.replace("_", " ")
    together = scores["prediction"] == "together"
    scores.loc[together, "key"] += ", all areas together"
    order = pd.read_csv(RESULTS / "hindcast_irma_2017_order.csv").query("prediction == 'areas'")
    ranks = order.pivot_table(index="measure", columns="model", values="rho").get("simulated", pd.Series(dtype=float))
    alone = order[order["model"] == "share affected alone"].set_index("measure")["rho"]
    rows = []
    for key, own in scores.groupby("key", sort=False):
        made = own[own["model"] == "simulated"]
        rivals = own[own["model"] != "simulated"].sort_values("crps")
        best = f"{rivals.iloc[0].crps:.3f} ({rivals.iloc[0].model})" if len(rivals) else "-"
        if made.empty:
            rows.append(f"| {key} | no prediction | - | - | {best} | - | - |")
            continue
        r = made.iloc[0]
        days = ", ".join("-" if pd.isna(x) else f"{x:.2f}" for x in (r.days_to_50_ratio, r.days_to_90_ratio))
        rank = "-"
        if r.event.startswith("Irma") and r.prediction == "areas":
            rank = f"{ranks['days to 90%']:.2f} ({alone['days to 90%']:.2f})"
        fitted = "no" if pd.isna(r.fitted) else r.fitted
        cover = f"{r.running_coverage_90:.0%} of {r.running_points:.0f}"
        rows.append(f"| {key} | {fitted} | {cover} | {r.crps:.3f} | {best} | {days} | {rank} |")
    if told:
        rows.append(f"| Canterbury 2011, output of {told} industries | no prediction | - | - | - | - | - |")
    head = (
        "| event, quantity | fitted to it | inside 90 % while it recovers | CRPS | CRPS of the best baseline | days to 50, 90 %: predicted "
        "over observed | rank correlation of days to 90 % (share affected alone) |\n|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *rows])


def rebuilding() -> str:
    """Shares of buildings repaired by month beside published figures, and the largest rises of EP in a day."""
    pace, jumps = pd.read_csv(RESULTS / "rebuilding_pace.csv"), pd.read_csv(RESULTS / "rebuilding_jumps.csv")
    months = [c for c in pace if c.startswith("months_")]
    head = (
        "| city | way | damaged buildings | " + " | ".join(f"month {m.removeprefix('months_')}" for m in months) + " |"
    )
    rows = [
        f"| {r['city']} | {r['way']} | {r['buildings']}, {r['damaged']:,.0f} | "
        + " | ".join(f"{r[m]:.0%}" for m in months)
        + " |"
        for _, r in pace.iterrows()
    ]
    told = packaged("published_recoveries").query("quantity in @HOMES").sort_values("day")
    published = [
        f"| {r.event}, {r.area} | {r.quantity.replace('_', ' ')} | {r.value:.0%} after {r.day / 30.44:.0f} months | {r.grade} | {r.source} |"
        for r in told.itertuples()
    ]
    leaps = [
        f"| {r.city} | {r.way} | {r.median:.3f} ({r.greatest:.3f}) | {r.median_after_30_days:.3f} ({r.greatest_after_30_days:.3f}) "
        f"| {r.mean_curve:.3f} | {r.mean_curve_after_30_days:.3f} |"
        for r in jumps.itertuples()
    ]
    return f"""### The pace of rebuilding

Share of the damaged buildings repaired, {pace["draws"].max()} draws of each ([rebuilding.md](rebuilding.md)); nothing of it was fitted to
these figures, but the growth of the builders was to Canterbury's construction output.

{head}
|{"---|" * (3 + len(months))}
{chr(10).join(rows)}

Published; of Kobe no share by month was found:

| event | quantity | share | grade | source |
|---|---|---|---|---|
{chr(10).join(published)}

None of these events is one of the cities above: Berkeley under 0.4 g loses a seventh of its value, far more than the Bay Area or
Los Angeles did, and is accordingly later. Slight damage is repaired last by the default strategy, since no function hangs on it.

Largest rise of EP within a day over its normal, the median of the draws (the greatest); the aim is .05. Days up to the 30th are
those of networks; later ones are those of single buildings, the largest of which makes several hundredths of the production of
north-east San Francisco alone:

| city | way | all days | after 30 days | mean of the draws, all days | after 30 days |
|---|---|---|---|---|---|
{chr(10).join(leaps)}

    python benchmarks/rebuilding_pace.py ../shared/data/city
    python benchmarks/fit_builders.py ../shared/data/observed
"""


def scores_table(scores: pd.DataFrame) -> str:
    """One row per event, quantity and model."""
    head = (
        "| event, quantity | model | fitted to it | areas | inside 90 % | the same while it recovers | inside 50 % while it recovers "
        "| CRPS | days to 50, 90, 95 %: predicted over observed |\n|---|---|---|---|---|---|---|---|---|"
    )
    rows = []
    for r in scores.itertuples():
        ratios = [getattr(r, f"days_to_{level}_ratio") for level in LEVELS]
        told = ", ".join("-" if pd.isna(x) else f"{x:.2f}" for x in ratios)
        fitted = "no" if pd.isna(r.fitted) else r.fitted
        rows.append(
            f"| {r.event}, {r.quantity} | {r.model} | {fitted} | {r.areas} | {r.coverage_90:.0%} of {r.points} | {r.running_coverage_90:.0%} "
            f"of {r.running_points} | {r.running_coverage_50:.0%} | {r.crps:.3f} | {told} |"
        )
    return "\n".join([head, *rows])


def irma() -> str:
    """The hindcast of Irma 2017."""
    scores = pd.read_csv(RESULTS / "hindcast_irma_2017_scores.csv")
    order = pd.read_csv(RESULTS / "hindcast_irma_2017_order.csv")
    fit = pd.read_csv(RESULTS / "fit_outages.csv").mean()
    scores["quantity"] = scores["prediction"].map({"areas": "counties", "together": "all counties together"})
    ranks = order[(order["prediction"] == "areas") & order["rho"].notna()]
    rows = [
        f"| {r.measure.replace('%', ' %')} | {r.model} | {r.rho:.2f} ({r.low:.2f} to {r.high:.2f}) | {r.areas} |"
        for r in ranks.sort_values("measure", kind="stable").itertuples()
    ]
    ranked = "\n".join(rows)
    return f"""### Irma 2017: power in 35 counties of Florida

Predicted from the first 24 hours by the recovery engine on synthetic networks ([outages.md](outages.md)), registered, then
compared over the 11 days that follow. Tested is the repair and its order, not the damage.

{scores_table(scores)}

The order of the counties, Spearman's rank correlation with its 95 % interval:

| measure | model | rank correlation | counties |
|---|---|---|---|
{ranked}

Nothing is fitted by a program, but Irma is an event to develop with, and these choices were made with it in sight: the workforce
planned for a number of days and not by customers; small counties as whole laterals; a county judged by the later half of
the hours known; the range of disorder; the growth of the workforce, which the utility told on the ninth day of Irma itself; that each draw falls on in its own proportion from
the last known hour. They await events that nobody has looked at.
A fit of four figures to half of the counties betters the CRPS of that half from {fit["crps_packaged_seen"]:.4f} to
{fit["crps_fitted_seen"]:.4f}, but of the other half only from {fit["crps_packaged_unseen"]:.4f} to {fit["crps_fitted_unseen"]:.4f} (mean of
twenty splits): it was not taken over.

    python benchmarks/hindcast_outages.py ../shared/data/observed/irma_2017_fpl_outages.csv.gz "Irma 2017" --draws 400
    python benchmarks/fit_outages.py ../shared/data/observed/irma_2017_fpl_outages.csv.gz
"""


def others() -> str:
    """Maria, Canterbury and single published figures, where they were measured."""
    file = RESULTS / "observed_events_scores.csv"
    if not file.is_file():
        return (
            "Maria, Canterbury and single figures of lifelines: not measured yet (`benchmarks/observed_events.py`).\n"
        )
    figures = pd.read_csv(RESULTS / "observed_events_figures.csv")
    scores = pd.read_csv(file)
    # industries have no prediction, and lines of baselines alone say nothing
    scores = scores[~scores["quantity"].str.startswith("output_")]
    rows = []
    for r in figures.itertuples():
        found = "no prediction" if pd.isna(r.p50) else f"{r.p50:.3g} ({r.p5:.3g} to {r.p95:.3g})"
        hit = "-" if pd.isna(r.inside_90) else "yes" if r.inside_90 else "**no**"
        rows.append(f"| {r.event} | {r.quantity} | {r.share:.0%} | {r.published_day:g} ({r.grade}) | {found} | {hit} |")
    listed = "\n".join(rows)
    return f"""### Maria 2017 and Canterbury 2011-2014

{scores_table(scores)}

### Single published figures

| event | quantity | share back | published day (grade) | days in the city like it, median (90 % of the draws) | inside |
|---|---|---|---|---|---|
{listed}

    python benchmarks/observed_events.py ../shared/data
"""


def joplin() -> str:
    """Ratios of the medians after the tornado of Joplin."""
    table = pd.read_csv(RESULTS / "hindcast_joplin.csv")
    rows = [
        f"| {r.level} | {r.reading}: {r.damage_state} | {r.crews} | {r.published_p50:.0f} ({r.published_p5:.0f} to {r.published_p95:.0f}) "
        f"| {r.engine_p50:.0f} ({r.engine_p5:.0f} to {r.engine_p95:.0f}) | {r.median_ratio:.2f} |"
        for r in table.itertuples()
    ]
    return f"""### Joplin 2011

Days of repair after the tornado (published lognormals, Koliou & van de Lindt 2020) beside the engine, to which nothing was fitted
([strategies.md](strategies.md)). The homes are synthetic, in equal parts in each state; shares of owners are assumed.

| level | read as | crews | published median (5 to 95 %) | engine median (5 to 95 %) | ratio of medians |
|---|---|---|---|---|---|
{chr(10).join(rows)}

    python benchmarks/hindcast_joplin.py
"""


def missed() -> str:
    """What is missed in the pace of rebuilding and at Joplin, from the tables themselves."""
    table = pd.read_csv(RESULTS / "hindcast_joplin.csv")
    own = table[table["crews"].str.startswith("queues")]
    ratios = ", ".join(f"level {r.level} {r.reading} {r.median_ratio:.2f}" for r in own.itertuples())
    jumps = pd.read_csv(RESULTS / "rebuilding_jumps.csv")
    jumps = jumps[jumps["way"].str.startswith("queues")]
    leaps = "; ".join(
        f"{r.city} {r.median:.2f}, after 30 days {r.median_after_30_days:.2f}" for r in jumps.itertuples()
    )
    figures = pd.read_csv(RESULTS / "observed_events_figures.csv").dropna(subset=["p50"])
    out = figures[figures["inside_90"].astype(str) == "False"]
    singles = "; ".join(
        f"{r.event} {r.quantity} {r.share:.0%}: day {r.published_day:g}, here {r.p50:.3g}" for r in out.itertuples()
    )
    scores = pd.read_csv(RESULTS / "observed_events_scores.csv").query("model == 'simulated'")
    none = ", ".join(f"{r.event} {r.quantity} {r.coverage_90:.0%}" for r in scores.itertuples())
    return f"""- Inside the 90 % band, of all values: {none}. Canterbury stayed at 1.00 to 1.07 of the years before; a city under 0.4 g everywhere is
  no region with damage in a part.
- Single figures outside the 90 % band of a city like it: {len(out)} of {len(figures)} ({singles}).
- Joplin, predicted over published medians with queues and the builders of the city, where the aim is a factor of 1.3: {ratios}.
  Slight damage is repaired within weeks here and took more than a year there, so the levels are no damage states of ours.
- The largest daily rise of EP, .05 at most by the aim, is in the median of the draws: {leaps}."""


def section() -> str:
    """Everything about observed recoveries, what is missed first."""
    return f"""## Observed recoveries

How a prediction is registered and scored: [validate-recovery.md](validate-recovery.md).

**Missed**, by the tables below:

{missed()}

And: Irma's bands are too wide in their middle (the 50 % band holds about three quarters of the values), and the order of its counties
at 95 % is just below one half. Of Maria nothing but power can be predicted, by a model for storms on a mainland, not for an
island whose transmission is down. Canterbury's output by industry is not told, and gross output cannot rise above normal, as it
did. Kobe's lifelines: [networks.md](networks.md). Of the published figures Kobe's could not be traced to an original and are graded "not
checked".

### Event by event

{by_event()}

The growth of builders ([rebuilding.md](rebuilding.md)) is fitted to Canterbury's construction output; nothing else is fitted by a program.

{rebuilding()}
{irma()}
{others()}
{joplin()}"""


def main() -> None:
    text = TARGET.read_text(encoding="utf-8")
    new = re.sub(f"{START}.*{END}", lambda _: f"{START}\n\n{section()}\n{END}", text, flags=re.DOTALL)
    TARGET.write_text(new, encoding="utf-8")
    print(TARGET)


if __name__ == "__main__":
    main()
