"""Derive the packaged table ``wind_fragility``: gust functions and losses of the building classes that the rules can reach.

Of the 25,820 classes of Hazus Hurricane 5.1 in simcenter-dlml 3.2 (BSD-3, "coupled") a building can be inferred to be of
some 1,300: by model, height, roof, age, reinforcing of masonry, shutters and terrain. What nobody can infer is fixed, and
stands in `CLASSES`: built-up roof covers, no secondary water resistance, no garage, debris of a mix of homes and shops,
windows of a third to a half of the wall.

Run: python scripts/make_wind_tables.py [--out src/holdfast/data]
"""

import argparse
import itertools
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

PACKAGED = Path(__file__).resolve().parents[1] / "src" / "holdfast" / "data"
PACKAGE, VERSION = "simcenter-dlml", "3.2"
FOLDER = "data/hurricane/building/portfolio/Hazus v5.1 coupled"
STATES = ("slight", "moderate", "extensive", "complete")
MPH = 0.44704
"""m/s in a mile per hour (international mile)."""
ROOFS, TERRAINS, SHUTTERS, ERAS = ("gable", "hip", "flat"), (3, 15, 35, 70, 100), (0, 1), ("old", "new")
SHORT = {"gable": "gab", "hip": "hip", "flat": "flt"}
DECK, TIE = {"old": "6d", "new": "8d"}, {"old": "tnail", "new": "strap"}
QUALITY, STRONG = {"old": "por", "new": "god"}, {"old": "std", "new": "sup"}


def homes(model: str, height: str, roof: str, era: str, masonry: int, shutters: int, terrain: int) -> str:
    """Class of a house or of a house of several homes."""
    r, d, t = SHORT[roof], DECK[era], TIE[era]
    flat = roof == "flat"
    if model == "W.SF":
        return f"W.SF.{height}.{r}.0.{d}.{t}.no.{shutters}.{terrain}"
    if model == "M.SF":
        return f"M.SF.{height}.{r}.{t}.trs.{d}.{shutters}.0.no.{masonry}.null.{terrain}"
    if model == "W.MUH":
        cover = f"bur.{QUALITY[era]}.null" if flat else "null.null.0"
        return f"W.MUH.{height}.{r}.{cover}.{d}.{t}.{shutters}.{terrain}"
    cover = f"null.bur.{QUALITY[era]}" if flat else "0.null.null"
    return f"M.MUH.{height}.{r}.{cover}.{d}.{t}.{shutters}.{masonry}.{terrain}"


def others(model: str, height: str, _roof: str, era: str, masonry: int, shutters: int, terrain: int) -> str:
    """Class of any other building."""
    q, s = QUALITY.get(era, ""), STRONG.get(era, "")
    if model == "M.LRM":
        units = ".mlt.4" if height == "2" else ""
        return f"M.LRM.{height}.bur.{shutters}.{masonry}.A.ows.null.null.{q}.{s}{units}.{terrain}"
    if model == "M.LRI":
        return f"M.LRI.{shutters}.{masonry}.{q}.{s}.{terrain}"
    if model in ("C.ERB", "C.ECB"):
        return f"{model}.{height}.bur.{shutters}.A.med.{terrain}"
    if model in ("M.ERB", "M.ECB", "S.ERB", "S.ECB"):
        return f"{model}.{height}.bur.{shutters}.A.{s}.med.{terrain}"
    if model == "S.PMB":
        return f"S.PMB.{height}.{shutters}.{q}.{s}.{terrain}"
    if model == "HUEF.S":
        return f"HUEF.S.{height}.bur.{shutters}.A.{q if height == 'S' else 'null'}.{s}.{terrain}"
    if model == "HUEF.H":
        return f"HUEF.H.{height}.bur.A.{s}.{shutters}.{terrain}"
    return f"{model}.{shutters}.{int(era == 'new')}.{terrain}"


