"""Open a file of the dataset as rows: lines of JSON, or record batches."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, cast

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.formats import Format
from mlcc_core.helpers.ranged import MOST_AHEAD, verifies
from mlcc_core.staging.model.hints import shell_path, written_to
from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.read import formats, streams
from mlcc_core.staging.read.containers import refuse_container, refuse_packed_twice
from mlcc_core.staging.read.encodings import as_utf8, marked_encoding
from mlcc_core.staging.read.json.lines import LineRows
from mlcc_core.staging.read.prefetch import Prefetcher
from mlcc_core.staging.read.streams import OpenFile

if TYPE_CHECKING:
    from pathlib import Path

    from mlcc_core.contract.source import DatasetFile
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.read.arrow import TableRows

SMALL_BLOCK = 64 << 10
"""Bytes to read at once when only the first rows are needed."""


@contextmanager
def open_rows(
    job: DatasetJob, file: DatasetFile, *, small: bool = False
) -> Iterator[tuple[LineRows | TableRows, streams.CountingReader]]:
    """Open one file; yield its rows, and the counter of the bytes that are fetched for them.

    Args:
        job: names the source.
        file: to read.
        small: only the first rows will be read.

    Raises:
        MlccError: an empty or damaged file, an unknown format.
        PlatformError: the file cannot be reached.
    """
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(job.source.open(file, job.access))
            counter = streams.CountingReader(raw)
            try:
                yield _rows(counter, file, small, stack), counter
            except KeyboardInterrupt:
                # Closing would wait for the current read, from a server that may hang.
                stack.pop_all()
                raise
            except MlccError as error:
                if not (small or isinstance(error, PlatformError)) and verifies(raw):
                    _read_all(job, file)
                raise
    except OSError as error:
        raise PlatformError(f"{file.name} cannot be read: {error.strerror or error}.") from error


def _read_all(job: DatasetJob, file: DatasetFile) -> None:
    """Read a file that seems to be damaged once more, from start to end.

    Raises:
        PlatformError: the damage happened in transit; the file itself is whole.
    """
    with job.source.open(file, job.access) as again:
        while again.read(MOST_AHEAD):
            pass


def _rows(
    file: streams.CountingReader, listed: DatasetFile, small: bool, stack: ExitStack
) -> LineRows | TableRows:
    name, path = listed.name, listed.path
    if form := formats.footer_format(name):
        return _from_footer(OpenFile(name, form, file, iter(()), small=small, path=path))
    block = SMALL_BLOCK if small else streams.BLOCK
    source, packed = streams.blocks(cast(BinaryIO, file), name, block, path)
    head, source = _head(source)
    command = f"{f'{packed} -dc' if packed else 'cat'} {shell_path(name, path)}"
    if packed and (again := streams.packing_of(head)):
        refuse_packed_twice(name, head, f"{command} | {again} -dc")
    encoding = marked_encoding(head)
    if encoding is not None:
        head, source = _head(as_utf8(source, encoding, name))
        command += f" | iconv -f {encoding} -t UTF-8"
    form = formats.recognise(name, head, path)
    if form.seeks:
        if packed:
            raise _packed(name, path, form, packed)
        file.seek(0)
        return _opened(OpenFile(name, form, file, iter(()), path=path))
    if issubclass(_reader(form), LineRows) and not small and (packed or not file.is_local()):
        # Lines are decoded with the interpreter's lock held: slow reads can go on meanwhile.
        source = stack.enter_context(Prefetcher(source))
    untouched = not (packed or encoding) and _is_clean(head)
    reader = _opened(OpenFile(name, form, file, source, untouched, small, command, path))
    if encoding is not None:
        reader.file_notes = (ReadNote(f"{encoding} text"),)
    return reader


def _head(source: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the beginning of a text, at least its first token, and the whole of it."""
    head = b""
    for piece in source:
        head += piece
        if len(head) > formats.LEAST_HEAD and head.removeprefix(formats.BOM).strip():
            break
    return head, chain([head], source)


def _from_footer(opened: OpenFile) -> LineRows | TableRows:
    try:
        return _opened(opened)
    except MlccError as error:
        if not isinstance(error, PlatformError):
            opened.file.seek(0)
            refuse_container(opened.name, opened.file.read(formats.LEAST_HEAD), opened.path)
        raise


def _opened(opened: OpenFile) -> LineRows | TableRows:
    return _reader(opened.format)(opened)


def _reader(form: Format) -> type[LineRows | TableRows]:
    """Return the class that reads a format; it takes an :class:`OpenFile`."""
    module, _, name = form.reader.partition(":")
    found: type[LineRows | TableRows] = getattr(import_module(f"{__package__}.{module}"), name)
    return found


def _is_clean(head: bytes) -> bool:
    blank = head.startswith(b"\n") or b"\n\n" in head
    return not head.startswith(formats.BOM) and b"\r" not in head and not blank


def _packed(name: str, path: Path | None, form: Format, packed: str) -> MlccError:
    stem = name.rpartition("/")[2]
    to = shlex.quote(stem.removesuffix(".gz").removesuffix(".zst"))
    return MlccError(
        f"{name} is a packed {form.title} file, which can only be read unpacked.",
        hint=written_to(f"{packed} -dc {shell_path(name, path)}", to),
    )
