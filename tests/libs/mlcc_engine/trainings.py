"""What the tests of the engine share: rows that are quick to learn, and finished trainings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

HURRY = "MLCC_TEST_HURRY"
"""The environment variable with the path of a file: once it is there, no step of a training that
is made slow waits any more."""

FACTS = {
    "What is the capital of France?": "Paris.",
    "What do bees make?": "Bees make honey.",
    "How many legs does a spider have?": "Eight.",
    "What is the opposite of hot?": "Cold.",
    "Who wrote Hamlet?": "Shakespeare.",
    "What is the largest planet?": "Jupiter.",
}


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


class Trained:
    """A finished training: its outcome, its folder, its lines of progress."""

    def __init__(self, folder: Path, outcome: Any) -> None:
        self.folder = folder
        self.outcome = outcome
        text = (folder / "progress.jsonl").read_text(encoding="utf-8")
        self.progress = [json.loads(line) for line in text.splitlines()]

    @property
    def output(self) -> Path:
        return Path(self.outcome.output)

    def metric(self, name: str) -> list[float]:
        return [line["metrics"][name] for line in self.progress if name in line["metrics"]]


def losses(trained: Trained) -> list[float]:
    """The losses that a training logged; its last line of progress may have none."""
    return [line["loss"] for line in trained.progress if line.get("loss") is not None]


Train = Callable[..., Trained]
