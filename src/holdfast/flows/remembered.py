"""What was made before and from what, so that a watch makes again only what a change touches."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from holdfast.config import TableOptions
from holdfast.gate.files import is_file, sha256
from holdfast.rating.model.frozen import Applied

Made = TypeVar("Made")


class Memory:
    """Values by name, each with what it was made from; and the last levels of the cells under a frozen model.

    A value is taken again where it would be made from the very same objects, or from equal texts. Everything that it holds is made
    by functions that change none of their arguments. One that is not `lasting` keeps nothing: whatever is asked of it is made.

    Examples
    --------
    >>> memory, table = Memory(), [1, 2]
    >>> memory.once("sum", (table,), lambda: sum(table)), memory.once("sum", (table,), lambda: 0), memory.made
    (3, 3, ['sum'])
    """

    def __init__(self, *, lasting: bool = True) -> None:
        self.lasting = lasting
        self._values: dict[str, tuple[tuple[object, ...], object]] = {}
        self.made: list[str] = []
        self.applied: Applied | None = None

    def once(self, name: str, inputs: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """The value of this name, made again where one of its inputs is another; ``made`` lists what was."""
        if not self.lasting:
            return make()
        there = self._values.get(name)
        if there is None or len(there[0]) != len(inputs) or not all(map(_same, there[0], inputs)):
            self._values[name] = there = (inputs, make())
            self.made.append(name)
        return cast("Made", there[1])

    def settled(self, name: str, value: Made, equal: Callable[[Made, Made], bool]) -> Made:
        """An earlier value of this name where it is `equal` to the new one, so that what was made from it stays as it is."""
        there = self._values.get(name)
        if there is not None and equal(cast("Made", there[1]), value):
            return cast("Made", there[1])
        if self.lasting:
            self._values[name] = ((), value)
        return value


def _same(one: object, other: object) -> bool:
    """Whether two inputs are one object, or equal texts."""
    return one is other or (isinstance(one, str) and one == other)


def table_files(options: TableOptions, folder: Path) -> list[Path]:
    """The plain files that a table of a study is read from, with those that belong to a shapefile."""
    crosswalk = [] if options.crosswalk is None else [options.crosswalk.path]
    named = [folder / name for name in (options.path, options.attributes, *crosswalk, *options.tiles) if name]
    found = [file for file in named if is_file(file)]
    # outlines of a shapefile lie in one file, their numbers in others
    beside = [b for f in found if f.suffix.lower() == ".shp" for b in f.parent.glob(f"{f.stem}.*") if b != f]
    return [*found, *sorted(beside)]


def content_of(options: TableOptions, folder: Path) -> str:
    """Options of a table and digests of its files as one text: where it is the same, the table is."""
    files = table_files(options, folder)
    # where a file lies is no part of what it holds: one that is fetched lies elsewhere each time
    where = set() if files else {"path"}
    rest = options.model_dump_json(exclude={"path", "attributes"} - where)
    return f"{rest} {','.join(sha256(file) for file in files)}"
