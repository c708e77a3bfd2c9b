"""Checkpoints that outlive their machine: in a folder of another disk, one for each process."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_engine.checkpoint.identity import Identity, identity_of
from mlcc_engine.checkpoint.store import ELSEWHERE, MANIFEST, Store
from mlcc_engine.heldout.best import BestWeights
from mlcc_engine.request import Request, Start

THIS = Identity("abc", "cpu", {})


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has one file system alone")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        monkeypatch.setenv(ELSEWHERE, folder)
        yield Path(folder)


def draft_in(folder: Path) -> Path:
    draft = folder / "draft"
    draft.mkdir()
    (draft / "weights").write_bytes(b"w" * 10_000)
    (draft / "state").write_text("{}")
    return draft


def test_a_checkpoint_is_copied_whole(
    tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    store = Store(tmp_path)
    draft = draft_in(tmp_path)
    store.seal(draft, 4, THIS, ended=False)
    assert not draft.exists()
    assert list(disk.iterdir()) == [disk / "rank-1"]
    found, passed_over = store.newest(THIS)
    assert found is not None
    assert (found.path, passed_over) == (disk / "rank-1" / "step-4", [])
    assert {path.name for path in found.path.iterdir()} == {"weights", "state", MANIFEST}
    assert Store(tmp_path).steps() == [4]
    assert BestWeights(tmp_path).path.is_relative_to(disk / "rank-1")
    monkeypatch.setenv("RANK", "0")
    assert Store(tmp_path).steps() == []


def test_a_copy_that_is_refused_leaves_nothing(tmp_path: Path, disk: Path) -> None:
    store = Store(tmp_path)
    draft = draft_in(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.seal(draft, 4, THIS, ended=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert store.steps() == []
    store.seal(draft, 4, THIS, ended=False)
    assert store.steps() == [4]


def test_the_mark_of_a_run_follows_a_model_and_a_start_by_content(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    marks = []
    for name, number in (("a", 1.0), ("b", 1.0), ("c", 2.0)):
        model = tmp_path / name / "model"
        model.mkdir(parents=True)
        save_file({"weight": torch.full((4, 4), number)}, model / "model.safetensors")
        (model / "config.json").write_text("{}")
        rows = tmp_path / name / "rows.jsonl"
        rows.touch()
        request = Request(
            job=name,
            technique="test",
            trainer="trl:SFTTrainer",
            model=str(model),
            training_type="lora",
            dataset=str(rows),
            output=f"out-{name}",
            start=Start("adapter", str(tmp_path / name / "start"), "5f"),
        )
        marks.append(identity_of(request, "cpu").run)
    assert marks[0] == marks[1] != marks[2]
    other = replace(request, start=Start("adapter", "/other", "60"))
    assert identity_of(other, "cpu").run != marks[2]
