"""How a flow tells how far it is."""

from collections.abc import Callable

Progress = Callable[[str, float], None]


def silent(step: str, share: float) -> None:
    """Tell nothing.

    Parameters
    ----------
    step : str
        What is being done.
    share : float
        How much of the run is done, 0..1.
    """
    del step, share
