"""What the firms of a city make: supply, relocation, recapture, and the demand of the city, its region and its rebuilding.

`premises` gathers what all draws share, `accounts` the sectors of a normal day; `produced` goes through a draw: what its
buildings allow, with backup power, other premises (`relocation`, or `firms` that decide one by one), the workers who are there and what is made up later
(`recapture`), and the adaptive input-output model on it (`regional`).
"""

from holdfast.recovery.simulation.production.firms import Deciding
from holdfast.recovery.simulation.production.premises import ProductionInputs, production_inputs
from holdfast.recovery.simulation.production.produced import Closed, Produced, produced

__all__ = ["Closed", "Deciding", "Produced", "ProductionInputs", "produced", "production_inputs"]
