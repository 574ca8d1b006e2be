"""What a task is worth: the losses per day that it ends."""

import numpy as np

from holdfast.recovery.function.service_capacity import PLACE_AND_SERVICES, People
from holdfast.types import Floats

PRODUCTION, BY_DAY, AT_HOME = range(3)
"""Kinds of function of a building, each with its own response to the networks."""
WORK, LIVING = range(2)
"""Uses of a building that damage takes away apart: what is done there, and living there."""


def marginal_value(people: People, weight: float) -> Floats:
    """Share of the city's functionality that hangs on each building, by kind of function.

    production: w EP0_building / EP0; by day and at home: (1 - w) x the two parts of Q_building (1 + r_SS) over SC0.

    What is lost per day is then w (EP0 - EP) / EP0 + (1 - w) (SC0 - SC) / SC0: just what the two losses integrate, as long
    as nobody has found hosts or shelter and nobody has left.

    Parameters
    ----------
    weight : float
        Weight w of production, 0..1.

    Returns
    -------
    ndarray
        Shape (building, 3): production, by day, at home; sums to 1 where the city has production and residents.

    References
    ----------
    Zhou, Xiao & Xu (2025): tasks by what they give EP and SC. Not specified in the paper: the formula and the weight.
    """
    own = people.building
    money, residents = own["production"].sum(), own["residents"].sum()
    share = np.zeros((own.size, 3))
    if money > 0:
        share[:, PRODUCTION] = weight * own["production"] / money
    if residents > 0:
        share[:, BY_DAY] = (1 - weight) * own["day_places"] / residents
        share[:, AT_HOME] = (1 - weight) * people.households.time_at_home * own["residents"] / residents
    return share


def by_use(share: Floats) -> Floats:
    """Shares of `marginal_value` put together by what damage takes away, shape (building, 2): work, living."""
    return np.stack([share[:, PRODUCTION] + share[:, BY_DAY], share[:, AT_HOME]], axis=1)


def corners_of(people: People) -> Floats:
    """Share of each function of a building where every network serves it fully or not at all.

    Returns
    -------
    ndarray
        Shape (building, 3, 2 ** network): production, by day, at home; first network slowest.
    """
    own = people.building
    # a place stays without services: of 1 + r_SS only r_SS goes
    capacity = (1.0 + people.capable.corner[own["category"]]) / PLACE_AND_SERVICES
    return np.stack([people.productive.corner[own["maker"]], capacity, capacity], axis=1)


def left_without(people: People) -> Floats:
    """Function that each building keeps without each network, by kind of function, shape (building, 3, network)."""
    corners = corners_of(people)
    count = corners.shape[2]
    lacking = count - 1 - 2 ** np.arange(count.bit_length() - 1)[::-1]  # one bit per network, the first highest
    return np.asarray(corners[:, :, lacking])


def dependent_function(share: Floats, left: Floats) -> Floats:
    """Share of the city's functionality that a building loses where one network alone fails it.

    Parameters
    ----------
    share : ndarray
        As from `marginal_value`, shape (building, kind).
    left : ndarray
        As from `left_without`, shape (building, kind, network).

    Returns
    -------
    ndarray
        Shape (building, network, 2): of work, of living.

    Examples
    --------
    >>> dependent_function(np.array([[0.5, 0.25, 0.25]]), np.array([[[0.0], [0.5], [0.5]]])).tolist()
    [[[0.625, 0.125]]]
    """
    lost = share[:, :, None] * (1.0 - left)
    return np.stack([lost[:, PRODUCTION] + lost[:, BY_DAY], lost[:, AT_HOME]], axis=-1)
