"""What common random numbers are worth for a measure: variance of its saving with them, and without.

python benchmarks/measure_savings.py [DRAWS]

A retrofit of 21 of the 428 buildings of central Helsinki (5 %), the residential hotels. Without common numbers the runs with and
without the measure would be independent, and the variance of their difference the sum of both variances.
"""

import sys
from pathlib import Path

import numpy as np

import holdfast

STUDY = Path(__file__).parents[1] / "examples" / "helsinki.toml"
RETROFIT = [{"occupancies": ["RES4"], "to_class": "RM1M.high_code"}]


def reductions(draws: int) -> dict[str, float]:
    """Variance without common random numbers over variance with them, by loss."""
    table = holdfast.compare(
        STUDY, alternatives={"retrofit": {"city.strengthen": RETROFIT}}, overrides={"recovery.draws": draws}
    )
    base, other = table.attrs["draws"].values()
    return {
        loss: float((np.var(base[loss]) + np.var(other[loss])) / np.var(np.subtract(other[loss], base[loss])))
        for loss in ("total_economic_loss", "service_capacity_loss")
    }


if __name__ == "__main__":
    for loss, factor in reductions(int(sys.argv[1]) if len(sys.argv) > 1 else 100).items():
        print(f"{loss}: variance {factor:,.0f} times smaller with common random numbers")
