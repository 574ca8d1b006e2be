"""How the command line ends: the exit code, and one message whatever happens."""

import atexit
import errno
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer

from holdfast.cli.application import ASKED, Stopped, app
from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName, system_words

FAILED, BAD_INPUT = 1, 2
USAGE = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""Of the library under typer, which hides it: an option or argument that cannot be."""
STOPS = ("SIGINT", "SIGTERM", "SIGHUP")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name that no text can hold is shown, not tripped over
    try:
        with warnings.catch_warnings(), _stops_heard():
            warnings.simplefilter("ignore")  # of libraries; ours are errors or stand in the report
            code = app(standalone_mode=False)
        if code:  # typer's answer to a stop outside a flow
            _end(Stopped())
    except SystemExit:
        raise
    except BaseException as error:
        _write_traceback(error)
        _end(error)
    finally:
        # registered last, so that it is called first of all that ends the process
        atexit.register(_ignore_stops)


def _end(error: BaseException) -> NoReturn:
    """End with the message and the exit code of an error."""
    if isinstance(error, USAGE):
        fail(_misused(error), BAD_INPUT)
    if isinstance(error, (TableError, UnknownName, DataMissing)):
        fail(str(error), BAD_INPUT)
    if isinstance(error, NotConverged):
        fail(str(error), FAILED)
    if isinstance(error, (KeyboardInterrupt, Stopped, typer.Abort)):
        kept = str(error)
        fail(f"stopped; {kept}" if kept else "stopped; nothing was written", FAILED)
    # before OSError, of which it is one
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has gone; nothing is left to say
        sys.exit(FAILED)
    if isinstance(error, OSError):
        fail(_refused(error), FAILED)
    if isinstance(error, MemoryError):
        fail(system_words(errno.ENOMEM), FAILED)
    # what is left is a fault of ours
    fail(_fault(error), FAILED)


def _misused(error: Any) -> str:
    """Which option or argument cannot be, and where help is."""
    verbs: list[str] = []
    context = getattr(error, "ctx", None)
    while context is not None and context.parent is not None:
        verbs, context = [context.info_name, *verbs], context.parent
    text = error.format_message().rstrip(".")
    # a value of another kind: the library's own words speak of its classes
    if type(error) is typer.BadParameter and error.param:
        text = f"{'/'.join(error.param.opts)} takes another kind of value"
    return f"{text}; see `{' '.join(['holdfast', *verbs, '--help'])}`"


def _refused(error: OSError) -> str:
    """What the system refused, in our words: as they were raised, or by its number."""
    # raised by us, with words of our own in the place of the system's
    if error.filename is None and error.strerror and error.strerror != os.strerror(error.errno or 0):
        return error.strerror
    name = error.filename if isinstance(error.filename, str | os.PathLike) else "a file"
    return f"{name}: {system_words(error.errno)}"


def _fault(error: BaseException) -> str:
    """What is said of an error that is nobody's but ours."""
    *_, last = traceback.extract_tb(error.__traceback__)
    place = Path(last.filename)
    where = "/".join(place.parts[-3:])
    return (
        f"this is a fault of Holdfast, not of your input ({type(error).__name__} in {where}, line {last.lineno}). No "
        "result was changed. Please report it where you have Holdfast from, with the study and the file that "
        "`holdfast --traceback FILE ...` writes when the same command is run again"
    )


def _write_traceback(error: BaseException) -> None:
    """Write where an error was raised to the file that was asked for."""
    for file in ASKED:
        try:
            file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        except OSError as refused:
            typer.echo(f"holdfast: {file}: {system_words(refused.errno)}", err=True)


@contextmanager
def _stops_heard() -> Iterator[None]:
    """Take a stop of the system or of a closed terminal like that of the user; a second one changes nothing."""
    before: dict[int, Any] = {}

    def stop(*_: object) -> NoReturn:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        known = [getattr(signal, name) for name in STOPS if hasattr(signal, name)]
        before |= {n: signal.getsignal(n) for n in known if signal.getsignal(n) != signal.SIG_IGN}  # as under nohup
        for number in before:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_stops() -> None:
    """Let no stop end a process that has said how it ended: its exit code would speak of a signal, and nobody of the result."""
    for name in STOPS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def fail(message: str, code: int) -> NoReturn:
    """Print one message (what, where, remedy) on standard error and end; exit code 1 failed while running, 2 bad input."""
    typer.echo(f"holdfast: {message}", err=True)
    sys.exit(code)
