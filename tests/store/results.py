"""Small results to try the store on: a manifest, a summary and a table, synthetic."""

import hashlib
import json
from pathlib import Path

from holdfast.store import new_result, write_json
from holdfast.types import InputFile, Provenance

INPUT = InputFile("areas", "areas.csv", "0" * 64, 3, ("a note",))


def provenance(name="Town", verb="rate", seed=1):
    return Provenance(verb, name, {"rating": {"refits": 3}}, seed, (INPUT,), {"python": "3"})


def write(out: Path, name="Town", verb="rate", seed=1, overwrite=False, **files) -> Path:
    """A result of some files; by default a summary alone."""
    with new_result(out, provenance(name, verb, seed), overwrite) as folder:
        write_json(folder / "rating.json", {"name": name, "seed": seed})
        for file, text in files.items():
            (folder / f"{file}.txt").write_text(text)
    return out


def forge(folder: Path, **changes) -> None:
    """Rewrite a manifest as somebody would who knows its form: digests are made to fit."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in manifest["files"]
        if (folder / name).is_file()
    }
    manifest |= changes
    (folder / "manifest.json").write_text(json.dumps(manifest))


def everything(folder: Path) -> dict[str, bytes]:
    """All names below a folder with what they hold."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in sorted(folder.rglob("*"))}
