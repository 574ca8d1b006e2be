"""Observed recoveries beside what the package says today: Maria in Puerto Rico, Canterbury's output, published figures.

Run: python benchmarks/observed_events.py ../shared/data
Writes benchmarks/results/observed_events_{scores,times,figures}.csv. Irma 2017 has a benchmark of its own
(hindcast_outages.py), Joplin too (hindcast_joplin.py). Nothing is fitted.

- Maria 2017: the daily status page of the government of Puerto Rico. Power is predicted as after a storm on the mainland
  (recovery.outages), from the first day on which clients or generation were told, although what was destroyed there,
  transmission, is not in that model. Of water, telecommunication, cell sites, hospitals and shelters the package
  has no prediction: its wind was not simulated. For these the baselines alone are scored, from the first week on.
- Canterbury 2011-2014: output by industry as a share of the country's, over that of 2010 (Stats NZ). The city like it
  is Berkeley under a uniform median of 0.4 g, its total output the mean over each year. The package tells no output by
  industry and no more than normal output.
- Kobe, Northridge, Christchurch, Loma Prieta: single figures of the packaged table published_recoveries. The city like
  them is Berkeley under 0.6 g (Kobe) and 0.4 g (the others) with synthetic networks.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import holdfast
from holdfast.data import packaged
from holdfast.recovery.validation import Verdict, validate
from holdfast.recovery.validation.match import days_to_level
from holdfast.recovery.validation.outages import predict_outages, predicted_table
from holdfast.tables import check

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
MARIA, CANTERBURY = "Maria 2017", "Canterbury 2011"
LANDFALL, EARTHQUAKE = pd.Timestamp("2017-09-20"), pd.Timestamp("2011-02-22")
CLIENTS = 1.5e6
"""Clients of the utility of Puerto Rico, about; only the share matters, and how many districts they fill."""
KNOWN_DAYS = 7
QUANTITIES = {
    "Clients with electricity": "power",
    "Electricity": "generation",
    "Telecomunications": "telecom",
    "Cell antennas": "cell_antennas",
    "Hospitals with electricity": "hospitals_with_power",
    "People in shelters": "persons_in_shelters",
}
YEARS = (2012, 2013, 2014, 2015)
LIKE = {"Kobe 1995": 0.6, "Northridge 1994": 0.4, "Christchurch 2011": 0.4, "Loma Prieta 1989": 0.4}
WHOLE = 0.99
"""Share of a simulated city that counts as all of it: an interval needs more than the last customer."""


def maria(path: Path) -> pd.DataFrame:
    """Status page of Puerto Rico as observed curves, days since landfall."""
    raw = pd.read_csv(path)
    date = pd.to_datetime(raw["Year"].astype(str) + raw["Month"] + raw["Day"].astype(str), format="%Y%b%d")
    raw["day"] = (date - LANDFALL) / pd.Timedelta(days=1)
    raw["quantity"] = raw["Resource"].map(QUANTITIES)
    raw.loc[raw["Resource"] == "Water", "quantity"] = "water"
    told = raw.dropna(subset=["quantity", "Value"]).rename(columns={"Location": "area", "Value": "value"})
    share = told["Unit"] == "percent"
    told.loc[share, "value"] /= 100
    told["unit"] = np.where(share, "share", "number")
    most = told.groupby("quantity")["value"].transform("max")  # of antennas and hospitals no total is told
    told["normal"] = np.where(share, 1.0, np.where(told["quantity"] == "persons_in_shelters", 0.0, most))
    told = told.assign(event=MARIA, grade="published", source="status page of the government of Puerto Rico")
    told = told.drop_duplicates(["quantity", "area", "day"])
    return check(told, "observed", str(path))


def canterbury(path: Path) -> pd.DataFrame:
    """Canterbury's share of the country's output over that of 2010, by industry, at the middle of each year."""
    raw = pd.read_csv(path).dropna(subset=["industry"])
    tables = raw.pivot_table(index="industry", columns=["region", "year_ended_march"], values="million_nzd")
    share = tables["Canterbury"] / tables["New Zealand"]
    rows = []
    for industry, row in share.div(share[2010], axis=0).iterrows():
        name = "output" if industry == "Total All Industries" else f"output_{industry}"
        rows += [(name, (pd.Timestamp(f"{y - 1}-09-30") - EARTHQUAKE).days, row[y]) for y in YEARS]
    told = pd.DataFrame(rows, columns=["quantity", "day", "value"]).dropna()
    told = told.assign(event=CANTERBURY, area="Canterbury", unit="share", normal=1.0, grade="published")
    return check(told.assign(source="Stats NZ, regional GDP, CC BY 4.0"), "observed", str(path))


def persistence(observed: pd.DataFrame, known_days: float) -> pd.DataFrame:
    """What was last known, as a prediction on the days that follow: the baselines are scored beside it."""
    parts = []
    for key, rows in observed.groupby(["event", "quantity", "area", "unit"]):
        days = np.sort(rows["day"].to_numpy())
        first = days[days <= days[0] + known_days][-1]
        value = rows.set_index("day")["value"][first]
        wanted = np.concatenate([[first], days[days > first]])
        parts.append(
            pd.DataFrame({"day": wanted, "value": value, "draw": 0}).assign(
                **dict(zip(["event", "quantity", "area", "unit"], key, strict=True))
            )
        )
    return pd.concat(parts, ignore_index=True)


def maria_power(observed: pd.DataFrame, draws: int) -> pd.DataFrame:
    """Power and generation of Puerto Rico, predicted as after a storm on the mainland from the first day told."""
    parts = []
    for quantity in ("power", "generation"):
        own = observed[observed["quantity"] == quantity].sort_values("day")
        first, last = float(own["day"].iloc[0]), float(own["day"].iloc[-1])
        hour = (own["day"] - first) * 24
        out = pd.DataFrame(
            {"area": "Puerto Rico", "hour": hour, "customers_out": CLIENTS * (1 - own["value"]), "customers": CLIENTS}
        )
        known = out[out["hour"] <= max(24.0, float(hour.iloc[1]))]
        made = predict_outages(known, draws=draws, seed=1, horizon_days=int(last - first))
        parts.append(predicted_table(made._replace(days=made.days + first), MARIA).assign(quantity=quantity))
    return pd.concat(parts, ignore_index=True)


def like(data: Path, value: float, draws: int) -> xr.Dataset:
    """Berkeley under a uniform median shaking, in g."""
    keys = {"data": str(data / "city"), "scenario.value": value, "recovery.draws": draws}
    return holdfast.simulate(ROOT / "examples" / "berkeley.toml", overrides=keys)


def yearly_output(curves: xr.Dataset) -> pd.DataFrame:
    """Mean output of each year after the earthquake over the normal one, one value per draw."""
    share = (curves["EP"] / curves["EP0"]).transpose("draw", "time").to_numpy()
    middles = [(pd.Timestamp(f"{y - 1}-09-30") - EARTHQUAKE).days for y in YEARS]
    padded = np.pad(share, ((0, 0), (0, max(middles[-1] + 183 - share.shape[1], 0))), mode="edge")
    rows = [(draw, day, padded[draw, day - 183 : day + 182].mean()) for draw in range(len(padded)) for day in middles]
    rows += [(draw, 0, share[draw, 0]) for draw in range(len(padded))]  # the day of the event is not scored
    told = pd.DataFrame(rows, columns=["draw", "day", "value"])
    return told.assign(event=CANTERBURY, area="Canterbury", quantity="output", unit="share")


def figures(runs: dict[float, xr.Dataset]) -> pd.DataFrame:
    """Published single figures beside the day on which the city like it reaches the same share of what it lost."""
    table, rows = packaged("published_recoveries"), []
    for row in table[table["event"].isin(LIKE)].itertuples():
        curves = runs[LIKE[row.event]]
        found = np.full(curves.sizes["draw"], np.nan)
        if row.quantity in curves["network"].to_numpy():
            share = curves["service"].sel(network=row.quantity).transpose("draw", "time").to_numpy()
            lost = 1 - share.min(axis=1, keepdims=True) if row.of == "affected" else 1.0
            restored = np.where(lost > 0, 1 - (1 - share) / np.where(lost > 0, lost, 1), 1.0)
            found = days_to_level(curves["time"].to_numpy().astype(float), restored, min(row.value, WHOLE))
        low, middle, high = (
            np.quantile(found, [0.05, 0.5, 0.95], method="inverted_cdf") if np.isfinite(found).any() else [np.nan] * 3
        )
        rows.append(
            {
                "event": row.event,
                "area": row.area,
                "quantity": row.quantity,
                "share": row.value,
                "of": row.of,
                "published_day": row.day,
                "p5": low,
                "p50": middle,
                "p95": high,
                "inside_90": bool(low <= row.day <= high) if np.isfinite(middle) else None,
                "shaking_g": LIKE[row.event],
                "grade": row.grade,
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    given = parser.parse_args()
    folder = given.data / "observed"
    puerto_rico = maria(folder / "maria_2017_puerto_rico_status.csv")
    output = canterbury(folder / "new_zealand_regional_gdp.csv")
    runs = {value: like(given.data, value, given.draws) for value in sorted(set(LIKE.values()))}
    powered = puerto_rico["quantity"].isin(["power", "generation"])
    verdicts: dict[str, Verdict] = {
        "restoration of power": validate(puerto_rico[powered], {"package": maria_power(puerto_rico, 10 * given.draws)}),
        "no prediction": validate(
            puerto_rico[~powered], {"baselines alone": persistence(puerto_rico[~powered], KNOWN_DAYS)}
        ),
        "Berkeley, 0.4 g": validate(output[output["quantity"] == "output"], {"package": yearly_output(runs[0.4])}),
        "no output by industry": validate(
            output[output["quantity"] != "output"],
            {"baselines alone": persistence(output[output["quantity"] != "output"], 0)},
        ),
    }
    for part in ("scores", "times"):
        whole = pd.concat([getattr(v, part).assign(made=name) for name, v in verdicts.items()], ignore_index=True)
        whole = whole[(whole["prediction"] != "baselines alone") | (whole["model"] != "simulated")]
        whole.to_csv(RESULTS / f"observed_events_{part}.csv", index=False, float_format="%.4g")
        print(whole.round(3).to_string())
    single = figures(runs)
    single.to_csv(RESULTS / "observed_events_figures.csv", index=False, float_format="%.4g")
    print(single.to_string())


if __name__ == "__main__":
    main()
