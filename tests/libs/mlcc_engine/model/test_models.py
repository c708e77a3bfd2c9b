"""The built-in model, and models that are refused."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine import generate
from mlcc_engine.model import models, tiny


def weights(cache: Path) -> str:
    path = tiny.ensure(cache) / "model.safetensors"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_tiny_is_always_the_same(cache: Path, tmp_path: Path) -> None:
    assert weights(tmp_path) == weights(cache)


def test_tiny_has_one_to_two_million_parameters(cache: Path) -> None:
    from mlcc_engine.forecast import memory

    assert 1_000_000 < memory.read_shape(str(tiny.ensure(cache))).parameters < 2_000_000


@pytest.mark.slow
def test_two_processes_may_make_it_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        folders = pool.map(tiny.ensure, [tmp_path, tmp_path])
    assert folders[0] == folders[1]
    assert [path.name for path in tmp_path.iterdir()] == [folders[0].name]


@pytest.mark.parametrize("text", ["Hé 😀\n\tx  ,y .", "\u2028\x00"])
def test_tiny_reads_every_byte(text: str, cache: Path) -> None:
    chat = models.load_tokenizer(models.locate("mlcc-tiny", cache))
    tokenizer = chat.tokenizer
    ids = tokenizer(text)["input_ids"]
    assert len(ids) == len(text.encode())
    assert tokenizer.decode(ids) == text
    assert chat.notes == ()


def test_tiny_may_be_named_by_its_folder(cache: Path) -> None:
    folder = tiny.ensure(cache)
    assert models.locate(str(folder), cache) == models.locate("mlcc-tiny", cache) == str(folder)


def test_base_model_gets_a_plain_template(cache: Path, tmp_path: Path) -> None:
    tokenizer = models.load_tokenizer(models.locate("mlcc-tiny", cache)).tokenizer
    tokenizer.chat_template = None
    tokenizer.save_pretrained(tmp_path)
    chat = models.load_tokenizer(str(tmp_path))
    found = chat.tokenizer
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    text = found.apply_chat_template(talk, tokenize=False)
    assert text == "### User:\nHi\n\n### Assistant:\nHello.<|end|>\n\n"
    opening = found.apply_chat_template(talk[:1], tokenize=False, add_generation_prompt=True)
    assert text.startswith(opening)
    assert "no chat template" in chat.notes[0]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"config.json": "{}", "pytorch_model.bin": "x"}, "pickled weights"),
        ({"config.json": "{}"}, "holds no weights"),
        ({"adapter_config.json": "{}", "adapter_model.safetensors": ""}, "holds a LoRA adapter"),
        ({"readme.md": ""}, "config.json is missing"),
    ],
)
def test_folders_that_are_no_model(files: dict[str, str], says: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(MlccError, match=says):
        models.locate(str(tmp_path))


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere", "a/b/c"])
def test_paths_that_are_none(name: str) -> None:
    with pytest.raises(MlccError, match="is not a folder"):
        models.locate(name)


def test_unknown_model_off_line() -> None:
    with pytest.raises(MlccError) as caught:
        models.load_tokenizer("nobody/nothing-at-all")
    assert "nobody/nothing-at-all" in caught.value.what
    assert caught.value.exit_code == 3


def test_own_code_is_never_run(tmp_path: Path) -> None:
    auto = {"AutoConfig": "own.Config", "AutoTokenizer": [None, "own.Tokenizer"]}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": auto}))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"auto_map": auto}))
    (tmp_path / "own.py").write_text("raise SystemExit('ran')\n")
    with pytest.raises(MlccError):
        models.load_tokenizer(str(tmp_path))


def test_damaged_weights(cache: Path, tmp_path: Path) -> None:
    import torch

    folder = tiny.ensure(cache)
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(
            path.read_bytes()[: 1000 if "model." in path.name else None]
        )
    with pytest.raises(MlccError, match="are damaged"):
        models.load_model(str(tmp_path), torch.float32)


def test_adapter_of_another_model(cache: Path, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    other = LlamaForCausalLM(
        LlamaConfig(
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            vocab_size=262,
        )
    )
    torch.manual_seed(0)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tuned = get_peft_model(other, LoraConfig(r=2, target_modules="all-linear"))
        tuned.save_pretrained(tmp_path)
    with pytest.raises(MlccError, match="does not fit model 'mlcc-tiny'"):
        generate.load("mlcc-tiny", adapter=tmp_path, cache=cache)


def test_reply_cannot_steer_a_terminal() -> None:
    assert generate.printable("a\x1b[2Jb\n\tc\u202e") == "a\ufffd[2Jb\n\tc\ufffd"
