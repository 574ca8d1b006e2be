"""The city before the event: buildings with classes, people and zones, and the networks that serve them."""

from holdfast.recovery.city.retrofit import retrofitted

__all__ = ["retrofitted"]
