"""Whether the map of a region can be told from noise, for the first line of its report."""

import geopandas as gpd

from holdfast.flows.inputs import Gathered
from holdfast.rating.analysis.noise import Noise, noise_test
from holdfast.rating.grid.adjacency import among


def noise_of(gathered: Gathered, cells: gpd.GeoDataFrame, seed: int) -> Noise:
    """Test of the features that the levels of a region come from, over its rated cells, by homes where these are known."""
    rated = cells["level"].notna().to_numpy()
    features = gathered.features.loc[cells.index[rated]]
    homes = None if gathered.homes is None else gathered.homes.loc[cells.index[rated]]
    return noise_test(features, among(gathered.touching, rated), homes, source=gathered.source, seed=seed)
