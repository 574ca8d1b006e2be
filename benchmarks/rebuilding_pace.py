"""How fast the damaged buildings of a city are repaired, beside published figures, and how EP jumps from day to day.

Run: python benchmarks/rebuilding_pace.py ../shared/data/city [--draws 10] [--days 2922]
Writes benchmarks/results/rebuilding_pace.csv and rebuilding_jumps.csv.

Berkeley under a uniform median of 0.4 g and 0.2 g (north-east San Francisco: the damage states of its file), each with the
builders of the city itself and queues, with REDi's delays and those builders, and with REDi's delays and the crews that the
examples named before (3,100 and 500). Shares of damaged buildings repaired on a day, mean over the draws: all, and moderate or
worse, which the published figures are nearer to: they speak of damaged or lost dwellings, not of buildings with slight damage.
A jump is the largest rise of EP between two days over its normal: the median and the greatest over the draws, with all that
happens, and of the rises after 30 days, when networks are mostly back; that of the mean curve beside it.
"""

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import holdfast

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
MONTH = 365.25 / 12
MONTHS = (6, 12, 24, 36, 48, 72)
CITIES = {
    "Berkeley, 0.4 g": ("berkeley", {"scenario.value": 0.4}, 3100),
    "north-east San Francisco, given damage": ("nesf", {}, 500),
    "Berkeley, 0.2 g": ("berkeley", {"scenario.value": 0.2}, 3100),
}
ALL, STRUCTURAL = ("slight", "moderate", "extensive", "complete"), ("moderate", "extensive", "complete")
EARLY = 30
"""Days in which networks come back."""


def without_building_crews(example: str, folder: Path) -> Path:
    """A copy of an example that names no crews for buildings, in `folder`."""
    text = (ROOT / "examples" / f"{example}.toml").read_text(encoding="utf-8")
    path = folder / f"{example}.toml"
    path.write_text(re.sub(r"^building = .*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    return path


def repaired(curves: xr.Dataset, states: tuple[str, ...]) -> dict[str, float]:
    """Share of the buildings in some states repaired by month, over all draws; the number of them per draw."""
    left = curves["buildings_in_state"].sum("use").sel(damage_state=list(states)).sum("damage_state").to_numpy()
    shares = {f"months_{m}": 1.0 - left[min(round(m * MONTH), len(left) - 1)] / left[0] for m in MONTHS}
    return {"damaged": float(left[0]), **shares}


def jumps(curves: xr.Dataset) -> dict[str, float]:
    """Largest rises of EP in a day over its normal."""
    share = (curves["EP"] / curves["EP0"]).transpose("draw", "time").to_numpy()
    rise = np.diff(share, axis=1)
    most, late = rise.max(axis=1), rise[:, EARLY:].max(axis=1)
    return {
        "median": float(np.median(most)),
        "greatest": float(most.max()),
        "median_after_30_days": float(np.median(late)),
        "greatest_after_30_days": float(late.max()),
        "mean_curve": float(np.diff(share.mean(axis=0)).max()),
        "mean_curve_after_30_days": float(np.diff(share.mean(axis=0))[EARLY:].max()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--cities", nargs="+", default=list(CITIES))
    parser.add_argument("--days", type=int, default=2922)
    given = parser.parse_args()
    shares, rises = [], []
    for city in given.cities:
        example, keys, named = CITIES[city]
        for way, delays, building in (
            ("queues, builders of the city", "queues", None),
            ("REDi's delays, builders of the city", "drawn", None),
            ("REDi's delays, crews named before", "drawn", named),
        ):
            over = {
                **keys,
                "data": str(given.data.resolve()),
                **({} if building is None else {"recovery.crews.building": building}),
                "recovery.delays": delays,
                "recovery.draws": given.draws,
                "recovery.horizon_days": given.days,
                "recovery.causes": False,
            }
            with tempfile.TemporaryDirectory() as folder:
                curves = holdfast.simulate(without_building_crews(example, Path(folder)), overrides=over)
            head = {"city": city, "way": way, "draws": given.draws}
            for states, name in ((ALL, "all"), (STRUCTURAL, "moderate and worse")):
                shares.append({**head, "buildings": name, **repaired(curves, states)})
            cost = float(curves["repair_cost"].mean())
            rises.append({**head, "repair_cost": cost, **jumps(curves)})
            print(shares[-1], rises[-1], flush=True)
        pd.DataFrame(shares).to_csv(RESULTS / "rebuilding_pace.csv", index=False, float_format="%.4g")
        pd.DataFrame(rises).to_csv(RESULTS / "rebuilding_jumps.csv", index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
