"""A training that was cut off ends with the weights of one without a break, bit for bit."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mlcc_engine import api
from mlcc_engine.checkpoint import due
from mlcc_engine.checkpoint.store import MANIFEST, Store
from mlcc_engine.choices import checkpointing
from mlcc_engine.saving import output
from tests.libs.mlcc_engine.checkpoint.runs import (
    CutOff,
    logged,
    preferred,
    sampled,
    supervised,
    train,
    train_until,
    warned,
    weights,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The folder of a training without a break."""
    folder = tmp_path_factory.mktemp("unbroken")
    train(supervised(folder, cache), folder / "job")
    return folder


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The folder of the same training, cut off after step 17 with checkpoints at 12 and 15."""
    folder = tmp_path_factory.mktemp("cut")
    train_until(supervised(folder, cache, checkpoint_every="3"), folder / "job", 17)
    assert Store(folder / "job").steps() == [12, 15]
    return folder


@pytest.fixture
def again(cut: Path, tmp_path: Path, cache: Path) -> dict[str, Any]:
    """The request to go on with, in a copy of the job's folder: ``tmp_path / "job"``."""
    shutil.copytree(cut / "job", tmp_path / "job")
    return supervised(tmp_path, cache, checkpoint_every="3")


def cut_off(*_: Any) -> None:
    raise CutOff


def same(one: Path, other: Path) -> bool:
    """Both folders hold the same weights, and tell of every step once and alike."""
    assert logged(one / "job") == logged(other / "job")
    return weights(one / "output") == weights(other / "output") != []


def test_it_goes_on_whatever_the_clock_says(
    again: dict[str, Any],
    unbroken: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    draw = Random(0)
    monkeypatch.setattr(time, "time", lambda: draw.uniform(1e9, 2e9))
    train(again, tmp_path / "job")
    assert "going on from the checkpoint at step 15" in capfd.readouterr().out
    assert same(tmp_path, unbroken)
    assert not (tmp_path / "job" / "checkpoints").exists()


def test_what_was_not_synced_is_made_again_from_the_one_before(
    again: dict[str, Any], unbroken: Path, tmp_path: Path
) -> None:
    for file in Store(tmp_path / "job").path(15).iterdir():
        if file.name != MANIFEST:
            file.write_bytes(b"")
    train(again, tmp_path / "job")
    (line,) = warned(tmp_path / "job")
    assert line.startswith("The checkpoint at step 15 is passed over: its file")
    assert same(tmp_path, unbroken)


def test_without_one_that_fits_it_begins_again(
    again: dict[str, Any], unbroken: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "job")
    (store.path(15) / MANIFEST).unlink()
    manifest = store.path(12) / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    train(again, tmp_path / "job")
    assert [line.partition(": ")[2] for line in warned(tmp_path / "job")] == [
        "it is not whole.",
        "it is of another version (99, expected 1).",
    ]
    assert same(tmp_path, unbroken)


def test_it_recomputes_as_it_did_before_whatever_memory_is_free_now(
    again: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(checkpointing, "wanted", lambda kept, free: True)
    train_until(again, tmp_path / "job", 20)
    assert Store(tmp_path / "job").recomputes() is False
    assert "Gradient checkpointing is on" not in capfd.readouterr().out
    shutil.rmtree(tmp_path / "job")
    train_until(again, tmp_path / "job", 10)
    assert Store(tmp_path / "job").recomputes() is True
    monkeypatch.undo()
    train(again, tmp_path / "job")
    assert "Gradient checkpointing is on, as it was before" in capfd.readouterr().out


def test_cut_off_while_the_output_is_written_it_is_not_trained_again(
    unbroken: Path, tmp_path: Path, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    body = supervised(tmp_path, cache, checkpoint_every="1h")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(due, "MOST_COST", 1e9)  # a training of seconds is not worth it otherwise
        patch.setattr(output, "write", cut_off)
        with pytest.raises(CutOff):
            api.train(body, tmp_path / "job")
    assert Store(tmp_path / "job").steps() == [24]
    capfd.readouterr()
    result = train(body, tmp_path / "job")
    assert "step 1 of" not in capfd.readouterr().out
    assert result.metrics["loss"] == logged(unbroken / "job")[-1]["loss"]
    assert same(tmp_path, unbroken)


@pytest.mark.parametrize(
    ("make", "every", "step"),
    [(preferred, "3", 7), (sampled, "5", 8)],
    ids=["pairs, full-rank", "sampled replies"],
)
def test_every_way_to_learn(make: Any, every: str, step: int, tmp_path: Path, cache: Path) -> None:
    for name in ("unbroken", "cut"):
        (tmp_path / name).mkdir()
    train(make(tmp_path / "unbroken", cache), tmp_path / "unbroken" / "job")
    body = make(tmp_path / "cut", cache, checkpoint_every=every)
    train_until(body, tmp_path / "cut" / "job", step)
    assert Store(tmp_path / "cut" / "job").steps()
    train(body, tmp_path / "cut" / "job")
    assert same(tmp_path / "cut", tmp_path / "unbroken")
