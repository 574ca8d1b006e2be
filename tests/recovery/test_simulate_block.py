"""Laws of the whole chain: seeds, zero, sums, doubling, crews, horizon."""

from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import Played, five_buildings, parameters, play, shops, town

from holdfast.blocks import run
from holdfast.config import RecoveryOptions, ScenarioOptions
from holdfast.config.recovery import ActionOptions
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.losses.results import BlockResult, joined, summarise
from holdfast.recovery.simulate import draw_seeds, simulate_block

ROOT = Path(__file__).parents[2]
SCENARIO = ScenarioOptions(unit="g", value=0.3, between_event_sd=0.2, within_event_sd=0.3, correlation_range_m=2000)
CREWS = {"building": 20, "power": 3, "water": 3, "telecom": 3}
OPTIONS = RecoveryOptions(crews=CREWS)


@pytest.fixture(scope="module")
def city():
    return town(150)


@pytest.fixture(scope="module")
def block(city) -> BlockResult:
    return simulate_block(city, parameters(), SCENARIO, OPTIONS, draw_seeds(5, 10)[0])


@pytest.fixture(scope="module")
def played(city) -> Played:
    return play(city, parameters(), SCENARIO, OPTIONS, draw_seeds(5, 10)[0])


def same(a: BlockResult, b: BlockResult) -> bool:
    return all(getattr(a, f.name).tobytes() == getattr(b, f.name).tobytes() for f in fields(BlockResult))


def test_there_is_something_to_see(block):
    assert block.state_count[:, 2:].sum() / block.state_count.sum() > 0.1
    assert (block.service < 1).any()
    assert block.repair_cost.shape == (10, 2)
    assert (block.repair_cost > 0).all()


def test_same_seed_same_bytes_with_one_worker_and_two(city):
    work = partial(simulate_block, city, parameters(), SCENARIO, OPTIONS)
    blocks = draw_seeds(5, 23)
    one, two = list(run(work, blocks, workers=1)), list(run(work, blocks, workers=2))
    assert len(one) == 3
    assert all(same(a, b) for a, b in zip(one, two, strict=True))


def test_a_draw_does_not_depend_on_its_block(city, block):
    seeds = draw_seeds(5, 10)[0]
    alone = joined([simulate_block(city, parameters(), SCENARIO, OPTIONS, [s]) for s in seeds])
    assert same(alone, block)
    assert same(simulate_block(city, parameters(), SCENARIO, OPTIONS, draw_seeds(5, 99)[0]), block)
    assert not same(simulate_block(city, parameters(), SCENARIO, OPTIONS, draw_seeds(6, 10)[0]), block)


def test_zero_shaking_is_exactly_no_loss(city):
    calm = SCENARIO.model_copy(update={"value": 0.0})
    still = simulate_block(city, parameters(), calm, OPTIONS, draw_seeds(1, 3)[0])
    dataset, losses, frame = summarise(city, parameters(), [still])
    assert dataset.sizes["time"] == 1
    assert (dataset["EP"] == dataset["EP0"]).all()
    assert (dataset["SC"] == dataset["SC0"]).all()
    for loss in vars(losses).values():
        assert (loss.mean, loss.p5, loss.p95, loss.mean_error) == (0, 0, 0, 0)
    assert (frame["mean_loss"] == 0).all()
    assert (frame["p_none"] == 1).all()
    assert (still.zone_unmet == 0).all()


def test_a_repaired_city_is_exactly_its_normal_self(block):
    assert (block.EP[:, -1] == block.normal[0]).all()
    assert (block.SC[:, -1] == block.normal[1]).all()
    assert (block.unmet[:, -1] == 0).all()
    assert (block.service[:, -1] == 1).all()
    assert block.recovered.all()
    assert (block.unrepaired == 0).all()
    assert (block.unrestored == 0).all()


def test_sums_over_draws_are_those_of_the_single_draws(block, played):
    assert block.repair_days.tolist() == played.completion_day.sum(axis=0).tolist()
    assert block.restored_days.tolist() == played.restored_day.sum(axis=0).tolist()
    assert block.repaired_by[1].tolist() == (played.completion_day <= 90).sum(axis=0).tolist()
    states = [(played.damage_state == s).sum(axis=0).tolist() for s in range(5)]
    assert block.building_states.tolist() == states
    np.testing.assert_allclose(block.lost_service, played.lost_service.sum(axis=0), rtol=1e-12)


def test_nothing_exceeds_normal_and_repairs_alone_never_hurt(block):
    assert block.EP.max() <= block.normal[0]
    assert (block.unmet >= 0).all()
    assert (np.diff(block.EP[:, 1:], axis=1) >= 0).all()  # all backups here run out on the day of the event
    assert (np.diff(block.unmet[:, 1:], axis=1) <= 1e-9).all()


