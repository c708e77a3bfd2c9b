"""Models and tokenizers that only their libraries can judge: refused in one line, or mended."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.helpers import install_command
from mlcc_engine import generate, load_errors
from mlcc_engine.forecast import demand, forecast
from mlcc_engine.model import architectures, models, quantized, tiny, vocabulary
from mlcc_engine.request import parse
from mlcc_engine.turns.reading import Reading
from tests.libs.mlcc_engine import folders
from tests.libs.mlcc_engine.trainings import Train, write_rows

ROWS = [{"prompt": "Hi", "completion": "Hello."}] * 3
SENTENCEPIECE = b"\n\x0c\n\x05<unk>\x15\0\0\0\0\x18\x02" * 30

Told = Callable[..., list[str]]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.save(folders.llama(), tmp_path_factory.mktemp("whole"))


@pytest.fixture
def model(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "model"))


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """The forecast of a model."""

    def run(model: Path, rows: list[dict[str, str]] = ROWS, **more: Any) -> list[str]:
        body = {
            "job": "test",
            "technique": "test",
            "trainer": "trl:SFTTrainer",
            "model": str(model),
            "training_type": "lora",
            "dataset": write_rows(tmp_path / "rows.jsonl", rows),
            "output": str(tmp_path / "output"),
            **more,
        }
        return forecast.forecast(parse(body))

    return run


def without_tokenizer(folder: Path) -> Path:
    for path in [*folder.glob("token*"), *folder.glob("special*"), *folder.glob("chat*")]:
        path.unlink()
    return folder


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"model_type": "made_up"}, "'made_up', which this version of transformers"),
        ({"model_type": "bert"}, "'bert', expected a causal language model"),
        ({"model_type": "roberta", "is_decoder": False}, "'roberta'"),
        ({"model_type": "clip"}, "'clip'"),
        ({"model_type": "t5"}, "'t5'"),
        ({"model_type": "vit"}, "'vit'"),
        ({"model_type": "llava"}, "(llava) takes images"),
        ({"model_type": "gemma3", "vision_config": {"a": 1}}, "gemma3) takes images"),
        ({"model_type": "qwen2_audio", "audio_config": {"a": 1}}, "qwen2_audio"),
        ({"model_type": "made_up", "auto_map": {"AutoConfig": "a.B"}}, "code of its own"),
        ({"model_type": "llama", "architectures": ["LlamaForTokenClassification"]}, "Token"),
        ({"model_type": "qwen2", "architectures": ["Qwen2ForRewardModel"]}, "RewardModel"),
        ({}, "no model_type"),
    ],
)
def test_architectures_that_cannot_be_trained(config: dict[str, Any], says: str) -> None:
    with pytest.raises(MlccError) as caught:
        models.check_architecture(config, "org/name")
    assert says in caught.value.what
    assert (caught.value.where, "\n" in caught.value.what) == ("--model", False)
    assert caught.value.hint


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
        {"model_type": "llama", "architectures": ["LlamaModel"]},
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
        {"model_type": "gpt_oss"},
        {"model_type": "gemma3_text"},
        {"model_type": "phi3", "auto_map": {"AutoConfig": "a.B"}},
        {"model_type": "bert", "is_decoder": True, "architectures": ["BertLMHeadModel"]},
    ],
)
def test_architectures_that_can(config: dict[str, Any]) -> None:
    models.check_architecture(config, "org/name")
    assert not models.is_vision_language(config)


@pytest.mark.parametrize(
    "kind",
    ["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe"],
)
def test_qwen_sees(kind: str) -> None:
    from transformers import AutoConfig

    config = AutoConfig.for_model(kind)
    assert models.is_vision_language(config)
    assert models.is_vision_language(config.to_dict())
    models.check_architecture(config, "org/name")


def test_every_causal_model_of_transformers_is_judged() -> None:
    """By the name alone, as a config may leave everything else out."""
    from transformers.models.auto import modeling_auto

    refused = set()
    for kind in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        try:
            architectures.check_architecture({"model_type": kind}, "org/name")
        except MlccError:
            refused.add(kind)
    assert {"bert", "roberta", "bart", "whisper", "fuyu"} <= refused
    assert not refused & {"llama", "qwen2", "qwen3", "gpt2", "gpt_oss", "mistral", "phi", "opt"}


def test_an_encoder_in_a_folder(tmp_path: Path, told: Told) -> None:
    from transformers import BertConfig, BertModel

    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    bert = BertModel(BertConfig(**small, intermediate_size=16, vocab_size=262))
    folder = folders.save(bert, tmp_path / "bert")
    for call in (lambda: told(folder), lambda: generate.load(str(folder))):
        with pytest.raises(MlccError, match="'bert', expected a causal language model"):
            call()


TOKENIZERS: list[tuple[dict[str, bytes], str]] = [
    ({"tokenizer.json": b'{"a":'}, "damaged"),
    ({"tokenizer.json": b"{}"}, "damaged"),
    ({"tokenizer.json": b"[]"}, "damaged"),
    ({"tokenizer.json": b""}, "damaged"),
    ({"vocab.json": b'{"a"', "merges.txt": b""}, "damaged"),
    ({"tokenizer.model": SENTENCEPIECE}, "needs sentencepiece"),
    ({"tokenizer.model": b"IQ== 0\nIg== 1\n"}, "needs tiktoken"),
]


@pytest.mark.parametrize(("files", "says"), TOKENIZERS)
def test_tokenizers_that_cannot_be_loaded(
    model: Path, told: Told, files: dict[str, bytes], says: str
) -> None:
    without_tokenizer(model)
    for name, content in files.items():
        (model / name).write_bytes(content)
    with pytest.raises(MlccError) as caught:
        told(model)
    package = says.removeprefix("needs ")
    if says != "damaged" and load_errors._installed(package):
        pytest.skip(f"{package} is installed")
    assert says in caught.value.what
    assert "\n" not in caught.value.what
    if says != "damaged":
        assert str(caught.value.hint).startswith(install_command(package))


@pytest.mark.parametrize("kind", ["llama", "gpt2", "qwen2"])
def test_no_tokenizer_at_all(tmp_path: Path, kind: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(MlccError, match=r"has no tokenizer|makes no tokens"):
        models.load_tokenizer(str(tmp_path))


def test_an_empty_vocabulary(model: Path, told: Told) -> None:
    document = json.loads((model / "tokenizer.json").read_text())
    document["model"]["vocab"] = {
        token: index for token, index in document["model"]["vocab"].items() if index < 2
    }
    (model / "tokenizer.json").write_text(json.dumps(document))
    with pytest.raises(MlccError, match="makes no tokens of text"):
        told(model)
    with pytest.raises(MlccError, match="makes no tokens of text"):
        models.load_tokenizer(str(model))


def test_rows_with_tokens_that_the_model_lacks(model: Path, told: Told) -> None:
    tokenizer = tiny.make_tokenizer()
    tokenizer.add_tokens(["<new>"])
    tokenizer.save_pretrained(model)
    assert told(model)
    rows = [*ROWS * 100, {"prompt": "A <new> one", "completion": "x"}]
    with pytest.raises(MlccError) as caught:
        told(model, rows)
    assert caught.value.where == "rows.jsonl:301"
    assert "'<new>' (id 262)" in caught.value.what
    assert "--local-dir" in str(caught.value.hint)
    with pytest.raises(MlccError, match="'<new>'"):
        generate.ask(str(model), "A <new> one")


@pytest.mark.slow
def test_padding_that_the_model_lacks(model: Path, told: Told, train: Train) -> None:
    tokenizer = tiny.make_tokenizer()
    tokenizer.add_special_tokens({"pad_token": "<padding>"})
    tokenizer.save_pretrained(model)
    assert any("'<padding>'" in line for line in told(model))
    rows = [{"prompt": "a" * n, "completion": "b"} for n in range(1, 9)]
    done = train(rows, model=str(model), hyperparameters={"num_train_epochs": 1})
    assert done.outcome.state == "completed"
    assert models.load_tokenizer(str(done.output)).tokenizer.pad_token == "<|end|>"


def test_an_end_that_the_model_lacks(model: Path, told: Told) -> None:
    tokenizer = tiny.make_tokenizer()
    tokenizer.add_special_tokens({"eos_token": "<stop>"})
    tokenizer.save_pretrained(model)
    with pytest.raises(MlccError, match="'<stop>'"):
        told(model)


def test_rows_are_not_read_if_the_tokenizer_fits(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.jsonl"
    vocabulary.check_rows(nowhere, tiny.make_tokenizer(), 262, "x", reading=Reading())
    with pytest.raises((MlccError, OSError), match="nowhere"):
        vocabulary.check_rows(nowhere, tiny.make_tokenizer(), 10, "x", reading=Reading())


@pytest.mark.slow
def test_mxfp4_is_dequantised(tmp_path: Path, told: Told, train: Train) -> None:
    folder = mxfp4(tmp_path / "oss")
    assert quantized.method(json.loads((folder / "config.json").read_text())) == "mxfp4"
    lines = told(folder)
    assert any(line.startswith("Memory: about") for line in lines)
    import torch

    loaded = models.load_model(str(folder), torch.float32)
    experts = dict(loaded.named_parameters())["model.layers.0.mlp.experts.down_proj"]
    assert set(experts.detach().unique().tolist()) == {0.5}
    assert demand.loaded_parameters(str(folder), 0) == sum(
        weight.numel() for weight in loaded.parameters()
    )
    done = train(ROWS, model=str(folder), hyperparameters={"num_train_epochs": 1})
    assert done.outcome.state == "completed"


def mxfp4(folder: Path) -> Path:
    """A tiny gpt-oss whose experts are stored as MXFP4: every number is 0.5."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import GptOssConfig

    config = GptOssConfig(
        **{**folders.CONFIG, "hidden_size": 32, "intermediate_size": 32, "head_dim": 16},
        num_local_experts=2,
        num_experts_per_tok=1,
    )
    folders.save(folders.make(config), folder)
    path = folder / "model.safetensors"
    stored = load_file(path)
    for name in [name for name in stored if name.endswith(("gate_up_proj", "down_proj"))]:
        experts, rows, columns = stored.pop(name).shape
        blocks = torch.full((experts, columns, rows // 32, 16), 0x11, dtype=torch.uint8)
        stored[f"{name}_blocks"] = blocks  # 1 of FP4 is 0.5
        stored[f"{name}_scales"] = torch.full(blocks.shape[:3], 127, dtype=torch.uint8)
    save_file(stored, path, metadata={"format": "pt"})
    return folders.change_config(folder, quantization_config={"quant_method": "mxfp4"})


@pytest.mark.slow
def test_the_command_fails_in_one_line(model: Path, folder: Path) -> None:
    write_rows(folder / "rows.jsonl", ROWS)
    folders.change_config(model, model_type="made_up", architectures=None)
    mlcc = [sys.executable, "-c", "from mlcc_core.cli import main; raise SystemExit(main())"]
    subprocess.run([*mlcc, "init", ".", "--platform", "local"], check=True, capture_output=True)
    tune = ["tune", "--technique", "sft", "--dataset", "rows.jsonl", "--model", str(model)]
    subprocess.run(
        [*mlcc, "deploy", "--force-ic", "--model-data", str(model)], check=True, capture_output=True
    )
    for words in (tune, ["test", "--prompt", "Hi"]):
        done = subprocess.run([*mlcc, *words], capture_output=True, text=True, timeout=120)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert "'made_up'" in done.stderr
