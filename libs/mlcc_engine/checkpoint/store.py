"""``checkpoints/step-N``: folders that are there whole or not at all.

They are in the job's folder, or where ``MLCC_CHECKPOINTS`` says: in a container, its folder that
outlives it. Each process has a folder of its own there, ``rank-0/step-N``, since the folder may be
copied between the machines of a job.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlcc_core.helpers import write_atomically
from mlcc_engine.checkpoint.identity import Identity, mark_of
from mlcc_engine.ranks.world import this_process

FOLDER = "checkpoints"
MANIFEST = "manifest.json"
ELSEWHERE = "MLCC_CHECKPOINTS"
"""The environment variable with the folder that takes the checkpoints of all processes instead."""

NAME = re.compile(r"step-([0-9]+)\Z")

KEPT = 2
"""Checkpoints that are kept: should the newest prove damaged, there is another."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that is whole.

    Attributes:
        path: its folder.
        step: optimizer steps that are done.
        ended: the training is over; its output alone is missing.
    """

    path: Path
    step: int
    ended: bool = False


class Store:
    """The checkpoints of one job.

    Args:
        job: the folder of this process, in which they are unless ``MLCC_CHECKPOINTS`` is set.

    Attributes:
        folder: that they are in.
        spared: how many are kept while a further one is written. One that is copied away in the
            background may not have arrived, and what is removed here is removed there: then two.
    """

    def __init__(self, job: Path) -> None:
        elsewhere = os.environ.get(ELSEWHERE)
        rank = this_process().rank
        self.folder = Path(elsewhere) / f"rank-{rank}" if elsewhere else job / FOLDER
        self.spared = KEPT if elsewhere else 1

    def steps(self) -> list[int]:
        """List the steps that there are folders of, whole or not, in order."""
        try:
            names = [entry.name for entry in self.folder.iterdir()]
        except OSError:
            return []
        return sorted(int(match[1]) for name in names if (match := NAME.match(name)))

    def path(self, step: int) -> Path:
        return self.folder / f"step-{step}"

    def newest(
        self, identity: Identity, most: int | None = None
    ) -> tuple[Checkpoint | None, list[str]]:
        """Find the newest checkpoint to go on from.

        Neither the order nor the choice depends on the times of files: a clock may be wrong.

        Args:
            identity: of the training.
            most: steps that it may have done; ``None`` for any number.

        Returns:
            The checkpoint, if there is one, and a line about each newer one that is passed over.
        """
        passed_over: list[str] = []
        for step in reversed([step for step in self.steps() if most is None or step <= most]):
            manifest = read_manifest(self.path(step))
            wrong = self._fault(step, manifest, identity)
            if wrong is None:
                return Checkpoint(self.path(step), step, bool(manifest.get("ended"))), passed_over
            passed_over.append(f"The checkpoint at step {step} is passed over: {wrong}.")
        return None, passed_over

    def recomputes(self) -> bool | None:
        """Return the newest checkpoint's choice of gradient checkpointing; ``None`` without one."""
        for step in reversed(self.steps()):
            choice = read_manifest(self.path(step)).get("recomputes")
            if isinstance(choice, bool):
                return choice
        return None

    def seal(
        self,
        draft: Path,
        step: int,
        identity: Identity,
        *,
        ended: bool,
        recomputes: bool = False,
    ) -> Checkpoint:
        """Make a filled folder the checkpoint of ``step``: on the disk first, then by its name.

        Args:
            draft: a folder; it is moved, or copied to the disk that the checkpoints are on.
            step: optimizer steps that are done.
            identity: of the training.
            ended: the training is over.
            recomputes: activations are computed again instead of kept, in all steps alike.

        Raises:
            OSError: the disk refuses.
        """
        files = {file.name: mark_of(file) for file in sorted(draft.iterdir())}
        facts = {"step": step, "ended": ended, "recomputes": recomputes}
        manifest = {**facts, **asdict(identity), "files": files}
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for file in draft.iterdir():
            _sync(file)
        _sync(draft)
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.path(step)
        shutil.rmtree(target, ignore_errors=True)
        try:
            draft.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(draft, target)
        _sync(self.folder)
        return Checkpoint(target, step, ended)

    def keep(self, steps: Sequence[int]) -> None:
        """Remove all but the checkpoints of ``steps``; other folders are left alone."""
        for step in self.steps():
            if step not in steps:
                shutil.rmtree(self.path(step), ignore_errors=True)

    def keep_newest(self) -> None:
        """Remove all but the newest, to free space."""
        self.keep(self.steps()[-1:])

    def clear(self) -> None:
        """Remove all of them, and whatever else was kept for a training to go on."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def size(self) -> int:
        """Return the bytes that they take."""
        return sum(
            file.stat().st_size for step in self.steps() for file in self.path(step).iterdir()
        )

    def _fault(self, step: int, manifest: Mapping[str, Any], identity: Identity) -> str | None:
        if not manifest:
            return "it is not whole"
        misfit = identity.misfit(manifest)
        if misfit is not None:
            return misfit
        files = manifest.get("files")
        if manifest.get("step") != step or not isinstance(files, dict) or not files:
            return f"its {MANIFEST} is damaged"
        for name, mark in files.items():
            try:
                if mark_of(self.path(step) / name) != mark:
                    return f"its file {name} is damaged"
            except OSError:
                return f"its file {name} is gone"
        return None


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest in a checkpoint's folder; empty where it is not whole."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def last_step(job: Path) -> int | None:
    """Return the step of the newest checkpoint in a job's folder, as far as a glance tells.

    Args:
        job: the job's folder.
    """
    store = Store(job)
    whole = [step for step in store.steps() if (store.path(step) / MANIFEST).is_file()]
    return max(whole, default=None)


def _copy(draft: Path, target: Path) -> None:
    """Copy a checkpoint to another disk; without its manifest, which comes last, it is not one."""
    try:
        target.mkdir()
        for file in sorted(draft.iterdir()):
            if file.name != MANIFEST:
                shutil.copyfile(file, target / file.name)
                _sync(target / file.name)
        write_atomically(target / MANIFEST, (draft / MANIFEST).read_bytes())
        _sync(target)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    shutil.rmtree(draft, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
