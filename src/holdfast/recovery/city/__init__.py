"""The city: buildings with their people, zones and networks, made of frames; what is missing inferred and marked."""

from holdfast.recovery.city.assembly import City, CityRules, settle_buildings
from holdfast.recovery.city.retrofit import retrofitted

__all__ = ["City", "CityRules", "retrofitted", "settle_buildings"]
