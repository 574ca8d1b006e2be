"""The four errors a user can meet; each message says what, where and what to do."""

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 20  # problems in a message; all of them stay in `problems`


@dataclass(frozen=True)
class Problem:
    """One fault in one input.

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    row : int or None
        Row of the file; for a table with a header the header is row 1.
    column : str or None
        Column of the table, or key of the study.
    place : str or None
        Where, in what has no rows: such as ``cell E12N3`` of a raster.
    """

    message: str
    row: int | None = None
    column: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        where = [f"row {self.row}"] if self.row is not None else []
        where += [self.place] if self.place is not None else []
        where += [f"column {self.column}"] if self.column is not None else []
        return f"{', '.join(where)}: {self.message}" if where else self.message


class TableError(ValueError):
    """An input file or table breaks its rules; every bad row and column is named at once.

    Parameters
    ----------
    file : str
        The file, with its layer where it has layers.
    problems : sequence of Problem
        All faults found, of which the message shows twenty.

    Examples
    --------
    >>> print(TableError("buildings.csv", [Problem("-40 is below 0; is the sign wrong?", 22, "floor_area_m2")]))
    buildings.csv, 1 error
      row 22, column floor_area_m2: -40 is below 0; is the sign wrong?
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"{file}, {count} error{'s' if count != 1 else ''}"]
        lines += [f"  {problem}" for problem in self.problems[:SHOWN]]
        if count > SHOWN:
            lines.append(f"  ... and {count - SHOWN} more")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type["TableError"], tuple[str, tuple[Problem, ...]]]:
        # pickled by its parts: an error of a worker would otherwise be made again of its message alone
        return type(self), (self.file, self.problems)


class UnknownName(ValueError):  # noqa: N818  the house's name; it reads as a sentence
    """A name that is not in a seam's dict or not a key of the study; lists the known ones.

    `what` is the kind of name, such as "clustering", `known` the names that would do, `where` the file and place, if the
    name stood in a file.

    Examples
    --------
    >>> print(UnknownName("clustering", "kmean", ["kmeans"]))
    "kmean" is not a known clustering; known: kmeans
    """

    def __init__(self, what: str, name: str, known: Iterable[str], where: str = "") -> None:
        self.what, self.name, self.known, self.where = what, name, sorted(known), where
        place = f"{where}: " if where else ""
        super().__init__(f'{place}"{name}" is not a known {what}; known: {", ".join(self.known)}')

    def __reduce__(self) -> tuple[type["UnknownName"], tuple[str, str, list[str], str]]:
        return type(self), (self.what, self.name, self.known, self.where)


class DataMissing(ValueError):  # noqa: N818  the house's name
    """Something that a run needs is not there; says which source and how to get it."""


class NotConverged(ValueError):  # noqa: N818  the house's name
    """A computation ended without a usable answer; says which and what to change."""


SYSTEM = {
    errno.ENOSPC: "the disk is full; free some space, or choose another disk",
    errno.EDQUOT: "your share of the disk is used up; free some space, or choose another disk",
    errno.EFBIG: "the file is larger than this account may write (see `ulimit -f`)",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "the disk can only be read; choose another",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOENT: "it is not there, or was taken away meanwhile",
    errno.ENOTDIR: "what should be a folder above it is a file",
    errno.EISDIR: "it is a folder",
    errno.EMFILE: "too many files are open (see `ulimit -n`)",
    errno.ENFILE: "too many files are open on this machine",
    errno.ENOMEM: "the memory is full; run fewer draws or workers, or a smaller city",
    errno.EIO: "the disk failed",
}


def system_words(number: int | None) -> str:
    """What the system refused, by the number of its error, and what to do.

    Examples
    --------
    >>> system_words(13)
    'no permission'
    """
    return SYSTEM.get(number or 0, "the system refused it")
