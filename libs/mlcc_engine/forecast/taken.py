"""The first rows of a dataset, where a job that is yet to be staged trains on these alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from mlcc_engine.request import Request
from mlcc_engine.train import rows


@contextmanager
def taken(request: Request) -> Iterator[Request]:
    """Return the request with a copy of the rows that count; the copy lasts as long as the block.

    Args:
        request: of a forecast.

    Raises:
        MlccError: one of the rows cannot be read.
    """
    if request.take is None:
        yield request
        return
    path = Path(request.dataset)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with copy.open("w", encoding="utf-8") as file:
            file.writelines(f"{row.text}\n" for row in islice(rows.read(path), request.take))
        yield replace(request, dataset=str(copy), take=None)