def test_the_city_is_the_sum_of_its_buildings(city, block, played):
    dataset, losses, frame = summarise(city, parameters(), [block])
    by_building = frame["mean_loss"].sum() + block.repair_cost[:, 1].mean()
    assert by_building == pytest.approx(losses.total_economic_loss.mean, rel=1e-9)
    occupants = (city.buildings["residents"] + city.buildings["workers"]).to_numpy()
    lost = (block.normal[1] - block.SC).sum(axis=1)
    np.testing.assert_allclose(played.lost_service @ occupants, lost, rtol=1e-9)
    np.testing.assert_allclose(block.zone_production.sum(axis=1), dataset["lost_production"], rtol=1e-9)
    np.testing.assert_allclose(block.zone_unmet.sum(axis=1), block.unmet.sum(axis=1), rtol=1e-9)
    assert dataset["unmet"].attrs["units"] == "persons"
    assert dataset["EP"].attrs["units"] == "USD_2017/day"


def test_with_crews_for_all_the_last_day_is_the_longest_delay_and_repair(city):
    many = RecoveryOptions(crews=dict.fromkeys(CREWS, 10**6))
    block = play(city, parameters(), SCENARIO, many, draw_seeds(5, 10)[0])
    long = city.buildings["occupancy"].map({"RES1": 10, "COM1": 20, "COM4": 20, "COM6": 40}).to_numpy()
    state = block.damage_state.astype(int)
    days = np.select([state == 0, state == 1], [0, 4 + 1], 4 + long * 2 ** np.maximum(state - 2, 0))
    assert (block.completion_day == days).all()


def test_doubling_the_city_doubles_the_loss():
    """A second city far away, with the same damage, its own networks and crews for all."""
    one = town(60)
    one.buildings["damage_state"] = np.random.default_rng(1).integers(0, 5, 60)
    other = renamed(one)
    networks = {
        name: replace(
            net,
            **{
                t: pd.concat([getattr(net, t), getattr(other.networks[name], t)])
                for t in ("nodes", "edges", "dependencies")
            },
        )
        for name, net in one.networks.items()
    }
    both = replace(
        one,
        buildings=pd.concat([one.buildings, other.buildings]),
        networks=networks,
        zones=pd.concat([one.zones, other.zones]),
    )
    calm = ScenarioOptions(unit="g", value=0)
    options = RecoveryOptions(damage="given", crews=dict.fromkeys(CREWS, 10**6))
    single, double = (
        summarise(c, parameters(), [simulate_block(c, parameters(), calm, options, draw_seeds(1, 1)[0])])[1]
        for c in (one, both)
    )
    for name in ("total_economic_loss", "service_capacity_loss"):
        assert getattr(double, name).mean == pytest.approx(2 * getattr(single, name).mean, rel=1e-9)
        per_area = f"{name}_per_m2"
        assert getattr(double, per_area).mean == pytest.approx(getattr(single, per_area).mean, rel=1e-9)


def renamed(city):
    """The same city a thousand kilometres east, under other names."""
    buildings = city.buildings.copy()
    buildings.index = "x" + buildings.index
    for column in ("zone_id", "power_node", "water_node", "telecom_node"):
        buildings[column] = "x" + buildings[column]
    zones = city.zones.rename(index=lambda z: "x" + z)
    networks = {}
    for name, net in city.networks.items():
        edges = net.edges.rename(index=lambda e: "x" + e)
        edges[["from_node", "to_node"]] = "x" + edges[["from_node", "to_node"]]
        needs = net.dependencies.copy()
        needs[["node_id", "on_node"]] = "x" + needs[["node_id", "on_node"]].astype(str)
        networks[name] = replace(net, nodes=net.nodes.rename(index=lambda n: "x" + n), edges=edges, dependencies=needs)
    for frame in (buildings, zones, *(n.nodes for n in networks.values())):
        frame["geometry"] = gpd.GeoSeries(frame.geometry).translate(1e6)
    return replace(city, buildings=buildings, zones=zones, networks=networks)


def test_more_crews_do_not_raise_the_loss_on_average():
    """Paired over cities; single reversals are known scheduling anomalies and allowed."""
    differences = []
    for seed in range(30):
        city = town(50, seed)
        few, more = (
            simulate_block(
                city, parameters(), SCENARIO, RecoveryOptions(crews=dict.fromkeys(CREWS, n)), draw_seeds(seed, 1)[0]
            )
            for n in (4, 6)
        )
        differences.append((more.normal[0] - more.EP).sum() - (few.normal[0] - few.EP).sum())
    values = np.array(differences)
    assert values.mean() - 1.96 * values.std(ddof=1) / np.sqrt(values.size) <= 0


def test_semi_flexible_beats_random_order(city):
    few = dict.fromkeys(CREWS, 5)
    loss = {
        name: (b.normal[0] - b.EP).sum()
        for name in ("semi_flexible", "random")
        for b in [
            simulate_block(
                city, parameters(), SCENARIO, RecoveryOptions(strategy=name, crews=few), draw_seeds(5, 10)[0]
            )
        ]
    }
    assert loss["semi_flexible"] < loss["random"]


def test_the_horizon_cuts_and_says_so(city, block):
    short = OPTIONS.model_copy(update={"horizon_days": 12})
    cut = simulate_block(city, parameters(), SCENARIO, short, draw_seeds(5, 10)[0])
    dataset, losses, frame = summarise(city, parameters(), [cut])
    assert dataset.sizes["time"] == 13
    np.testing.assert_array_equal(cut.EP, block.EP[:, :13])
    assert not dataset["recovered"].all()
    assert frame["mean_days_to_repair"].isna().any()
    assert losses.lost_production.mean == pytest.approx((block.normal[0] - block.EP[:, :13]).sum(axis=1).mean())
    assert cut.lost_days.max() <= 13 * 10


