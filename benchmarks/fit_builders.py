"""How fast builders come after an earthquake: two figures fitted to Canterbury's construction output.

Run: python benchmarks/fit_builders.py ../shared/data/observed
Writes benchmarks/results/fit_builders.csv. Canterbury's share of New Zealand's construction output (Stats NZ, nominal, so
that prices of the region are in it) over that of the year to March 2010 is laid against

    1 + growth (1 - exp(-t / days)),  t: middle of the year, days since 22 February 2011,

over the years to March 2012, 2013 and 2014 by least squares. Three points, two figures: nothing is left to test it with.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

RESULT = Path(__file__).parent / "results" / "fit_builders.csv"
EARTHQUAKE = pd.Timestamp("2011-02-22")
YEARS, BEFORE = (2012, 2013, 2014), 2010


def observed(path: Path) -> pd.Series:
    """Construction output of Canterbury as a share of the country's over that of the year before, by days since the event."""
    raw = pd.read_csv(path)
    own = raw[raw["industry"] == "Construction"]
    wide = own.pivot_table(index="year_ended_march", columns="region", values="million_nzd")
    share = wide["Canterbury"] / wide["New Zealand"]
    days = [(pd.Timestamp(f"{year - 1}-09-30") - EARTHQUAKE).days for year in YEARS]
    return pd.Series([share[year] / share[BEFORE] for year in YEARS], index=pd.Index(days, name="day"))


def level(day: np.ndarray, growth: float, days: float) -> np.ndarray:
    """Builders over those of before."""
    return 1.0 + growth * (1.0 - np.exp(-day / days))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    told = observed(parser.parse_args().data / "new_zealand_regional_gdp.csv")
    found, _ = curve_fit(level, told.index.to_numpy(float), told.to_numpy(), p0=(0.7, 500.0))
    table = told.rename("observed").to_frame().assign(fitted=level(told.index.to_numpy(float), *found))
    table.assign(growth=found[0], growth_days=found[1]).to_csv(RESULT, float_format="%.4g")
    print(pd.read_csv(RESULT).to_string(index=False))


if __name__ == "__main__":
    main()
