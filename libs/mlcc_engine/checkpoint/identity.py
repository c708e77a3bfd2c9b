"""Marks of a training by which its checkpoints are told from those of others."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.helpers import installed_versions
from mlcc_engine.base import fingerprint
from mlcc_engine.request import Request

FORMAT = 1
"""Of what a checkpoint holds; another number is another form."""

LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate")

WITHOUT_EFFECT = ("job", "output", "cache", "callbacks", "platform", "checkpoint_every")
"""Fields of a request that do not change which weights come out."""

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that must be equal for a checkpoint to be gone on from.

    Attributes:
        run: a fingerprint of what is trained, and on which rows.
        device: its kind: ``cpu``, ``cuda``, ``mps``.
        libraries: versions by name.
        format: of the checkpoint.
    """

    run: str
    device: str
    libraries: Mapping[str, str]
    format: int = FORMAT

    def misfit(self, manifest: Mapping[str, object]) -> str | None:
        """Say why a checkpoint is not this training's; ``None`` where it is."""
        if manifest.get("format") != self.format:
            return f"it is of another version ({manifest.get('format')}, expected {self.format})"
        if manifest.get("run") != self.run:
            return "it is of another run"
        if manifest.get("device") != self.device:
            return f"it was trained on {manifest.get('device')}, this is {self.device}"
        before = manifest.get("libraries")
        known = before if isinstance(before, dict) else {}
        for name, version in self.libraries.items():
            if known.get(name) != version:
                return f"it was saved with {name} {known.get(name)}, this is {version}"
        return None


def identity_of(request: Request, device: str) -> Identity:
    """Return the marks of a training: a project that was moved trains the same.

    Args:
        request: of the training; files that it names are read.
        device: the kind of the device.

    Raises:
        OSError: one of the files cannot be read.
    """
    asked = {key: value for key, value in request.as_json().items() if key not in WITHOUT_EFFECT}
    asked["dataset"] = mark_of(Path(request.dataset))
    if (model := Path(request.model).expanduser()).is_dir():
        asked["model"] = fingerprint.fingerprint(model)
    if request.start is not None:
        asked["start"] = request.start.fingerprint
    asked["validation"] = mark_of(Path(request.validation)) if request.validation else None
    if request.evaluator is not None:
        path, _, name = request.evaluator.value.partition(".py:")
        file = Path(f"{path}.py") if name else Path(path)
        value = [mark_of(file), name] if file.is_file() else request.evaluator.value
        asked["evaluator"] = {**_object(asked["evaluator"]), "value": value}
    text = json.dumps(asked, sort_keys=True, default=str)
    run = hashlib.sha256(text.encode()).hexdigest()
    return Identity(run, device, dict(installed_versions(LIBRARIES)))


def mark_of(path: Path) -> str:
    """Return a mark of a file's content: its size and its checksum."""
    size = checksum = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            size += len(block)
            checksum = zlib.crc32(block, checksum)
    return f"{size}:{checksum:08x}"


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
