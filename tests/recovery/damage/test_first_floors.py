"""First floors: given before inferred, by building before one for all."""

import pandas as pd
import pytest

from holdfast.errors import UnknownName
from holdfast.recovery.damage.first_floors import first_floors


def test_given_heights_win_over_foundations_and_these_over_the_one_for_all():
    """By hand: 2 m as given; a basement with its 4 ft (1.2192 m); crawl space with 3 ft for the rest."""
    homes = pd.DataFrame({"first_floor_m": [2.0, None, None], "foundation": ["basement", "basement", ""]})
    found = first_floors(homes, "crawlspace")
    assert found.height.tolist() == [2.0, 1.2192, 0.9144]
    assert found.basement.tolist() == [True, True, False]
    assert "2 of 3" in found.assumed[0]
    assert "1 of 3 buildings: crawlspace" in found.assumed[1]


def test_nothing_is_assumed_where_all_is_given():
    assert first_floors(pd.DataFrame({"first_floor_m": [1.0], "foundation": ["pile"]})).assumed == ()


def test_unknown_foundations_are_refused():
    with pytest.raises(UnknownName, match="cloud"):
        first_floors(pd.DataFrame({"foundation": ["cloud"]}))
    with pytest.raises(UnknownName):
        first_floors(pd.DataFrame(index=[0]), "castle")
