"""Keywords as declarations: what values a feature or a method takes by name, read from its signature."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any


def keywords_of(function: Callable[..., object]) -> dict[str, Any]:
    """Keyword-only arguments that a function declares, with their defaults.

    Examples
    --------
    >>> from holdfast.rating.features.redundancy import power_supply
    >>> keywords_of(power_supply)
    {'service_reach': 5000.0}
    """
    declared = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in declared if p.kind is inspect.Parameter.KEYWORD_ONLY}


def bound(function: Callable[..., object], offered: Mapping[str, Any]) -> dict[str, Any]:
    """All keywords of a function: those that are offered, and the defaults of the others.

    Examples
    --------
    >>> from holdfast.rating.features.redundancy import power_supply
    >>> bound(power_supply, {"service_reach": 2000.0, "reach": 9.0})
    {'service_reach': 2000.0}
    """
    return {name: offered.get(name, default) for name, default in keywords_of(function).items()}
