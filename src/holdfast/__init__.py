"""Holdfast rates how resilient each neighbourhood is and simulates how a city recovers."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# where each public name lives; a name is looked up here when it is first asked for
_HOME = {
    "check": "holdfast.flows.check",
    "compare": "holdfast.flows.compare",
    "compare_cities": "holdfast.flows.compare_cities",
    "contest": "holdfast.flows.contest",
    "demo": "holdfast.flows.demo",
    "drivers": "holdfast.flows.drivers",
    "init": "holdfast.flows.init",
    "measures": "holdfast.flows.measures",
    "nowcast": "holdfast.flows.nowcast",
    "privacy": "holdfast.flows.privacy",
    "rate": "holdfast.flows.rate",
    "report": "holdfast.flows.report",
    "simulate": "holdfast.flows.simulate",
    "train": "holdfast.flows.train",
    "update": "holdfast.flows.update",
    "validate_rating": "holdfast.flows.validate_rating",
    "validate_recovery": "holdfast.flows.validate_recovery",
    "what_if": "holdfast.flows.what_if",
    "DataMissing": "holdfast.errors",
    "NotConverged": "holdfast.errors",
    "TableError": "holdfast.errors",
    "UnknownName": "holdfast.errors",
}

__all__ = [
    "DataMissing",
    "NotConverged",
    "TableError",
    "UnknownName",
    "check",
    "compare",
    "compare_cities",
    "contest",
    "demo",
    "drivers",
    "init",
    "measures",
    "nowcast",
    "privacy",
    "rate",
    "report",
    "simulate",
    "train",
    "update",
    "validate_rating",
    "validate_recovery",
    "what_if",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import holdfast` stays light."""
    if name not in _HOME:
        message = f"module 'holdfast' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
