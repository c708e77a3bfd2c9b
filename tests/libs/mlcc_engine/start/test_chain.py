"""A training that goes on from the adapter of an earlier one."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Ancestor, MlccError
from mlcc_engine import generate
from mlcc_engine.base import bases
from mlcc_engine.request import parse
from mlcc_engine.start import content, lineage, loading
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import FACTS, Train, Trained

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
PREFERRED = [
    {"prompt": prompt, "chosen": reply, "rejected": "I do not know."}
    for prompt, reply in FACTS.items()
]
DPO = {"trainer": "trl:DPOTrainer", "technique": "dpo", "job": "two"}
QUICK = {"num_train_epochs": 1, "global_batch_size": 2, "learning_rate": 1e-3}


def start_of(trained: Trained, *before: dict[str, Any]) -> dict[str, Any]:
    """The part of a request that goes on from the adapter of ``trained``."""
    fingerprint = content.fingerprint_of(trained.output, "adapter")
    made = {"kind": "adapter", "path": str(trained.output), "fingerprint": fingerprint}
    own = {**made, "job": "one", "technique": "sft"}
    return {**made, "lineage": [*before, own]}


@pytest.fixture(scope="module")
def sft(train: Train) -> Trained:
    return train(
        PAIRS,
        job="one",
        technique="sft",
        lora={"r": 8, "lora_alpha": 32},
        hyperparameters={"num_train_epochs": 15},
    )


@pytest.fixture(scope="module")
def dpo(train: Train, sft: Trained) -> Trained:
    return train(PREFERRED, **DPO, start=start_of(sft), hyperparameters=QUICK)


def margins(trained: Trained) -> list[float]:
    return trained.metric("margin")


def losses(trained: Trained) -> list[float]:
    return [line["loss"] for line in trained.progress if "loss" in line]


def test_preferences_are_measured_from_the_start(dpo: Trained):
    """At the first step the policy is its reference: no margin, and a loss of ln 2."""
    assert margins(dpo)[0] == 0.0
    assert losses(dpo)[0] == pytest.approx(0.6931, abs=1e-4)
    assert margins(dpo)[-1] > 0


def test_the_reference_of_preferences_is_the_start(
    train: Train, sft: Trained, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its log-probabilities are those of the start as it answers, at every step."""
    import torch
    from trl import DPOTrainer
    from trl.trainer.utils import use_adapter

    gaps: list[float] = []
    own = DPOTrainer.training_step
    start: Any = generate.load("mlcc-tiny", adapter=sft.output, cache=cache).model

    def step(trainer: Any, model: Any, inputs: Any, *others: Any) -> Any:
        kept = {name: inputs[name] for name in ("input_ids", "attention_mask")}
        bare = trainer.accelerator.unwrap_model(model)
        with torch.no_grad(), use_adapter(bare, "ref"):
            reference = bare(**kept).logits
        with torch.no_grad():
            gaps.append(float((reference - start(**kept).logits).abs().max()))
        return own(trainer, model, inputs, *others)

    monkeypatch.setattr(DPOTrainer, "training_step", step)
    train(PREFERRED, **DPO, start=start_of(sft), hyperparameters=QUICK)
    assert len(gaps) == 3
    assert max(gaps) < 1e-5


