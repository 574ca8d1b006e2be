"""Ground-motion models against their authors' own values and against an independent implementation.

Origins of the figures:
- AUTHORS_BSSA14: medians of David M. Boore's Fortran program of July 2014, as tabled in the tests of OpenQuake
  (tests/gsim/data/BSSA2014/BSSA_2014_MEAN.csv), which are printed with six figures.
- AUTHORS_CY14: medians from a tool of the authors, as tabled in the tests of OpenQuake
  (tests/gsim/data/NGA/CY14/CY14_MEDIAN_MS_HW_RV.csv and ..._NM.csv).
- OPENQUAKE: medians and standard deviations by openquake.engine 3.26.2 (BooreEtAl2014, ChiouYoungs2014), run once for
  round inputs, printed with six figures.
"""

import numpy as np
import pytest

from holdfast.data import packaged
from holdfast.errors import TableError
from holdfast.recovery.hazard.ground_motion import MODELS
from holdfast.recovery.hazard.motion import Ground, check_limits
from holdfast.recovery.hazard.rupture import Distances, Earthquake, Rupture, rupture_of

MEASURES = ("PGA", "PGV", "SA0.3", "SA1.0")

AUTHORS_BSSA14 = [  # magnitude, rake, R_JB, vs30: PGV, PGA, SA0.3, SA1.0
    (7.0, 90, 0, 400, 64.7233, 0.548682, 1.26195, 0.585962),
    (7.0, 90, 50, 600, 6.20988, 0.0724549, 0.153111, 0.0532963),
    (7.0, 90, 100, 200, 6.62599, 0.0539538, 0.151945, 0.076196),
    (7.0, 90, 20, 250, 24.9675, 0.213065, 0.505375, 0.251624),
    (8.0, 90, 0, 200, 104.969, 0.498235, 1.0748, 0.950562),
    (8.0, 90, 75, 760, 7.88356, 0.0772084, 0.132855, 0.0518242),
    (8.0, 90, 20, 600, 29.1043, 0.247112, 0.475347, 0.204825),
    (3.0, -90, 0, 200, 0.219327, 0.0122054, 0.00737147, 0.000543518),
    (3.0, -90, 100, 600, 0.000863263, 3.63104e-05, 3.63256e-05, 3.32509e-06),
    (4.0, -90, 20, 200, 0.299424, 0.00764461, 0.0118001, 0.00162003),
    (4.0, -90, 0, 600, 0.762923, 0.0293795, 0.027255, 0.00261423),
]
AUTHORS_CY14 = [  # magnitude, dip, rake, top, R_RUP, R_JB, R_X, vs30, Z1: PGA, SA0.3, SA1.0
    (8.5, 90, 90, 0, 10, 8.66, 8.66, 760, 10, 0.4797773940287244, 0.9885870422098187, 0.4063737061275502),
    (8.5, 90, 90, 5, 50, 49.75, 49.75, 180, 5, 0.2938933843862765, 0.7099405273559569, 0.4362515279746707),
    (8.5, 90, 90, 5, 100, 99.87, 99.87, 1500, 5, 0.1143443568508069, 0.1722486105899736, 0.0683743905661761),
    (8.5, 90, 90, 20, 300, 299.97, 299.97, 760, 10, 0.0444092532715726, 0.0597051889942157, 0.0534943923940296),
    (3.5, 90, 90, 0, 0, 0, 0, 180, 5, 0.052549184783186, 0.0749824832481645, 0.0089054078186876),
    (3.5, 90, 90, 0, 10, 8.66, 8.66, 760, 10, 0.0035317055203834, 0.0037454786918077, 0.0004153456471967),
    (8.5, 90, -70, 0, 5, 0, 0, 180, 5, 0.4102275877096871, 0.963912192239008, 0.8274303984052497),
    (8.5, 90, -70, 0, 10, 8.66, 8.66, 760, 23.5, 0.31612218647571, 0.6682838934041708, 0.3007572451351442),
    (8.5, 90, -70, 5, 100, 99.87, 99.87, 180, 5, 0.1485594973662306, 0.3851391484961104, 0.2285854441349895),
    (8.5, 90, -70, 5, 50, 49.75, 49.75, 1500, 10, 0.1256759768740607, 0.2107861710141463, 0.0817332974543494),
]
OPENQUAKE = [  # model, magnitude, rake, dip, top, R_RUP, R_JB, R_X, vs30: per measure median, tau, phi
    ('bssa14', 4.8, 0, 90, 6, 12.5, 10.8, -3, 300,
     ((0.0644886, 0.383, 0.635), (2.67105, 0.3845, 0.6164), (0.092106, 0.3228, 0.6408), (0.0173212, 0.438, 0.5746))),
    ('bssa14', 5.2, 90, 45, 3, 9, 7, 8, 520,
     ((0.142048, 0.363, 0.555), (4.98809, 0.3625, 0.5796), (0.178142, 0.2692, 0.5952), (0.0341294, 0.358, 0.6034))),
    ('bssa14', 6.1, -90, 60, 2, 20, 19.5, -15, 760,
     ((0.0832074, 0.348, 0.495), (5.22645, 0.346, 0.552), (0.171764, 0.229, 0.561), (0.0465266, 0.298, 0.625))),
    ('bssa14', 6.6, 90, 30, 5, 15, 11, 20, 250,
     ((0.271749, 0.348, 0.450637), (30.5489, 0.346, 0.501299), (0.664384, 0.229, 0.529312), (0.329512, 0.298, 0.612325))),
    ('bssa14', 7.05, 180, 90, 0, 12, 12, 4, 400,
     ((0.286678, 0.348, 0.495), (31.9982, 0.346, 0.552), (0.619895, 0.229, 0.561), (0.283281, 0.298, 0.625))),
    ('bssa14', 7.4, 0, 80, 0, 60, 60, -30, 1100,
     ((0.055077, 0.348, 0.495), (4.52422, 0.346, 0.552), (0.0900442, 0.229, 0.561), (0.0303414, 0.298, 0.625))),
    ('bssa14', 6.9, -60, 50, 1, 130, 129, 100, 200,
     ((0.0285888, 0.348, 0.442744), (3.79547, 0.346, 0.489734), (0.085186, 0.229, 0.543247), (0.0461565, 0.298, 0.61698))),
    ('bssa14', 7.8, 90, 20, 8, 210, 209, 180, 650,
     ((0.0150359, 0.348, 0.566481), (2.20897, 0.346, 0.611303), (0.033804, 0.229, 0.662827), (0.0191274, 0.298, 0.693175))),
    ('cy14', 4.8, 0, 90, 6, 12.5, 10.8, -3, 300,
     ((0.0670425, 0.377648, 0.638817), (3.11639, 0.381706, 0.625953), (0.131252, 0.408092, 0.698142), (0.0238374, 0.443832, 0.671483))),
    ('cy14', 5.2, 90, 45, 3, 9, 7, 8, 520,
     ((0.118049, 0.373662, 0.631339), (5.8491, 0.369373, 0.610345), (0.261285, 0.405975, 0.692124), (0.052213, 0.430336, 0.664494))),
    ('cy14', 6.1, -90, 60, 2, 20, 19.5, -15, 760,
     ((0.0671233, 0.296509, 0.545029), (5.43711, 0.29261, 0.520624), (0.12993, 0.343458, 0.618158), (0.0413006, 0.360655, 0.625571))),
    ('cy14', 6.6, 90, 30, 5, 15, 11, 20, 250,
     ((0.307863, 0.207899, 0.451342), (30.7969, 0.226913, 0.448168), (0.736379, 0.215961, 0.490621), (0.398235, 0.293828, 0.571493))),
    ('cy14', 7.05, 180, 90, 0, 12, 12, 4, 400,
     ((0.294447, 0.241947, 0.485568), (29.7369, 0.248567, 0.47038), (0.680367, 0.276707, 0.546444), (0.306446, 0.318644, 0.596843))),
    ('cy14', 7.4, 0, 80, 0, 60, 60, -30, 1100,
     ((0.0561486, 0.259986, 0.50471), (4.36179, 0.257797, 0.480123), (0.089307, 0.311872, 0.581926), (0.0297785, 0.329097, 0.607795))),
    ('cy14', 6.9, -60, 50, 1, 130, 129, 100, 200,
     ((0.0270519, 0.248578, 0.49253), (5.06255, 0.243819, 0.46543), (0.0706555, 0.295185, 0.564839), (0.0507961, 0.318546, 0.596741))),
    ('cy14', 7.8, 90, 20, 8, 210, 209, 180, 650,
     ((0.0340179, 0.259066, 0.503719), (5.91842, 0.257166, 0.479452), (0.0535416, 0.310462, 0.580466), (0.0353064, 0.328616, 0.607288))),
]  # fmt: skip


