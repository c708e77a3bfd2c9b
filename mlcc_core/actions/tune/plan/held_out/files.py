"""Files for both parts of a dataset that is not staged, for as long as a forecast reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from mlcc_core.contract.job import DatasetRef
from mlcc_core.helpers.disk import disk_errors


@dataclass(frozen=True)
class PartFiles:
    """The rows of a dataset, as they would be staged.

    Attributes:
        training: takes the rows to train on.
        held_out: takes those that are held out.
    """

    training: BinaryIO
    held_out: BinaryIO

    def ref(self, key: str, rows: int, *, whole: bool) -> DatasetRef:
        """Return the dataset as a job would be given it, once all rows are written.

        Args:
            key: the content address that it would be staged under.
            rows: to train on.
            whole: every row was read, so that none is held out where none was written.
        """
        with disk_errors(Path(self.training.name)):
            self.training.flush()
            self.held_out.flush()
        some = not whole or Path(self.held_out.name).stat().st_size > 0
        return DatasetRef(self.training.name, key, rows, self.held_out.name if some else None)


@contextmanager
def temporary_files() -> Iterator[PartFiles]:
    """Open files that are gone after the block.

    Raises:
        PlatformError: the disk refuses.
    """
    with ExitStack() as stack:
        with disk_errors(doing="write the rows to a temporary file"):
            training, held_out = (
                stack.enter_context(NamedTemporaryFile(prefix=f"mlcc-{name}-", suffix=".jsonl"))
                for name in ("rows", "held-out")
            )
        yield PartFiles(cast("BinaryIO", training), cast("BinaryIO", held_out))
