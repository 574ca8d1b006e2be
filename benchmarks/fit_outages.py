"""Would a fit to Irma help elsewhere? Half of the counties choose, the other half judge.

Run: python benchmarks/fit_outages.py ../shared/data/observed/irma_2017_fpl_outages.csv.gz
Writes benchmarks/results/fit_outages.csv. Irma is an event to develop with; other events are not touched here.

Four figures of the packaged table ``outage_practice`` are varied without simulating again, by weighing the draws: the
errors that weigh the hours known, and the centre and spread of the target days. For twenty random halves of the
counties, the choice with the least CRPS over one half is scored on the other, beside the packaged figures. What is
told is whether the choice transfers; nothing of it goes into the package.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from hindcast_outages import outages

from holdfast.recovery.validation.match import on_days
from holdfast.recovery.validation.outages import known_part, observed_curves
from holdfast.recovery.validation.outages.prediction import Simulated, conditioned, draw_weights, simulate_outages
from holdfast.recovery.validation.scores import crps, inside

RESULTS = Path(__file__).parent / "results"
EVENT_ERRORS, AREA_ERRORS = (0.06, 0.12, 0.25), (0.06, 0.1, 0.2, 0.5)
CENTRES, SPREADS = (5.0, 6.5, 8.0, 10.0), (0.25, 0.5)
PACKAGED = (0.12, 0.1, 8.0, 0.5)
SPLITS, DAYS = 20, 12


def scored(simulated: Simulated, observed: pd.DataFrame, choice: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """CRPS and hits of the 90 % band, by area and day, under a choice."""
    event_error, area_error, centre, spread = choice
    practices = tuple(p._replace(event_error=event_error, area_error=area_error) for p in simulated.practices)
    event, area = draw_weights(simulated._replace(practices=practices))
    planned = np.log([p.target_days for p in practices])
    tilt = -0.5 * ((planned - np.log(centre)) / spread) ** 2 + 0.5 * ((planned - np.log(8.0)) / 0.5) ** 2
    tilted = np.exp(tilt - tilt.max())
    made = conditioned(simulated, event * tilted, area * tilted[:, None], np.random.default_rng(1))
    wide = observed.pivot_table(index="area", columns="day", values="value").loc[list(made.areas)]
    days = wide.columns[(wide.columns > made.days[0]) & (wide.columns <= made.days[-1])]
    truth = wide[days].to_numpy()
    at = np.stack([on_days(days.to_numpy(), made.days, made.share[:, a]) for a in range(len(made.areas))], axis=1)
    return crps(at, truth), inside(at, truth, 0.9)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--draws", type=int, default=400)
    given = parser.parse_args()
    table = outages(given.file, "county", "time_local", "customers_out", "customers")
    observed = observed_curves(table, "Irma 2017")
    simulated = simulate_outages(known_part(table), draws=given.draws, seed=1, horizon_days=DAYS, step_hours=24)
    choices = [PACKAGED, *product(EVENT_ERRORS, AREA_ERRORS, CENTRES, SPREADS)]
    found = [scored(simulated, observed, choice) for choice in choices]
    score, hit = np.stack([s.mean(axis=1) for s, _ in found]), np.stack([h.mean(axis=1) for _, h in found])
    rng, rows = np.random.default_rng(2017), []
    for split in range(SPLITS):
        order = rng.permutation(score.shape[1])
        fit, judge = order[: len(order) // 2], order[len(order) // 2 :]
        best = int(score[:, fit].mean(axis=1).argmin())
        names = ("event_error", "area_error", "target_days", "target_spread")
        rows.append(
            {"split": split, **dict(zip(names, choices[best], strict=True))}
            | {"crps_fitted_seen": score[best, fit].mean(), "crps_packaged_seen": score[0, fit].mean()}
            | {"crps_fitted_unseen": score[best, judge].mean(), "crps_packaged_unseen": score[0, judge].mean()}
            | {
                "coverage_90_fitted_unseen": hit[best, judge].mean(),
                "coverage_90_packaged_unseen": hit[0, judge].mean(),
            }
        )
    result = pd.DataFrame(rows)
    result.to_csv(RESULTS / "fit_outages.csv", index=False, float_format="%.4g")
    print(result.round(4).to_string())
    print(result.mean().round(4).to_string())


if __name__ == "__main__":
    main()
