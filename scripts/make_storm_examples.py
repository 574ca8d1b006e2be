"""Make the synthetic terrain of the flood example: no ground of Helsinki, only ground under its buildings.

It rises from the harbour in the south by a stated slope, with a bank and low ground behind it, so that the rule of
connection has something to do.

Run: python scripts/make_storm_examples.py [--out examples]
"""

import argparse
from pathlib import Path

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio import Affine

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PIXEL = 25.0
"""Metres."""
WEST, SOUTH, EAST, NORTH = 24.928, 60.160, 24.960, 60.183
CRS = "EPSG:3067"
SLOPE = 4.0 / 1000.0
"""Rise of the ground to the north."""
DEEP = -2.0
BANK, BEHIND = 3.5, 1.0
"""Height of a bank across the east of the town, and of the ground behind it, m."""


def terrain(file: Path) -> None:
    """Write a synthetic ground, m above a datum of its own, as 16-bit centimetres."""
    to_metres = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform
    (west, south), (east, north) = to_metres(WEST, SOUTH), to_metres(EAST, NORTH)
    shape = (int((north - south) / PIXEL), int((east - west) / PIXEL))
    rows, columns = np.indices(shape)
    # metres north of the shore, which lies a sixth of the way up
    inland = (shape[0] * 5 / 6 - rows) * PIXEL
    ground = np.maximum(inland * SLOPE, DEEP)
    middle, far = columns > shape[1] * 0.6, inland > 900
    ground = np.where(middle & far & (inland < 950 + 2 * PIXEL), BANK, ground)
    ground = np.where(middle & (inland >= 950 + 2 * PIXEL) & (inland < 1300), BEHIND, ground)
    # the bank goes round the low ground on its west
    ground = np.where((columns == int(shape[1] * 0.6)) & far & (inland < 1300), np.maximum(ground, BANK), ground)
    profile = {"driver": "GTiff", "height": shape[0], "width": shape[1], "count": 1, "dtype": "int16", "crs": CRS}
    with rasterio.open(
        file, "w", **profile, compress="deflate", transform=Affine(PIXEL, 0, west, 0, -PIXEL, north)
    ) as out:
        out.write(np.rint(100 * ground).astype("int16"), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=EXAMPLES)
    options = parser.parse_args()
    terrain(options.out / "helsinki_ground_synthetic.tif")


if __name__ == "__main__":
    main()
