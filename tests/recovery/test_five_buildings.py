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
    EP0 = 320 $/day. Q: a resident counts .78 at home and .22 by day, 10 x .22 = 2.2 among 11 workers, .2 each: homes 7.8 (b1
    3.12, b2 4.68), by day b3 .8, b4 .4, b5 1; together 10, the residents. SC0 = 10 x (1 + 1) = 20; demand 10 persons.

Who is repaired when. One crew per trade. The edge waits for its inspection (1 day) and takes 2 x 2 = 4 days: back
on day 5. Buildings wait 1 + max(0, 2 + .5, 2) = 3.5, so 4 days. Value per day of b1: 1/2 x 1/2 x 3.12/10 / 10 = .0078;
of b3: (1/2 x 100/320 + 1/2 x .8/10) / 40 = .0049; b5 gains nothing. So b1 on days 4-13, b3 on 14-53, b5 on 54.

Who is out of service. Power: b2, b4, b5 on days 0-4. Water: nobody on day 0 (tank), everybody for 3/4 of day 1 and on
days 2-4. Residuals (power, water): home .5, .25; shop .5, 1; office .25, 1; care .5, 0. Production:

    day     b3  b4   b5        EP
    0       0   .25  .5        25 + 60 = 85
    2-4     0   .25  .5 x 0    25
    5-53    0   1    1         220
    54 on   1   1    1         320

Day 1 is 1/4 of day 0 and 3/4 of day 2: EP 40, water 1/4.
Lost production: 235 + 280 + 3 x 295 + 49 x 100 = 6,300.00 $. Repair: 74,050.00 $. Total: 80,350.00 $.

Who has a place. People bear a home without services for 2 days; a fifth of the displaced find hosts, where there is a
place for each, nobody stays in an unusable home, there is no shelter. b2 lacks power from the event on: on the morning of day 2 all but .5 x .25 = 1/8 of
its people leave; b1 lacks water from 6 o'clock of day 1 on: on the morning of day 4 all but 1/4 of the 2 there leave; all
return on day 5. On day 4 only 1.25 places can be lived in, so that 1.25 people find hosts instead of 1.75. H places that can be lived in, r their r_SS, G with hosts (a place, r_SS 0).

    day     z1: H    r     G      z2: H   r     G       displaced
    0       2        1     .4     6       1/2   0       2
    1 late  2        1/4   .4     6       1/8   0       2
    2-3     2        1/4   .4     .75     1/8   1.05    7.25
    4       .5       1/4   .5     .75     1/8   .75     8.75
    5-13    2        1     .4     6       1     0       2
    14 on   4        1     0      6       1     0       0

Service capacity: .78 (H + H r + G) in each zone, and by day .8 (1 + r) of b3, .4 (1 + r) of b4, 1 (1 + r) of b5, each if
usable; missing: of 6.24, 9.36 and 4.4.

    day     z1       z2         by day            SC        missing / 2 = persons
    0       3.432    7.02       .5 + 1.5 = 2      12.452    3.774
    1 late  2.262    5.265      .5 + 1 = 1.5      9.027     5.4865
    2-3     2.262    1.477125   1.5               5.239125  7.3804375
    4       .8775    1.243125   1.5               3.620625  8.1896875
    5-13    3.432    9.36       .8 + 2 = 2.8      15.592    2.204
    14-53   6.24     9.36       2.8               18.4      .8
    54 on   6.24     9.36       4.4               20        0

Day 1: 1/4 and 3/4, SC 9.88325, missing 5.058375. Service-capacity loss: 3.774 + 5.058375 + 2 x 7.3804375 + 8.1896875
+ 9 x 2.204 + 40 x .8 = 83.6189375 person-days. What is missing by day falls on z1 and z2 as 4 to 6: 46.1375 in all, z1
22.542 + 18.455 = 40.997, z2 14.9394375 + 27.6825 = 42.6219375.

