"""Synthetic distribution networks in an observed state: feeders, laterals on them, service drops on those."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.validation.outages.practice import Practice
from holdfast.types import Floats, Ints

FEEDER, LATERAL, SERVICE = range(3)
NONE = -1


class Devices(NamedTuple):
    """Damaged devices of all districts; all (device,).

    ``district``, ``kind``: position and `FEEDER`, `LATERAL` or `SERVICE`; ``above``: the damaged device through which it
    is fed, `NONE` if all above it works; ``customers``: those who are back as soon as it and all above it work.
    """

    district: Ints
    kind: Ints
    above: Ints
    customers: Floats


def hazard_of(share_out: Floats) -> Floats:
    """Hazard of being without power: minus the logarithm of the share with power.

    Examples
    --------
    >>> hazard_of(np.array([0.5])).round(2).tolist()
    [0.69]
    """
    # at most 99.5 % are out: the hazard of all is infinite
    return np.asarray(-np.log1p(-np.minimum(share_out, 0.995)))


def damaged_devices(
    share_out: Floats, weight: Floats, customers_out: float, practice: Practice, rng: np.random.Generator
) -> Devices:
    """Draw synthetic districts with the shares of customers without power that were observed. Not specified in a paper.

    Parameters
    ----------
    share_out : ndarray
        Of each district, above 0, shape (district,).
    weight : ndarray
        Of feeders, laterals and services in the hazard, summing to 1, shape (district, 3).
    customers_out : float
        Customers without power that a district is to have in the mean; its size follows.
    practice, rng : Practice, Generator
        Numbers of customers per device, and the source of all chance.

    Returns
    -------
    Devices
        District after district; devices of a kind have the same size.
    """
    # a customer has power if its feeder, lateral and service work, each independently: hazards add up, and the weights
    # split their sum; so damage below a feeder out of service is there too, and shows when the feeder is back
    chance = 1 - np.exp(-hazard_of(share_out)[:, None] * weight)
    parts: list[Devices] = []
    count = 0
    for d, share in enumerate(share_out):
        own = _district(customers_out / share, chance[d], practice, rng)
        parts.append(
            # devices of a district are numbered from 0; after those of earlier districts, from `count`
            own._replace(district=np.full(own.kind.size, d), above=np.where(own.above < 0, NONE, own.above + count))
        )
        count += own.kind.size
    return Devices(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _district(customers: float, chance: Floats, practice: Practice, rng: np.random.Generator) -> Devices:
    """Damaged devices of one district of a given size."""
    feeders = max(round(customers / practice.customers_per_feeder), 1)
    # sizes follow from whole numbers of devices, so that all customers of the district are fed by one
    per_feeder = customers / feeders
    laterals = max(round(per_feeder / practice.customers_per_lateral), 1)
    per_lateral = per_feeder / laterals
    per_service = min(practice.customers_per_service, per_lateral)
    # of feeders and laterals each is drawn; of the many services only how many fail, and on which lateral
    feeder_down = rng.random(feeders) < chance[FEEDER]
    of_feeder, of_lateral = np.nonzero(rng.random((feeders, laterals)) < chance[LATERAL])
    faults = rng.binomial(max(round(per_feeder / per_service), 1), chance[SERVICE], feeders)
    feeder_of = np.repeat(np.arange(feeders), faults)
    lateral_of = rng.integers(0, laterals, feeder_of.size)
    # numbers of the damaged devices: feeders first, then laterals, then services
    feeder_place = np.where(feeder_down, np.cumsum(feeder_down) - 1, NONE)
    downed = int(feeder_down.sum())
    lateral_place = np.full((feeders, laterals), NONE)
    lateral_place[of_feeder, of_lateral] = downed + np.arange(of_feeder.size)
    on = lateral_place[feeder_of, lateral_of]
    # customers who come back with a device itself: those of damaged devices below it wait for these
    behind_feeder = np.full(feeders, per_feeder)
    np.subtract.at(behind_feeder, of_feeder, per_lateral)
    np.subtract.at(behind_feeder, feeder_of[on < 0], per_service)
    behind_lateral = np.full(of_feeder.size, per_lateral)
    np.subtract.at(behind_lateral, on[on >= 0] - downed, per_service)
    behind = (behind_feeder[feeder_down], behind_lateral, np.full(on.size, per_service))
    kinds = np.repeat([FEEDER, LATERAL, SERVICE], [part.size for part in behind])
    above = (np.full(downed, NONE), feeder_place[of_feeder], np.where(on >= 0, on, feeder_place[feeder_of]))
    return Devices(np.zeros_like(kinds), kinds, np.concatenate(above), np.maximum(np.concatenate(behind), 0.0))


def customers_behind(devices: Devices) -> Floats:
    """Customers who cannot be back before each device works: its own and those of the damaged devices that it feeds.

    Examples
    --------
    >>> customers_behind(Devices(*map(np.array, ([0, 0], [0, 1], [-1, 0], [100.0, 20.0])))).tolist()
    [120.0, 20.0]
    """
    total = devices.customers.astype(np.float64)
    # from below upwards, so that a lateral hands on its services to the feeder
    for kind in (SERVICE, LATERAL):
        fed = (devices.kind == kind) & (devices.above >= 0)
        np.add.at(total, devices.above[fed], total[fed])
    return total
