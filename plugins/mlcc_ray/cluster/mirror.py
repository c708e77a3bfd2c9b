"""The files of a training, copied to the storage while it goes on; and what is said there, heard.

A storage that is a folder is written by the training itself. To any other one a thread copies what
has changed, a second apart at least, so that a slow storage delays no step; checkpoints are copied
by a further thread.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlcc_core import PlatformError
from mlcc_core.helpers import disk_errors
from mlcc_engine.checkpoint.store import KEPT, MANIFEST, NAME, read_manifest
from mlcc_ray import checkpoints
from mlcc_ray.cluster.meeting import Rank
from mlcc_ray.cluster.place import CHECKPOINTS, DRIVER, END, LOG, PROGRESS, STOP, WARNINGS, Place
from mlcc_ray.cluster.preparing import Work

FILES = (PROGRESS, WARNINGS, LOG)

PACE = 1.0
"""Seconds from one look to the next, at least."""

SHARE = 10
"""Times as long as the last look took: that long it is until the next one."""

LISTENING, NEAR = 2.0, 0.25
"""Seconds from one look for words of others to the next: far away, and on a disk."""

REPLACED = "replaced"
"""The word that another driver runs this job now."""


class Mirror:
    """The copies of one worker.

    Args:
        place: of the job, in the storage.
        work: the folder of the worker.
        rank: the place of the worker among the others; the first copies what people read.
        driver: the mark of the driver that started it.

    Attributes:
        told: ``STOP``, ``END`` or ``REPLACED``; ``None`` while it may go on.
    """

    def __init__(self, place: Place, work: Work, rank: Rank, driver: str) -> None:
        self.told: str | None = None
        self._place, self._work, self._driver = place, work, driver
        self._rank, self._workers = rank.rank, rank.size
        self._near = place.storage.local(place.path(CHECKPOINTS)) is not None
        self._over = threading.Event()
        self._copying = threading.Lock()
        self._seen: dict[str, tuple[int, int]] = {}
        self._sent: set[int] = set()
        self._threads = [threading.Thread(target=self._follow, name="mirror", daemon=True)]
        if not self._near:
            repeat = threading.Thread(target=self._follow_checkpoints, name="copies", daemon=True)
            self._threads.append(repeat)

    def fetch(self) -> None:
        """Have the folder of this attempt hold what an earlier one said.

        A storage that is a folder holds the files themselves: a checkpoint that is there never
        tells of steps that its progress lacks, whenever a machine is lost.

        Raises:
            PlatformError: the storage cannot be read.
        """
        for name in () if self._rank else FILES:
            path, file = self._place.path(name), self._work.folder / name
            if (there := self._place.storage.local(path)) is not None:
                with disk_errors(file, doing=f"write {name}"):
                    file.symlink_to(there)
            elif (before := self._place.storage.read_or_none(path)) is not None:
                file.write_bytes(before)

    def start(self) -> None:
        """Begin to copy and to listen."""
        self._sent = set(self._steps())
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Copy what is left, and stop.

        Raises:
            PlatformError: the storage refuses.
        """
        self.stop()
        if not self._near and self.told != REPLACED:
            self._copy_checkpoints()
        self._copy()

    def stop(self) -> None:
        """Stop to copy and to listen."""
        self._over.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _follow(self) -> None:
        pause, due = (NEAR if self._near else LISTENING), 0.0
        while not self._over.wait(pause):
            began = time.monotonic()
            with suppress(PlatformError):
                self._listen()
                if began >= due:
                    self._copy()
            took = time.monotonic() - began
            due = due if began < due else began + max(PACE, SHARE * took)

    def _listen(self) -> None:
        driver = self._place.storage.read_or_none(self._place.path(DRIVER))
        if driver is not None and driver.decode(errors="replace") != self._driver:
            self.told = REPLACED
        elif self._place.has(STOP):
            self.told = STOP
        elif self._place.has(END):
            self.told = END

    def _copy(self) -> None:
        if self._rank or self._near or self.told == REPLACED:
            return
        with self._copying:
            for name in FILES:
                self._copy_file(name)

    def _copy_file(self, name: str) -> None:
        path = self._work.folder / name
        try:
            facts, content = path.stat(), path.read_bytes()
        except OSError:
            return
        mark = (facts.st_size, facts.st_mtime_ns)
        if self._seen.get(name) != mark:
            self._place.storage.write(self._place.path(name), content)
            self._seen[name] = mark

    def _follow_checkpoints(self) -> None:
        while not self._over.wait(PACE):
            with suppress(PlatformError):
                self._copy_checkpoints()

    def _copy_checkpoints(self) -> None:
        """Copy new checkpoints, and remove old ones that are of no use any more.

        Those of the first worker have the weights: where they are made faster than they are copied,
        the newest is next. The others copy all of theirs, so that each of its has a counterpart.
        """
        new = [step for step in self._steps() if step not in self._sent]
        if not self._rank:
            new = new[-1:]
        if new:
            self._copy()  # no checkpoint tells of steps that the progress in the storage lacks
        for step in new:
            with self._held(step) as folder:
                if folder is not None:
                    self._place.storage.upload(folder, self._there(step))
                    self._sent.add(step)
        if new:
            self._prune()

    def _prune(self) -> None:
        """Keep as many in the storage as on the disk, of those that every worker can go on from."""
        storage, name = self._place.storage, self._place.name
        if self._rank:
            oldest = checkpoints.steps(storage, name, 0)[:1]
        else:
            oldest = checkpoints.common(storage, name, self._workers)[-KEPT:][:1]
        for step in checkpoints.steps(storage, name, self._rank):
            if oldest and step < oldest[0]:
                storage.remove(self._there(step))

    @contextmanager
    def _held(self, step: int) -> Iterator[Path | None]:
        """Give a checkpoint a second name, for the block: the training removes the first one.

        Returns:
            Its folder; ``None`` where it was removed already.
        """
        made = self._work.folder / f"sent-{step}"
        try:
            shutil.copytree(self._here(step), made, copy_function=os.link)
        except OSError:  # it is gone, or this disk gives no second names
            shutil.rmtree(made, ignore_errors=True)
        folder = made if made.is_dir() else self._here(step)
        try:
            yield folder if _has_all(folder) else None
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _here(self, step: int) -> Path:
        return self._work.checkpoints / f"rank-{self._rank}" / f"step-{step}"

    def _there(self, step: int) -> str:
        return checkpoints.path_of(self._place.name, self._rank, step)

    def _steps(self) -> list[int]:
        """List the steps of the whole checkpoints on the disk, in order."""
        folder = self._work.checkpoints / f"rank-{self._rank}"
        found = folder.iterdir() if folder.is_dir() else iter(())
        return sorted(
            int(match[1])
            for path in found
            if (match := NAME.match(path.name)) and (path / MANIFEST).is_file()
        )


def _has_all(folder: Path) -> bool:
    """Return whether a checkpoint has all files that it names."""
    files = read_manifest(folder).get("files") or {}
    return bool(files) and all((folder / name).is_file() for name in files)
