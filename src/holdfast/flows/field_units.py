"""Units of the fields of result files, from the schema CSVs."""

import re
from collections.abc import Iterable, Mapping

from holdfast.config.rating import RatingOptions
from holdfast.flows.choices import rules
from holdfast.pages.words import unit_word
from holdfast.tables import Column, schema

COUNTED = re.compile(r"^(number of|housing units|stories)")
OF_SHARES = 1.0


def field_units(
    fields: Iterable[object],
    tables: Iterable[str],
    money: str = "",
    features: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, str]:
    """Unit of every field of a file, as a reader of the file is told it.

    Parameters
    ----------
    fields : iterable
        Names of the columns, in their order.
    tables : iterable of str
        Schemas that say what they are; of two that know a name the later one counts.
    money : str
        What stands for ``currency``, such as ``USD_2017``.
    features : mapping, optional
        Unit and description of columns that are features, before the schemas.

    Returns
    -------
    dict
        Field to unit, "" for text and for numbers that have none.

    Examples
    --------
    >>> field_units(["building_id", "p_slight", "mean_loss", "stories"], ["buildings", "building_results"], "EUR_2020")
    {'building_id': '', 'p_slight': 'share, 0 to 1', 'mean_loss': 'EUR_2020', 'stories': 'count'}
    """
    # a feature of the study may bear the name of a column of a schema, and is what the file holds then
    known = {rule.column: _in_words(rule, money) for table in tables for rule in schema(table)}
    known |= {name: unit_word(unit, description) for name, (unit, description) in (features or {}).items()}
    return {str(name): known.get(str(name), "") for name in fields}


def changed_units(fields: Iterable[object], rating: RatingOptions, people: str) -> dict[str, str]:
    """Unit of every field of cells before and after a change; `people` is what people are counted by, such as ``homes``."""
    known = {name: unit_word(rule.unit, rule.description) for name, rule in rules(rating).items()}
    found = {}
    for name in map(str, fields):
        stem = name.removesuffix("_before").removesuffix("_after")
        # what stands before and after and is no feature is a level by one of the modes
        level = "level, 1 to 5" if stem != name else ""
        found[name] = people if name == "people" else known.get(stem, level)
    return found


def _in_words(rule: Column, money: str) -> str:
    """Unit of a column: a number without one is a share, a level, an index or a count, as its row says."""
    if rule.unit not in ("1", ""):
        return rule.unit.replace("currency", money)
    if rule.type in ("text", "id", "boolean") or not rule.type:
        return ""
    if "level" in rule.column and rule.minimum == 1:
        return "level, 1 to 5"
    if rule.minimum == 0 and rule.maximum == OF_SHARES:
        return unit_word("1", rule.description) if "share of" in rule.description else "index, 0 to 1"
    return "count" if COUNTED.match(rule.description) else ""
