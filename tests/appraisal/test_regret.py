"""Regret by hand."""

import pandas as pd

from holdfast.appraisal import largest_regrets


def test_the_robust_choice_is_best_nowhere():
    """Best of the columns 10 and 10: regrets of a are 0 and 9, of b 9 and 0, of c 2 and 2."""
    values = pd.DataFrame({"low rate": [10.0, 1.0, 8.0], "high rate": [1.0, 10.0, 8.0]}, index=["a", "b", "c"])
    regrets = largest_regrets(values)
    assert regrets.tolist() == [9.0, 9.0, 2.0]
    assert regrets.idxmin() == "c"
