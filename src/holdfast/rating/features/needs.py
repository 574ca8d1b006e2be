"""Which features the tables at hand allow, and which tables each is measured from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from holdfast.rating.features.rules import RULES, FeatureRule

GIVEN = "given"  # the table of ready values, one column per feature
MADE_OF = {"streets": "roads"}  # tables that are made of another
LEFT_OUT = "left out by the study"


@dataclass(frozen=True)
class Wanted:
    """Which features a rating shall use.

    Parameters
    ----------
    features : collection of str or None
        Those to use; None for the twelve.
    also, leave_out : collection of str
        Optional ones to use besides; those not to use.
    replace : mapping
        Feature to the table to take it from: one of its alternatives, or ``given`` for ready values.
    """

    features: Collection[str] | None = None
    also: Collection[str] = ()
    leave_out: Collection[str] = ()
    replace: Mapping[str, str] = field(default_factory=dict)


def available(columns: Mapping[str, Collection[str]], wanted: Wanted | None = None) -> tuple[list[str], dict[str, str]]:
    """Features that the tables at hand allow, in the order of `RULES`, and absent ones with the reason.

    `columns` map a table to the names of its columns that hold a value anywhere. Optional features are absent only
    where they are wanted; the twelve are wanted if `wanted` is omitted.

    Examples
    --------
    >>> used, absent = available({"areas": {"poverty_share", "housing_units"}}, Wanted(["poverty", "road_density"]))
    >>> used, absent["road_density"], absent["education"]
    (['poverty'], 'no data: needs roads', 'left out by the study')
    """
    wanted = wanted or Wanted()
    used, absent = [], {}
    for name, rule in RULES.items():
        asked = (rule.default if wanted.features is None else name in wanted.features) or name in wanted.also
        if not asked or name in wanted.leave_out:
            if rule.default or name in wanted.leave_out:
                absent[name] = LEFT_OUT
            continue
        _, lacking = tables_of(name, columns, wanted.replace.get(name))
        if lacking:
            absent[name] = f"no data: needs {', '.join(lacking)}"
        else:
            used.append(name)
    return used, absent


def tables_of(
    feature: str, columns: Mapping[str, Collection[str]], instead: str | None = None
) -> tuple[tuple[str, ...], list[str]]:
    """The tables that a feature is measured from, each once, in the order of its needs; and the needs that none meets.

    `columns` map a table to the names of its columns; `instead` is a table to take it from, over the first alternative
    that is there.

    Examples
    --------
    >>> tables_of("green_space", {"areas": {"ndvi"}, "green_areas": set()})
    (('green_areas',), [])
    >>> tables_of("education", {"areas": {"housing_units"}})[1]
    ['areas.high_school_share']
    """
    rule = RULES[feature]
    there = {**columns, **{made: columns[source] for made, source in MADE_OF.items() if source in columns}}
    ready = feature in there.get(GIVEN, ())
    if instead == GIVEN:
        return (GIVEN,), [] if ready else [f"{GIVEN}.{feature}"]
    # a study that names a table means it: the other alternatives do not stand in
    groups = [[need for need in group if _table(need) == instead] or list(group) for group in rule.needs]
    met = [next((need for need in group if _met(need, there)), None) for group in groups]
    lacking = [" or ".join(map(_words, group)) for group, need in zip(groups, met, strict=True) if need is None]
    # ready values stand in, alone, only where the measured way is closed
    if lacking and instead is None and ready:
        return (GIVEN,), []
    return tuple(dict.fromkeys(_table(need) for need in met if need is not None)), lacking


def alternatives(rule: FeatureRule) -> list[str]:
    """Tables that a feature may be taken from, ready values first.

    Examples
    --------
    >>> alternatives(RULES["green_space"])
    ['given', 'greenness', 'green_areas', 'areas']
    """
    return [GIVEN, *dict.fromkeys(MADE_OF.get(_table(n), _table(n)) for group in rule.needs for n in group)]


def _table(need: str) -> str:
    """Table of a need."""
    return need.partition(".")[0]


def _met(need: str, columns: Mapping[str, Collection[str]]) -> bool:
    """Whether the tables hold what is needed."""
    table, _, column = need.partition(".")
    return table in columns and (not column or column in columns[table])


def _words(need: str) -> str:
    """A need as the user knows it: by the table that it is made of."""
    return MADE_OF.get(need, need)
