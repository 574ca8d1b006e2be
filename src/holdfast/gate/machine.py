"""What this machine has left: memory and disk."""

import os
import shutil
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")
KIB = 1024
UNKNOWN = 2**40
"""Bytes of memory taken where the system does not say how much there is."""


def memory() -> int:
    """Bytes of memory that can still be taken: of the machine, and of a container's share of it."""
    # a container sees the memory of the whole machine and is ended at its own limit
    return min(_of_machine(), _of_group())


def _of_machine() -> int:
    """Available memory by the kernel, else all that is built in."""
    if MEMINFO.is_file():
        rows = dict(line.split(":") for line in MEMINFO.read_text(encoding="ascii").splitlines())
        if "MemAvailable" in rows:
            return int(rows["MemAvailable"].split()[0]) * KIB
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN


def _of_group() -> int:
    """What a container has left of its limit, if it has one."""
    try:
        most = (GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = (GROUP / "memory.current").read_text(encoding="ascii").strip()
        return int(most) - int(used)
    except (OSError, ValueError):  # no group, or "max"
        return UNKNOWN


def disk(place: Path) -> int:
    """Bytes that can still be written where a file or folder is to be.

    Parameters
    ----------
    place : Path
        Perhaps not there yet; then the nearest folder above it counts.
    """
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    return shutil.disk_usage(there).free
