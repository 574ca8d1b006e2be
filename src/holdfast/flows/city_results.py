"""Losses of cities from results of `holdfast simulate`, and whether they can stand side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from holdfast.config import ScenarioOptions
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.store import Result, open_result
from holdfast.store.manifest import REMEDY
from holdfast.store.result_files import read_summary

SUMMARY = "losses.json"
LOSSES = ("total_economic_loss", "repair_cost", "lost_production", "service_capacity_loss", "unmet_need")
NET = ("net_economic_loss", "net_lost_production")
"""Losses after supply and demand."""
PERSON_DAYS = ("service_capacity_loss", "unmet_need")
FEWEST = 2


class _Part(BaseModel):
    """A part of ``losses.json``: what is not asked for may be there, and no number is infinite."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Spread(_Part):
    """Percentiles of the draws of one loss."""

    unit: str = Field(min_length=1)
    p5: float
    p50: float
    p95: float


class Normal(_Part):
    """The undamaged city: its production of a day."""

    EP: float = Field(ge=0)


class Days(_Part):
    """First and last day of a draw."""

    start_day: int = Field(ge=0)
    horizon_days: int = Field(ge=0)


class Production(_Part):
    """Losses after supply and demand, of the part ``production``."""

    net_economic_loss: Spread
    net_lost_production: Spread


class Whole(_Part):
    """The part of ``losses.json`` that holds production."""

    production: Production


class CityLosses(_Part):
    """What a comparison of cities reads of ``losses.json``."""

    name: str = Field(min_length=1)
    draws: int = Field(ge=1)
    warnings: list[str]
    scenario: ScenarioOptions
    recovery: Days
    money: str = Field(pattern=r"^[A-Z]{3}_\d{4}$")
    floor_area_m2: float = Field(gt=0)
    residents: float = Field(ge=0)
    assumed: list[str]
    normal: Normal
    recovered_share: float = Field(ge=0, le=1)
    losses: dict[str, Spread]


class CityResult(NamedTuple):
    """A result with what is read of it."""

    result: Result
    losses: CityLosses
    production: Production

    def spreads(self) -> dict[str, Spread | None]:
        """What is put side by side, in the order of the tables."""
        gross = {name: self.losses.losses.get(name) for name in LOSSES}
        return gross | {name: getattr(self.production, name) for name in NET}


def read_cities(folders: Sequence[str | Path]) -> list[CityResult]:
    """Read the losses of cities, in the order given, and refuse those that cannot stand side by side.

    Raises
    ------
    DataMissing
        If a folder holds no result of this version, or one of another verb.
    TableError
        If a file was changed, there are fewer than two, two have one name, or their money is not the same.
    """
    if len(folders) < FEWEST:
        text = "give at least two results of `holdfast simulate`, or one study to compare alternatives of"
        raise TableError("holdfast compare", [Problem(text)])
    cities = [_read(open_result(folder)) for folder in folders]
    names = [city.losses.name for city in cities]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        text = (
            "is the name of more than one result; give each study a `name` of its own, and compare alternatives of one "
            "city with `holdfast compare STUDY.toml`"
        )
        raise TableError("holdfast compare", [Problem(f'"{n}" {text}') for n in twice])
    _refuse_other_money(cities)
    return cities


def _refuse_other_money(cities: list[CityResult]) -> None:
    """Refuse cities in different currencies or price years, of which no quotient is one of the cities alone."""
    money = cities[0].losses.money
    if all(city.losses.money == money for city in cities):
        return
    remedy = (
        "money of different currencies or price years cannot be compared; simulate all in one: state `city.currency`, "
        "`city.price_year` and, where it is not USD of 2017, `city.figures_factor`, with costs of the buildings in that money"
    )
    found = [Problem(f"is in {c.losses.money.replace('_', ' of ')}", place=c.losses.name) for c in cities]
    raise TableError("holdfast compare", [*found, Problem(remedy)])


def _read(result: Result) -> CityResult:
    """What a result says of its city, held to what `holdfast simulate` writes."""
    if SUMMARY not in result.files:
        what = "a set of scenarios" if "scenarios.json" in result.files else f"`holdfast {result.provenance.verb}`"
        text = f"{result.folder}: holds no single simulated event, but the result of {what}; give results of `holdfast simulate` with one scenario"
        raise DataMissing(text)
    file = result.folder / SUMMARY
    try:
        summary = read_summary(result, SUMMARY)
        losses = CityLosses.model_validate(summary)
        found = CityResult(result, losses, Whole.model_validate(summary).production)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(key) for key in first["loc"])
        text = f"{file}: {where} is not what `holdfast simulate` writes ({first['msg']}); {REMEDY}"
        raise DataMissing(text) from error
    for name, spread in found.spreads().items():
        unit = "person-days" if name in PERSON_DAYS else losses.money
        part = "production" if name in NET else "losses"
        if spread is None or spread.unit != unit or not spread.p5 <= spread.p50 <= spread.p95:
            text = f"{file}: {part}.{name} is no spread in {unit}; {REMEDY}"
            raise DataMissing(text)
    return found
