"""The sectors of a city: balances, and the national accounts they come from."""

import numpy as np
import pandas as pd
import pytest
from make_input_output import accounts, tables

from holdfast.data import packaged
from holdfast.errors import TableError
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.settings.run_settings import ProductionSettings
from holdfast.recovery.simulation.production.accounts import (
    ELSEWHERE,
    by_sector,
    city_economy,
    coefficients,
    figure_of,
    sector_of_occupancy,
    sectors_of,
)
from holdfast.training.leontief import leontief_inverse

PARAMETERS = load_parameters()
SECTORS = sectors_of(PARAMETERS.sectors)


def test_the_packaged_tables_are_those_of_the_accounts(data):
    """Origin: the Make and Use tables themselves, read again by the script."""
    for name, table in tables(data).items():
        pd.testing.assert_frame_equal(packaged(name), table.fillna("").astype(packaged(name).dtypes))


def test_sectors_gather_the_accounts_of_all_industries(data):
    """Identities: A summed with value added is 1; final use at home and builders are the published totals."""
    everyone = (*SECTORS, ELSEWHERE)
    share = PARAMETERS.sectors.set_index("sector").loc[list(everyone), "value_added_share"]
    np.testing.assert_allclose(coefficients(PARAMETERS.input_output, everyone).sum(axis=0) + share, 1.0, atol=3e-4)
    _, at_home = accounts(data)
    people = 326_633_000  # mean of the four quarters of 2017, BEA
    per_head = PARAMETERS.sectors["final_use_per_head"].sum() * people * 365 / 1e6
    assert per_head == pytest.approx(at_home.sum(), rel=1e-4)
    site = PARAMETERS.sectors["site_value_added_per_head"].sum() * people * 365 / 1e6
    assert site == pytest.approx(840_220, rel=1e-4)  # BEA, value added of construction 2017, million USD
    assert (np.abs(np.linalg.eigvals(coefficients(PARAMETERS.input_output, SECTORS))) < 1).all()
    assert (leontief_inverse(coefficients(PARAMETERS.input_output, SECTORS)) >= 0).all()


def test_a_normal_day_is_in_balance():
    """Truth: x = r (A x + f) + e, and no more is bought in the city than it makes."""
    added = np.random.default_rng(1).uniform(0, 1e6, len(SECTORS))
    added[3] = 0.0
    economy = city_economy(added, 80_000.0, PARAMETERS, ProductionSettings())
    bought = economy.direct @ economy.output + economy.final
    np.testing.assert_allclose(economy.local * bought + economy.exports, economy.output, rtol=1e-12)
    assert (economy.exports >= 0).all()
    assert (economy.local <= by_sector(PARAMETERS.production_figures, "local_purchase", SECTORS)).all()
    share = PARAMETERS.sectors.set_index("sector").loc[list(SECTORS), "value_added_share"].to_numpy()
    np.testing.assert_allclose(economy.output * share, added, rtol=1e-12)


def test_every_occupancy_that_produces_has_a_sector():
    produces = packaged("productivity").groupby("occupancy")["productivity_per_area"].max()
    assert set(produces.index[produces > 0]) <= set(sector_of_occupancy(PARAMETERS.sectors))


def test_figures_lie_in_their_ranges_and_say_what_is_assumed():
    table = PARAMETERS.production_figures
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert (table["source"].str.contains("assumed|Hallegatte|overproduction_most|ours")).all()


def test_missing_rows_are_named():
    table = PARAMETERS.production_figures
    with pytest.raises(TableError, match='"psi" stands in 0 rows'):
        figure_of(table, "psi")
    flows = PARAMETERS.input_output
    short = flows[(flows["supplier"] != "care") | (flows["buyer"] != "office")]
    with pytest.raises(TableError, match="no coefficient of care in office"):
        coefficients(short, SECTORS)
    lost = PARAMETERS.sectors[PARAMETERS.sectors["sector"] != "retail"]
    with pytest.raises(TableError, match="no sector holds the group retail"):
        sector_of_occupancy(lost)
