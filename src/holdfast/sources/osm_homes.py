"""Homes of an OpenStreetMap extract, for a rating that knows no census: where people live, and how many homes about."""

from pathlib import Path

import geopandas as gpd

from holdfast.data import figure
from holdfast.sources.osm import read_city
from holdfast.types import InputFile

HOMES = "homes"


def homes_of(file: Path) -> tuple[gpd.GeoDataFrame, tuple[InputFile, ...]]:
    """Buildings with homes, as points in EPSG:4326 with ``housing_units``, and the extract.

    A building is a home by its tags, and where there are none by the mix of its region (`holdfast.sources.osm.read_city`).
    Its homes are its floor area over that of a usual home, at least one. Not specified in the paper.
    """
    city = read_city(file)
    homes = city.buildings[city.buildings["occupancy"].str.startswith("RES")]
    homes = homes[~homes["occupancy"].isin(("RES4", "RES5", "RES6"))]  # hotels, dormitories, nursing homes
    units = (homes["floor_area_m2"] / figure("map_home_area")).round().clip(lower=1.0)
    units = units.where(homes["occupancy"] != "RES1", 1.0)
    return homes[["geometry"]].assign(housing_units=units.to_numpy()), city.files
