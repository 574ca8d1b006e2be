"""How a flow reports its progress."""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the run that is done, 0..1."""


def silent(_step: str, _share: float) -> None:
    """Report nothing."""
