"""What a study chooses about a rating reaches the core, and names that nothing answers to are refused."""

import pytest

from holdfast.config import AutoencoderOptions, RatingOptions
from holdfast.errors import TableError, UnknownName
from holdfast.flows.choices import aims, fit_options, policies, refuse_unknown, rules, study_keys, transforms
from holdfast.rating.features.catalog import FEATURES
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.rating.model.refitting import FitOptions


def test_choices_that_nothing_answers_to():
    for words, options in {
        r"rating\.features": {"features": ["povertyy"]},
        r"rating\.leave_out": {"leave_out": ["povertyy"]},
        r"rating\.also": {"also": ["wealth"]},
        "known: areas, given": {"replace": {"poverty": "hospitals"}},
        "km2, person": {"per": {"road_density": "mile"}},
        r"rating\.method": {"method": "kmean"},
        "straight, streets": {"access": "flying"},
    }.items():
        with pytest.raises(UnknownName, match=words):
            refuse_unknown(RatingOptions(**options))
    for words, options in {
        "nothing to divide": {"per": {"poverty": "person"}},
        r"rating\.directions\.poverty": {"directions": {"poverty": 2}},
        "unrated, median, refuse": {"missing": {"poverty": "guess"}},
    }.items():
        with pytest.raises(TableError, match=words):
            refuse_unknown(RatingOptions(**options))
    refuse_unknown(RatingOptions())


def test_the_defaults_of_a_study_are_those_of_the_core():
    fitted = fit_options(RatingOptions())
    assert (fitted.method, fitted.refits, fitted.subsample, fitted.most_cells) == tuple(FitOptions().__dict__.values())[
        :4
    ]
    assert fitted.settings == {"neighbour_weight": 0.0, "network": NetworkSettings()}
    assert fitted.aims.spread == Aims().spread
    mine, theirs = fitted.certainty, CertaintyOptions()
    assert (mine.draws, mine.error, mine.left_out) == (theirs.draws, theirs.error, theirs.left_out)
    assert len(mine.expected) == 12
    without = fit_options(RatingOptions(leave_out=["poverty"]))
    assert "poverty" not in without.certainty.expected
    assert set(AutoencoderOptions.model_fields) == set(NetworkSettings.__dataclass_fields__)


def test_what_a_study_says_goes_over_the_schema():
    options = RatingOptions(directions={"road_density": -1}, missing={"poverty": "median"}, scores="standard")
    assert rules(options)["road_density"].direction == -1
    assert policies(options)["poverty"] == "median"
    assert transforms(options)["road_density"] == "log"
    assert set(transforms(RatingOptions()).values()) == {"normal"}
    assert set(study_keys(FEATURES)) == {
        "reference_year",
        "reach",
        "tower_reach",
        "tower_range",
        "longest_tower_range",
        "service_reach",
    }


def test_weights_and_doubts_name_features_and_pillars():
    known = RatingOptions.model_validate({"weights": {"pillars": {"redundancy": 2}, "ranges": {"poverty": 0.1}}})
    refuse_unknown(known)
    assert aims(known).of_pillars == {"redundancy": 2.0}
    for bad in ({"weights": {"pillars": {"redundency": 2}}}, {"weights": {"features": {"povety": 2}}}):
        with pytest.raises(UnknownName):
            refuse_unknown(RatingOptions.model_validate(bad))
    with pytest.raises(UnknownName):
        refuse_unknown(RatingOptions.model_validate({"certainty": {"doubts": {"green": 0.5}}}))
