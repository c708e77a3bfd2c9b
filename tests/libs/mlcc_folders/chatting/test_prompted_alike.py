"""A base model that is asked in the place in which a tuned model was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Context, ReplyEnd
from mlcc_engine.model import models
from mlcc_folders.folder_serving import FolderServing
from mlcc_tokens.templates.chat import Thinking
from tests.libs.mlcc_engine import families
from tests.libs.mlcc_folders.chatting.talks import ANSWERING, said

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
def project(folder: Path) -> Context:
    return Context(root=folder, project="demo", settings={"MODEL_ID": str(folder / "base")})


def replies(project: Context, name: str) -> list[tuple[str, ReplyEnd]]:
    """What the base says, asked as the tuned model is, and what that says."""
    tuned = ANSWERING.find_subject(project, name)
    assert tuned is not None
    base = ANSWERING.deployed_base(project, "mlcc-tiny")
    with ANSWERING.open_chat(project, [base, tuned]) as session:
        return [
            said(session, base, PROMPT, prompted_as=tuned),
            said(session, tuned, PROMPT),
            said(session, base, PROMPT),
        ]


def test_an_adapter_that_thinks_and_its_base(project: Context) -> None:
    root = project.root
    a_model(root / "base", "off")
    model, tokenizer = a_model(root / "trained-on", "on")
    an_adapter(root / "tuned", model, tokenizer, root / "base")
    FolderServing("mlcc-tiny").add_adapter(project, "tuned", str(root / "tuned"))
    base, tuned, otherwise = replies(project, "tuned")
    assert base[0] != tuned[0]
    assert base[1].prompt_tokens == tuned[1].prompt_tokens != otherwise[1].prompt_tokens


def test_a_full_model_that_does_not_think_and_its_base(project: Context) -> None:
    a_model(project.root / "base", "on")
    a_model(project.root / "full", "off")
    FolderServing("mlcc-tiny").add_component(project, "full", str(project.root / "full"))
    base, tuned, otherwise = replies(project, "full")
    assert base == tuned
    assert base[1].prompt_tokens != otherwise[1].prompt_tokens


def test_a_full_model_whose_base_knows_no_thoughts(project: Context) -> None:
    a_model(project.root / "base", None, family="llama3")
    a_model(project.root / "full", "on")
    FolderServing("mlcc-tiny").add_component(project, "full", str(project.root / "full"))
    base, tuned, _ = replies(project, "full")
    assert base[1].tokens
    assert tuned[1].tokens
