"""A draw in which people decide: the recovery is run, they decide from it day by day, and it is run again with what they do.

What is decided for a day hangs on the days before alone, so that every pass makes at least one more day final: the passes end in
the recovery in which everybody acts on what happens. They stop when almost nobody decides otherwise any more; decisions that
recur instead would show that a rule knows the future, and are reported.
"""

from functools import partial
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.rebuilding.rebuilding import rebuilt_states, sellers
from holdfast.recovery.damage.storm import dry_from
from holdfast.recovery.engine import SHELTER, Calendar, Outcome, Run, run_draw
from holdfast.recovery.losses.block_result import PERSONS, PURPOSES
from holdfast.recovery.people.government import Public, govern, with_public
from holdfast.recovery.people.grants import granted
from holdfast.recovery.people.moves import homes_of, with_moves
from holdfast.recovery.people.passes import Passes, passes_until_settled
from holdfast.recovery.people.residents import NEVER, Decisions, Residents, Seen, decide
from holdfast.recovery.simulation.draw import STREAMS, Drawn, draw, simulate_draw, waiting_key
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.recovery.simulation.production import Deciding
from holdfast.types import Bools, Floats, Ints

MOST_PASSES = 8
"""Times that people decide again in one draw."""
SETTLED = 0.001
"""Share of the residents who may still decide otherwise when the passes end."""
ESSENTIAL = ("power", "water")
"""Networks without which nobody returns to a home."""


class Acts(NamedTuple):
    """What the people of a draw did.

    ``persons`` dislocated, who left the city, who came back, who settled elsewhere, who came from outside, by the horizon, shape (5,); ``money`` spent on grants, crews and
    shelters, shape (3,); null where they do not decide. ``passes``; ``unsettled``: persons who decided otherwise in the last
    pass; ``cycle``: passes after which the same decisions recur, 0 where they settle; ``firms``: how they decide, None where they do not.
    """

    persons: Floats
    money: Floats
    passes: int
    unsettled: float
    cycle: int
    firms: Deciding | None


class Chosen(NamedTuple):
    """What households and government do in a draw, None for who does not decide."""

    households: Decisions | None
    public: Public | None


def peopled_draw(inputs: DrawInputs, seed: np.random.SeedSequence) -> tuple[Damage, Outcome, Acts]:
    """One draw from the event to the end, with what people decide; without agents as `simulate_draw`.

    Parameters
    ----------
    inputs : DrawInputs
        City, event and settings, as from `prepare`.
    seed : SeedSequence
        Of the draw; not changed. Damage is the same with agents and without.
    """
    agents = inputs.agents
    if agents is None:
        return *simulate_draw(inputs, seed), Acts(
            np.full(len(PERSONS), np.nan), np.full(len(PURPOSES), np.nan), 0, 0.0, 0, None
        )
    key, of_firms = agent_keys(seed)
    drawn, grants = with_grants(inputs, draw(inputs, seed), seed)
    sold, money = sold_in(inputs, drawn, seed), np.full(len(PURPOSES), np.nan)

    def step(chosen: Chosen) -> tuple[Outcome, Chosen]:
        out = _run(inputs, drawn, chosen)
        return out, _choices(inputs, drawn, key, sold, out)

    # as if nobody decided, from which all decide for the first time
    out, first = step(Chosen(None, None))
    done = Passes(first, out, first, 1, 0)
    if agents.residents is not None or agents.government is not None:
        done = passes_until_settled(first, step, partial(_settled, agents.residents), _digest, MOST_PASSES)
    if done.chosen.public is not None:
        money = np.array([grants, *done.chosen.public.spent])
    changed = _changed(agents.residents, done.chosen, done.again)
    persons = _did(agents.residents, done.chosen, inputs.settings.horizon_days)
    firms = Deciding(of_firms, agents.figures["closing_by_absence"]) if agents.businesses else None
    return drawn.damage, done.result, Acts(persons, money, done.passes, changed, done.cycle, firms)


