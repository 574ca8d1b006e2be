"""Make the cell table that the package ships, by the project's own pipeline.

    python scripts/make_harris_cells.py ../shared/data/rating

Only figures derived from redistributable sources go in: census, hospitals, NDVI, internet speed.
"""

import sys
from pathlib import Path

import pandas as pd

from holdfast.flows.inputs import gather, open_study
from holdfast.flows.progress import silent

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src" / "holdfast" / "data" / "harris_cells.csv"
DIGITS = {
    "building_age": 2,
    "poverty": 4,
    "health_insurance": 4,
    "hospitals_within_reach": 0,
    "internet_speed": 2,
    "green_space": 5,
    "education": 4,
}
CENSUS = {
    "licence": "public domain (US Census Bureau)",
    "link": "https://www.census.gov/programs-surveys/acs",
    "note": "2010 tracts averaged over each cell, weighted by housing units",
}
ORIGIN = {
    "building_age": {**CENSUS, "title": "American Community Survey 2010-14, year built (B25034)", "date": "2010-14"},
    "poverty": {**CENSUS, "title": "American Community Survey 2014-18", "date": "2014-18"},
    "health_insurance": {**CENSUS, "title": "American Community Survey 2014-18", "date": "2014-18"},
    "education": {**CENSUS, "title": "American Community Survey 2014-18", "date": "2014-18"},
    "hospitals_within_reach": {
        "title": "Hospitals, Homeland Infrastructure Foundation-Level Data",
        "licence": "public domain",
        "date": "2019",
        "link": "https://hifld-geoplatform.opendata.arcgis.com",
        "note": "open general acute, critical-access and children's hospitals within 10 km of the cell's centre",
    },
    "internet_speed": {
        "title": "M-Lab download speeds, compiled by ZIP code by BroadbandNow",
        "licence": "M-Lab CC0; compilation by BroadbandNow, attribution and link",
        "date": "2020",
        "link": "https://broadbandnow.com",
        "note": "ZIP codes as stand-in areas around their centroids, no true boundaries",
    },
    "green_space": {
        "title": "NDVI of Sentinel-2, summer 2018, by census tract (GeoDa Center)",
        "licence": "open data, cite doi 10.5281/zenodo.5842465",
        "date": "2018",
        "link": "https://doi.org/10.5281/zenodo.5842465",
        "note": "not corrected for the atmosphere: only the order of the cells is used",
    },
}


def main() -> None:
    study, folder = open_study(ROOT / "examples" / "harris.toml", {"data": sys.argv[1]})
    gathered = gather(study, folder, silent)
    cells = gathered.region.cells[["column", "row"]].assign(
        region_m2=gathered.region.cells["region_m2"].round(0), housing_units=gathered.homes.round(2)
    )
    features = pd.DataFrame({name: gathered.features[name].round(digits) for name, digits in DIGITS.items()})
    cells.join(features).to_csv(TARGET, index=False, lineterminator="\n")
    origins = pd.DataFrame([{"column": name, **ORIGIN[name]} for name in DIGITS])
    order = ["column", "title", "licence", "date", "link", "note"]
    origins[order].to_csv(TARGET.with_name("harris_cells_sources.csv"), index=False, lineterminator="\n")
    print(f"{len(cells)} cells in {TARGET}")


if __name__ == "__main__":
    main()
