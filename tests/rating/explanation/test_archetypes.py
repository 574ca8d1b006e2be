"""Kinds of cell: planted ones are found with their people, none are found where there are none."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from holdfast.errors import DataMissing
from holdfast.rating.explanation.archetypes import find_archetypes

NAMES = ["roads", "poverty", "hospitals"]
PLACES = np.array([[-2.0, 0.0, 0.0], [0.0, -2.5, 0.0], [0.0, 0.0, -3.0]])


def test_planted_kinds_are_found_with_their_people_and_what_sets_them_apart():
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], [60, 40, 20])
    scaled = pd.DataFrame(PLACES[truth] + rng.normal(0, 0.4, (120, 3)), columns=NAMES)
    people = pd.Series(np.where(truth == 2, 50.0, 10.0))
    people[0] = 0.0
    found = find_archetypes(scaled, people)
    assert found.distinct
    assert adjusted_rand_score(truth, found.of_cells) > 0.98
    # by hand: 20 x 50 people, 59 x 10, 40 x 10
    assert [kind.people for kind in found.kinds] == pytest.approx([1000, 590, 400])
    assert [kind.cells for kind in found.kinds] == [20, 60, 40]
    # the kind that lacks roads has, beside the rest, more hospitals: 0 against (1000 x -3 + 400 x 0) / 1400
    assert [list(kind.apart)[:2] for kind in found.kinds[1:]] == [["hospitals", "roads"], ["poverty", "hospitals"]]
    assert found.kinds[0].apart["hospitals"] == pytest.approx(-3, abs=0.3)
    assert found.kinds[1].apart["hospitals"] == pytest.approx(3000 / 1400, abs=0.3)
    assert found.kinds[1].apart["roads"] == pytest.approx(-2, abs=0.3)
    assert sum(kind.share for kind in found.kinds) == pytest.approx(1)


@pytest.mark.parametrize("stretch", [1.0, 4.0])
def test_a_cloud_has_no_kinds_however_long_it_is(stretch):
    scaled = pd.DataFrame(np.random.default_rng(2).normal(size=(150, 3)) * [stretch, 1, 1], columns=NAMES)
    found = find_archetypes(scaled, pd.Series(1.0, scaled.index))
    assert not found.distinct
    assert [kind.cells for kind in found.kinds] == [150]


def test_too_few_cells_are_refused():
    scaled = pd.DataFrame(np.zeros((50, 2)))
    people = pd.Series(np.where(np.arange(50) < 29, 1.0, 0.0))
    with pytest.raises(DataMissing, match="only 29 cells"):
        find_archetypes(scaled, people)