CLASSES = {
    "W.SF": (homes, ("1", "2"), ("gable", "hip"), ERAS, (0,)),
    "M.SF": (homes, ("1", "2"), ("gable", "hip"), ERAS, (0, 1)),
    "W.MUH": (homes, ("1", "2", "3"), ROOFS, ERAS, (0,)),
    "M.MUH": (homes, ("1", "2", "3"), ROOFS, ERAS, (0, 1)),
    "M.LRM": (others, ("1", "2"), ("",), ERAS, (0, 1)),
    "M.LRI": (others, ("",), ("",), ERAS, (0, 1)),
    "S.PMB": (others, ("S", "M", "L"), ("",), ERAS, (0,)),
    "HUEF.S": (others, ("S", "M", "L"), ("",), ERAS, (0,)),
    "HUEF.H": (others, ("S", "M", "L"), ("",), ERAS, (0,)),
    **{f"C.{k}": (others, ("L", "M", "H"), ("",), ("",), (0,)) for k in ("ERB", "ECB")},
    **{f"{m}.{k}": (others, ("L", "M", "H"), ("",), ERAS, (0,)) for m in "MS" for k in ("ERB", "ECB")},
    **{f"MH.{k}": (others, ("",), ("",), ERAS, (0,)) for k in ("PHUD", "76HUD", "94HUDI")},
}
"""How a class of each model is named, and its heights, roofs, ages and kinds of masonry; "" where it has none."""


def classes() -> pd.DataFrame:
    """Every class that the rules can reach, by what decides it."""
    rows = []
    for model, (named, *kinds) in CLASSES.items():
        rows += [
            (named(model, *kind, shutters, terrain), model, *kind, shutters, terrain)
            for *kind, shutters, terrain in itertools.product(*kinds, SHUTTERS, TERRAINS)
        ]
    columns = ["wind_class", "model", "height", "roof", "era", "reinforced", "shutters", "terrain_cm"]
    return pd.DataFrame(rows, columns=columns)


def wind_fragility() -> pd.DataFrame:
    """Functions by class and state: medians (of normal ones the mean) in m/s, deviations of logarithms (coefficients of variation)."""
    stored, costs = stored_table("fragility"), stored_table("consequence_repair")
    costs.index = costs.index.str.removesuffix("-Cost")
    table = classes()
    missing = table.loc[~table["wind_class"].isin(stored.index), "wind_class"]
    if len(missing):
        text = f"no such classes: {', '.join(missing[:10])}"
        raise SystemExit(text)
    own, cost = stored.loc[table["wind_class"]], costs.loc[table["wind_class"]]
    for n, state in enumerate(STATES, start=1):
        table[f"{state}_family"] = own[f"LS{n}-Family"].to_numpy()
        table[f"{state}_gust"] = (own[f"LS{n}-Theta_0"].astype(float) * MPH).round(4).to_numpy()
        table[f"{state}_spread"] = own[f"LS{n}-Theta_1"].astype(float).to_numpy()
        table[f"{state}_loss"] = cost[f"DS{n}-Theta_0"].astype(float).to_numpy()
    return table.assign(source=f"Hazus 5.1; dlml {VERSION} (BSD-3)")


def stored_table(name: str) -> pd.DataFrame:
    """Read a table of the package, without importing it."""
    spec = find_spec("dlml")
    if spec is None or version(PACKAGE) != VERSION:
        text = f"this table comes from {PACKAGE} {VERSION}: pip install {PACKAGE}=={VERSION}"
        raise SystemExit(text)
    file = Path(spec.submodule_search_locations[0]) / FOLDER / f"{name}.csv"
    return pd.read_csv(file, keep_default_na=False).set_index("ID")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PACKAGED)
    options = parser.parse_args()
    frame = wind_fragility()
    frame.to_csv(options.out / "wind_fragility.csv", index=False, lineterminator="\n")
    print(f"wind_fragility.csv: {len(frame)} rows")


if __name__ == "__main__":
    main()
