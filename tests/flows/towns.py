"""A small synthetic town to simulate: a study and a table of buildings."""

from pathlib import Path

import numpy as np
import pandas as pd

STUDY = """
name = "Synthetic town"
seed = 5

[city]
source = "buildings"

[tables.buildings]
source = "buildings"
path = "buildings.csv"

[scenario]
name = "Synthetic shaking"
value = 0.4
unit = "g"
between_event_sd = 0.3
within_event_sd = 0.4

[recovery]
draws = 25

[recovery.crews]
building = 20
power = 2
water = 2
telecom = 1
"""


def write_town(folder: Path, count: int = 80) -> Path:
    """Write the study of a synthetic town into an existing folder."""
    rng = np.random.default_rng(4)
    pd.DataFrame(
        {
            "building_id": [f"b{i:03d}" for i in range(count)],
            "longitude": -122.27 + rng.uniform(0, 0.012, count),
            "latitude": 37.87 + rng.uniform(0, 0.01, count),
            "occupancy": rng.choice(["RES1", "RES3", "COM1", "COM4", "IND1", "EDU1", "COM6"], count),
            "structure": rng.choice(["W1", "C1", "S1", "RM1", "URM"], count),
            "stories": rng.integers(1, 5, count),
            "year_built": rng.integers(1910, 2010, count),
            "floor_area_m2": rng.uniform(80, 4000, count).round(1),
            "replacement_cost": rng.uniform(1e5, 9e6, count).round(),
        }
    ).to_csv(folder / "buildings.csv", index=False)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"
