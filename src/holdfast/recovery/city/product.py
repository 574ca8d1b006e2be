"""What a city makes in a year on a normal day's terms, and output per floor area scaled to a published product."""

from dataclasses import replace

import numpy as np
import pandas as pd

from holdfast.recovery.city.assembly import City
from holdfast.recovery.city.totals import KnownTotals, reached
from holdfast.types import Parameters

DAYS = 365.0
NETWORKS = ["power", "water", "gas", "telecom", "transport"]
AMOUNTS = ["productivity_per_area", "low", "high"]


def yearly_product(buildings: pd.DataFrame, productivity: pd.DataFrame) -> float:
    """Value added of a year at full service: floor area x output per floor area x 365, in the money of `productivity`.

    Examples
    --------
    >>> rows = pd.DataFrame({"occupancy": ["COM4"], "productivity_per_area": [10.0], **dict.fromkeys(NETWORKS, [1.0])})
    >>> yearly_product(pd.DataFrame({"occupancy": ["COM4", "RES1"], "floor_area_m2": [2.0, 5.0]}), rows)
    7300.0
    """
    full = productivity[(productivity[NETWORKS] == 1.0).all(axis=1)].set_index("occupancy")["productivity_per_area"]
    rate = buildings["occupancy"].astype(object).map(full).fillna(0.0).to_numpy(np.float64)
    return float(rate @ buildings["floor_area_m2"].to_numpy(np.float64)) * DAYS


def with_known_product(city: City, parameters: Parameters, known: KnownTotals) -> tuple[City, Parameters]:
    """Output per floor area scaled so that the city makes its known product, and the city with the row of it.

    The product is no attribute of a building, so that uses and floor areas stay as they are; state those too where they are
    known. Nothing is changed where no product is known.

    Raises
    ------
    TableError
        If no building of the city makes anything.
    """
    rows = known.of("product")
    if rows.empty:
        return city, parameters
    found, wanted = yearly_product(city.buildings, parameters.productivity), float(rows["value"].iloc[0])
    if found == 0.0:
        text = "cannot be met: no building makes anything; give floor areas of uses, or leave the row out"
        raise known.refusal(int(rows.index[0]), text)
    table = parameters.productivity
    amounts = [c for c in AMOUNTS if c in table.columns]
    parameters = replace(parameters, productivity=table.assign(**{c: table[c] * (wanted / found) for c in amounts}))
    own = replace(known, table=rows)
    made = yearly_product(city.buildings, parameters.productivity)
    zone = city.buildings["zone_id"]
    row = reached(city.buildings, own, zone, parameters.occupancies, made)
    return replace(city, totals=pd.concat([city.totals, row], ignore_index=True)), parameters
