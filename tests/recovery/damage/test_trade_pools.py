"""Usual crews: by hand for 45,000 customers, what is named is kept, aid adds up.

By hand, power: 0.2 x 45 = 9 own crews; all are three times as many, so 18 come in equal steps on days 1 to 4:
4, 5, 4, 5 (18 x 1, 2, 3, 4 over 4, rounded down: 4, 9, 13, 18).
"""

from types import SimpleNamespace

import pandas as pd

from holdfast.recovery.damage.trade_pools import customers, usual_crews, with_usual_crews
from holdfast.recovery.settings.run_settings import Aid, Resources


def test_power_by_hand():
    crews, aid = usual_crews({"power": None}, 45_000.0)
    assert crews == {"power": 9}
    assert aid == [Aid("power", 1, 4), Aid("power", 2, 5), Aid("power", 3, 4), Aid("power", 4, 5)]


def test_a_village_has_one_crew_of_each():
    crews, _ = usual_crews(dict.fromkeys(("power", "water", "gas", "telecom", "transport")), 50.0)
    assert set(crews.values()) == {1}


def town(residents, workers):
    buildings = pd.DataFrame({"residents": [residents], "workers": [workers]})
    return SimpleNamespace(buildings=buildings, networks={"power": None, "water": None})


def test_customers_are_households_or_what_works_there():
    assert customers(town(250.0, 10.0)) == 100.0
    assert customers(town(10.0, 250.0)) == 100.0
    assert customers(town(0.0, 0.0)) == 1.0


def test_named_trades_are_kept():
    given = Resources({"building": 5, "power": 3}, aid=[Aid("power", 2, 1)])
    found, told = with_usual_crews(given, town(25_000.0, 0.0))
    assert dict(found.crews) == {"building": 5, "power": 3, "water": 1}
    assert [a for a in found.aid if a.trade == "power"] == [Aid("power", 2, 1)]
    assert sum(a.crews for a in found.aid if a.trade == "water") == 2
    assert "water 1, and 2 of mutual aid by day 10" in told[0]


def test_nothing_is_assumed_where_all_are_named():
    given = Resources({"building": 5, "power": 3, "water": 2})
    assert with_usual_crews(given, town(25_000.0, 0.0)) == (given, ())
