"""Chat templates in the language of Ollama: those that can be said are said exactly."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_engine.export.go_template import go_template
from tests.plugins.mlcc_local.trained import train as train_tokenizer

CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|start|>system\nYou help.<|stop|>\n' }}{% endif %}"
    "{{ '<|start|>' + message['role'] + '\n' + message['content'] + '<|stop|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
)
NUMBERED = (
    "{% for message in messages %}{{ loop.index }}{{ '<|start|>' + message['role'] + '\n' + "
    "message['content'] + '<|stop|>\n' }}{% endfor %}"
)
NO_SYSTEM = (
    "{% for message in messages %}{% if message['role'] == 'system' %}"
    "{{ raise_exception('no system') }}{% endif %}{{ message['content'] }}{% endfor %}"
)
FIRST_IN_USER = (
    "{% if messages[0]['role'] == 'system' %}{% set said = messages[0]['content'] %}"
    "{% set rest = messages[1:] %}{% else %}{% set said = '' %}{% set rest = messages %}{% endif %}"
    "{% for m in rest %}{{ '<|start|>' + m['role'] + '\n' + (said if loop.first else '') + "
    "m['content'] + '<|stop|>' }}{% endfor %}"
)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    folder = train_tokenizer(tmp_path_factory.mktemp("tokenizer"))
    return AutoTokenizer.from_pretrained(folder)


def test_messages_between_marks(tokenizer: Any) -> None:
    tokenizer.chat_template = CHATML
    assert go_template(tokenizer) == (
        '{{ if ne (index .Messages 0).Role "system" }}<|start|>system\nYou help.<|stop|>\n{{ end }}'
        '{{ range .Messages }}{{ if eq .Role "system" }}<|start|>system\n{{ .Content }}<|stop|>\n'
        '{{ else if eq .Role "user" }}<|start|>user\n{{ .Content }}<|stop|>\n'
        '{{ else if eq .Role "assistant" }}<|start|>assistant\n{{ .Content }}<|stop|>\n'
        "{{ end }}{{ end }}<|start|>assistant\n"
    )


@pytest.mark.parametrize("template", [NUMBERED, NO_SYSTEM, FIRST_IN_USER])
def test_what_cannot_be_said_is_not(tokenizer: Any, template: str) -> None:
    tokenizer.chat_template = template
    assert go_template(tokenizer) is None
