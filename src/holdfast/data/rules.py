"""Marks of inferred attributes: which attribute of a building was filled, and by which rule.

The column ``inferred`` of a building table holds one mark per filled attribute, ``attribute:rule``, separated by
blanks. What each rule does stands in the packaged table ``inference_rules``.
"""

import numpy as np
import pandas as pd

from holdfast.data import packaged

ANY = "*"


def marked(inferred: pd.Series, where: np.ndarray, attribute: str, rule: str) -> pd.Series:
    """Add a mark to the rows whose attribute was filled.

    Parameters
    ----------
    inferred : Series
        Text; marks so far, separated by blanks.
    where : ndarray of bool
        Shape (row,): rows that were filled.
    attribute, rule : str
        As in the packaged table ``inference_rules``.

    Returns
    -------
    Series
        Index as `inferred`; equal texts share one object, so that a million rows stay small.

    Examples
    --------
    >>> marked(pd.Series(["", "stories:median"]), np.array([True, True]), "structure", "masonry").tolist()
    ['structure:masonry', 'stories:median structure:masonry']
    """
    if not where.any():
        return inferred
    codes, texts = pd.factorize(inferred.fillna(""))
    longer = [f"{text} {attribute}:{rule}".strip() for text in texts]
    both = np.array([*texts, *longer], dtype=object)
    return pd.Series(pd.array(both[codes + len(texts) * where], dtype="string"), index=inferred.index)


def rules_used(inferred: pd.Series, weight: pd.Series) -> pd.DataFrame:
    """Count the buildings for which each rule filled each attribute.

    Parameters
    ----------
    inferred : Series
        Marks of every building.
    weight : Series
        Floor area of every building, m2.

    Returns
    -------
    DataFrame
        One row per ``attribute`` and ``rule``, in the order of ``inference_rules``; ``buildings`` (count),
        ``buildings_share`` and ``floor_area_share`` (0..1), and ``description`` and ``source`` of the rule.

    Examples
    --------
    >>> table = rules_used(pd.Series(["workers:per_floor_area", ""]), pd.Series([300.0, 100.0]))
    >>> table[["attribute", "rule", "buildings", "floor_area_share"]].values.tolist()
    [['workers', 'per_floor_area', 1, 0.75]]
    """
    codes, texts = pd.factorize(inferred.fillna(""))
    count = np.bincount(codes, minlength=len(texts))
    area = np.bincount(codes, weights=weight.to_numpy(np.float64), minlength=len(texts))
    rows = [
        (*f"{mark}:".split(":")[:2], n, a)
        for text, n, a in zip(texts, count, area, strict=True)
        for mark in str(text).split()
    ]
    found = pd.DataFrame(rows, columns=["attribute", "rule", "buildings", "area"])
    found = found.groupby(["attribute", "rule"], as_index=False, sort=False).sum()
    found["buildings_share"] = found["buildings"] / max(len(inferred), 1)
    found["floor_area_share"] = found.pop("area") / max(float(area.sum()), 1e-12)
    known = packaged("inference_rules")
    order = {pair: i for i, pair in enumerate(zip(known["attribute"], known["rule"], strict=True))}
    pairs = list(zip(found["attribute"], found["rule"], strict=True))
    at = [order.get(pair, order.get((ANY, pair[1]), len(order))) for pair in pairs]
    for column in ("description", "source"):
        found[column] = [known[column].iloc[i] if i < len(known) else "the table itself says so" for i in at]
    return found.iloc[np.argsort(at, kind="stable")].reset_index(drop=True)
