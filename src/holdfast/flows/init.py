"""`holdfast init`: a commented study file to start from."""

from importlib import resources
from pathlib import Path

from holdfast.errors import Problem, TableError


def init(path: str | Path = "study.toml") -> Path:
    """Write a commented study file.

    Parameters
    ----------
    path : str or Path
        File to write; must not exist.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    TableError
        If the file or no folder for it exists.
    """
    target = Path(path)
    if target.exists():
        raise TableError(str(target), [Problem("already exists; name another file, nothing was changed")])
    if not target.parent.is_dir():
        raise TableError(str(target), [Problem(f"the folder {target.parent} does not exist; make it first")])
    template = resources.files("holdfast") / "data" / "study.toml"
    target.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    return target
