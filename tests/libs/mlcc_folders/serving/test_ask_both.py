"""``mlcc test``: base and tuned model are asked in one place, the one that was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core.contract.platform.values import Context
from mlcc_engine.model import models
from mlcc_folders.folder_serving import FolderServing
from mlcc_tokens.templates.chat import Thinking
from tests.libs.mlcc_engine import families

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

PROMPT = "What is the capital of France?"


def a_model(folder: Path, thinking: Thinking | None, family: str = "qwen3") -> tuple[Any, Any]:
    """Save a model whose template was prepared for ``thinking``; it and its tokenizer."""
    tokenizer = families.tokenizer(families.template(family))
    model = families.model(len(tokenizer))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    chat = models.load_tokenizer(str(folder), thinking)
    chat.tokenizer.save_pretrained(folder)
    return model, chat.tokenizer


def an_adapter(folder: Path, model: Any, tokenizer: Any, base: Path) -> None:
    """Save an adapter that changes every reply."""
    import torch
    from peft import LoraConfig, get_peft_model

    tuned = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear"))
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_" in name:
                weight.normal_(0, 3)
    tuned.peft_config["default"].base_model_name_or_path = str(base)
    tuned.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Tokens that models are given to read, in order."""
    from transformers import GenerationMixin

    seen: list[list[int]] = []
    generate = GenerationMixin.generate

    def listen(self: Any, *args: Any, **inputs: Any) -> Any:
        seen.extend(inputs["input_ids"].tolist())
        return generate(self, *args, **inputs)

    monkeypatch.setattr(GenerationMixin, "generate", listen)
    return seen


@pytest.fixture
def project(folder: Path) -> Context:
    return Context(root=folder, project="demo", settings={"MODEL_ID": str(folder / "base")})


@pytest.mark.parametrize("thinking", ["on", "off"])
def test_an_adapter_and_its_base(
    project: Context, thinking: Thinking, given: list[list[int]]
) -> None:
    root = project.root
    a_model(root / "base", None)
    model, tokenizer = a_model(root / "trained-on", thinking)
    an_adapter(root / "tuned", model, tokenizer, root / "base")
    FolderServing("mlcc-tiny").add_adapter(project, "tuned", str(root / "tuned"))
    base, tuned = FolderServing("mlcc-tiny").ask_both(project, PROMPT, "tuned")
    assert base != tuned
    first, second = given
    assert first == second


@pytest.mark.parametrize("thinking", ["on", "off"])
def test_a_full_model_and_its_base(
    project: Context, thinking: Thinking, given: list[list[int]]
) -> None:
    a_model(project.root / "base", None)
    a_model(project.root / "full", thinking)
    FolderServing("mlcc-tiny").add_component(project, "full", str(project.root / "full"))
    base, tuned = FolderServing("mlcc-tiny").ask_both(project, PROMPT, "full")
    assert base == tuned
    first, second = given
    assert first == second


def test_a_full_model_whose_base_knows_no_thoughts(project: Context) -> None:
    a_model(project.root / "base", None, family="llama3")
    a_model(project.root / "full", "on")
    FolderServing("mlcc-tiny").add_component(project, "full", str(project.root / "full"))
    base, tuned = FolderServing("mlcc-tiny").ask_both(project, PROMPT, "full")
    assert base
    assert tuned
