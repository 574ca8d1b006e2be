"""Models of growth: one contract for all, the recurrent unit against torch's own, planted truths (synthetic)."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from statistics_tables import statistics

from holdfast.errors import NotConverged
from holdfast.training import hybrid_network as network
from holdfast.training.evaluation import LAST_FIT, difference, errors, groups, held_out_states, windows
from holdfast.training.growth import Split, growths
from holdfast.training.hyperparameters import GrowthSettings
from holdfast.training.markdown import markdown_table
from holdfast.training.model_inputs import CLIP, inputs
from holdfast.training.panel import panel

pytestmark = pytest.mark.deep
SMALL = GrowthSettings(hidden=4, dense=8, epochs=4, members=2, places_per_batch=12, trees=20, learning_rate=0.01)


@pytest.fixture(scope="module")
def data():
    return panel(*statistics())


@pytest.fixture(scope="module")
def given(data):
    when = data.rows["when"].to_numpy()
    fit = when <= LAST_FIT
    return inputs(data, ["industrial_sales"], fit), Split(fit, fit & (when >= 2016 * 4))


@pytest.fixture(scope="module")
def fitted(given):
    return {name: model(*given) for name, model in growths(SMALL, 7).items()}


@pytest.mark.parametrize("name", growths(SMALL, 7))
def test_every_model_predicts_every_row(name, given, fitted):
    made = fitted[name]
    assert made.growth.shape == given[0].growth.shape
    assert np.isfinite(made.growth).all()
    assert all(np.isfinite(values).all() for values in made.arrays.values())


@pytest.mark.parametrize("name", growths(SMALL, 7))
def test_no_model_looks_at_later_growth(name, given, fitted):
    """Law: other growth after 2017 leaves every prediction as it was, bit by bit; so does the second run."""
    seen, split = given
    rng = np.random.default_rng(0)
    other = np.where(split.fit, seen.growth, rng.normal(size=seen.growth.size))
    changed = seen._replace(growth=other, target=np.where(split.fit, seen.target, rng.normal(size=other.size)))
    assert (growths(SMALL, 7)[name](changed, split).growth == fitted[name].growth).all()


def test_models_find_what_was_planted(given, fitted):
    """Output follows industrial electricity: every model that sees it beats those that do not."""
    seen, split = given
    error = {n: np.square(f.growth - seen.growth)[~split.fit].mean() for n, f in fitted.items()}
    for name in ("linear", "boosting", "hybrid"):
        assert error[name] < 0.8 * min(error["industry_mean"], error["mean_growth"], error["seasonal_naive"])


def test_means_by_hand(given, fitted):
    seen, split = given
    line = seen.line[0]
    assert fitted["industry_mean"].growth[0] == pytest.approx(seen.growth[split.fit & (seen.line == line)].mean())
    own = split.fit & (seen.group == seen.group[0])
    assert fitted["mean_growth"].growth[0] == pytest.approx(seen.growth[own].mean())
    assert (fitted["seasonal_naive"].growth == seen.naive).all()


def test_ridge_against_scikit_learn(given, fitted):
    from sklearn.linear_model import Ridge

    from holdfast.training.model_inputs import flat

    seen, split = given
    penalty = fitted["linear"].chosen["penalty"]
    truth = Ridge(alpha=penalty).fit(flat(seen)[split.fit], seen.target[split.fit]).predict(flat(seen))
    np.testing.assert_allclose(fitted["linear"].growth, truth * seen.scale, atol=1e-8)


def test_a_new_state_takes_the_mean_of_its_industry(data):
    when = data.rows["when"].to_numpy()
    hidden = (data.rows["state"] == "OH").to_numpy()
    fit = (when <= LAST_FIT) & ~hidden
    seen, split = inputs(data, ["industrial_sales"], fit), Split(fit, fit & (when >= 2016 * 4))
    made = {name: growths(SMALL, 0)[name](seen, split).growth for name in ("mean_growth", "industry_mean")}
    assert (made["mean_growth"][hidden] == made["industry_mean"][hidden]).all()
    assert (made["mean_growth"][~hidden] != made["industry_mean"][~hidden]).any()


def test_the_recurrent_unit_is_torchs():
    """Origin: torch.nn.GRU with the same weights (its gates stand in the order reset, update, new)."""
    options = GrowthSettings(hidden=3, dense=5)
    parts = network.start(2, 4, options, np.random.default_rng(0))
    unit = torch.nn.GRU(2, 3, batch_first=True)
    with torch.no_grad():
        unit.weight_ih_l0.copy_(parts["recurrent.input.weight"].T)
        unit.weight_hh_l0.copy_(parts["recurrent.state.weight"].T)
        unit.bias_ih_l0.copy_(parts["recurrent.input.bias"][0])
        unit.bias_hh_l0.copy_(parts["recurrent.state.bias"][0])
        months, dense = torch.randn(6, 12, 2), torch.randn(6, 4)
        state = unit(months)[1][0]
        static = torch.relu(dense @ parts["static.weight"] + parts["static.bias"])
        joined = torch.relu(torch.cat([state, static], 1) @ parts["joined.weight"] + parts["joined.bias"])
        truth = (joined @ parts["output.weight"] + parts["output.bias"])[:, 0]
        made = network.forward(parts, months, torch.arange(6), dense)
    torch.testing.assert_close(made, truth)


def test_threads_do_not_matter_and_are_given_back(given):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        two = growths(SMALL, 7)["hybrid"](*given).growth
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)
        assert (growths(SMALL, 7)["hybrid"](*given).growth == two).all()
    finally:
        torch.set_num_threads(threads)


def test_scaling_uses_training_rows_alone(data, given):
    seen, split = given
    rows = data.rows.copy()
    rows.loc[~split.fit, "growth"] *= 50
    again = inputs(data._replace(rows=rows), ["industrial_sales"], split.fit)
    assert (again.scale == seen.scale).all()
    assert (again.dense[split.fit] == seen.dense[split.fit]).all()
    assert np.abs(again.target).max() <= CLIP


def test_a_network_that_diverges_is_named(given):
    broken = given[0]._replace(target=np.full(given[0].target.size, np.nan))
    with pytest.raises(NotConverged, match="learning_rate"):
        network.train(broken, given[1].fit, 2, SMALL, np.random.default_rng(0))


def test_errors_and_difference_by_hand(data):
    """Origin: two rows off by 1 and 3 points; the first model off by nothing beats it in every draw of states."""
    rows = np.array([True, True])
    table = errors(np.zeros(2), np.full(2, 0.01), np.array([1.0, 3.0]), {"off": np.array([0.01, 0.03])}, rows)
    assert table.loc["off", "rmse_normalised"] == pytest.approx(np.sqrt(5))
    assert table.loc["off", "mae_pp"] == pytest.approx(2)
    assert table.loc["off", "mae_pp_output_weighted"] == pytest.approx(2.5)
    growth = data.rows["growth"].to_numpy()
    every = np.ones(growth.size, bool)
    mean, low, high = difference(
        growth, np.ones(growth.size), data.rows["state"], (growth, growth + 0.1), every, np.random.default_rng(0)
    )
    assert (mean, low, high) == pytest.approx((-0.01, -0.01, -0.01))


def test_groups_cover_every_row_and_windows_do_not_overlap(data):
    for key in groups(data).values():
        assert key.notna().all()
        assert len(key) == len(data.rows)
    inside = np.sum(list(windows(data.rows["when"].to_numpy()).values()), axis=0)
    assert inside.max() == 1
    assert (data.rows.loc[inside == 0, "when"] == 2020 * 4).all()
    hidden = held_out_states(data, np.random.default_rng(0))
    regions = data.rows.drop_duplicates("state").set_index("state")["region"]
    assert regions[hidden].is_unique
    assert set(hidden) <= set(regions.index)


def test_tables_in_words():
    import pandas as pd

    text = markdown_table(pd.DataFrame({"yes_no": [True], "n": [1234], "x": [np.nan]}, index=pd.Index(["a"], name="k")))
    assert text.splitlines()[2] == "| a | yes | 1,234 |  |"
