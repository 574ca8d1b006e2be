"""What buildings can do: economic productivity and service capacity under given services."""

from holdfast.recovery.function.productivity import full_service, normal_production
from holdfast.recovery.function.response import Response, respond
from holdfast.recovery.function.supplementary import capacity_levels, shelter_places

__all__ = ["Response", "capacity_levels", "full_service", "normal_production", "respond", "shelter_places"]
