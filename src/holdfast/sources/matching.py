"""Two tables that should speak of the same things: what they share, and why they may not."""

import re
from dataclasses import dataclass
from pathlib import PurePath

import pandas as pd

from holdfast.errors import DataMissing
from holdfast.numerals import to_numbers

SHOWN = 3  # keys in a message
TRACT_DIGITS = (11, 12, 15)  # of a US census tract, block group and block
STATE_DIGITS, COUNTY = 2, slice(2, 5)
CONNECTICUT = "09"
FIRST_PLANNING_REGION = 110  # its counties were 001 to 015 until 2022
EXPONENT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
SAMPLE = 200  # keys that are compared each with each


@dataclass(frozen=True)
class Keys:
    """The keys of one table: where they stand, and the keys themselves as text."""

    where: str
    values: pd.Series

    @property
    def name(self) -> str:
        """The file without its folders."""
        return PurePath(self.where).name


def require_common(one: Keys, other: Keys) -> None:
    """Refuse two tables of which no key of the one is in the other.

    Raises
    ------
    DataMissing
        With three keys of each, and the likely cause.

    Examples
    --------
    >>> require_common(Keys("tracts.csv", pd.Series(["1001"])), Keys("tracts.gpkg", pd.Series(["01001"])))
    Traceback (most recent call last):
    holdfast.errors.DataMissing: tracts.csv: no key is in tracts.gpkg: "1001" against "01001"; leading zeros were lost in tracts.csv, ...
    """
    if not one.values.isin(other.values).any():
        raise DataMissing(no_common_key(one, other))


def no_common_key(one: Keys, other: Keys) -> str:
    """That two tables share no key, with three of each and the likely cause, in words."""
    shown = " against ".join(
        ", ".join(f'"{v}"' for v in side.values.dropna().unique()[:SHOWN]) or "none" for side in (one, other)
    )
    return f"{one.where}: no key is in {other.name}: {shown}; {likely_cause(one, other)}"


def likely_cause(one: Keys, other: Keys) -> str:
    """Why no key of one table is in another, as far as the keys show."""
    for side, twin in ((one, other), (other, one)):
        mine, theirs = (set(k.values.dropna().unique()) for k in (side, twin))
        if not mine:
            return f"{side.name} has no keys"
        # the causes that lose digits go first: keys written with an exponent have a decimal point as well
        if any(EXPONENT.fullmatch(v) for v in mine):
            return (
                f"{side.name} writes its keys with an exponent, which loses digits; make it again with its keys as text"
            )
        # no key is in both tables, so that only keys whose zeros were really stripped can meet here
        if {v.lstrip("0") for v in theirs} & mine:
            advice = "as a spreadsheet does; read or save the key as text, or pad it"
            return f"leading zeros were lost in {side.name}, {advice}"
        if {v.split(".")[0] for v in mine if "." in v} & theirs:
            return f"the keys of {side.name} are decimal numbers; save them as whole numbers or text"
        prefix = _prefix(mine, theirs)
        if prefix:
            return f'the keys of {side.name} begin with "{prefix}", those of {twin.name} do not; take it off'
        if any(
            v.startswith(w) and len(v) > len(w) > STATE_DIGITS
            for v in list(mine)[:SAMPLE]
            for w in list(theirs)[:SAMPLE]
        ):
            return f"the keys of {side.name} go on where those of {twin.name} end: parts of areas, such as block groups of tracts?"
        plain = {re.sub(r"\W", "", v).casefold() for v in theirs}
        if {re.sub(r"\W", "", v).casefold() for v in mine} & plain:
            return "they differ in upper and lower case or in marks between letters; write them alike"
    return "is `key` the right column of both, and are both of one place?"


def _prefix(mine: set[str], theirs: set[str]) -> str:
    """What stands before the keys of the other table, if that makes them agree."""
    for value in sorted(mine)[:SAMPLE]:
        for start in range(1, len(value)):
            if value[start:] in theirs:
                front = value[:start]
                rest = {v[start:] for v in mine if v.startswith(front)}
                # more than half: that one key happens to end in another says nothing
                return front if len(rest & theirs) * 2 > len(rest) else ""
    return ""


def cause_of_strays(one: pd.Series, other: pd.Series) -> str:
    """The classic causes of keys that have no partner in the other table, and the remedy, in words, where they are US census.

    Examples
    --------
    >>> cause_of_strays(pd.Series(["09001010101"]), pd.Series(["09190010101"]))[:40]
    'Connecticut is coded by its counties her'
    """
    strays = pd.concat([one, other]).dropna()
    crosswalk = "or name a crosswalk table (`crosswalk`)"
    # a lone number of another length is no census key
    census = strays[strays.str.fullmatch(r"\d+").astype(bool) & strays.str.len().isin(TRACT_DIGITS)]
    connecticut = census[census.str[:STATE_DIGITS] == CONNECTICUT]
    codes = to_numbers(connecticut.str[COUNTY])
    if (
        # both codings must be there: all 169 towns went from 8 counties (001 to 015) to 9 planning regions (110 to 190)
        len(connecticut) * 2 > len(strays)
        and codes.lt(FIRST_PLANNING_REGION).any()
        and codes.ge(FIRST_PLANNING_REGION).any()
    ):
        return (
            "Connecticut is coded by its counties here and by its planning regions (since 2022) there; take both files "
            f"of one year, {crosswalk}"
        )
    if len(census) * 2 > len(strays):
        advice = "another census vintage (2010 against 2020)? Take outlines of the vintage of the table"
        return f"{advice}, {crosswalk}"
    return (
        f"take both files of one year and place, {crosswalk}, or state the share that may be left (`allow_unmatched`)"
    )
