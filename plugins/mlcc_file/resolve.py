"""The files that a path or ``file://`` URI means, and the errors where there are none."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlcc_core import DatasetFile, Listing, MlccError, OtherUri
from mlcc_core.helpers import (
    close_files,
    file_lines,
    is_data_file,
    select_files,
    split_query,
    usual_suffixes,
)
from mlcc_file.fingerprint import fingerprint
from mlcc_file.save_to_disk import DEFAULT_SPLIT, splits_of

FLAG = "--dataset"

KIND_BY_FILE_TYPE = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}


def find(uri: str) -> Listing:
    """The files that ``uri`` means.

    Raises:
        MlccError: nothing there, nothing readable, no data file, or no regular file.
    """
    place, pattern = _locate(uri)
    path = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would follow the user's links
    mode = _mode(path)
    notes: tuple[str, ...] = ()
    if not stat.S_ISDIR(mode):
        _check_regular(path, mode)
        names = [path.name]
        files = {path.name: path}
    else:
        split = _split_of(path) if pattern is None else None
        notes += (f"split: {split}",) if split else ()
        files = _walk(path / split if split else path)
        names = sorted(files)
        if not names:
            raise _empty(path)
    if pattern is not None:
        names = select_files(names, pattern, label=str(path))
    return Listing(
        uri=uri,
        files=tuple(_file(name, files[name]) for name in names),
        label=path.name or str(path),
        notes=notes + ((f"{len(names)} files",) if len(names) > 1 else ()),
    )


def _split_of(folder: Path) -> str | None:
    """The split to read of a folder that has any."""
    splits = splits_of(folder)
    if DEFAULT_SPLIT in splits:
        return DEFAULT_SPLIT
    if len(splits) > 1:
        raise OtherUri(
            f"{shown(folder)} has {len(splits)} splits and none is {DEFAULT_SPLIT!r}: name one.",
            where=FLAG,
            uri=_text(folder / splits[0]),
            detail=(f"Splits: {', '.join(splits)}",),
        )
    return splits[0] if splits else None


def unreadable(path: Path, error: OSError) -> MlccError:
    """The error for a path that the system refuses."""
    return MlccError(
        f"{shown(path)} cannot be read: {error.strerror or error}.",
        where=FLAG,
        hint=f"check it with: ls -la {quoted(path)}",
    )


def shown(path: Path) -> str:
    """A path as one printable piece of a line, whatever its name holds."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else repr(text)


def quoted(path: Path) -> str:
    """A path as a word that a shell takes as it is."""
    import shlex

    return shlex.quote(_text(path))


def _text(path: Path) -> str:
    """A path as text that can be printed, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")


def _locate(uri: str) -> tuple[str, str | None]:
    """The path and the ``?file=`` pattern; a file that is really called so comes first."""
    if not uri:
        raise MlccError(
            "The dataset path is empty.",
            where=FLAG,
            hint="pass a file or folder: --dataset train.jsonl",
        )
    literal = path_of(uri)
    if "?file=" not in uri or os.path.lexists(literal):
        return literal, None
    place, _, query = uri.rpartition("?file=")
    _, values = split_query(f"?file={query}", ("file",))
    return path_of(place), values["file"]


def path_of(text: str) -> str:
    """The path that a path or ``file:`` URI names.

    Raises:
        MlccError: the URI names another machine, or what no file is called.
    """
    _check_name(text, text)
    path = _path_of(text)
    _check_name(path, text)
    return path


def _check_name(name: str, text: str) -> None:
    """Refuse what the system takes for no file's name; ``text`` is what was typed."""
    what = "a NUL character" if "\0" in name else None
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        what = "half of a surrogate pair"
    if what is not None:
        raise MlccError(
            f"The dataset path {text!r} holds {what}, which no file name has.", where=FLAG
        )


def _path_of(text: str) -> str:
    if text.startswith("file:"):
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise MlccError(
                f"{text!r} cannot be read as a file URI: {error}.",
                where=FLAG,
                hint="use three slashes: file:///path/to/data.jsonl",
            ) from None
        if parts.netloc not in ("", "localhost"):
            raise MlccError(
                f"{text!r} names the host {parts.netloc!r}; file URIs mean this machine only.",
                where=FLAG,
                hint=f"use three slashes: file:///{parts.netloc}{parts.path}",
            )
        # urlsplit takes a literal ? or # of a name for its own; a path has neither.
        return unquote(text.removeprefix("file:").removeprefix("//").removeprefix(parts.netloc))
    return os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 - pathlib raises for unknown users


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except OSError as error:
        raise unreadable(path, error) from error


def _missing(path: Path) -> MlccError:
    if path.is_symlink():
        return MlccError(
            f"{shown(path)} is a link to {str(path.readlink())!r}, which does not exist.",
            where=FLAG,
            hint=f"make the link point to the data: ln -sf <data> {quoted(path)}",
        )
    parent = path.parent
    while not parent.is_dir():
        path, parent = parent, parent.parent
    siblings = sorted(entry.name for entry in _entries(parent))
    data = [name for name in siblings if is_data_file(name)]
    close = close_files(path.name, siblings)
    meant = f" Did you mean {' or '.join(repr(name) for name in close)}?" if close else ""
    what = f"{shown(path)} does not exist.{meant}"
    detail = (f"Data files in {shown(parent)}:", *file_lines(data)) if data else ()
    if close:
        return OtherUri(what, where=FLAG, uri=_text(parent / close[0]), detail=detail)
    return MlccError(what, where=FLAG, hint=f"ls {quoted(parent)}", detail=detail)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _check_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = KIND_BY_FILE_TYPE.get(stat.S_IFMT(mode), "no regular file")
        raise MlccError(
            f"{shown(path)} is {kind}; a dataset is read more than once, so it must be a file.",
            where=FLAG,
            hint=f"save it first: cat {quoted(path)} > dataset.jsonl",
        )
    if not os.access(path, os.R_OK):
        raise unreadable(path, PermissionError(13, "permission denied"))


def _walk(root: Path) -> dict[str, Path]:
    """The data files below ``root`` by their names, ``/``-separated; links to folders stay out."""

    def refuse(error: OSError) -> None:
        raise unreadable(Path(error.filename or root), error) from error

    found = {}
    for folder, _, bases in os.walk(root, onerror=refuse):
        for base in bases:
            path = Path(folder, base)
            name = path.relative_to(root).as_posix()
            if is_data_file(name):
                _check_regular(path, _mode(path))
                found[name] = path
    return found


def _empty(path: Path) -> MlccError:
    others = sorted(entry.name for entry in _entries(path))
    return MlccError(
        f"{shown(path)} holds no data file.",
        where=FLAG,
        hint=f"put {usual_suffixes()} files there, or name one file",
        detail=("It holds:", *file_lines(others)) if others else ("It is empty.",),
    )


def _file(name: str, path: Path) -> DatasetFile:
    try:
        with path.open("rb") as opened:
            size, identity = fingerprint(opened)
    except OSError as error:
        raise unreadable(path, error) from error
    return DatasetFile(
        name=os.fsencode(name).decode("utf-8", "replace"),
        uri=path.as_uri(),
        size=size,
        fingerprint=identity,
        path=path,
    )
