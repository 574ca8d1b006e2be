"""What each feature is: pillar, system, unit, direction and needs, one row of ``schema/features.csv`` each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from holdfast.tables import schema_rows

CELL = "cell"  # extent of a feature that counts inside the cell
M2_PER_KM2 = 1e6
PERSONS = 1000.0  # counts per person are per so many
PER = ("person", "km2")


@dataclass(frozen=True)
class FeatureRule:
    """What a feature is.

    Parameters
    ----------
    pillar, system : str
        ``robustness``, ``redundancy`` or ``resourcefulness``; ``facilities``, ``infrastructure`` or ``society``.
    unit : str
        Of the values; ``1`` for shares and counts.
    direction : int
        1 where more is better, -1 where more is worse.
    transform : str
        How values are bent for standard scores, a key of `holdfast.rating.model.transforms.TRANSFORMS`.
    missing : str
        What becomes of a cell without a value: one of `holdfast.rating.model.missing.POLICIES`.
    needs : tuple of tuple of str
        Groups of alternatives, each ``table`` or ``table.column``.
    extent : str
        Over which ground a count is taken: ``cell``, or the name of the keyword with its reach; empty for no count.
    default : bool
        Whether it belongs to the twelve.
    description : str
        In a few words, for tables.
    """

    pillar: str
    system: str
    unit: str
    direction: int
    transform: str
    missing: str
    needs: tuple[tuple[str, ...], ...]
    extent: str = ""
    default: bool = False
    description: str = ""


RULES: dict[str, FeatureRule] = {
    row["column"]: FeatureRule(
        pillar=row["pillar"],
        system=row["system"],
        unit=row["unit"],
        direction=int(row["direction"]),
        transform=row["transform"],
        missing=row["missing"],
        needs=tuple(tuple(group.split("|")) for group in row["needs"].split(";")),
        extent=row["extent"],
        default=row["default"] == "yes",
        description=row["description"],
    )
    for row in schema_rows("features")
}


def is_share(name: str) -> bool:
    """Whether a feature is a share of something, which cannot pass 0 or 1; false for what is none of `RULES`.

    Examples
    --------
    >>> is_share("poverty"), is_share("hospitals_within_reach")
    (True, False)
    """
    return name in RULES and RULES[name].unit == "1" and RULES[name].description.startswith("share of")


def chosen_rules(
    directions: Mapping[str, int] | None = None, per: Mapping[str, str] | None = None
) -> dict[str, FeatureRule]:
    """The rules with other directions, and the units of counts that are taken per person or area.

    Parameters
    ----------
    directions : mapping, optional
        Feature to 1 (more is better) or -1.
    per : mapping, optional
        Count to ``person`` or ``km2``.

    Examples
    --------
    >>> rules = chosen_rules({"road_density": -1}, {"hospitals_within_reach": "person"})
    >>> rules["road_density"].direction, rules["hospitals_within_reach"].unit
    (-1, '1/1000 persons')
    """
    directions, per = directions or {}, per or {}
    rules = {}
    for name, rule in RULES.items():
        unit = rule.unit.removesuffix("/km2") if rule.extent == CELL else rule.unit
        if per.get(name) == "person":
            unit = f"{unit}/{PERSONS:.0f} persons"
        elif per.get(name) == "km2" or rule.extent == CELL:
            unit = f"{unit}/km2"
        rules[name] = replace(rule, unit=unit, direction=directions.get(name, rule.direction))
    return rules
