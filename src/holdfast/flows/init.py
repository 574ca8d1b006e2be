"""`holdfast init`: a commented study file to start from."""

from importlib import resources
from pathlib import Path

from holdfast.errors import Problem, TableError


def init(path: str | Path = "study.toml") -> Path:
    """Write a commented study file to a path where nothing is yet, and return the path.

    Raises
    ------
    TableError
        If the file exists, or no folder for it.
    """
    target = Path(path)
    if target.exists():
        raise TableError(str(target), [Problem("already exists; name another file, nothing was changed")])
    if not target.parent.is_dir():
        raise TableError(str(target), [Problem(f"the folder {target.parent} does not exist; make it first")])
    template = resources.files("holdfast") / "data" / "study.toml"
    target.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    return target
