"""Numbers between 0 and 1 by id: what is drawn for one building depends on no other and on no order."""

import numpy as np
import pandas as pd

from holdfast.types import Floats


def uniforms(ids: pd.Index, seed: int, purpose: str) -> Floats:
    """A number between 0 and 1 for every id, shape (id,), the same whatever else is in the table.

    Examples
    --------
    >>> a, b = uniforms(pd.Index(["x", "y"]), 1, "use"), uniforms(pd.Index(["y", "x"]), 1, "use")
    >>> (a == b[::-1]).all()
    np.True_
    """
    names = np.array([f"{seed}/{purpose}/{i}" for i in ids], dtype=object)
    return np.asarray((pd.util.hash_array(names, categorize=False) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)
