"""The command line in this process, with fakes for plugins."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import mlcc_core.loader.manager
from mlcc_core.cli.main import run
from mlcc_core.loader.entry_points import Loaded, Origin
from tests.mlcc_core.world import World, make_world


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout, without the version that all have."""
        found = json.loads(self.out)
        assert found.pop("schema_version") == 1
        return found

    @property
    def crosses(self) -> list[str]:
        """The ❌ lines."""
        return [line for line in self.err.splitlines() if line.startswith("❌")]


Mlcc = Callable[..., Said]


@pytest.fixture
def world(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A project in the current folder; every command meets the same fakes."""
    world = make_world(folder)
    met_by_commands(world, monkeypatch)
    return world


def met_by_commands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every command meet the fakes of a world."""
    origin = Origin("fakes", "tests.mlcc_core.world", "fakes", "1.0")

    def load(*_: object) -> tuple[list[Loaded], list[object]]:
        return [Loaded(plugin, origin) for plugin in world.nouns], []

    monkeypatch.setattr(mlcc_core.loader.manager, "load_entry_points", load)


@pytest.fixture
def mlcc(capsys: pytest.CaptureFixture[str]) -> Mlcc:
    """Run a command line, and hear what it says."""

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call


Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def terminal(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Run a command line on a pseudo-terminal, and answer its question."""

    def call(answer: str, *words: str) -> tuple[int, str]:
        ours, theirs = os.openpty()
        shown: list[bytes] = []

        def person() -> None:
            asked = False
            while data := read(ours):
                shown.append(data)
                if not asked and b"[y/N]" in b"".join(shown):
                    asked = True
                    os.write(ours, f"{answer}\n".encode())

        watching = threading.Thread(target=person)
        with (
            open(theirs, closefd=False) as stdin,
            open(theirs, "w", closefd=False) as stderr,
            monkeypatch.context() as patch,
        ):
            patch.setattr(sys, "stdin", stdin)
            patch.setattr(sys, "stderr", stderr)
            patch.setenv("COLUMNS", "400")  # no line is folded
            watching.start()
            code = run(list(words))
            stderr.flush()
        os.close(theirs)
        watching.join(60)
        os.close(ours)
        return code, b"".join(shown).decode()

    return call


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end is closed
        return b""
