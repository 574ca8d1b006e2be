"""What tables become in files."""

import pandas as pd

from holdfast.store import write_csv


def test_texts_are_no_formulas_and_numbers_stay_numbers(tmp_path):
    """Also where numbers and text share a column, as where null stands for what is not known."""
    table = pd.DataFrame(
        {
            "name": pd.array(["=1+1", "-x", "plain"], dtype="string"),
            "mixed": pd.Series([-1.5, "-1.5", None], dtype=object),
            "number": [-2.0, 0.5, None],
        }
    )
    write_csv(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "name,mixed,number",
        "'=1+1,-1.5,-2.0",
        "'-x,'-1.5,0.5",
        "plain,,",
    ]
