"""Tables of a study that lie at an address: fetched where the user asks for it, and kept with the result."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from holdfast.config import StudyLike
from holdfast.flows.inputs import open_study
from holdfast.gate.download import download, is_address
from holdfast.types import Provenance

PARTS = ("path", "attributes")
"""Keys of a table that may be an address."""
FOLDER = "fetched"
ODD = re.compile(r"[^A-Za-z0-9._-]")  # no part of the names that a manifest lists


@dataclass(frozen=True)
class Fetched:
    """Files that were fetched.

    Parameters
    ----------
    overrides : mapping
        Dotted key of the study to the file that stands for its address.
    addresses : mapping
        The same key to the address.
    """

    overrides: Mapping[str, str]
    addresses: Mapping[str, str]

    def told(self, provenance: Provenance) -> Provenance:
        """A provenance that names addresses where files of a moment stood."""
        named = {Path(file).name: self.addresses[key] for key, file in self.overrides.items()}
        tables = {
            name: dict(options) for name, options in dict(cast("Mapping[str, Any]", provenance.study["tables"])).items()
        }
        for key, address in self.addresses.items():
            _, table, part = key.split(".")
            tables[table][part] = address
        files = tuple(replace(f, file=named.get(f.file, f.file)) for f in provenance.inputs)
        return replace(provenance, study={**provenance.study, "tables": tables}, inputs=files)

    def keep(self, result: Path) -> None:
        """Put the files into a result: what an address gives tomorrow may be something else."""
        for file in map(Path, self.overrides.values()):
            (result / FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(file, result / FOLDER / file.name)


def fetch_tables(study: StudyLike, overrides: Mapping[str, Any], place: Path) -> Fetched:
    """Fetch every table of a study whose path, or attributes, is an address into a folder.

    Raises
    ------
    TableError, DataMissing
        If the study cannot be read, or an address gives no file.
    """
    options, _ = open_study(study, overrides)
    found, addresses = {}, {}
    for name, table in options.tables.items():
        for part in PARTS:
            address = getattr(table, part)
            if is_address(address):
                key = f"tables.{name}.{part}"
                # a name of its own, since two addresses may end alike
                folder = place / name / part
                folder.mkdir(parents=True)
                file = download(address, folder, key)
                found[key] = str(file.rename(file.with_name(f"{name}-{ODD.sub('-', file.name)}")))
                addresses[key] = address
    return Fetched(found, addresses)