def plane(magnitude: float, rake: float, dip: float = 90.0, top: float = 0.0) -> Rupture:
    return Rupture(magnitude, 0.0, 0.0, 0.0, dip, rake, top, 10.0, 10.0, 0.0, 0.0)


def reach(*distances: float) -> Distances:
    return Distances(*(np.array([float(d)]) for d in distances))


@pytest.mark.parametrize("case", AUTHORS_BSSA14, ids=str)
def test_bssa14_gives_the_values_of_its_authors(case):
    magnitude, rake, near, vs30, pgv, pga, short, long = case
    ground, at = Ground(np.array([float(vs30)])), reach(near, near, near)
    found = [np.exp(MODELS["bssa14"](plane(magnitude, rake), at, ground, m).log_median[0]) for m in MEASURES]
    np.testing.assert_allclose(found, [pga, pgv, short, long], rtol=1e-3)


@pytest.mark.parametrize("case", AUTHORS_CY14, ids=str)
def test_cy14_gives_the_values_of_its_authors(case):
    magnitude, dip, rake, top, rupture, near, across, vs30, basin, *expected = case
    ground = Ground(np.array([float(vs30)]), np.array([float(basin)]))
    found = [
        np.exp(MODELS["cy14"](plane(magnitude, rake, dip, top), reach(near, rupture, across), ground, m).log_median[0])
        for m in ("PGA", "SA0.3", "SA1.0")
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-3)


