"""Subjects found by their names, and known by all that decides their answers."""

import json
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Context, MlccError, Output, Subject
from mlcc_engine import devices
from mlcc_folders.answering import marks
from mlcc_folders.folder_serving import FolderServing
from tests.libs.mlcc_folders.answering.asked import ANSWERING, opened, prompt

pytestmark = pytest.mark.slow


def test_subjects_by_name(
    context: Context, train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, base: Subject
) -> None:
    rows = [{"prompt": "What do bees make?", "completion": "Honey."}]
    adapter = train(rows, hyperparameters={"num_train_epochs": 10}).output
    FolderServing("mlcc-tiny").add_adapter(context, "tuned", str(adapter))
    run = ANSWERING.run_subject(context, "demo-sft-1", "mlcc-tiny", Output("adapter", str(adapter)))
    deployed = ANSWERING.find_subject(context, "tuned")
    folder = ANSWERING.find_subject(context, str(adapter))
    assert run.title == "demo-sft-1"
    assert deployed is not None
    assert folder is not None
    assert deployed.title == "tuned"
    assert run.fingerprint == deployed.fingerprint == folder.fingerprint != base.fingerprint
    assert ANSWERING.find_subject(context, "mlcc-tiny") == base
    assert ANSWERING.find_subject(context, "of-no-name") is None
    with opened(context, base, run) as session:
        alike = [
            dict(session.replies(subject, [prompt("What do bees make?")], 12))[0].text
            for subject in (run, deployed, folder, base)
        ]
    assert alike[0] == alike[1] == alike[2] != alike[3]
    config = adapter / "adapter_config.json"
    changed = json.loads(config.read_text())
    config.write_text(json.dumps({**changed, "lora_alpha": changed["lora_alpha"] * 2}))
    again = ANSWERING.find_subject(context, str(adapter))
    assert again is not None
    assert again.fingerprint != folder.fingerprint


def test_an_output_that_is_gone(context: Context) -> None:
    gone = Output("adapter", str(context.root / "gone"))
    with pytest.raises(MlccError, match="The output of demo-sft-1 is gone") as caught:
        ANSWERING.run_subject(context, "demo-sft-1", "mlcc-tiny", gone)
    assert caught.value.hint == "mlcc runs list"


def test_a_whole_model_beside_its_base(
    context: Context, train: Callable[..., Any], base: Subject
) -> None:
    rows = [{"prompt": "What do bees make?", "completion": "Honey."}]
    model = train(rows, training_type="full-rank", hyperparameters={"num_train_epochs": 10}).output
    run = ANSWERING.run_subject(context, "whole", "mlcc-tiny", Output("model", str(model)))
    found = ANSWERING.find_subject(context, str(model))
    assert found is not None
    assert run.model == "mlcc-tiny"
    assert run.fingerprint == found.fingerprint != base.fingerprint
    with opened(context, base, run) as session:
        asked = [prompt("What do bees make?")]
        one, other, third = (
            dict(session.replies(subject, asked, 12))[0].text for subject in (run, base, found)
        )
    assert one == third != other


@pytest.fixture
def copied(context: Context, cache: Path) -> Path:
    """A whole model in a folder of the project."""
    (made,) = cache.glob("mlcc-tiny-*")
    return Path(shutil.copytree(made, context.root / "copied"))


@pytest.fixture
def mark(context: Context, copied: Path) -> Callable[[], str]:
    return lambda: ANSWERING.base_subject(context, str(copied)).fingerprint


@pytest.mark.parametrize(
    "name",
    [
        "added_tokens.json",
        "chat_template.jinja",
        "chat_template.json",
        "config.json",
        "generation_config.json",
        "merges.txt",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "vocab.json",
    ],
)
def test_each_file_that_decides_an_answer_is_told(
    copied: Path, mark: Callable[[], str], name: str
) -> None:
    before = mark()
    (copied / "README.md").write_text("A model.")
    assert mark() == before
    file = copied / name
    file.write_text(file.read_text() + "\n" if file.exists() else "{}")
    assert mark() != before


def test_weights_that_the_sample_leaves_out_are_told(copied: Path, mark: Callable[[], str]) -> None:
    before = mark()
    (weights,) = copied.glob("*.safetensors")
    whole = weights.read_bytes()
    weights.write_bytes(whole)
    written = mark()
    assert written != before
    assert mark() == written


def test_files_of_one_name_may_change_places(copied: Path, mark: Callable[[], str]) -> None:
    (copied / "vocab.json").write_text("[1]")
    (copied / "added_tokens.json").write_text("[2]")
    before = mark()
    (copied / "vocab.json").rename(copied / "merges.txt")
    assert mark() != before


def test_the_software_and_the_device_are_told(
    context: Context, base: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def now() -> str:
        return ANSWERING.base_subject(context, "mlcc-tiny").fingerprint

    assert now() == base.fingerprint
    with monkeypatch.context() as changed:
        changed.setattr(marks, "ANSWERS", marks.ANSWERS + 1)
        assert now() != base.fingerprint
    with monkeypatch.context() as changed:
        changed.setattr(marks, "version", lambda name: "99" if name == "peft" else version(name))
        assert now() != base.fingerprint
    with monkeypatch.context() as changed:
        changed.setattr(devices, "ACCELERATORS", (str(tmp_path),))
        changed.setattr(devices, "GPUS", tmp_path)
        changed.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        unknown = now()
        (tmp_path / "0000:01:00.0").mkdir()
        (tmp_path / "0000:01:00.0" / "information").write_text("Model: \t NVIDIA H200\nIRQ: 9\n")
        assert devices.facts()[-2:] == ["accelerator", "NVIDIA H200"]
        assert len({now(), unknown, base.fingerprint}) == 3
        changed.setenv("CUDA_VISIBLE_DEVICES", "")
        assert now() == base.fingerprint
