"""Checkpoints on their way to a storage that is slow: none is lost, whatever is faster."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlcc_ray import checkpoints
from mlcc_ray.cluster.meeting import Rank
from mlcc_ray.cluster.mirror import Mirror
from mlcc_ray.cluster.place import Place
from mlcc_ray.cluster.preparing import Work, fetch_checkpoints
from mlcc_ray.storage import FolderStorage
from tests.plugins.mlcc_ray.ray_cluster import wait_until


class Far(FolderStorage):
    """A storage that no process sees on its disk; something may happen while it takes a folder."""

    meanwhile: Callable[[], object] | None = None

    def local(self, path: str) -> Path | None:
        return None

    def upload(self, folder: Path, path: str) -> None:
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        super().upload(folder, path)


class Worker:
    """One of two workers: what it has on its disk, and its mirror."""

    def __init__(self, place: Place, folder: Path, rank: int) -> None:
        folder.mkdir()
        self.place, self.rank = place, rank
        self.work = Work(folder, folder / "checkpoints")
        self.mirror = Mirror(place, self.work, Rank(rank, 2, rank, 2), "mark")

    def saves(self, *steps: int) -> None:
        """Have the training save checkpoints, and remove all that are older."""
        folder = self.work.checkpoints / f"rank-{self.rank}"
        shutil.rmtree(folder, ignore_errors=True)
        for step in steps:
            made = folder / f"step-{step}"
            made.mkdir(parents=True)
            (made / "weights").write_text(str(step))
            (made / "manifest.json").write_text('{"files": {"weights": 1}}')

    def stored(self) -> list[int]:
        return checkpoints.steps(self.place.storage, "demo", self.rank)


@pytest.fixture
def far(shared: Path) -> Far:
    return Far(shared)


@pytest.fixture
def workers(far: Far, tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    place = Place(far, "demo")
    made = [Worker(place, tmp_path / str(rank), rank) for rank in (0, 1)]
    yield made[0], made[1]
    for worker in made:
        worker.mirror.stop()


def test_a_checkpoint_that_is_removed_while_it_is_copied_arrives(
    far: Far, workers: tuple[Worker, Worker]
) -> None:
    first, _ = workers
    first.mirror.start()
    far.meanwhile = lambda: first.saves(20, 30)
    first.saves(10)
    wait_until(lambda: 10 in first.stored(), 30, "the first one is lost")
    path = f"{checkpoints.path_of('demo', 0, 10)}/weights"
    assert far.read(path) == b"10"


def test_workers_of_unlike_pace_keep_what_both_can_go_on_from(
    workers: tuple[Worker, Worker], tmp_path: Path
) -> None:
    first, second = workers
    first.mirror.start()
    second.mirror.start()
    first.saves(10)
    wait_until(lambda: first.stored() == [10], 30, "10")
    for step in range(10, 60, 10):  # the first one is slow: it has copied one of these
        second.saves(step)
        wait_until(lambda at=step: at in second.stored(), 30, f"{step}: {second.stored()}")
    assert checkpoints.common(first.place.storage, "demo", 2) == [10]
    first.saves(50, 60)  # of which it copies the newest
    wait_until(lambda: 60 in first.stored(), 30, "60")
    assert checkpoints.common(first.place.storage, "demo", 2) == [10]
    for rank in (0, 1):
        fetched = Work(tmp_path / f"new-{rank}", tmp_path / f"new-{rank}" / "checkpoints")
        fetch_checkpoints(first.place, fetched, rank, 2)
        found = (fetched.checkpoints / f"rank-{rank}").iterdir()
        assert [path.name for path in found] == ["step-10"]


def test_no_more_than_two_that_both_have_are_kept(workers: tuple[Worker, Worker]) -> None:
    for worker in workers:
        worker.mirror.start()
    for step in range(10, 60, 10):
        for worker in reversed(workers):
            worker.saves(step)
            wait_until(lambda at=step, of=worker: at in of.stored(), 30, str(step))
    first, second = workers
    wait_until(lambda: first.stored() == [40, 50], 30, lambda: str(first.stored()))
    second.saves(60)
    wait_until(lambda: second.stored() == [40, 50, 60], 30, lambda: str(second.stored()))


def test_half_a_checkpoint_on_the_disk_is_not_copied(workers: tuple[Worker, Worker]) -> None:
    first, _ = workers
    first.saves(10)
    first.mirror.start()
    first.saves(20)
    (first.work.checkpoints / "rank-0" / "step-20" / "weights").unlink()
    first.mirror.finish()
    assert first.stored() == []
