"""Wing B: how a city loses and regains its functions. Pure: no input or output."""

import hashlib
import os
from pathlib import Path


def _kernels_folder() -> str:
    """Folder of compiled kernels, named by the code of all modules in this room.

    numba takes a cached kernel for fresh while its own file is unchanged, also when a kernel that it
    calls in another file has changed; a folder per state of the code makes that impossible.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(here.rglob("*.py")))).hexdigest()[:16]
    return str(Path(os.environ.get("NUMBA_CACHE_DIR", here / "__pycache__")) / f"kernels-{digest}")


if "kernels-" not in os.environ.get("NUMBA_CACHE_DIR", ""):
    os.environ["NUMBA_CACHE_DIR"] = _kernels_folder()
