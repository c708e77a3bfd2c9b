"""Rows that are held out of training: chosen by content, and written as a part of their own.

Rows are chosen when the hashes of all prompts are known. Until then converted rows wait in a file
without a name; they are divided from there, in order.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.text import plural
from mlcc_core.staging.convert.sink_writer import SinkWriter
from mlcc_core.staging.model.report import Ledger
from mlcc_core.staging.model.rows import Write
from mlcc_core.staging.run.prompt_hash import BITS, prompt_hashes

if TYPE_CHECKING:
    from io import FileIO

    from mlcc_core.staging.model.hold_out import HoldOut

PIECE = 1 << 20
"""Bytes that are hashed, or copied, at once."""


@dataclass(frozen=True, slots=True)
class HeldOutPart:
    """The rows to be held out, and the place that they are written to.

    Attributes:
        rule: chooses them.
        sink: takes them; ``None``: they are counted, and no row is written.
        mend: the command that holds none out, for hints.
        scratch: an existing folder for the rows that wait; ``None`` for the system's own.
    """

    rule: HoldOut
    sink: BinaryIO | None = None
    mend: str | None = None
    scratch: Path | None = None


def choose(hashes: Sequence[int], rule: HoldOut) -> list[int]:
    """Return the indices of the rows with the lowest hashes; equal ones are chosen together.

    A number of rows is exceeded by the last prompt that is chosen, if that occurs more than once.
    A fraction is not: prompts that occur too often for what is left of it are passed over.

    Args:
        hashes: of the prompts of all rows.
        rule: says how many.
    """
    wanted = rule.wanted(len(hashes))
    if not wanted:
        return []
    chosen = _lowest(hashes, wanted, exceed=rule.rows is not None)
    return [index for index, number in enumerate(hashes) if number in chosen]


def _lowest(hashes: Sequence[int], wanted: int, *, exceed: bool) -> set[int]:
    """Return the lowest hashes that together are ``wanted`` rows; few are sorted for it."""
    most = 1 << BITS
    bound = most // len(hashes) * wanted * 2
    while True:
        chosen: set[int] = set()
        left = wanted
        for number, rows in sorted(Counter(h for h in hashes if h < bound).items()):
            if left <= 0:
                break
            if exceed or rows <= left:
                chosen.add(number)
                left -= rows
        if left <= 0 or bound >= most:
            return chosen
        bound *= 8


class RowHashes:
    """The hashes of the prompts of rows, as they are converted.

    Attributes:
        hashes: of each row, in order.
    """

    def __init__(self) -> None:
        self.hashes = array("Q")

    def add(self, lines: bytes) -> None:
        """Take further rows, as JSON lines."""
        self.hashes.extend(prompt_hashes(lines))

    def chosen(self, rule: HoldOut, ledger: Ledger) -> tuple[list[int], Ledger]:
        """Return the indices of the rows to be held out, and the ledger that accounts for them."""
        indices = choose(self.hashes, rule)
        entries = []
        start = 0
        for entry in ledger.files:
            begin, end = (bisect_left(indices, at) for at in (start, start + entry.written))
            entries.append(replace(entry, held_out=end - begin))
            start += entry.written
        return indices, Ledger(tuple(entries))

    def meets(self, training: RowHashes) -> int:
        """Return the number of rows whose prompt is one of other rows, too."""
        also = set(self.hashes).intersection(training.hashes)
        return sum(number in also for number in self.hashes)

    def beside(self, write: Write) -> Write:
        """Return a function that writes rows and takes their hashes."""

        def both(lines: bytes) -> None:
            write(lines)
            self.add(lines)

        return both


class Division:
    """Converted rows that wait to be divided.

    Attributes:
        output: takes them meanwhile.
        size: bytes of the rows to train on.
        held_out: positions of the rows that are not, once they are divided.
    """

    def __init__(self, part: HeldOutPart, training: BinaryIO, waiting: FileIO | None) -> None:
        self._part = part
        self._training = SinkWriter(training)
        self._waiting = waiting
        self._rows = RowHashes()
        self.held_out: Sequence[int] = ()
        self.output: Write = self._rows.add if waiting is None else SinkWriter(waiting)

    @property
    def size(self) -> int:
        return self._training.size

    def divide(self, ledger: Ledger) -> Ledger:
        """Write both parts; the ledger then accounts for them.

        Raises:
            MlccError: one of them would be empty, and rows were to be held out.
            PlatformError: a part cannot be written.
        """
        if self._waiting is None or self._part.sink is None:
            return self._decided(ledger)[1]
        with open(self._waiting.fileno(), "rb", closefd=False) as waiting:
            waiting.seek(0)
            for lines in _whole_lines(waiting):
                self._rows.add(lines)
            indices, ledger = self._decided(ledger)
            waiting.seek(0)
            self._write(waiting, indices, SinkWriter(self._part.sink))
        return ledger

    def _decided(self, ledger: Ledger) -> tuple[list[int], Ledger]:
        indices, ledger = self._rows.chosen(self._part.rule, ledger)
        require_two(self._part.rule, ledger, self._part.mend)
        self.held_out = indices
        return indices, ledger

    def _write(self, waiting: BinaryIO, indices: Sequence[int], held_out: SinkWriter) -> None:
        end = 0
        for lines in _whole_lines(waiting):
            begin, end = end, end + lines.count(b"\n")
            chosen = indices[bisect_left(indices, begin) : bisect_left(indices, end)]
            if not chosen:
                self._training(lines)
                continue
            rows = lines.split(b"\n")
            held_out(b"".join(rows[index - begin] + b"\n" for index in chosen))
            for index in reversed(chosen):
                del rows[index - begin]
            self._training(b"\n".join(rows))


def require_two(rule: HoldOut, ledger: Ledger, mend: str | None) -> None:
    """Refuse to divide a dataset into all of its rows and none.

    Args:
        rule: by which rows are held out.
        ledger: that counts them.
        mend: the command that holds none out.

    Raises:
        MlccError: one of the parts is empty, and rows were to be held out.
    """
    rows, wanted = ledger.written, rule.wanted(ledger.written)
    if ledger.held_out == rows:
        what = f"holds out all {rows:,} rows, and none is left to train on"
    elif ledger.held_out or rule.at_least:
        return
    elif wanted:
        what = f"means {plural(wanted, 'row')}, but every prompt occurs in more rows than that"
    else:
        what = f"of {plural(rows, 'row')} is less than one row: none would be held out"
    raise MlccError(f"--validation {rule.asked} {what}.", where="--validation", hint=mend)


class Undivided:
    """Converted rows of which none is held out.

    Attributes:
        output: takes them.
        held_out: positions of such rows: none.
    """

    held_out: Sequence[int] = ()

    def __init__(self, training: BinaryIO) -> None:
        self.output = SinkWriter(training)

    @property
    def size(self) -> int:
        return self.output.size

    def divide(self, ledger: Ledger) -> Ledger:
        """Return the ledger as it is."""
        return ledger


@contextmanager
def dividing(part: HeldOutPart, training: BinaryIO) -> Iterator[Division]:
    """Make a place for converted rows that are to be divided.

    Raises:
        PlatformError: the disk refuses.
    """
    if part.sink is None:
        yield Division(part, training, None)
        return
    with disk_errors(doing="divide the dataset"):
        # Without a buffer, so that a library may write to it by itself.
        waiting = tempfile.TemporaryFile(buffering=0, dir=part.scratch)  # noqa: SIM115 - see below
    with waiting:
        yield Division(part, training, waiting)


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file in pieces of about ``PIECE`` bytes, each of whole lines."""
    while piece := file.read(PIECE):
        yield piece if piece.endswith(b"\n") else piece + file.readline()
