"""When a recovery reaches a share of the normal level."""

import numpy as np

SHARES = (0.3, 0.6, 0.9, 0.95)


def days_to(curves: np.ndarray, normal: float, share: float) -> np.ndarray:
    """First day from which a curve stays at or above a share of its normal level.

    Parameters
    ----------
    curves : ndarray
        Level on each day since the event, shape (draw, time).
    normal : float
        Level on a normal day, in the unit of the curves.
    share : float
        0..1.

    Returns
    -------
    ndarray
        Days, shape (draw,); null where the curve ends below.

    Examples
    --------
    >>> days_to(np.array([[4.0, 9.0, 5.0, 9.0, 10.0]]), 10.0, 0.9).tolist()
    [3.0]
    """
    below = curves < share * normal * (1 - 1e-12)
    length = curves.shape[1]
    last = length - 1 - np.argmax(below[:, ::-1], axis=1)
    days = np.where(below.any(axis=1), last + 1, 0).astype(np.float64)
    return np.where(days == length, np.nan, days)
