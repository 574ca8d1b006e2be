"""Power outages by area: the rest of a restoration predicted from its first 24 hours, registered, then compared.

Run: python benchmarks/hindcast_outages.py ../shared/data/observed/irma_2017_fpl_outages.csv.gz "Irma 2017"
Writes benchmarks/results/hindcast_<event>_{scores,order,times}.csv; with --out also the registration and the report.

Any table with a row per area and time will do; --area, --time, --customers-out and --customers name its columns. Times are
stamps or hours. What is tested is the repair and its order. Damage is not: it is taken from the share without power
when the storm has passed (the hour of the most customers without power), on synthetic networks of the size of each area.
Nothing is fitted here.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

import holdfast
from holdfast.recovery.validation.outages import known_part, observed_curves, predict_outages, predicted_table, together
from holdfast.tables import check

RESULTS = Path(__file__).parent / "results"


def outages(path: Path, area: str, time: str, customers_out: str, customers: str) -> pd.DataFrame:
    """A file of outages as a table of schema ``outages``."""
    raw = pd.read_csv(path)
    stamps = raw[time]
    if not pd.api.types.is_numeric_dtype(stamps):
        stamps = pd.to_datetime(stamps)
        stamps = (stamps - stamps.min()) / pd.Timedelta(hours=1)
    columns = {"area": raw[area], "hour": stamps, "customers_out": raw[customers_out], "customers": raw[customers]}
    return check(pd.DataFrame(columns), "outages", str(path))


def hindcast(table: pd.DataFrame, event: str, out: Path, draws: int, seed: int) -> None:
    """Predict from the first 24 hours, register, and only then look at the rest; areas and their sum, results under `out`."""
    ensemble = predict_outages(known_part(table), draws=draws, seed=seed, horizon_days=int(table["hour"].max() // 24))
    total = ensemble._replace(areas=pd.Index(["all areas"]), share=ensemble.total[:, None])
    for name, whole, made in (("areas", table, ensemble), ("together", together(table), total)):
        place = out / name
        place.mkdir(parents=True, exist_ok=True)
        predicted_table(made, event).to_csv(place / "predicted.csv", index=False)
        holdfast.validate_recovery(predicted=[place / "predicted.csv"], registration=place / "registered")
        observed_curves(whole, event).to_csv(place / "observed.csv", index=False)
        holdfast.validate_recovery(place / "observed.csv", predicted=[place / "registered"], out=place / "validation")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("event")
    parser.add_argument("--area", default="county")
    parser.add_argument("--time", default="time_local")
    parser.add_argument("--customers-out", default="customers_out")
    parser.add_argument("--customers", default="customers")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    table = outages(given.file, given.area, given.time, given.customers_out, given.customers)
    with tempfile.TemporaryDirectory() as temporary:
        out = given.out or Path(temporary)
        hindcast(table, given.event, out, given.draws, given.seed)
        name = given.event.lower().replace(" ", "_")
        for part in ("scores", "order", "times"):
            found = pd.concat(
                pd.read_csv(out / place / "validation" / f"{part}.csv").assign(prediction=place)
                for place in ("areas", "together")
            )
            found.to_csv(RESULTS / f"hindcast_{name}_{part}.csv", index=False, float_format="%.4g")
            if part != "times":
                with pd.option_context("display.width", 240, "display.max_columns", None, "display.max_rows", None):
                    print(found.drop(columns=["registered", "fitted", "event"], errors="ignore").round(3))


if __name__ == "__main__":
    main()
