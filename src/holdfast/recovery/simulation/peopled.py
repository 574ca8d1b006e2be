"""A draw in which people decide: the recovery is run, they decide from it day by day, and it is run again with what they do.

What is decided for a day hangs on the days before alone, so that every pass makes at least one more day final: the passes end in
the recovery in which everybody acts on what happens. They stop when almost nobody decides otherwise any more.
"""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.engine import Outcome, Run, run_draw
from holdfast.recovery.people.moves import homes_of, with_moves
from holdfast.recovery.people.residents import NEVER, Decisions, Residents, Seen, decide
from holdfast.recovery.simulation.draw import STREAMS, Drawn, draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.types import Floats, Ints

MOST_PASSES = 8
"""Times that people decide anew in one draw."""
SETTLED = 0.001
"""Share of the residents who may still decide otherwise when the passes end."""
ESSENTIAL = ("power", "water")
"""Networks without which nobody returns to a home."""


class Acts(NamedTuple):
    """What the people of a draw did.

    ``persons`` dislocated, who left the city, who came back, who settled elsewhere, shape (4,); ``passes``; ``unsettled``: persons who
    decided otherwise in the last pass.
    """

    persons: Floats
    passes: int
    unsettled: float


NOBODY = Acts(np.full(4, np.nan), 0, 0.0)
"""Where nobody decides."""


def peopled_draw(inputs: DrawInputs, seed: np.random.SeedSequence) -> tuple[Damage, Outcome, Acts]:
    """One draw from the event to the end, with what people decide; without agents as `simulate_draw`.

    Parameters
    ----------
    inputs : DrawInputs
        City, event and settings, as from `prepare`.
    seed : SeedSequence
        Of the draw; not changed. Damage is the same with agents and without.
    """
    if inputs.agents is None:
        return *simulate_draw(inputs, seed), NOBODY
    drawn, residents = draw(inputs, seed), inputs.agents.residents

    def decisions(out: Outcome) -> Decisions:
        return decide(residents, figures, key, seen_in(inputs, drawn, out))

    figures, key, passes = inputs.agents.figures, agent_key(seed), 0
    # as if nobody decided, from which all decide for the first time
    again, changed = decisions(_run(inputs, drawn, None)), np.inf
    while passes < MOST_PASSES and changed > SETTLED * residents.persons.sum():
        decided, passes = again, passes + 1
        out = _run(inputs, drawn, decided)
        again = decisions(out)
        changed = _changed(residents, decided, again)
    return drawn.damage, out, _acts(residents, decided, passes, changed)


def agent_key(seed: np.random.SeedSequence) -> np.uint64:
    """Key of the random numbers of the people of a draw: a stream of their own, so that all others stay as they are."""
    own = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, STREAMS))
    return np.random.default_rng(own).integers(2**64, dtype=np.uint64)


def seen_in(inputs: DrawInputs, drawn: Drawn, out: Outcome) -> Seen:
    """What the people of a draw could know of its recovery, each part only once its day has come.

    Parameters
    ----------
    inputs, drawn : DrawInputs, Drawn
        City, event and figures, and the damage of the draw.
    out : Outcome
        Of the pass before. What comes after the last day simulated is `NEVER`.
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
    lacking = np.divide(housed, curves.displaced, out=np.ones_like(housed), where=curves.displaced > 0)
    return Seen(
        loss=np.minimum(loss, 1.0),
        habitable=damage.reoccupied_share[:count],
        eased=eased,
        eased_day=day,
        repaired=_day(out.finished[:count]),
        served=restored.max(axis=1, initial=0),
        without_place=np.maximum(1.0 - lacking, 0.0),
    )


def _day(day: Ints) -> Ints:
    """Days of what has come; `NEVER` of what has not."""
    return np.where(day < 0, NEVER, day).astype(np.int64)


def _run(inputs: DrawInputs, drawn: Drawn, decided: Decisions | None) -> Outcome:
    """The recovery of a draw, with what its households have decided."""
    of, tasks, horizon = inputs.repair, drawn.tasks, inputs.settings.horizon_days
    city, calendar, back = of.city, of.calendar, 0.0
    if decided is not None and inputs.agents is not None:
        residents = inputs.agents.residents
        homes = homes_of(residents, decided, tasks.reoccupied)
        tasks = tasks._replace(reoccupied=homes.share, eased=homes.eased, eased_share=homes.eased_share)
        people = city.people
        households = people.households._replace(stay_share=homes.stay_share)
        city = city._replace(people=people._replace(households=households))
        calendar = with_moves(calendar, residents, decided, horizon)
        back = float(residents.persons[(decided.leaves < NEVER) & (decided.returns <= horizon)].sum())
    pools = (inputs.damage.table.pools, of.materials.stock)
    out = run_draw(city, of.baseline, tasks, drawn.tree, calendar, pools, horizon, Run(of.models))
    # the engine counts all who go
    return out._replace(resettled=out.resettled - back)


def _changed(residents: Residents, before: Decisions, now: Decisions) -> float:
    """Persons whose days differ from those of the pass before."""
    other = (before.leaves != now.leaves) | (before.returns != now.returns) | (before.home != now.home)
    return float(residents.persons[other].sum())


def _acts(residents: Residents, decided: Decisions, passes: int, changed: float) -> Acts:
    """What the people of a draw did, summed up."""
    left = decided.leaves < NEVER
    what = (decided.dislocated, left, left & (decided.returns < NEVER), decided.resettles)
    return Acts(np.array([residents.persons[w].sum() for w in what]), passes, changed)
