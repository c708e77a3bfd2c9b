"""Answers by their content: asked once, kept in lines that are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Self

from pydantic import JsonValue

from mlcc_core.actions.evaluate.rows.samples import content_hash
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.project.project import Project


class Shard:
    """The answers of one kind by one model: a file of lines, each a key and a value.

    Each line is written at once as its answer comes, so that a process that is killed loses the
    answers that were on their way alone. A line that was cut off is passed over.

    Args:
        path: the file; ``None`` for answers that are known to this process alone.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._known: dict[str, JsonValue] = {}
        if path is not None:
            with disk_errors(path):
                self._known.update(_lines(path) if path.exists() else ())

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> JsonValue:
        return self._known[key]

    @property
    def stored(self) -> bool:
        """Return whether later commands find the answers."""
        return self._path is not None

    def add(self, key: str, value: JsonValue) -> None:
        """Keep an answer.

        Raises:
            PlatformError: it cannot be written.
        """
        if self._path is not None:
            with disk_errors(self._path):
                if self._file is None:
                    self._file = _opened(self._path)
                self._file.write(json.dumps([key, value]).encode() + b"\n")
        self._known[key] = value

    def close(self) -> None:
        """Close the file, if anything was added."""
        if self._file is not None:
            self._file.close()


class AnswerStore:
    """The stored answers of a project, opened as they are needed; a context manager.

    Args:
        project: whose answers they are.
    """

    def __init__(self, project: Project) -> None:
        self._folder = project.state_folder / "answers"
        self._shards: dict[str, Shard] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def shard(self, kind: str, *by: object, stored: bool = True) -> Shard:
        """Return the answers of one kind.

        Args:
            kind: ``replies``, for instance.
            by: all that the answers depend on beside the question.
            stored: later commands find them; otherwise they are forgotten when this one ends.
        """
        name = f"{kind}-{content_hash(by)}"
        if name not in self._shards:
            self._shards[name] = Shard(self._folder / f"{name}.jsonl" if stored else None)
            self._stack.callback(self._shards[name].close)
        return self._shards[name]


def _lines(path: Path) -> Iterator[tuple[str, JsonValue]]:
    with path.open("rb") as file:
        for line in file:
            try:
                found = json.loads(line)
            except ValueError:
                continue  # cut off
            match found:
                case [str(key), value] if value is not None:
                    yield key, value


def _opened(path: Path) -> BinaryIO:
    """Open a file to add lines to it; each line is written by one call, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab+", buffering=0)
    if file.seek(0, 2):
        file.seek(-1, 2)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return file
