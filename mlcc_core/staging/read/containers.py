"""Files that are something else than their name says: named for what they are, with the way on."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import titles
from mlcc_core.helpers.hints import hint_kind, pulled
from mlcc_core.staging.model.hints import new_file, shell_path, written_to

_LFS = b"version https://git-lfs.github.com/spec/"
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)", re.I | re.S
)
_TITLE = re.compile(rb"<title[^>]*>\s*(.{1,80}?)\s*</title>", re.I | re.S)

_MAGICS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "PDF", "export the table that it shows as CSV, where it was made"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel (.xls)", "save it as .xlsx or CSV"),
    (b"\x89HDF\r\n\x1a\n", "HDF5", "write its table as Parquet, where it was made"),
    (b"\x93NUMPY", "NumPy", "write its rows as JSON lines, where it was made"),
    (b"Obj\x01", "Avro", "write its rows as Parquet, where it was made"),
    (b"ORC", "ORC", "write its rows as Parquet, where it was made"),
    (b"GGUF", "GGUF (a model)", "name the dataset, not the model"),
    (b"\x89PNG\r\n\x1a\n", "PNG (a picture)", "name the dataset, not a picture"),
    (b"\xff\xd8\xff", "JPEG (a picture)", "name the dataset, not a picture"),
    (b"{\\rtf", "RTF", "save it as plain text or CSV"),
)
"""First bytes, name and way on of formats that are not datasets."""

_PACKED = ((b"\xfd7zXZ\0", "xz"), (b"BZh", "bzip2"))
"""First bytes of compressed files that are not read, and the program that unpacks them."""

_ARCHIVES = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", "7z x"),
    (b"Rar!\x1a\x07", "RAR", "unrar x"),
)
"""First bytes and name of archives, and the command that gets out what is in them."""

_SQLITE = b"SQLite format 3\0"

_ZIP = b"PK\x03\x04"
_PICKLE = re.compile(rb"\x80[\x02-\x05](?:[\x95c}\](]|\x8c)", re.S)
_TAR_AT = 257
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 1024
_MANY, _FEW = 0.4, 0.1
"""Parts of every second byte that are 0 in UTF-16: of the high bytes, and of the low ones."""


def refuse_container(name: str, head: bytes, path: Path | None) -> None:
    """Refuse a file that is certainly not what it should be.

    Args:
        name: of the file, for messages.
        head: its first bytes, decompressed.
        path: where it lies on this machine, if it does.

    Raises:
        MlccError: naming the container, with the command that gets the data out of it.
    """
    place = shell_path(name, path)
    if head.startswith(_LFS):
        raise _pointer(name, head, path)
    if _PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        title = _TITLE.search(head)
        called = f" ({title[1].decode(errors='replace')!r})" if title else ""
        raise MlccError(
            f"{name} is an HTML page{called}, expected a dataset: a page was saved in place of "
            "the file.",
            hint="download the file itself; on the Hugging Face Hub its address has /resolve/ "
            "where the page's has /blob/",
        )
    for magic, title_, hint in _MAGICS:
        if head.startswith(magic):
            raise not_text(name, title_, hint)
    _refuse_packed(name, head, place)
    if head.startswith(_SQLITE):
        raise not_text(name, "SQLite", _table_of(path, place))
    if _PICKLE.match(head):
        hint = "write its rows as JSON lines or Parquet, where it was made (loading one runs code)"
        raise not_text(name, "pickle", hint)


def _refuse_packed(name: str, head: bytes, place: str) -> None:
    for magic, program in _PACKED:
        if head.startswith(magic):
            hint = written_to(f"{program} -dc {place}", new_file(name, "unpacked"))
            raise not_text(name, program, hint)
    for magic, title, command in _ARCHIVES:
        if head.startswith(magic):
            raise not_text(name, title, _unpacked(command, place))
    if head[_TAR_AT:].startswith(b"ustar"):
        raise not_text(name, "tar", _unpacked("tar -xf", place))


def refuse_zip(name: str, head: bytes, path: Path | None) -> None:
    """Refuse a zip archive, also one that is an Excel file under another name.

    Raises:
        MlccError: it is one.
    """
    if not head.startswith(_ZIP):
        return
    if b"xl/" in head or b"[Content_Types].xml" in head[:60]:
        raise not_text(name, "Excel or Office", "give it the suffix of what it is: .xlsx")
    raise not_text(name, "zip", _unpacked("unzip", shell_path(name, path)))


def refuse_packed_twice(name: str, head: bytes, command: str) -> None:
    """Refuse a file that is still compressed once it was unpacked.

    Args:
        name: of the file, for messages.
        head: its first bytes, unpacked once.
        command: unpacks it twice, in a shell.

    Raises:
        MlccError: always.
    """
    raise MlccError(
        f"{name} is compressed twice, expected once: unpacked, it begins with {head[:4]!r}.",
        hint=written_to(command, new_file(name, "unpacked")),
    )


def not_text(name: str, what: str, hint: str = "") -> MlccError:
    """Return the error for a file that holds ``what`` in place of the text that it should."""
    return MlccError(
        f"{name} holds {what} data, expected the text that its name promises.",
        hint=hint or f"rename it to what it is, or unpack it: {titles()} can be read",
    )


@hint_kind("what is in an archive")
def _unpacked(command: str, place: str) -> str:
    return f"{command} {place}   # then name what was in it"


@hint_kind("a table of a database, as CSV")
def _table_of(path: Path | None, place: str) -> str:
    tables = _tables(path) if path is not None else []
    chosen = '"' + tables[0].replace('"', '""') + '"' if tables else "TABLE_NAME"
    query = shlex.quote(f"SELECT * FROM {chosen}")  # noqa: S608 - shown, and quoted
    others = f"; its tables: {', '.join(tables)}" if len(tables) > 1 else ""
    return f"{written_to(f'sqlite3 -header -csv {place} {query}', 'rows.csv')}{others}"


def _tables(path: Path) -> list[str]:
    """Return the names of a database's tables, as far as it can be read."""
    import sqlite3
    from contextlib import closing, suppress

    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as database:
        return [name for (name,) in database.execute(query) if name.isprintable()]
    return []


def _pointer(name: str, head: bytes, path: Path | None) -> MlccError:
    size = re.search(rb"^size (\d+)", head, re.M)
    of = f" of {int(size[1]):,} bytes" if size else ""
    fetch = pulled(path.absolute().parent) if path is not None else "git lfs pull"
    return MlccError(
        f"{name} is a Git LFS pointer, expected the file{of} that it stands for.", hint=fetch
    )


def refuse_binary(name: str, head: bytes, path: Path | None) -> None:
    """Refuse bytes that are certainly not text in UTF-8.

    Raises:
        MlccError: they are binary data, or UTF-16 without a mark.
    """
    place = shell_path(name, path)
    some = head[:_LOOKED_AT]
    even, odd = (part.count(0) / max(1, len(part)) for part in (some[::2], some[1::2]))
    order = "LE" if odd > _MANY > _FEW > even else "BE" if even > _MANY > _FEW > odd else ""
    if order:
        raise MlccError(
            f"{name} seems to be UTF-16 text without a byte order mark, expected UTF-8.",
            hint=written_to(f"iconv -f UTF-16{order} -t UTF-8 {place}", new_file(name, "utf8")),
        )
    if len(_CONTROL.findall(some)) * 4 > len(some):
        raise not_text(name, "binary")
