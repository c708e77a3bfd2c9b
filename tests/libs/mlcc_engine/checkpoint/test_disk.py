"""A disk that fills: a real one, of a few megabytes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine import api
from mlcc_engine.checkpoint.store import Store
from tests.libs.mlcc_engine.checkpoint.runs import (
    supervised,
    train,
    train_until,
    warned,
    weights,
)

pytestmark = pytest.mark.slow

MEGABYTES = 64


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("a small disk takes root's rights, and Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def body(tmp_path: Path, disk: Path, cache: Path) -> dict[str, Any]:
    return supervised(tmp_path, cache, output=str(disk / "output"), checkpoint_every="3")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> list[bytes]:
    """The weights of the training on a disk that never fills."""
    folder = tmp_path_factory.mktemp("unbroken")
    return weights(str(train(supervised(folder, cache), folder / "job").output))


def fill(disk: Path, left: int = 0) -> None:
    """Fill a disk but for some bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with (disk / "ballast").open("ab") as file:
        file.write(b"\0" * (free - left))


def test_full_before_it_begins(body: dict[str, Any], disk: Path) -> None:
    fill(disk, left=3 << 20)
    result = api.train(body, disk / "job")
    assert (result.state, result.fault, int(result.exit_code)) == ("failed", "platform", 3)
    assert result.reason is not None
    assert result.reason.startswith("The disk is full: ")
    assert "are needed for two checkpoints and its output" in result.reason
    assert "3.0 MiB are free" in result.reason or "2.9 MiB are free" in result.reason
    assert result.interrupted


def test_full_while_a_checkpoint_is_written(
    body: dict[str, Any], disk: Path, unbroken: list[bytes]
) -> None:
    job = disk / "job"
    ended = train_until(body, job, 4, lambda: fill(disk, left=200 << 10))
    assert ended is not None
    assert (ended.state, ended.fault) == ("failed", "platform")
    assert any("No checkpoint at step 6: the disk is full" in line for line in warned(job))
    assert any("the one at step 3 stays" in line for line in warned(job))
    assert Store(job).steps() == [3]
    assert not (disk / "output").exists()
    (disk / "ballast").unlink()
    assert weights(str(train(body, job).output)) == unbroken


def test_full_at_the_last_step(body: dict[str, Any], disk: Path, unbroken: list[bytes]) -> None:
    job = disk / "job"
    ended = train_until(body, job, 24, lambda: fill(disk))
    assert ended is not None
    assert (ended.state, ended.fault) == ("failed", "platform")
    assert ended.reason is not None
    assert "disk is full" in ended.reason
    assert "\n" not in ended.reason
    assert Store(job).steps()[-1] >= 21
    (disk / "ballast").unlink()
    assert weights(str(train(body, job).output)) == unbroken
