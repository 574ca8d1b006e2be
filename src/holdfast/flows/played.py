"""Blocks of draws played through, or taken from what a stopped run has done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from holdfast.blocks import Make, run
from holdfast.errors import Problem, TableError
from holdfast.recovery.losses.block_result import NAMES, BlockResult, arrays_of, from_arrays
from holdfast.store import read_arrays, write_arrays
from holdfast.store.kept import kept_blocks


class Kept(NamedTuple):
    """Where blocks are kept: the place of the result, the hash of the run, and whether earlier ones are taken over."""

    place: Path
    run: str
    resume: bool


def played(
    work: Callable[[Any], BlockResult],
    make: Make,
    seeds: Sequence[Sequence[Any]],
    workers: int,
    kept: Kept | None,
    sizes: Mapping[str, int],
) -> Iterator[BlockResult]:
    """Results of all blocks in order; finished ones are kept as files and not computed again.

    Parameters
    ----------
    work : callable
        Plays one block in this process.
    make : callable
        Makes what plays a block in another process, which prepares its city once.
    seeds : sequence of sequence
        One seed per draw, by block.
    workers : int
        Processes that play blocks at once.
    kept : Kept or None
        Where finished blocks stay; None keeps nothing.
    sizes : mapping
        Array of a block, such as ``buildings.states``, to the length of its last axis, which a block of this run has.

    Raises
    ------
    TableError
        If a kept block is none of this run.
    """
    with nullcontext() if kept is None else kept_blocks(*kept) as folder:
        files = [None if folder is None else folder / block_name(i) for i in range(len(seeds))]
        there = [f is not None and f.is_file() for f in files]
        todo = [s for s, known in zip(seeds, there, strict=True) if not known]
        # lazy: blocks come one by one as they are asked for, and the missing ones fill the gaps in order
        results = run(work, todo, workers, make=make)
        for number, (file, known) in enumerate(zip(files, there, strict=True)):
            if known and file is not None and kept is not None:
                yield _read(file, kept.run, number, len(seeds[number]), sizes)
                continue
            block = next(results)
            if file is not None and kept is not None:
                # on the disk before it is handed on, so that a run that stops right after loses nothing
                write_block(file, block, kept.run, number)
            yield block


def block_name(number: int) -> str:
    """Name of the file of a block, by its place among those of its run."""
    return f"block-{number:06d}.npz"


def write_block(file: Path, block: BlockResult, run_name: str, number: int) -> None:
    """Write a block to an ``.npz`` file, bound to its run (hash of the provenance) and its place in it."""
    write_arrays(file, arrays_of(block), _place(run_name, number))


def _place(run_name: str, number: int) -> str:
    """What the file of a block is bound to, so that it is taken for no other."""
    return f"run {run_name}, block {number}"


def _read(file: Path, run_name: str, number: int, draws: int, sizes: Mapping[str, int]) -> BlockResult:
    """A kept block, if its arrays are those of this run."""
    arrays = read_arrays(file, _place(run_name, number))
    # the hash of the run already binds it; shapes catch a block of a version that counted otherwise
    fit = set(arrays) == NAMES and len(arrays["curves.EP"]) == draws
    if not fit or any(arrays[name].shape[-1:] != (size,) for name, size in sizes.items()):
        text = "holds other draws or another city than this run; delete it and run again with --resume"
        raise TableError(str(file), [Problem(text)])
    return from_arrays(arrays)
