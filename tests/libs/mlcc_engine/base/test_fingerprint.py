"""Models known by their weights: the same under any name, in any files."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.testing.imports import heavy_imports
from mlcc_engine.base import bases, fingerprint, lora_shapes
from mlcc_engine.base.fingerprint import Likeness, compare
from mlcc_engine.model import tiny
from tests.libs.mlcc_engine import folders

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.save(folders.llama(), tmp_path_factory.mktemp("base"))


def likeness(one: Path, other: Path) -> Likeness:
    return compare(fingerprint.fingerprint(one), fingerprint.fingerprint(other))


def again(base: Path, folder: Path, dtype: str | None = None, **options: Any) -> Path:
    """The model, loaded and saved anew."""
    import torch
    from transformers import AutoModelForCausalLM

    load: Any = AutoModelForCausalLM.from_pretrained
    wanted = torch.float32 if dtype is None else getattr(torch, dtype)
    return folders.save(load(base, dtype=wanted), folder, **options)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})
    return folder


def test_copies_and_parts_are_the_same(base: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(base, tmp_path / "copy"))
    parts = again(base, tmp_path / "parts", max_shard_size="10KB")
    assert len(list(parts.glob("*.safetensors"))) > 1
    assert likeness(base, copy) is likeness(base, parts) is Likeness.SAME


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_other_formats_of_numbers_are_the_same(base: Path, tmp_path: Path, dtype: str) -> None:
    assert likeness(base, again(base, tmp_path / dtype, dtype)) is Likeness.SAME


def test_float32_copy_of_bfloat16_is_the_same(base: Path, tmp_path: Path) -> None:
    half = again(base, tmp_path / "half", "bfloat16")
    assert likeness(half, again(half, tmp_path / "whole")) is Likeness.SAME


def test_float16_is_never_called_another_model(base: Path, tmp_path: Path) -> None:
    assert likeness(base, again(base, tmp_path / "half", "float16")) is not Likeness.OTHER


@pytest.mark.parametrize("tensor", ["model.norm.weight", "model.layers.0.mlp.up_proj.weight"])
def test_one_weight_that_changed_is_another_model(base: Path, tmp_path: Path, tensor: str) -> None:
    def change(tensors: dict[str, Any]) -> None:
        tensors[tensor].view(-1)[-1] += 0.5

    other = rewrite(Path(shutil.copytree(base, tmp_path / "other")), change)
    assert likeness(base, other) is Likeness.OTHER


def test_other_weights_and_other_shapes(base: Path, tmp_path: Path) -> None:
    other = folders.save(folders.llama(seed=1), tmp_path / "other")
    wider = folders.save(folders.llama(intermediate_size=32), tmp_path / "wider")
    assert likeness(base, other) is likeness(base, wider) is Likeness.OTHER


def test_tied_embeddings_may_be_stored_or_not(tmp_path: Path) -> None:
    tied = folders.save(folders.llama(tie_word_embeddings=True), tmp_path / "tied")
    stored = Path(shutil.copytree(tied, tmp_path / "stored"))

    def store(tensors: dict[str, Any]) -> None:
        assert "lm_head.weight" not in tensors
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()

    assert likeness(tied, rewrite(stored, store)) is Likeness.SAME


def test_names_without_wrappers_and_buffers(tmp_path: Path) -> None:
    """The first GPT-2 on the Hub has no ``transformer.``, and masks among its weights."""
    import torch

    new = folders.save(folders.gpt2(), tmp_path / "new")
    old = Path(shutil.copytree(new, tmp_path / "old"))

    def rename(tensors: dict[str, Any]) -> None:
        for name in list(tensors):
            tensors[name.removeprefix("transformer.")] = tensors.pop(name)
        tensors["h.0.attn.bias"] = torch.ones(1, 1, 64, 64)

    assert likeness(new, rewrite(old, rename)) is Likeness.SAME


def test_large_tensors_are_sampled_at_the_same_places(tmp_path: Path) -> None:
    big = folders.llama(vocab_size=40_000)
    one = folders.save(big, tmp_path / "one")
    two = again(one, tmp_path / "two", "bfloat16")
    assert likeness(one, two) is Likeness.SAME
    assert likeness(one, folders.save(folders.llama(1, vocab_size=40_000), tmp_path / "b")) is (
        Likeness.OTHER
    )


def test_many_tensors_take_no_time(tmp_path: Path) -> None:
    deep = folders.save(folders.llama(num_hidden_layers=150), tmp_path / "deep")
    began = time.process_time()
    fingerprint.fingerprint(deep)
    assert time.process_time() - began < 2


def test_damaged_models_have_none(base: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(base, tmp_path / "copy"))
    (copy / "model.safetensors").write_bytes(b"x")
    assert fingerprint.find(str(copy), tmp_path) is None
    assert fingerprint.find("org/nothing", tmp_path) is None
    assert fingerprint.find("mlcc-tiny", tmp_path) is None


def test_rounding_is_that_of_torch() -> None:
    import struct

    import torch

    numbers = [0.0, -0.0, 1.00390625, 1.01171875, 3.4e38, float("inf"), float("nan"), 1e-40, -7.3]
    expected = torch.tensor(numbers, dtype=torch.float32).bfloat16().view(torch.int16).tolist()
    data = struct.pack(f"<{len(numbers)}f", *numbers)
    found = struct.unpack(f"<{len(numbers)}h", fingerprint.as_bfloat16(data, "F32"))
    same = [a == b for a, b in zip(expected, found, strict=True)]
    assert all(same[:6] + same[7:])
    assert found[6] & 0x7FFF > 0x7F80


def test_no_library_is_needed(base: Path) -> None:
    code = f"from mlcc_engine.base import fingerprint as f; f.find({str(base)!r}, None)"
    assert not {"torch", "numpy", "transformers", "safetensors"} & {*heavy_imports(code)}


# --- what an adapter records -------------------------------------------------------------------


def test_hub_ids_of_folders(base: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "hub" / "models--org--some-name" / "snapshots" / "0a1b"
    shutil.copytree(base, snapshot)
    assert bases.name_of(str(snapshot), tmp_path) == "org/some-name"
    assert bases.name_of("org/name", tmp_path) == "org/name"
    assert bases.name_of(tiny.NAME, tmp_path) == tiny.NAME
    assert bases.name_of(str(base), tmp_path) == base.name
    copy = Path(shutil.copytree(base, tmp_path / "copy"))
    folders.change_config(copy, _name_or_path="org/name")
    assert bases.name_of(str(copy), tmp_path) == "org/name"
    for path in ("/home/me/model", "./model", "checkpoints/a/b", "model"):
        folders.change_config(copy, _name_or_path=path)
        assert bases.name_of(str(copy), tmp_path) == "copy"


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1, "fingerprint": []}'])
def test_records_that_say_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / bases.FILE).write_text(text)
    assert bases.read(tmp_path) is None
    assert bases.read(tmp_path / "nowhere") is None


def test_an_adapter_records_its_base(base: Path, train: Any, tmp_path: Path) -> None:
    import os

    snapshot = tmp_path / "hub" / "models--org--name" / "snapshots" / "0a1b"
    shutil.copytree(base, snapshot)
    rows = [{"prompt": "a", "completion": "b"}]
    before = os.umask(0o027)
    try:
        output = train(rows, model=str(snapshot)).output
    finally:
        os.umask(before)
    record = bases.read(output)
    assert record is not None
    assert record["hub_id"] == "org/name"
    assert record["vocabulary_size"] == 262
    assert compare(record["fingerprint"], fingerprint.fingerprint(base)) is Likeness.SAME
    config = json.loads((output / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "org/name"
    assert record["folder"] is None
    assert not (output / "README.md").exists()
    for file in output.glob("*.json*"):
        assert str(tmp_path) not in file.read_text()
    assert {path.stat().st_mode & 0o777 for path in output.iterdir()} == {0o640}
    assert output.stat().st_mode & 0o777 == 0o750


# --- LoRA's sizes ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_shapes_of_adapters(kind: str, tmp_path: Path) -> None:
    make = getattr(folders, kind)
    model = folders.save(make(), tmp_path / "model")
    folders.save_lora(make(), tmp_path / "adapter", "org/name")
    assert lora_shapes.fit(tmp_path / "adapter", model) is True
    wider = folders.save(folders.llama(intermediate_size=32), tmp_path / "wider")
    assert lora_shapes.fit(tmp_path / "adapter", wider) is False
    assert lora_shapes.fit(tmp_path, model) is None
