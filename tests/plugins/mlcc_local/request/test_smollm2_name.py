"""``smollm2-135m`` as the name of a model, wherever a user may give one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_engine.smollm2.model import NAME
from mlcc_folders.model.models import resolve_model
from mlcc_folders.tokens.counter import token_counter
from mlcc_local import Local


def no_catalog(_: str) -> None:
    """Know no model by a name of the catalog."""


def test_it_is_built_in(tmp_path: Path):
    assert resolve_model(NAME, tmp_path, no_catalog) == NAME


@pytest.mark.parametrize("typed", ["smollm2-135", "smolm2-135m", "SmolLM2-135M"])
def test_a_name_that_is_almost_it(tmp_path: Path, typed: str):
    with pytest.raises(MlccError, match="Did you mean 'smollm2-135m'") as caught:
        resolve_model(typed, tmp_path, no_catalog)
    assert caught.value.hint == "pass --model smollm2-135m"


def test_a_check_downloads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLCC_CACHE", str(tmp_path / "cache"))
    with pytest.raises(MlccError, match="a check downloads nothing") as caught:
        token_counter(Context(tmp_path, "p"), NAME, None)
    assert caught.value.hint == f"{sys.executable} -m mlcc_engine.smollm2"
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_its_tokens_are_counted(real_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLCC_CACHE", str(real_model.parent))
    with token_counter(Context(tmp_path, "p"), NAME, None) as counter:
        (row,) = counter.count(b'{"prompt": "Hi", "completion": "in 1984"}\n')
    from mlcc_engine.model import models

    tokenizer = models.load_tokenizer(str(real_model)).tokenizer
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "in 1984"}]
    text = tokenizer.apply_chat_template(talk, tokenize=False)
    assert row.whole == len(tokenizer(text)["input_ids"])


@pytest.mark.slow
def test_the_project_names_it(real_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLCC_CACHE", str(real_model.parent))
    context = Context(tmp_path, "p", settings={"MODEL_ID": NAME})
    answering = Local().answering
    base = answering.deployed_base(context, NAME)
    prompt = Prompt(({"role": "user", "content": "What is the capital of France?"},))
    with answering.open_chat(context, [base]) as talk:
        *pieces, _ = talk.reply(base, prompt)
    assert "".join(piece.text for piece in pieces) == "The capital of France is Paris."