def test_the_output_is_one_adapter_on_the_base(dpo: Trained, sft: Trained, cache: Path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    names = {path.name for path in dpo.output.iterdir() if path.is_dir()}
    assert names == set()
    config = json.loads((dpo.output / "adapter_config.json").read_text())
    first = json.loads((sft.output / "adapter_config.json").read_text())
    for name in ("r", "lora_alpha", "base_model_name_or_path"):
        assert config[name] == first[name]
    assert set(config["target_modules"]) == set(first["target_modules"])
    assert bases.read(dpo.output) == bases.read(sft.output)

    mine = generate.load("mlcc-tiny", adapter=dpo.output, cache=cache)
    prompt = next(iter(FACTS))
    base: Any = AutoModelForCausalLM.from_pretrained(next(cache.glob("mlcc-tiny-*")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = PeftModel.from_pretrained(base, str(dpo.output)).eval()
    plain = generate.ChatModel(theirs, mine.chat)
    theirs.generation_config = mine.model.generation_config
    assert plain.say(prompt) == mine.say(prompt)


def test_lineage_is_beside_the_output(dpo: Trained, sft: Trained, tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(dpo.output, copy)
    written = lineage.read(copy)
    assert written is not None
    assert (written.job, written.technique) == ("two", "dpo")
    fingerprint = content.fingerprint_of(sft.output, "adapter")
    assert written.ancestors == (Ancestor("adapter", "one", fingerprint, "one", "sft"),)
    assert content.fingerprint_of(copy, "adapter") == content.fingerprint_of(dpo.output, "adapter")
    assert content.fingerprint_of(copy, "adapter") != fingerprint


def test_what_is_compared_is_the_start(train: Train, sft: Trained, capsys: pytest.CaptureFixture):
    trained = train(PAIRS, job="two", technique="sft", start=start_of(sft), hyperparameters=QUICK)
    text = capsys.readouterr().out
    assert "Goes on from the adapter of one" in text
    assert "of the start." in text
    assert losses(trained)[0] < losses(sft)[0] / 3


def test_replies_are_sampled_from_the_start(train: Train, sft: Trained, tmp_path: Path):
    reward = tmp_path / "reward.py"
    reward.write_text(DIGITS.replace("char.isdigit()", "char in 'aeiou'"))
    trained = train(
        [{"prompt": [{"role": "user", "content": prompt}]} for prompt in FACTS],
        trainer="trl:GRPOTrainer",
        start=start_of(sft),
        evaluator={"kind": "function", "value": str(reward)},
        hyperparameters={**QUICK, "num_generations": 4, "beta": 0.1, "max_completion_length": 16},
    )
    assert {path.name for path in trained.output.iterdir() if path.is_dir()} == set()
    assert trained.metric("kl")[0] == pytest.approx(0.0, abs=1e-6)


def broken(sft: Trained, folder: Path, change: Any) -> dict[str, Any]:
    """A start like that of ``sft``, whose tensors were changed."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(sft.output, folder)
    path = folder / "adapter_model.safetensors"
    save_file(change(load_file(path)), path, metadata={"format": "pt"})
    fingerprint = content.fingerprint_of(folder, "adapter")
    return {"kind": "adapter", "path": str(folder), "fingerprint": fingerprint, "lineage": []}


def refused(train: Train, **request: Any) -> str:
    with pytest.raises(MlccError) as caught:
        train(PAIRS, **request)
    assert caught.value.exit_code == 1
    return caught.value.what


def test_an_adapter_with_values_that_are_no_numbers(train: Train, sft: Trained, tmp_path: Path):
    def spoil(tensors: Any) -> Any:
        name = next(iter(tensors))
        tensors[name][0, 0] = float("nan")
        return tensors

    start = broken(sft, tmp_path / "nan", spoil)
    assert "not finite numbers" in refused(train, start=start)


def test_an_adapter_that_lacks_a_layer(train: Train, sft: Trained, tmp_path: Path):
    def less(tensors: Any) -> Any:
        del tensors[sorted(tensors)[0]]
        return tensors

    assert "does not fit 'mlcc-tiny'" in refused(train, start=broken(sft, tmp_path / "less", less))


@pytest.mark.parametrize(
    ("lora", "words"),
    [
        ({"r": 4}, "has r 8, and 4 is asked for"),
        ({"lora_alpha": 8}, "has lora_alpha 32, and 8 is asked for"),
        ({"target_modules": ["q_proj"]}, "has target_modules"),
    ],
)
def test_another_shape_than_that_of_the_start(
    train: Train, sft: Trained, lora: dict[str, Any], words: str
):
    assert words in refused(train, start=start_of(sft), lora=lora)


def test_a_start_that_has_changed_or_is_gone(train: Train, sft: Trained, tmp_path: Path):
    start = start_of(sft)
    assert "has changed" in refused(train, start={**start, "fingerprint": "0" * 64})
    assert "is gone" in refused(train, start={**start, "path": str(tmp_path / "none")})


def test_the_dropout_of_the_start_may_change(sft: Trained, cache: Path):
    import torch

    from mlcc_engine.model import models

    request = parse(
        {
            "job": "x",
            "technique": "sft",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "dataset": "",
            "output": "",
            "start": start_of(sft),
            "lora": {"lora_dropout": 0.25},
        }
    )
    model = models.load_model(models.locate("mlcc-tiny", cache), torch.float32)
    loaded = loading.with_start(model, loading.fitted(request))
    assert loaded.peft_config["default"].lora_dropout == 0.25
    assert any(weight.requires_grad for weight in loaded.parameters())