@pytest.mark.parametrize("case", OPENQUAKE, ids=lambda c: f"{c[0]} M{c[1]} {c[6]} km")
def test_models_agree_with_openquake(case):
    model, magnitude, rake, dip, top, rupture, near, across, vs30, expected = case
    ground, at = Ground(np.array([float(vs30)])), reach(near, rupture, across)
    for measure, (median, tau, phi) in zip(MEASURES, expected, strict=True):
        found = MODELS[model](plane(magnitude, rake, dip, top), at, ground, measure)
        values = [np.exp(found.log_median[0]), found.between_sd[0], found.within_sd[0]]
        np.testing.assert_allclose(values, [median, tau, phi], rtol=1e-5, err_msg=measure)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("measure", MEASURES)
def test_contract(model, measure):
    """Shaking falls with distance, grows with magnitude, and depends on each site alone."""
    far = np.array([5.0, 20.0, 80.0, 200.0])
    at, ground = Distances(far, far, -far), Ground(np.full(4, 500.0))
    small, large = (MODELS[model](plane(m, 0.0), at, ground, measure) for m in (5.5, 7.5))
    for motion in (small, large):
        assert all(a.shape == (4,) for a in motion)
        assert (np.diff(motion.log_median) < 0).all()
        assert ((motion.between_sd > 0) & (motion.within_sd > motion.between_sd * 0.5)).all()
    assert (large.log_median > small.log_median).all()
    one = MODELS[model](plane(5.5, 0.0), Distances(*(d[2:3] for d in at)), Ground(np.array([500.0])), measure)
    assert one.log_median[0] == small.log_median[2]


@pytest.mark.parametrize("model", MODELS)
def test_soft_ground_shakes_more_in_weak_shaking(model):
    far = np.array([150.0, 150.0])
    motion = MODELS[model](plane(6.0, 0.0), Distances(far, far, far), Ground(np.array([250.0, 760.0])), "SA1.0")
    assert motion.log_median[0] > motion.log_median[1] + 0.5


def test_hanging_wall_shakes_more():
    at = Distances(np.array([2.0, 2.0]), np.array([8.0, 8.0]), np.array([10.0, -10.0]))
    motion = MODELS["cy14"](plane(6.8, 90.0, 40.0, 3.0), at, Ground(np.full(2, 500.0)), "PGA")
    assert motion.log_median[0] > motion.log_median[1]


@pytest.mark.parametrize(
    ("magnitude", "rake", "far", "vs30", "words"),
    [
        (7.4, -90.0, 10.0, 500.0, "7.4 is outside 3 to 7, the limits of bssa14 for normal events"),
        (6.0, 0.0, 500.0, 500.0, "1 sites lie beyond 400 km"),
        (6.0, 0.0, 10.0, 2500.0, "1 sites have a vs30 outside 150 to 1500 m/s"),
    ],
)
def test_limits_of_the_authors(magnitude, rake, far, vs30, words):
    with pytest.raises(TableError, match=words):
        check_limits("bssa14", plane(magnitude, rake), reach(far, far, far), np.array([vs30]))


def test_every_model_has_limits_and_coefficients_for_every_measure():
    assert set(packaged("gmm_limits")["model"]) == set(MODELS)
    for model in MODELS:
        assert set(packaged(f"gmm_{model}")["measure"]) == set(MEASURES)


def test_size_by_wells_and_coppersmith():
    """Origin: table 2A by hand, log10 L = -2.57 + 0.62 M and log10 W = -0.76 + 0.27 M for strike-slip."""
    found = rupture_of(Earthquake(magnitude=7.0, longitude=0, latitude=0, depth_km=30, strike=10.0))
    assert found.length == pytest.approx(10**1.77)
    assert found.width == pytest.approx(10**1.13)
    assert found.top_depth == pytest.approx(30 - found.width / 2)
