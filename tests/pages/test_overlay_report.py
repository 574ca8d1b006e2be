"""Colours of the overlay's maps."""

import itertools

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE

from holdfast.pages.colour import BIVARIATE, NEITHER, RISKS


@pytest.mark.parametrize(("palette", "least"), [((*BIVARIATE, NEITHER), 16.0), (BIVARIATE, 25.0), (RISKS, 10.0)])
@pytest.mark.parametrize("deficiency", [None, "deuteranomaly", "protanomaly", "tritanomaly"])
def test_colours_stay_apart(palette, least, deficiency):
    """Origin: CAM02-UCS differences and Machado's deficiency model, by colorspacious."""
    colours = [np.array([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for c in palette]
    if deficiency:
        space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
        colours = [np.clip(cspace_convert(c, space, "sRGB1"), 0, 1) for c in colours]
    differences = [deltaE(a, b, input_space="sRGB1") for a, b in itertools.combinations(colours, 2)]
    assert min(differences) >= least
