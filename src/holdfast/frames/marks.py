"""Marks of what was filled: which attribute of an asset, and by which rule of the packaged table ``inference_rules``.

While a table is read, the rule of an attribute stands beside it in the column ``<attribute>_rule``, empty where the value
is the table's own. `inferred_table` makes of them one row per asset and attribute; text is made from that.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.types import Bools

ANY = "*"
SUFFIX = "_rule"
INFERRED = ("table", "asset", "attribute", "rule", "source")
ITSELF = "the table itself says so"


def marked(table: pd.DataFrame, where: Bools, attribute: str, rule: str | np.ndarray) -> pd.Series:
    """The column of rules of an attribute, with the rows of `where` marked; others keep the rule that they had.

    Examples
    --------
    >>> table = pd.DataFrame({"stories": [2, 3]})
    >>> marked(table, np.array([False, True]), "stories", "median").tolist()
    [<NA>, 'median']
    """
    before = table.get(f"{attribute}{SUFFIX}", pd.Series(pd.NA, index=table.index)).astype(object)
    return pd.Series(pd.array(np.where(where, rule, before), dtype="string"), index=table.index)


def rule_columns(table: pd.DataFrame) -> list[str]:
    """Columns of rules whose attribute is a column too, or people inside or a code level."""
    # these two are filled from other attributes and may be no column of the table itself
    own = set(table.columns) | {"occupants", "code_level"}
    return [c for c in map(str, table.columns) if c.endswith(SUFFIX) and c.removesuffix(SUFFIX) in own]


def with_marks(checked: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """A checked table with the rules of the raw one, which has the same rows."""
    return checked.assign(**{c: raw[c].to_numpy() for c in rule_columns(raw)})


def inferred_table(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per asset and attribute that was filled, from a table with columns of rules, index the ids of the assets.

    Columns ``table`` (the given name, such as ``power_nodes``), ``asset``, ``attribute``, ``rule``, and ``source`` of the rule.

    Examples
    --------
    >>> table = pd.DataFrame({"stories": [2, 3], "stories_rule": [None, "median"]}, index=["a", "b"])
    >>> inferred_table(table, "buildings").values.tolist()
    [['buildings', 'b', 'stories', 'median', 'assumed']]
    """
    parts = []
    for column in rule_columns(table):
        attribute, rules = column.removesuffix(SUFFIX), table[column].dropna()
        # once per rule: a city has a million buildings and a dozen rules
        sources = {rule: _rule_text(attribute, rule, "source") for rule in rules.unique()}
        parts.append(
            pd.DataFrame(
                {
                    "table": name,
                    "asset": rules.index.astype(object),
                    "attribute": attribute,
                    "rule": rules.to_numpy(dtype=object),
                    "source": rules.map(sources).to_numpy(dtype=object),
                }
            )
        )
    return joined_marks(parts)


def joined_marks(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables of marks one below the other, small: what repeats is stored once."""
    whole = [part for part in parts if len(part)]
    table = pd.concat(whole, ignore_index=True) if whole else pd.DataFrame(columns=list(INFERRED), dtype=object)
    return table.astype(dict.fromkeys(("table", "attribute", "rule", "source"), "category"))


def without_marks(table: pd.DataFrame) -> pd.DataFrame:
    """A table without its columns of rules."""
    return table.drop(columns=rule_columns(table))


def rules_used(inferred: pd.DataFrame, weight: pd.Series, name: str = "buildings") -> pd.DataFrame:
    """Count the assets for which each rule filled each attribute, from the marks of `inferred_table`.

    `weight` is the floor area of every building of the city, m2, index the ids.

    Returns
    -------
    DataFrame
        One row per ``attribute`` and ``rule``, in the order of ``inference_rules``; ``buildings`` (count),
        ``buildings_share`` and ``floor_area_share`` (0..1), and ``description`` and ``source`` of the rule.

    Examples
    --------
    >>> table = pd.DataFrame({"workers": [4, 2], "workers_rule": ["per_floor_area", None]}, index=["a", "b"])
    >>> used = rules_used(inferred_table(table, "buildings"), pd.Series([300.0, 100.0], index=["a", "b"]))
    >>> used[["attribute", "rule", "buildings", "floor_area_share"]].values.tolist()
    [['workers', 'per_floor_area', 1, 0.75]]
    """
    own = inferred[inferred["table"] == name]
    own = own.assign(area=weight.to_numpy(np.float64)[weight.index.get_indexer(own["asset"])])
    groups = own.groupby(["attribute", "rule"], observed=True, sort=False)["area"]
    found = groups.agg(buildings="size", area="sum").reset_index().astype({"attribute": object, "rule": object})
    found["buildings_share"] = found["buildings"] / max(len(weight), 1)
    found["floor_area_share"] = found.pop("area") / max(float(weight.sum()), 1e-12)
    pairs = list(zip(found["attribute"], found["rule"], strict=True))
    for column in ("description", "source"):
        found[column] = [_rule_text(*pair, column) for pair in pairs]
    order = np.argsort([_rule_row(*pair) for pair in pairs], kind="stable")
    return found.iloc[order].reset_index(drop=True)


def marks_text(inferred: pd.DataFrame, ids: pd.Index, name: str = "buildings") -> pd.Series:
    """What was filled of every asset, in words such as ``stories: median; structure: masonry``, empty where nothing was.

    Index and order are those of `ids`. Equal texts share one object, so that a million rows stay small.
    """
    own = inferred[inferred["table"] == name]
    texts, code = [""], np.zeros(len(ids), dtype=np.int64)
    for (attribute, rule), rows in own.groupby(["attribute", "rule"], observed=True, sort=False)["asset"]:
        # a code per asset points at its text; each rule makes one new text of every text that its assets had before
        here = ids.get_indexer(rows)
        before, code[here] = np.unique(code[here], return_inverse=True)
        code[here] += len(texts)
        texts += [f"{texts[b]}; {attribute}: {rule}".removeprefix("; ") for b in before]
    return pd.Series(pd.array(np.array(texts, dtype=object)[code], dtype="string"), index=ids, name="inferred")


def _rule_row(attribute: str, rule: str) -> int:
    """Place of a rule in the packaged table; its end for one that is not there."""
    known = packaged("inference_rules")
    order = {pair: i for i, pair in enumerate(zip(known["attribute"], known["rule"], strict=True))}
    # a rule for any attribute (*) stands in for one that the table does not have for this
    return order.get((attribute, rule), order.get((ANY, rule), len(order)))


def _rule_text(attribute: str, rule: str, column: str) -> str:
    """Description or source of a rule."""
    known, row = packaged("inference_rules")[column], _rule_row(attribute, rule)
    return str(known.iloc[row]) if row < len(known) else ITSELF