def with_grants(inputs: DrawInputs, drawn: Drawn, seed: np.random.SeedSequence) -> tuple[Drawn, float]:
    """The draw with the repairs that a government pays for, where it decides and owners wait for money; and what it pays.

    Parameters
    ----------
    inputs, drawn, seed : DrawInputs, Drawn, SeedSequence
        City and budget, and the draw before its recovery.
    """
    agents, damage, of = inputs.agents, drawn.damage, inputs.damage
    if agents is None or agents.government is None or inputs.rebuilding is None:
        return drawn, 0.0
    count, held = inputs.assets.buildings, None
    if of.storm is not None and of.given is None:
        held = dry_from(damage.damage_state[:count], damage.water_depth[:count], of.storm)
    budget = agents.figures["grant_budget_share"] * agents.figures["government_budget"]
    given = granted(damage, waiting_key(seed), inputs.rebuilding, held, agents.figures, budget)
    asset = drawn.tasks.asset.copy()
    asset["release"] = given.delay
    return drawn._replace(damage=damage._replace(delay=given.delay), tasks=drawn.tasks._replace(asset=asset)), float(
        given.paid.sum()
    )


def agent_keys(seed: np.random.SeedSequence) -> tuple[np.uint64, np.uint64]:
    """Keys of the random numbers of households and of firms in a draw: a stream of their own, so that all others stay as they are."""
    own = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, STREAMS))
    first, second = np.random.default_rng(own).integers(2**64, size=2, dtype=np.uint64)
    return first, second


def _choices(inputs: DrawInputs, drawn: Drawn, key: np.uint64, sold: Bools, out: Outcome) -> Chosen:
    """What households and government do on every day of a recovery, each from what it could know by then."""
    agents, households, public = inputs.agents, None, None
    if agents is not None and agents.government is not None:
        need = needed(inputs.repair.calendar, out)
        public = govern(agents.government, agents.figures, need, out.curves.service)
    if agents is not None and agents.residents is not None:
        places = None if public is None else public.places
        households = decide(agents.residents, agents.figures, key, seen_in(inputs, drawn, sold, out, places))
    return Chosen(households, public)


def needed(calendar: Calendar, out: Outcome) -> Floats:
    """Displaced people without hosts and without a place in the shelters of the study, persons, shape (day,).

    Parameters
    ----------
    calendar : Calendar
        With the shelters of the study.
    out : Outcome
        Of the pass before.
    """
    days, curves = out.curves.displaced.size, out.curves
    on = (calendar.actions[:, 1] == SHELTER) & (calendar.actions[:, 0] < days)
    others = np.bincount(calendar.actions[on, 0], calendar.persons[on], days).cumsum()
    return np.maximum(curves.displaced - curves.hosted - curves.converted - others, 0.0)


def sold_in(inputs: DrawInputs, drawn: Drawn, seed: np.random.SeedSequence) -> Bools:
    """Buildings whose owners sell them to be rebuilt, as the waits of rebuilding have it, shape (building,).

    Parameters
    ----------
    inputs, drawn, seed : DrawInputs, Drawn, SeedSequence
        City, and the draw before its recovery.
    """
    sold = np.zeros(inputs.assets.buildings, dtype=np.bool_)
    if inputs.rebuilding is not None:
        own = np.flatnonzero(drawn.damage.damage_state[: sold.size] > 0)
        state = rebuilt_states(own, drawn.damage, waiting_key(seed), inputs.rebuilding)
        sold[own] = sellers(own, state, waiting_key(seed), inputs.rebuilding)
    return sold


def seen_in(inputs: DrawInputs, drawn: Drawn, sold: Bools, out: Outcome, places: Ints | None = None) -> Seen:
    """What the people of a draw could know of its recovery, each part only once its day has come.

    Parameters
    ----------
    inputs, drawn : DrawInputs, Drawn
        City, event and figures, and the damage of the draw.
    sold : ndarray of bool
        Buildings whose owners sell, as from `sold_in`.
    out : Outcome
        Of the pass before. What comes after the last day simulated is `NEVER`.
    places : ndarray of int, optional
        Those that a government opens on each day, in the place of those it opened in the pass before.
    """
    count, damage, city = inputs.assets.buildings, drawn.damage, inputs.repair.city
    value = inputs.city.buildings["replacement_cost"].to_numpy(np.float64)
    loss = np.divide(damage.repair_cost[:count], value, out=np.zeros(count), where=value > 0)
    eased, day = damage.reoccupied_share[:count].copy(), np.full(count, NEVER)
    rows = drawn.tasks.eased
    eased[rows[:, 1]], day[rows[:, 1]] = drawn.tasks.eased_share, rows[:, 0]
    own = [n for n, name in enumerate(inputs.city.networks) if name in ESSENTIAL]
    restored = _day(out.restored)[city.graph.serving[:, own]]
    curves, housed = out.curves, out.curves.hosted + out.curves.sheltered + out.curves.converted
    if places is not None:
        # households answer what is opened for them in the same pass: a pass later the two would chase each other
        opened = np.zeros(housed.size)
        opened[: places.size] = places[: housed.size]
        housed = curves.displaced - np.maximum(needed(inputs.repair.calendar, out) - opened, 0.0)
    lacking = np.divide(housed, curves.displaced, out=np.ones_like(housed), where=curves.displaced > 0)
    return Seen(
        loss=np.minimum(loss, 1.0),
        habitable=damage.reoccupied_share[:count],
        eased=eased,
        eased_day=day,
        repaired=_day(out.finished[:count]),
        served=restored.max(axis=1, initial=0),
        without_place=np.maximum(1.0 - lacking, 0.0),
        sold=sold,
    )


