"""Settings of a simulation from plain keywords, for benchmarks and tests."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from holdfast.recovery.settings.run_settings import DamageSettings, RecoverySettings, Resources

CREWS = {"building": 500, "power": 20, "water": 20, "gas": 10, "telecom": 10, "transport": 20}


class Plan(NamedTuple):
    """What `holdfast.recovery.simulation.draw_inputs.prepare` takes beside a city and an event, in its order."""

    resources: Resources
    damage: DamageSettings
    recovery: RecoverySettings


def plan(crews: Mapping[str, int] = CREWS, **keys: Any) -> Plan:
    """A plan from fields of its three records by name."""
    # medians, so that days can be worked out by hand
    damage = DamageSettings(delays="median", duration_dispersion=0.0)
    return changed(Plan(Resources(crews), damage, RecoverySettings()), **keys)


def changed(before: Plan, **keys: Any) -> Plan:
    """The plan with some fields changed."""
    left = set(keys)
    parts = []
    for part in before:
        own = {f.name for f in fields(part)} & set(keys)
        parts.append(replace(part, **{name: keys[name] for name in own}))
        left -= own
    if left:
        text = f"no such setting: {sorted(left)}"
        raise TypeError(text)
    return Plan(*parts)