@pytest.mark.parametrize(("horizon", "day", "days"), [(41, 40, 41), (40, 40, 41), (39, -1, 40)])
def test_a_repair_that_ends_on_the_horizon_counts(horizon, day, days):
    """A shop with extensive damage: 40 days, begun on day 0."""
    shop = shops([100.0], [3])
    options = RecoveryOptions(damage="given", delays="none", crews={"building": 1, "power": 1}, horizon_days=horizon)
    cut = simulate_block(shop, parameters(), ScenarioOptions(unit="g", value=0), options, draw_seeds(1, 1)[0])
    dataset, _, _ = summarise(shop, parameters(), [cut])
    assert cut.repair_days.tolist() == [max(day, 0)]
    assert cut.unrepaired.tolist() == [day < 0]
    assert dataset.sizes["time"] == days
    assert dataset["recovered"].item() == (day >= 0)
    assert (dataset["EP"][0, -1] == dataset["EP0"]).item() == (day >= 0)


def test_summary_of_blocks_of_unequal_length(city, block):
    seeds = draw_seeds(5, 10)[0]
    parts = [simulate_block(city, parameters(), SCENARIO, OPTIONS, s) for s in (seeds[:3], seeds[3:])]
    dataset, losses, frame = summarise(city, parameters(), parts)
    whole, together, table = summarise(city, parameters(), [block])
    assert dataset.equals(whole)
    assert losses == together
    pd.testing.assert_frame_equal(frame, table)
    probabilities = frame[[c for c in frame if c.startswith("p_")]]
    assert len(probabilities.columns) == 5
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert frame.index.equals(city.buildings.index)


def test_simulating_changes_no_input(city):
    tables = parameters()
    before, copies = city.buildings.copy(), {f.name: getattr(tables, f.name).copy() for f in fields(tables)}
    simulate_block(city, tables, SCENARIO, OPTIONS, draw_seeds(1, 1)[0])
    assert city.buildings.equals(before)
    assert all(getattr(tables, name).equals(copy) for name, copy in copies.items())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategy": "cheapest"}, '"cheapest" is not a known strategy'),
        ({"delays": "mean"}, '"mean" is not a known model of delays'),
        ({"damage": "guess"}, '"guess" is not a known source of damage'),
    ],
)
def test_unknown_names(city, changes, message):
    with pytest.raises(UnknownName, match=message):
        simulate_block(city, parameters(), SCENARIO, OPTIONS.model_copy(update=changes), draw_seeds(1, 1)[0])


def test_unknown_hazard_and_doubled_rows(city):
    other = SCENARIO.model_copy(update={"hazard": "meteor"})
    with pytest.raises(UnknownName, match='"meteor" is not a known hazard'):
        simulate_block(city, parameters(), other, OPTIONS, draw_seeds(1, 1)[0])
    doubled = parameters(services=pd.concat([parameters().services] * 2))
    with pytest.raises(TableError, match="services, 4 errors"):
        simulate_block(city, doubled, SCENARIO, OPTIONS, draw_seeds(1, 1)[0])


def test_published_damage_of_north_east_san_francisco_costs_what_was_published(data):
    """Origin: the published repair costs, $572,851,184.54, from the same Hazus ratios; states as published."""
    sources = pytest.importorskip("holdfast.sources.parameters")
    from holdfast.config import load_study
    from holdfast.recovery.city.utilities import assemble
    from holdfast.sources.buildings import read_buildings

    study, _ = load_study(ROOT / "examples" / "nesf.toml")
    published = pd.read_csv(data / "city" / "nesf_buildings_damage.csv.gz")["repair_cost"].sum()
    tables = sources.load_parameters()
    assert study.city is not None
    city = assemble("NESF", read_buildings(study.tables["buildings"], data / "city").table, study.city, tables)
    options = study.recovery.model_copy(update={"damage": "given"})
    block = simulate_block(city, tables, SCENARIO, options, draw_seeds(1, 1)[0])
    assert block.repair_cost[0, 0] == pytest.approx(published, rel=1e-9)


def test_the_losses_of_a_draw_are_its_own():
    """Found by review: after a permanent change the loss grew with the length of the longest draw of the block."""
    city = five_buildings()
    options = RecoveryOptions(crews=CREWS, actions=[ActionOptions(day=1, kind="convert", building="b4", amount=2)])
    seeds = draw_seeds(5, 10)[0]
    block = simulate_block(city, parameters(), SCENARIO, options, seeds)
    for draw, seed in enumerate(seeds):
        alone = simulate_block(city, parameters(), SCENARIO, options, [seed])
        assert block.lost_production[draw] == alone.lost_production[0]
        assert block.unmet_days[draw] == alone.unmet_days[0]
        assert block.zone_production[draw].sum() == pytest.approx(block.lost_production[draw])
