"""Where compiled kernels are kept: one folder for a state of the code, shared by all processes of a machine."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Kernel = TypeVar("Kernel", bound=Callable[..., object])
PACKAGE = Path(__file__).parent
ROOMS = ("rating", "recovery")
VARIABLE = "NUMBA_CACHE_DIR"
PREFIX = "kernels-"
# read as text and not imported: the digest must be known before numba is loaded
IMPORTS = re.compile(rb"^from (holdfast[\w.]*) import", re.MULTILINE)


def share_kernels() -> None:
    """Name the folder of compiled kernels to numba, for this process and those that it starts.

    It lies in ``NUMBA_CACHE_DIR`` where that is set, else in the package, else, where the package is read-only, in the
    user's cache. A folder that is called ``kernels-...`` already is left as it is.
    """
    given = os.environ.get(VARIABLE, "")
    if PREFIX not in given:
        wanted = Path(given) if given else PACKAGE / "__pycache__"
        # numba takes a kernel for fresh while its own file is unchanged, also when a kernel or constant that it uses
        # from another file has changed: with a digest of all that code in the name, such a kernel is made again
        name = f"{PREFIX}{_digest()}"
        os.environ[VARIABLE] = str(
            next(p for p in (wanted / name, _of_user() / name, _shortlived() / name) if _made(p))
        )
    if "numba" in sys.modules:  # it read the variable when it was loaded
        sys.modules["numba"].config.CACHE_DIR = os.environ[VARIABLE]


def compiled(kernel: str) -> bool:
    """Whether a kernel (module and function, such as ``loop.advance``) lies in the folder, so that using it takes no time."""
    return any(Path(os.environ[VARIABLE]).rglob(f"{kernel}-*.nbi"))


def sources() -> dict[Path, bytes]:
    """Files on which a compiled kernel can depend, with their text: those that load numba, and what they import."""
    texts = {file: file.read_bytes() for room in ROOMS for file in (PACKAGE / room).rglob("*.py")}
    found = {file: text for file, text in texts.items() if b"import numba" in text or b"import allocation_free" in text}
    waiting = list(found.values())
    while waiting:
        for name in IMPORTS.findall(waiting.pop()):
            place = PACKAGE.parent.joinpath(*name.decode().split("."))
            file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
            if file not in found:
                found[file] = texts[file] if file in texts else file.read_bytes()
                waiting.append(found[file])
    return found


def allocation_free(function: Kernel) -> Kernel:
    """Compile a kernel that makes no array and hands none back: who calls it holds all that it works on.

    So references to arrays need no counting; it takes most of the time of kernels as small as those of a day. A
    kernel that makes an array all the same is refused when it is compiled.
    """
    import numba  # after `share_kernels`

    compiled_kernel: Kernel = numba.njit(cache=True, _nrt=False)(function)
    return compiled_kernel


def _digest() -> str:
    """Hash of the code of all kernels."""
    found = sources()
    return hashlib.sha256(b"".join(found[file] for file in sorted(found))).hexdigest()[:16]


def _of_user() -> Path:
    """The user's folder for what can be made again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "holdfast"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "holdfast"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "holdfast"


def _shortlived() -> Path:
    """Where even a user without a home may write."""
    return Path(tempfile.gettempdir()) / "holdfast"


def _made(folder: Path) -> bool:
    """Whether a folder is there and can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
