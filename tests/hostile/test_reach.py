"""A run opens nothing but its inputs, its outputs, the package and the interpreter's own files, and asks for no host.

Python's audit hooks see what Python opens and every socket; libraries that open files by themselves are not seen here.
"""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import holdfast

WATCHED = """
import json, os, sys
opened, asked = set(), []

def hear(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        opened.add(os.path.realpath(os.fsdecode(arguments[0])))
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.gethostby", "urllib.", "ftplib.", "smtplib.")):
        asked.append(event)

sys.addaudithook(hear)
import holdfast
holdfast.rate(sys.argv[1], out=sys.argv[2])
print(json.dumps([sorted(opened), asked]))
"""


def test_a_rating_reaches_for_nothing_else(shared_study, tmp_path):
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, shared_study, out], capture_output=True, text=True, check=True
    )
    opened, asked = json.loads(done.stdout.splitlines()[-1])
    assert asked == []
    own = {sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")} | {
        sys.prefix,
        sys.base_prefix,
    }
    allowed = [Path(p).resolve() for p in (*own, Path(holdfast.__file__).parent, shared_study.parent, tmp_path)]
    systems = [Path(p) for p in ("/proc", "/sys", "/dev", "/etc/localtime", "/usr/share/zoneinfo", "/usr/lib", "/lib")]
    outside = [p for p in opened if not any(Path(p).is_relative_to(a) for a in (*allowed, *systems))]
    caches = [p for p in outside if "kernels-" in p or "numba" in p]
    assert [p for p in outside if p not in caches] == []
    assert any(Path(p).is_relative_to(shared_study.parent) for p in opened), "the inputs were seen"
