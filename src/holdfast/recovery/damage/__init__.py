"""From shaking to damage: states, repair work and cost, delays, casualties."""

from holdfast.recovery.damage.assets import Assets, Consequences
from holdfast.recovery.damage.casualties import CasualtyRates, casualty_rates
from holdfast.recovery.damage.damage import draw_block
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.flooded_buildings import flood_losses
from holdfast.recovery.damage.fragility import Fragilities
from holdfast.recovery.damage.own_buildings import damage_probabilities, damage_states, repair_costs
from holdfast.recovery.damage.pipes import pipe_classes

__all__ = [
    "Assets",
    "CasualtyRates",
    "Consequences",
    "Damage",
    "Fragilities",
    "casualty_rates",
    "damage_probabilities",
    "damage_states",
    "draw_block",
    "flood_losses",
    "pipe_classes",
    "repair_costs",
]
