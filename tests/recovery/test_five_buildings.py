"""A city of five buildings, worked out by hand.

The city. Power enters at p1; the edge e1 carries it to p2. Water enters at w1, whose pump needs power at p2 and
has a tank for 30 hours, so that on day 1 there is water for 6 of 24 hours. Tables: cities.parameters().

    id  use   zone  power  EP0 $/day     residents  workers  state       usable  cost of repair $
    b1  RES1  z1    p1     0             4          0        moderate    1/2     .25 x 100,000 = 25,000
    b2  RES1  z2    p2     0             6          0        none        1       0
    b3  COM1  z1    p1     50 x 2 = 100  0          4        extensive   0       .50 x  80,000 = 40,000
    b4  COM4  z2    p2     25 x 4 = 100  0          2        none        1       0
    b5  COM6  z2    p2     40 x 3 = 120  0          5        slight      1       .10 x  90,000 =  9,000
    e1  edge                                                 extensive           .50 x     100 =     50
    EP0 = 320 $/day; Q = 4 + 6 + 4 + 2 + 5 = 21 persons; SC0 = 42 persons.

Who is repaired when. One crew per trade. The edge waits for its inspection (1 day) and takes 2 x 2 = 4 days: back
on day 5. Buildings wait 1 + max(0, 2 + .5, 2) = 3.5, so 4 days. Value per day of b3: (1/2 x 100/320 + 1/2 x 4/42)
/ 40 = .0051; of b1: 1/2 x 1/2 x 4/42 / 10 = .0024; b5 gains nothing. So b3 on days 4-43, b1 on 44-53, b5 on 54.

Who is dark. Power: b2, b4, b5 on days 0-4. Water: nobody on day 0 (tank), everybody for 3/4 of day 1 and on days 2-4.
Residuals (power, water): home .5, .25; shop .5, 1; office .25, 1; care .5, 0. Functionality:

    day     b1           b2               b3  b4   b5        EP            SC = 21 + sum of Q f
    0       .5           .5               0   .25  .5        25 + 60 = 85  21 + 2 + 3 + .5 + 2.5 = 29
    2-4     .5 x .25     .5 x .25 = .125  0   .25  .5 x 0    25            21 + .5 + .75 + .5 = 22.75
    5-43    .5           1                0   1    1         220           21 + 2 + 6 + 2 + 5 = 36
    44-53   .5           1                1   1    1         320           40
    54 on   1            1                1   1    1         320           42

Day 1 is 1/4 of day 0 and 3/4 of day 2: EP 40, SC 24.3125, water 1/4.
Lost production: 235 + 280 + 3 x 295 + 39 x 100 = 5,300.00 $. Repair: 74,050.00 $. Total: 79,350.00 $.

Needs. N = 4 in z1, 6 in z2. Habitable: b1 in z1, b2 in z2, by the residuals of homes. Services: weights shop .6 and
care .4; b3 is the only shop and b5 the only clinic and both serve both zones, so S/N = .6 f(b3) + .4 f(b5).

    day     N-H in z1, z2    S/N  N-S      unmet = 1/2 (N-H + N-S)
    0       2,   3           .2   8        6.5                       z1 2.6    z2 3.9
    2-4     3.5, 5.25        0    10       9.375                     z1 3.75   z2 5.625
    5-43    2,   0           .4   6        4                         z1 2.2    z2 1.8
    44-53   2,   0           1    0        1                         z1 1      z2 0

Day 1: 1/4 x 6.5 + 3/4 x 9.375 = 8.65625 (z1 3.4625, z2 5.19375).
Service-capacity loss: 6.5 + 8.65625 + 3 x 9.375 + 39 x 4 + 10 x 1 = 209.28125 person-days (z1 113.1125, z2 96.16875).
"""

import numpy as np
import pytest
from cities import block_of, five_buildings, parameters, play
from plans import plan

from holdfast.recovery.hazard import uniform
from holdfast.recovery.losses.block_result import BlockResult
from holdfast.recovery.losses.results import summarise
from holdfast.recovery.simulate import draw_seeds

SCENARIO = uniform({"PGA": 1.0})
OPTIONS = plan(damage="given", crews={"building": 1, "power": 1, "water": 1})
DAYS = (1, 1, 3, 39, 10, 2)  # 0, 1, 2-4, 5-43, 44-53, 54-55


@pytest.fixture(scope="module")
def block() -> BlockResult:
    return block_of(five_buildings(), parameters(), SCENARIO, OPTIONS, draw_seeds(1, 1)[0])


def test_who_is_repaired_when():
    block = play(five_buildings(), parameters(), SCENARIO, OPTIONS, draw_seeds(1, 1)[0])
    assert block.completion_day.tolist() == [[54, 0, 44, 0, 55]]
    assert block.network_state.tolist() == [[0, 0, 0, 3]]
    assert block.network_completion_day.tolist() == [[0, 0, 0, 5]]


def test_who_is_without_service_when(block):
    assert block.nodes.restored_days.tolist() == [0, 5, 5]  # p1, p2, w1
    by_hand = np.repeat([[8 / 21, 1], [8 / 21, 1 / 4], [8 / 21, 0], [1, 1], [1, 1], [1, 1]], DAYS, axis=0)
    np.testing.assert_allclose(block.curves.service[0], by_hand, rtol=1e-12)


def test_curves_day_by_day(block):
    np.testing.assert_allclose(block.curves.EP[0], np.repeat([85, 40, 25, 220, 320, 320], DAYS), rtol=1e-12)
    np.testing.assert_allclose(block.curves.SC[0], np.repeat([29, 24.3125, 22.75, 36, 40, 42], DAYS), rtol=1e-12)
    np.testing.assert_allclose(
        block.curves.unmet[0], np.repeat([6.5, 8.65625, 9.375, 4, 1, 0], DAYS), rtol=1e-12, atol=1e-12
    )


def test_losses_to_the_cent(block):
    _, losses, frame = summarise(five_buildings(), parameters(), [block])
    assert round(losses.repair_cost.mean, 2) == 74_050.00
    assert round(losses.lost_production.mean, 2) == 5_300.00
    assert round(losses.total_economic_loss.mean, 2) == 79_350.00
    assert losses.service_capacity_loss.mean == pytest.approx(209.28125, rel=1e-12)
    assert losses.total_economic_loss_per_m2.mean == pytest.approx(79_350 / 415, rel=1e-12)
    assert losses.total_economic_loss.unit == "USD_2017"
    np.testing.assert_allclose(block.zones.unmet_days, [[113.1125, 96.16875]], rtol=1e-12)
    assert frame["mean_lost_production"].round(2).tolist() == [0, 0, 4400, 375, 525]