Unmet need, beside it. Without any place N - H - G: 1.6, 1.6, 5.8 (2 days), 7.5, 1.6 (9 days): 36.7 person-days. Essential
services: weights shop .6 and care .4; b3 is the only shop and b5 the only clinic and both serve both zones: 10 persons x
(1 - .6 f(b3) - .4 f(b5)) = 8, 9.5, 10 (3 days), 6 (49 days): 341.5 person-days. Half of both: 189.1.
"""

from functools import partial

import numpy as np
import pytest
from cities import block_of, five_buildings, parameters, play
from plans import plan

from holdfast.recovery.hazard import uniform
from holdfast.recovery.losses.block_result import BlockResult
from holdfast.recovery.losses.results import summarise
from holdfast.recovery.settings.run_settings import Households
from holdfast.recovery.simulation.simulate_draws import draw_seeds

SCENARIO = uniform({"PGA": 1.0})
PEOPLE = Households(time_at_home=0.78, patience_days=2.0, stay_share=0.0, host_share=0.2)
OPTIONS = plan(damage="given", crews={"building": 1, "power": 1, "water": 1}, households=PEOPLE)
DAYS = (1, 1, 2, 1, 9, 40, 2)  # 0, 1, 2-3, 4, 5-13, 14-53, 54-55


@pytest.fixture(scope="module")
def block() -> BlockResult:
    return block_of(five_buildings(), parameters(), SCENARIO, OPTIONS, draw_seeds(1, 1)[0])


def test_who_is_repaired_when():
    block = play(five_buildings(), parameters(), SCENARIO, OPTIONS, draw_seeds(1, 1)[0])
    assert block.completion_day.tolist() == [[14, 0, 54, 0, 55]]
    assert block.network_state.tolist() == [[0, 0, 0, 3]]
    assert block.network_completion_day.tolist() == [[0, 0, 0, 5]]


def test_who_is_without_service_when(block):
    assert block.nodes.restored_days.tolist() == [0, 5, 5]  # p1, p2, w1
    by_hand = np.repeat([[8 / 21, 1], [8 / 21, 1 / 4], [8 / 21, 0], [1, 1]], (1, 1, 3, 51), axis=0)
    np.testing.assert_allclose(block.curves.service[0], by_hand, rtol=1e-12)


def by_day(*levels: float) -> np.ndarray:
    return np.repeat(levels, DAYS)


def test_curves_day_by_day(block):
    own = block.curves
    close = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-12)
    close(own.EP[0], by_day(85, 40, 25, 25, 220, 220, 320))
    close(own.SC[0], by_day(12.452, 9.88325, 5.239125, 3.620625, 15.592, 18.4, 20))
    close(own.gap[0], by_day(3.774, 5.058375, 7.3804375, 8.1896875, 2.204, 0.8, 0))
    close(own.demand[0], 10)
    close(own.displaced[0], by_day(2, 2, 7.25, 8.75, 2, 0, 0))
    close(own.hosted[0], by_day(0.4, 0.4, 1.45, 1.25, 0.4, 0, 0))
    close(own.homeless[0], by_day(1.6, 1.6, 5.8, 7.5, 1.6, 0, 0))
    close(own.unserved[0], by_day(8, 9.5, 10, 10, 6, 6, 0))
    assert not own.sheltered.any() and not own.converted.any()


def test_what_is_still_damaged_by_day(block):
    uses = sorted(parameters().services["category"])
    left = block.damaged.buildings.sum(axis=1)
    assert left[[0, 13, 14, 53, 54, 55]].tolist() == [
        [2, 1, 1, 1, 0],
        [2, 1, 1, 1, 0],
        [3, 1, 0, 1, 0],
        [3, 1, 0, 1, 0],
        [4, 1, 0, 0, 0],
        [5, 0, 0, 0, 0],
    ]
    assert block.damaged.buildings[13, uses.index("home")].tolist() == [1, 0, 1, 0, 0]
    assert block.damaged.networks[[0, 4, 5]].tolist() == [[1, 0], [1, 0], [0, 0]]


def test_losses_to_the_cent(block):
    _, losses, frame = summarise(five_buildings(), parameters(), [block])
    assert round(losses.repair_cost.mean, 2) == 74_050.00
    assert round(losses.lost_production.mean, 2) == 6_300.00
    assert round(losses.total_economic_loss.mean, 2) == 80_350.00
    assert losses.service_capacity_loss.mean == pytest.approx(83.6189375, rel=1e-12)
    assert losses.without_home.mean == pytest.approx(36.7, rel=1e-12)
    assert losses.without_services.mean == pytest.approx(341.5, rel=1e-12)
    assert losses.unmet_need.mean == pytest.approx(189.1, rel=1e-12)
    assert losses.total_economic_loss_per_m2.mean == pytest.approx(80_350 / 415, rel=1e-12)
    assert losses.total_economic_loss.unit == "USD_2017"
    np.testing.assert_allclose(block.zones.gap_days, [[40.997, 42.6219375]], rtol=1e-12)
    np.testing.assert_allclose(block.zones.unmet_days.sum(), 189.1, rtol=1e-12)
    assert frame["mean_lost_production"].round(2).tolist() == [0, 0, 5400, 375, 525]
