"""Which weights are trained is said; vision-language models keep what sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.model import models, skeleton
from mlcc_engine.request import parse
from mlcc_engine.train import adapting
from tests.libs.mlcc_engine import families
from tests.libs.mlcc_engine.trainings import FACTS, Train, write_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # as in the process that trains
]

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
TEXT = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def seeing(kind: str, vocabulary: int) -> Any:
    """A config of a tiny vision-language model."""
    import transformers

    sight = {"depth": 1, "hidden_size": 32, "num_heads": 2, "out_hidden_size": 32, "patch_size": 4}
    if kind == "qwen2_5_vl":
        text = {**TEXT, "vocab_size": vocabulary, "rope_parameters": rope([2, 1, 1])}
        return transformers.Qwen2_5_VLConfig(
            text_config=text, vision_config={**sight, "intermediate_size": 32}
        )
    text = {**TEXT, "vocab_size": vocabulary, "head_dim": 8, "rope_parameters": rope([2, 1, 1])}
    return transformers.Qwen3VLConfig(
        text_config=text,
        vision_config={**sight, "intermediate_size": 32, "deepstack_visual_indexes": [0]},
    )


def rope(sections: list[int]) -> dict[str, Any]:
    return {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": sections}


def save(kind: str, folder: Path) -> dict[str, Any]:
    """Save a tiny model with random weights; its tensors by name."""
    import torch
    import transformers

    tokenizer = families.tokenizer(families.template("qwen2_5"))
    config = seeing(kind, len(tokenizer))
    torch.manual_seed(0)
    transformers.AutoModelForImageTextToText.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"patch_size": 4}))
    return tensors(folder / "model.safetensors")


def tensors(path: Path) -> dict[str, Any]:
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
def test_vision_language_model_keeps_its_structure(
    kind: str, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    base = save(kind, tmp_path)
    done = train(
        PAIRS,
        model=str(tmp_path),
        training_type="full-rank",
        hyperparameters={"num_train_epochs": 2, "learning_rate": 1e-3},
    )
    tuned = tensors(done.output / "model.safetensors")
    assert tuned.keys() == base.keys()
    assert json.loads((done.output / "config.json").read_text())["model_type"] == kind
    assert (done.output / "preprocessor_config.json").is_file()
    differ = {name for name in base if not torch.equal(base[name], tuned[name])}
    assert differ
    assert not any("visual" in name for name in differ)
    printed = capsys.readouterr().out
    assert "Not trained: what sees images, " in printed


def test_adapter_of_a_vision_language_model_leaves_what_sees(train: Train, tmp_path: Path) -> None:
    save("qwen3_vl", tmp_path)
    done = train(PAIRS, model=str(tmp_path), hyperparameters={"num_train_epochs": 1})
    names = tensors(done.output / "adapter_model.safetensors")
    assert names
    assert not any("visual" in name for name in names)


def test_sampling_trains_a_vision_language_model(train: Train, tmp_path: Path) -> None:
    save("qwen3_vl", tmp_path)
    function = tmp_path / "length.py"
    function.write_text(
        "def lambda_handler(events):\n"
        "    return {'statusCode': 200, 'body': [{'id': e['id'], 'aggregate_reward_score':"
        " len(e['messages'][-1]['content'])} for e in events]}\n"
    )
    done = train(
        [{"prompt": [{"role": "user", "content": prompt}]} for prompt in FACTS],
        model=str(tmp_path),
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": str(function)},
        hyperparameters={
            "num_train_epochs": 1,
            "max_completion_length": 8,
            "global_batch_size": 2,
            "learning_rate": 1e-3,
        },
    )
    assert done.outcome.state == "completed"


def experts(kind: str) -> Any:
    import transformers

    text = {**TEXT, "vocab_size": 300, "head_dim": 8}
    if kind == "gpt_oss":
        return transformers.GptOssConfig(**text, num_local_experts=4)
    return transformers.Qwen3MoeConfig(**text, num_experts=4, moe_intermediate_size=32)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (
            "gpt_oss",
            [
                (
                    r"LoRA trains [\d.]+ of [\d.]+ thousand parameters \([\d.]+ %\): 2 × k_proj, "
                    r"2 × o_proj, 2 × q_proj, 2 × v_proj\."
                ),
                r"Not trained: the experts, [\d.]+ of [\d.]+ thousand parameters \([\d.]+ %\)\.",
            ],
        ),
        ("qwen3_moe", [r"LoRA trains .* 2 × experts, 2 × gate \(the router\), 2 × k_proj"]),
    ],
)
def test_modules_of_experts_are_named(kind: str, says: list[str], tmp_path: Path) -> None:
    import re

    experts(kind).save_pretrained(tmp_path)
    lines = adapting.described(skeleton.as_trained(str(tmp_path), "lora", {}))
    assert len(lines) == len(says)
    for line, expected in zip(lines, says, strict=True):
        assert re.match(expected, line), line


def test_skeleton_counts_what_is_trained(cache: Path) -> None:
    from peft import get_peft_model

    source = models.locate("mlcc-tiny", cache)
    import torch

    loaded = models.load_model(source, torch.float32)
    real = get_peft_model(loaded, adapting.lora_config({"r": 4}, sees=False))
    bare = skeleton.as_trained(source, "lora", {"r": 4})
    assert adapting.described(bare) == adapting.described(real)
    assert bare.get_nb_trainable_parameters() == real.get_nb_trainable_parameters()


def test_plan_says_what_is_trained(cache: Path, tmp_path: Path) -> None:
    body = {
        "job": "test",
        "technique": "test",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "full-rank",
        "dataset": write_rows(tmp_path / "rows.jsonl", PAIRS),
        "output": str(tmp_path / "output"),
        "cache": str(cache),
    }
    assert "Training all 1.716 million parameters." in forecast(parse(body))
