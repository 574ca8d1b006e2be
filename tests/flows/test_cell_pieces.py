"""What is gathered for a rating, at its edges."""

import warnings

import pytest

from holdfast.flows.cell_pieces import both


@pytest.mark.parametrize(("before", "after", "error"), [(0.0, 0.0, 0.0), (200.0, 198.0, 0.01)])
def test_a_total_of_nothing_is_kept_without_error(before, after, error):
    """An area table may hold no homes at all; 0 of 0 is no unknown number."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert both(before, after).relative_error == pytest.approx(error)