def _day(day: Ints) -> Ints:
    """Days of what has come; `NEVER` of what has not."""
    return np.where(day < 0, NEVER, day).astype(np.int64)


def _run(inputs: DrawInputs, drawn: Drawn, chosen: Chosen) -> Outcome:
    """The recovery of a draw, with what has been chosen."""
    of, agents, tasks, horizon = inputs.repair, inputs.agents, drawn.tasks, inputs.settings.horizon_days
    city, calendar, back = of.city, of.calendar, 0.0
    if agents is not None and agents.government is not None and chosen.public is not None:
        calendar = with_public(agents.government.calendar, chosen.public, agents.government, horizon)
    if agents is not None and agents.residents is not None and chosen.households is not None:
        residents, decided = agents.residents, chosen.households
        homes = homes_of(residents, decided, tasks.reoccupied)
        tasks = tasks._replace(reoccupied=homes.share, eased=homes.eased, eased_share=homes.eased_share)
        households = city.people.households._replace(stay_share=homes.stay_share)
        city = city._replace(people=city.people._replace(households=households))
        calendar = with_moves(calendar, residents, decided, horizon)
        back = float(residents.persons[(decided.leaves < NEVER) & (decided.returns <= horizon)].sum())
    pools = (inputs.damage.table.pools, of.materials.stock)
    out = run_draw(city, of.baseline, tasks, drawn.tree, calendar, pools, horizon, Run(of.models))
    # the engine counts all who go
    return out._replace(resettled=out.resettled - back)


def _settled(residents: Residents | None, chosen: Chosen, again: Chosen) -> bool:
    """Whether almost nobody decides otherwise."""
    few = SETTLED * (0.0 if residents is None else residents.persons.sum())
    return _changed(residents, chosen, again) <= few and _same(chosen.public, again.public, few)


def _digest(chosen: Chosen) -> bytes:
    """A digest of all that is decided."""
    digest = blake2b(digest_size=16)
    for part in chosen:
        for decided in () if part is None else part:
            digest.update(np.ascontiguousarray(decided).tobytes())
    return digest.digest()


def _changed(residents: Residents | None, chosen: Chosen, again: Chosen) -> float:
    """Persons who decide otherwise."""
    before, now = chosen.households, again.households
    if residents is None or before is None or now is None:
        return 0.0
    other = (before.leaves != now.leaves) | (before.returns != now.returns) | (before.home != now.home)
    other |= before.arrives != now.arrives
    return float(residents.persons[other].sum())


def _same(before: Public | None, now: Public | None, few: float) -> bool:
    """Whether a government calls the same crews again, and opens as many places on every day, but for a few."""
    if before is None or now is None:
        return True
    days = max(before.places.size, now.places.size)
    first, second = (np.pad(p.places, (0, days - p.places.size)) for p in (before, now))
    return bool(np.abs(first - second).max(initial=0) <= few) and np.array_equal(before.called, now.called)


def _did(residents: Residents | None, chosen: Chosen, horizon: int) -> Floats:
    """Persons by `PERSONS` up to the horizon; null where they do not decide."""
    decided = chosen.households
    if residents is None or decided is None:
        return np.full(len(PERSONS), np.nan)
    left = decided.leaves <= horizon
    what = (
        decided.dislocated,
        left,
        left & (decided.returns <= horizon),
        decided.resettles,
        decided.arrives <= horizon,
    )
    return np.array([residents.persons[w].sum() for w in what])
