"""Chance: random numbers that are computed from a key and a counter, not kept in a state.

The same key and counter give the same number in any order, block, thread or worker.
"""

import math

import numba
import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
UNIT = 2.0**-53
MANY = 200.0
"""Mean above which a Poisson number is taken from the normal distribution."""
# coefficients of AS 241, the highest power first
CENTRE_TOP = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
)  # fmt: skip
CENTRE_LOW = (
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
)  # fmt: skip
SIDE_TOP = (
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
)  # fmt: skip
SIDE_LOW = (
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0,
)  # fmt: skip
TAIL_TOP = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
)  # fmt: skip
TAIL_LOW = (
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0,
)  # fmt: skip


@numba.njit(cache=True)
def bits(key: np.uint64, counter: np.uint64) -> np.uint64:
    """64 random bits: output `counter` of the generator SplitMix64 that starts at `key`.

    References
    ----------
    Steele, Lea & Flood (2014), Fast splittable pseudorandom number generators, OOPSLA, figure 14.

    Examples
    --------
    >>> hex(bits(np.uint64(0), np.uint64(0)))
    '0xe220a8397b1dcdaf'
    """
    # the state of SplitMix64 after counter + 1 steps is a sum, so that any output is had without those before it; all
    # products wrap at 64 bits, as they must
    z = np.uint64(key + np.uint64(np.uint64(counter + np.uint64(1)) * GAMMA))
    z = np.uint64((z ^ (z >> np.uint64(30))) * FIRST)
    z = np.uint64((z ^ (z >> np.uint64(27))) * SECOND)
    return np.uint64(z ^ (z >> np.uint64(31)))


@numba.njit(cache=True)
def uniform(key: np.uint64, counter: np.uint64) -> float:
    """Uniform number between 0 and 1, neither of them included: one of 2^53 equally spaced ones.

    Examples
    --------
    >>> round(uniform(np.uint64(0), np.uint64(0)), 6)
    0.883311
    """
    # the upper 53 bits fill a double; the half keeps 0 away, at which the normal quantile is infinite
    # the topmost of them is rounded up to 2^53, which the bound keeps below 1
    return min((np.float64(bits(key, counter) >> np.uint64(11)) + 0.5) * UNIT, 1.0 - UNIT)


@numba.njit(cache=True)
def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution for 0 < p < 1, relative error about 1e-16.

    References
    ----------
    Wichura (1988), Algorithm AS 241, Applied Statistics 37(3), routine PPND16.

    Examples
    --------
    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return float(q * _polynomial(CENTRE_TOP, r) / _polynomial(CENTRE_LOW, r))
    r = math.sqrt(-math.log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        z = _polynomial(SIDE_TOP, r - 1.6) / _polynomial(SIDE_LOW, r - 1.6)
    else:
        z = _polynomial(TAIL_TOP, r - 5.0) / _polynomial(TAIL_LOW, r - 5.0)
    return float(-z if q < 0 else z)


@numba.njit(cache=True)
def _polynomial(c: tuple[float, ...], x: float) -> float:
    """Polynomial with the coefficients `c`, the highest power first."""
    return ((((((c[0] * x + c[1]) * x + c[2]) * x + c[3]) * x + c[4]) * x + c[5]) * x + c[6]) * x + c[7]


@numba.njit(cache=True)
def normal(key: np.uint64, counter: np.uint64) -> float:
    """Standard normal number: the quantile of the uniform number of the same key and counter.

    Examples
    --------
    >>> round(normal(np.uint64(0), np.uint64(0)), 6)
    1.191701
    """
    return float(normal_quantile(uniform(key, counter)))


@numba.njit(cache=True)
def poisson(mean: float, key: np.uint64, counter: np.uint64) -> int:
    """Poisson number: the quantile of one uniform number, 0 for a mean of 0.

    It grows with the mean at the same key and counter. Above a mean of 200 the normal distribution stands in, rounded.

    Examples
    --------
    >>> [poisson(m, np.uint64(0), np.uint64(0)) for m in (0.0, 1.0, 10.0)]
    [0, 2, 14]
    """
    if mean <= 0.0:
        return 0
    u = uniform(key, counter)
    if mean > MANY:
        return max(0, math.floor(mean + math.sqrt(mean) * float(normal_quantile(u)) + 0.5))
    # add up the distribution until it passes u; the second condition ends the loop where shares vanish before that
    count, share = 0, math.exp(-mean)
    total = share
    while u > total and share > 0.0:
        count += 1
        share *= mean / count
        total += share
    return count
