"""The packaged cells are those of the tracts: the sentence in the report of the demo, held to both ratings."""

from importlib import resources
from pathlib import Path

import holdfast

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_demo_and_the_example_agree(data):
    assert data
    with resources.as_file(resources.files("holdfast") / "data" / "demo_rating.toml") as study:
        packaged = holdfast.rate(study)
    measured = holdfast.rate(EXAMPLES / "harris.toml")
    assert packaged.index.equals(measured.index)
    apart = (packaged["level"] - measured["level"]).abs().fillna(0)
    homes = measured["housing_units"].where(~measured["sparse"].astype(bool), 0.0)
    assert apart.max() <= 1
    assert homes[apart == 0].sum() > 0.99 * homes.sum()
