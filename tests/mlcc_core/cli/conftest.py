"""The command line in this process, with fakes for plugins."""

from __future__ import annotations

import json
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
    origin = Origin("fakes", "tests.mlcc_core.world", "fakes", "1.0")

    def load(*_: object) -> tuple[list[Loaded], list[object]]:
        return [Loaded(plugin, origin) for plugin in world.nouns], []

    monkeypatch.setattr(mlcc_core.loader.manager, "load_entry_points", load)
    return world


@pytest.fixture
def mlcc(capsys: pytest.CaptureFixture[str]) -> Mlcc:
    """Run a command line, and hear what it says."""

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call
