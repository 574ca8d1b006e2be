"""Summaries of several simulations: a comparison of alternatives, and a set of scenarios with rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.plain import plain
from holdfast.recovery.losses.summary import Quantiles
from holdfast.types import Losses


@dataclass(frozen=True)
class ComparisonSummary:
    """Alternatives under common random numbers.

    ``alternatives`` by name the keys of the study that each changes; ``losses``, ``days_to`` by name, the ``base``
    among them; ``differences``: rows of `paired`; ``assumed``, in words.
    """

    name: str
    run: str
    draws: int
    base: str
    alternatives: Mapping[str, Mapping[str, Any]]
    scenario: Mapping[str, Any]
    losses: Mapping[str, Losses]
    days_to: Mapping[str, Mapping[str, Mapping[str, Quantiles]]]
    differences: Sequence[Mapping[str, Any]]
    assumed: Sequence[str]

    def json(self) -> dict[str, Any]:
        """Content of ``comparison.json``."""
        return dict(plain(self))


@dataclass(frozen=True)
class ScenarioLosses:
    """One scenario of a set: its section of the study, annual rate (1/year) and losses."""

    scenario: Mapping[str, Any]
    annual_rate: float
    losses: Losses


@dataclass(frozen=True)
class AverageAnnualLoss:
    """Mean loss per year and its Monte-Carlo error; no spread of outcomes."""

    value: float
    error: float
    unit: str


@dataclass(frozen=True)
class ReturnPeriodLosses:
    """Loss that is exceeded once in so many years on average, by the years as text."""

    unit: str
    years: Mapping[str, float]


@dataclass(frozen=True)
class ReturnPeriodEvent:
    """The event of a set that is reached or exceeded once in so many years, by its total economic loss."""

    years: int
    scenario: str
    hazard: str
    losses: Losses


@dataclass(frozen=True)
class ScenariosSummary:
    """A set of scenarios; ``average_annual_loss`` and ``loss_of_return_period`` by loss.

    ``assumed``, and ``warnings`` of the input files: in words.
    """

    name: str
    run: str
    draws: int
    scenarios: Sequence[ScenarioLosses]
    average_annual_loss: Mapping[str, AverageAnnualLoss]
    loss_of_return_period: Mapping[str, ReturnPeriodLosses]
    events_of_return_period: Sequence[ReturnPeriodEvent]
    assumed: Sequence[str]
    warnings: Sequence[str]

    def json(self) -> dict[str, Any]:
        """Content of ``scenarios.json``."""
        return dict(plain(self))
