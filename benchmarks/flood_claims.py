"""Flood losses of single buildings beside claims on the flood insurance of the United States, and beside depth alone.

Run: python benchmarks/flood_claims.py [--claims FimaNfipClaims.csv] [--unit ft]
Writes benchmarks/results/flood_claims.csv.

`nfip_claims.csv` holds what stands in ten columns of FEMA's OpenFEMA dataset FIMA NFIP Redacted Claims v2 (a work of the
United States government, in the public domain) for the claims with a depth other than 0 among about the first 430 of an extract of about
1,000 (data/FimaNfipClaims.csv of github.com/stephanienguyen2020/ADS-Spring2024-Project2-ShinyApp-Group5), copied by hand; a
depth of 0 stands there for "not known" more often than for none. This product uses the FEMA OpenFEMA API, but is not endorsed
by FEMA. The Federal Government or FEMA cannot vouch for the data or analyses derived from these data after the data have been
retrieved from the Agency's website(s). `--claims` takes the whole dataset, or a part of it, in FEMA's own columns.

Set before the result was seen: homes of one to four families with a depth above 0, damage, and a replacement cost; the share
lost is damage over replacement cost, at most 1; three floors and more are 3, a split level 2; a basement by its code, crawlspaces by
theirs, all else on slabs; water of a river; the depth, counted from the first floor, in feet. FEMA's dictionary says inches,
with "instances where measurements were provided in feet"; a depth of 10 with the whole house lost, as here after Katrina, is none
of inches. Depth alone is the depth as it is and, where an error is asked for, a rising curve fitted to the losses of
the other nine tenths of the claims (isotonic regression).
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import KFold

from holdfast.recovery import flood_losses
from holdfast.recovery.validation import loss_agreement

ROOT = Path(__file__).parent
METRES = {"ft": 0.3048, "in": 0.0254}
HOMES = {1: "RES1", 2: "RES3"}
FLOORS = {1: 1, 2: 2, 3: 3, 4: 2}
FOUNDATIONS = {1: "basement", 2: "basement", 3: "crawlspace", 4: "crawlspace"}
SETS = {"hazus": "", "usace": "", "jrc": "North America"}
FIRST_FLOOR = 0.3048
"""Of the functions that count from the ground, m."""


def claims(file: Path) -> pd.DataFrame:
    """Claims that can be compared, with the reason why each of the others cannot."""
    table = pd.read_csv(file, low_memory=False)
    kept = {
        "a home of one to four families": table["occupancyType"].isin(HOMES),
        "up to three floors": table["numberOfFloorsInTheInsuredBuilding"].isin(FLOORS),
        "a depth above 0": table["waterDepth"] > 0,
        "a replacement cost": table["buildingReplacementCost"] > 0,
        "damage": table["buildingDamageAmount"] > 0,
    }
    print(f"{len(table):,} claims")
    for what, has in kept.items():
        print(f"  {int((~has).sum()):,} without {what}")
    return table[np.logical_and.reduce(list(kept.values()))].reset_index(drop=True)


def fitted(depth: pd.Series, share: pd.Series) -> np.ndarray:
    """Share lost by a rising curve of depth alone, fitted to the other nine tenths of the claims."""
    out = np.zeros(len(depth))
    for train, held in KFold(10, shuffle=True, random_state=1).split(depth):
        curve = IsotonicRegression(out_of_bounds="clip").fit(depth.iloc[train], share.iloc[train])
        out[held] = curve.predict(depth.iloc[held])
    return out


def compared(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Agreement of every set of functions, and of depth, with the shares lost."""
    homes = pd.DataFrame(
        {
            "occupancy": table["occupancyType"].map(HOMES),
            "stories": table["numberOfFloorsInTheInsuredBuilding"].map(FLOORS).astype(float),
            "foundation": table["basementEnclosureCrawlspaceType"].map(FOUNDATIONS).fillna("slab"),
            "first_floor_m": FIRST_FLOOR,
        }
    )
    share = (table["buildingDamageAmount"] / table["buildingReplacementCost"]).clip(upper=1.0)
    depth = table["waterDepth"] * METRES[unit]
    predicted = pd.DataFrame({"depth": depth, "depth, fitted": fitted(depth, share)})
    for name, continent in SETS.items():
        lost = flood_losses(homes, depth + FIRST_FLOOR, curves=name, continent=continent)
        predicted[name] = lost["structure"]
    found = loss_agreement(predicted, share, "depth")
    error = predicted.sub(share, axis=0).abs().mean()
    found.insert(0, "mean_absolute_error", error.where(error.index != "depth"))
    found.loc["depth", ["bias", "bias_low", "bias_high"]] = np.nan  # metres are no share
    print(
        f"mean share lost {share.mean():.3f}, of {len(share)} claims of {table['yearOfLoss'].min()} to {table['yearOfLoss'].max()}"
    )
    return found.rename_axis("predictor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=Path, default=ROOT / "nfip_claims.csv")
    parser.add_argument("--unit", choices=METRES, default="ft")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "flood_claims.csv")
    options = parser.parse_args()
    found = compared(claims(options.claims), options.unit)
    print(found.round(3).to_string())
    found.round(4).to_csv(options.out)


if __name__ == "__main__":
    main()
