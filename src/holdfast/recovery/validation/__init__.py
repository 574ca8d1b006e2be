"""Whether a simulated recovery resembles an observed one: scores, times, order of areas, honest baselines."""

from holdfast.recovery.validation.judge import Verdict, validate
from holdfast.recovery.validation.match import Matched, matched

__all__ = ["Matched", "Verdict", "matched", "validate"]
