"""What a task is worth: the losses per day that it ends."""

import numpy as np

from holdfast.recovery.function.service_capacity import People
from holdfast.types import Floats

HALF = 0.5
"""Share of the home in the needs of a resident; the other half are the essential services."""
PRODUCTION, SERVICE, HOME = range(3)
"""Kinds of function of a building, each with its own response to the networks."""


def marginal_value(people: People, weight: float) -> Floats:
    """Share of the city's functionality that hangs on each building, by kind of function.

    production: w EP0_building / EP0; service: (1 - w) / 2 x (residents of the zones that the building's
    category serves x weight of the category x the building's share of its daytime occupants) / residents
    of the city; home: (1 - w) / 2 x residents / residents of the city.

    What is lost per day is then w (EP0 - EP) / EP0 + (1 - w) unmet / residents: just what the two losses
    integrate, since unmet need is linear in the function of each building (no zone has a surplus).

    Departs from the paper in the second part, dSC / SC0: SC counts occupants, while the service-capacity
    loss counts homes and essential services; a rule that maximises the one may lose more of the other.

    Parameters
    ----------
    weight : float
        Weight w of production, 0..1.

    Returns
    -------
    ndarray
        Shape (building, 3): production, service, home; sums to 1 where the city has both production and
        residents who need services.
    """
    own = people.building
    money, residents = own["production"].sum(), own["residents"].sum()
    share = np.zeros((own.size, 3))
    if money > 0:
        share[:, PRODUCTION] = weight * own["production"] / money
    if residents > 0:
        share[:, SERVICE] = (1 - weight) * HALF * _served(people) / residents
        share[:, HOME] = (1 - weight) * HALF * own["residents"] / residents
    return share


def _served(people: People) -> Floats:
    """Residents whose essential services hang on each building, by the weight of its category."""
    own = people.building
    shape = people.catchment.shape
    inside = np.bincount(own["zone"], weights=own["residents"], minlength=shape[0])
    daytime, wanted = np.zeros(shape), np.zeros(shape)
    np.add.at(daytime, (own["zone"], own["category"]), own["daytime"])
    zone, kind = np.nonzero(people.catchment >= 0)
    # of the residents of a zone each category that it can reach is owed a part
    # weights of the categories that a zone can reach, scaled to sum to 1
    known = np.bincount(zone, weights=people.weight[kind], minlength=shape[0])[zone]
    share = np.divide(people.weight[kind], known, out=np.zeros(zone.size), where=known > 0)
    np.add.at(wanted, (people.catchment[zone, kind], kind), inside[zone] * share)
    # which the buildings of that category share by their daytime occupants
    rate = np.divide(wanted, daytime, out=np.zeros(shape), where=daytime > 0)
    return np.asarray(own["daytime"] * rate[own["zone"], own["category"]])


def corners_of(people: People) -> Floats:
    """Response of each building where every network serves it fully or not at all.

    Returns
    -------
    ndarray
        Shape (building, 3, 2 ** network): production, service, home; first network slowest.
    """
    own = people.building
    service = people.capable.corner[own["category"]]
    home = np.broadcast_to(people.capable.corner[-1], service.shape)
    return np.stack([people.productive.corner[own["maker"]], service, home], axis=1)


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
        Shape (building, network).

    Examples
    --------
    >>> dependent_function(np.array([[0.5, 0.25, 0.25]]), np.array([[[0.0], [0.0], [1.0]]])).tolist()
    [[0.75]]
    """
    return np.asarray(np.einsum("bk,bkn->bn", share, 1.0 - left))
