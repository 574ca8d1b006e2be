"""From records, numbers of numpy and what is no number to what JSON knows."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def plain(value: object) -> Any:
    """A value of dataclasses, mappings, sequences, text and numbers as what JSON knows; null for what is no finite number.

    Examples
    --------
    >>> plain({"p5": float("inf"), "names": ("a", "b")})
    {'p5': None, 'names': ['a', 'b']}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):  # a number of numpy
        value = value.item()
    # infinity less itself and NaN less itself are NaN, which is not 0
    return None if isinstance(value, float) and value - value != 0 else value
