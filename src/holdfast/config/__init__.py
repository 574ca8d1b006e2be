"""The study: one frozen model, nested by stage, loaded from TOML; a stage may take its own section."""

from holdfast.config.base import Section
from holdfast.config.city import BackupOptions, CityOptions, StrengthenOptions
from holdfast.config.measures_options import MeasuresOptions
from holdfast.config.rating import AutoencoderOptions, RatingOptions, RegionOptions, SensitivityOptions
from holdfast.config.recovery import RecoveryOptions
from holdfast.config.risk import RiskOptions
from holdfast.config.scenario import FloodOptions, RuptureOptions, ScenarioOptions, WindOptions
from holdfast.config.study import Study, StudyLike, load_study, named, parse_override, parse_study
from holdfast.config.table_options import TableOptions
from holdfast.config.training import TrainingOptions
from holdfast.config.what_if_options import WhatIfOptions

__all__ = [
    "AutoencoderOptions",
    "BackupOptions",
    "CityOptions",
    "FloodOptions",
    "MeasuresOptions",
    "RatingOptions",
    "RecoveryOptions",
    "RegionOptions",
    "RiskOptions",
    "RuptureOptions",
    "ScenarioOptions",
    "Section",
    "SensitivityOptions",
    "StrengthenOptions",
    "Study",
    "StudyLike",
    "TableOptions",
    "TrainingOptions",
    "WhatIfOptions",
    "WindOptions",
    "load_study",
    "named",
    "parse_override",
    "parse_study",
]
