"""The chat template of a tokenizer; every one has one here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FALLBACK_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '### ' + message['role'] | capitalize + ':\n' + message['content'] }}"
    "{{ eos_token if message['role'] == 'assistant' else '' }}{{ '\n\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '### Assistant:\n' }}{% endif %}"
)
"""For base models, which have none: without special tokens that they never saw."""


def give_template(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Give a tokenizer without a chat template a plain one; whether it needed it."""
    if tokenizer.chat_template:
        return False
    bos = tokenizer.bos_token_id
    starts_with_bos = bos is not None and tokenizer("a")["input_ids"][:1] == [bos]
    tokenizer.chat_template = ("{{ bos_token }}" if starts_with_bos else "") + FALLBACK_TEMPLATE
    return True
