"""A table from an address that the user names: the only place from which a run asks another machine for anything."""

import time
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
)

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.limits import DOWNLOAD_BYTES, DOWNLOAD_SECONDS

ANSWER_SECONDS = 30.0  # without a word
PIECE = 2**16  # bytes read at once
SCHEMES = ("http://", "https://")


def is_address(path: str | None) -> bool:
    """Whether a path of a study is an address on the net.

    Examples
    --------
    >>> is_address("https://city.example/tracts.csv"), is_address("tracts.csv"), is_address("ftp://city.example/tracts.csv")
    (True, False, False)
    """
    return path is not None and path.lower().startswith(SCHEMES)


def download(address: str, folder: Path, key: str) -> Path:
    """Fetch a file into a folder, under the last name of its address.

    Parameters
    ----------
    address : str
        As written in the study, http or https; redirections stay with these.
    folder : Path
        That the file is put in.
    key : str
        Key of the study that names the address, for messages.

    Returns
    -------
    Path
        The file; its content has passed nothing yet but the limit on its size.

    Raises
    ------
    TableError
        If the address holds a password or no name of a file, or the file is larger than is fetched.
    DataMissing
        If the address does not answer, or not in time, or refuses.
    """
    parts = urlsplit(address)
    name = PurePosixPath(unquote(parts.path)).name
    if "@" in parts.netloc:
        text = "holds a name or password, which the manifest would hand on; fetch the file yourself"
        raise TableError(parts.hostname or "address", [Problem(text, column=key)])
    if not PurePosixPath(name).suffix or not name.isprintable():
        text = "ends in no name of a file with an ending, such as tracts.csv, which says how it is read; fetch the file yourself"
        raise TableError(address, [Problem(text, column=key)])
    try:
        return _written(address, folder / name, key)
    except TableError:  # a ValueError too, which stands for an address that is none
        raise
    except HTTPError as error:
        why = f"answers {error.code} {error.reason}"
    except (URLError, HTTPException, OSError, ValueError) as error:
        why = f"cannot be fetched ({getattr(error, 'reason', None) or error or type(error).__name__})"
    text = f"{address}: {why} ({key}); is the address right, and the net there? What was rated before stays as it is"
    raise DataMissing(text)


def _opener() -> OpenerDirector:
    """An opener that knows http and https alone: the usual one would also open files and ftp, by redirection too."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPRedirectHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _written(address: str, file: Path, key: str) -> Path:
    """Read an answer in pieces, up to the limits on size and time."""
    until, size = time.monotonic() + DOWNLOAD_SECONDS, 0
    with _opener().open(address, timeout=ANSWER_SECONDS) as answer, file.open("wb") as target:
        # not believed, but enough to refuse before anything is read
        stated = int(answer.headers.get("Content-Length") or 0)
        while stated <= DOWNLOAD_BYTES and size <= DOWNLOAD_BYTES and (piece := answer.read(PIECE)):
            size += target.write(piece)
            if time.monotonic() > until:
                text = f"not there after {DOWNLOAD_SECONDS:g} s"
                raise TimeoutError(text)
    if max(stated, size) > DOWNLOAD_BYTES:
        file.unlink()
        text = f"is larger than {DOWNLOAD_BYTES:,} bytes, which are fetched at most; fetch the file yourself"
        raise TableError(address, [Problem(text, column=key)])
    if size < stated:
        text = f"ended after {size:,} of {stated:,} bytes"
        raise OSError(text)
    return file
