"""Restoration of power after a storm: from the outages of the first hours to those of the days that follow."""

from holdfast.recovery.validation.outages.prediction import Ensemble, predict_outages, predicted_table
from holdfast.recovery.validation.outages.record import known_part, observed_curves, together

__all__ = ["Ensemble", "known_part", "observed_curves", "predict_outages", "predicted_table", "together"]
