"""Wing B: how a city loses and regains its functions. Pure: no input or output, no study."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from holdfast.kernels import share_kernels

share_kernels()  # before anything here loads numba

if TYPE_CHECKING:
    from holdfast.recovery.city import City, CityRules
    from holdfast.recovery.damage import damage_probabilities, damage_states, flood_losses, repair_costs
    from holdfast.recovery.engine import recover
    from holdfast.recovery.hazard import Hazard, uniform
    from holdfast.recovery.losses import paired
    from holdfast.recovery.settings.run_settings import DamageSettings, RecoverySettings, Resources
    from holdfast.recovery.simulation.draw import simulate_draw
    from holdfast.recovery.simulation.draw_inputs import prepare
    from holdfast.recovery.simulation.simulate_draws import simulate_draws

__all__ = [
    "City",
    "CityRules",
    "DamageSettings",
    "Hazard",
    "RecoverySettings",
    "Resources",
    "damage_probabilities",
    "damage_states",
    "flood_losses",
    "paired",
    "prepare",
    "recover",
    "repair_costs",
    "simulate_draw",
    "simulate_draws",
    "uniform",
]

_HOME = {
    "City": "holdfast.recovery.city",
    "CityRules": "holdfast.recovery.city",
    "DamageSettings": "holdfast.recovery.settings.run_settings",
    "Hazard": "holdfast.recovery.hazard",
    "RecoverySettings": "holdfast.recovery.settings.run_settings",
    "Resources": "holdfast.recovery.settings.run_settings",
    "damage_probabilities": "holdfast.recovery.damage",
    "damage_states": "holdfast.recovery.damage",
    "flood_losses": "holdfast.recovery.damage",
    "paired": "holdfast.recovery.losses",
    "prepare": "holdfast.recovery.simulation.draw_inputs",
    "recover": "holdfast.recovery.engine",
    "repair_costs": "holdfast.recovery.damage",
    "simulate_draw": "holdfast.recovery.simulation.draw",
    "simulate_draws": "holdfast.recovery.simulation.simulate_draws",
    "uniform": "holdfast.recovery.hazard",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that one part of the wing does not load all of it."""
    if name not in _HOME:
        message = f"module 'holdfast.recovery' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)
