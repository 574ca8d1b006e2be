"""Styles and aliases, read by a real QGIS where there is one.

The truth is QGIS itself: every layer of every GeoPackage is opened by its own Python, which says what it took from the file.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import holdfast

EXAMPLES = Path(__file__).parents[2] / "examples"
QGIS = """
import json, os, sqlite3, sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
heard, found = [], {}
application.messageLog().messageReceived.connect(lambda text, tag, level: heard.append(f"{tag}: {text}"))
for path in sys.argv[1:]:
    for name, in sqlite3.connect(path).execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"):
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        found[name] = {
            "valid": layer.isValid(), "features": layer.featureCount(), "crs": layer.crs().description(), "code": layer.crs().authid(),
            "style": layer.loadDefaultStyle()[1], "renderer": layer.renderer().type(), "error": layer.error().message(),
            "aliases": {field.name(): layer.attributeAlias(i) for i, field in enumerate(layer.fields())},
            "symbols": layer.renderer().dump().count("SYMBOL"), "about": layer.metadata().abstract(),
        }
print("FOUND" + json.dumps({"layers": found, "heard": heard}), flush=True)
os._exit(0)  # its clean-up crashes while layers are alive
"""


pytestmark = pytest.mark.qgis


def python_of_qgis():
    """The Python that Debian's QGIS is for; it is another one than that of the tests."""
    path = "/usr/bin/python3"
    asked = [path, "-c", "import qgis.core"]
    if shutil.which("qgis_process") is None or subprocess.run(asked, capture_output=True, env={}).returncode:
        pytest.skip("needs QGIS with its Python: Debian's packages qgis and python3-qgis")
    return path


@pytest.fixture(scope="module")
def opened(shared_study, tmp_path_factory):
    """What QGIS says of the layers of a rating and of a simulation, what it logged, and what it printed."""
    python, out = python_of_qgis(), tmp_path_factory.mktemp("qgis")
    holdfast.rate(shared_study, out=out / "rating", overrides={"rating.aggregate_to": ["areas"]})
    holdfast.simulate(EXAMPLES / "helsinki.toml", out=out / "city", overrides={"recovery.draws": 2})
    script = out / "open.py"
    script.write_text(QGIS)
    files = sorted(map(str, out.rglob("*.gpkg")))
    place = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(out), "HOME": str(out)}
    done = subprocess.run([python, script, *files], capture_output=True, text=True, env=place, timeout=120)
    assert done.returncode == 0, done.stderr
    told, _, found = done.stdout.partition("FOUND")
    return json.loads(found) | {"printed": told + done.stderr}


def test_layers_open_without_a_warning(opened):
    assert opened["heard"] == []
    assert opened["printed"].strip() == ""
    assert {"cells", "areas", "buildings", "footprints", "power_nodes", "water_edges"} <= set(opened["layers"])
    for name, layer in opened["layers"].items():
        assert layer["valid"], name
        assert layer["error"] == "", name
        assert layer["features"] > 0, name
        assert layer["about"].startswith("Holdfast"), name


def test_styles_load_and_draw_classes(opened):
    layers = opened["layers"]
    assert all(layer["style"] for layer in layers.values())
    assert layers["cells"]["renderer"] == "categorizedSymbol"
    assert layers["cells"]["symbols"] == 6
    assert layers["areas"]["renderer"] == layers["buildings"]["renderer"] == "graduatedSymbol"
    assert layers["buildings"]["symbols"] == layers["footprints"]["symbols"] == 5
    assert layers["footprints"]["features"] == layers["buildings"]["features"]
    assert layers["power_nodes"]["renderer"] == "RuleRenderer"


def test_fields_have_aliases_with_units_and_currency(opened):
    layers = opened["layers"]
    for name, layer in layers.items():
        assert [f for f, alias in layer["aliases"].items() if f != "fid" and not alias] == [], name
    assert layers["buildings"]["aliases"]["mean_loss"] == "Mean loss (USD of 2017)"
    assert layers["buildings"]["aliases"]["repaired_by_30_days"] == "Repaired by 30 days (share, 0 to 1)"
    assert layers["water_edges"]["aliases"]["length_m"] == "Length (m)"
    assert layers["cells"]["aliases"]["hospitals_within_reach"] == "Hospitals within reach (count)"
    assert layers["areas"]["aliases"]["housing_units"] == "Housing units (count)"


def test_the_crs_has_a_name_and_its_code_where_there_is_one(opened):
    for name, layer in opened["layers"].items():
        assert layer["crs"] not in ("", "unknown"), name
    assert "Equal Area" in opened["layers"]["buildings"]["crs"]
