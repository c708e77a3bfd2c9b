"""The chat template of a tokenizer as a renderer of whole conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_tokens.rendered import Span
from mlcc_tokens.turns.dialogue import Turn


class TokenizerRenderer:
    """Renders with a tokenizer of transformers.

    Args:
        tokenizer: its chat template renders.
        marked: the same template with ``{% generation %}`` marks, where it has such.
    """

    def __init__(self, tokenizer: Any, marked: str | None = None) -> None:
        self._tokenizer = tokenizer
        self._marked = marked

    def texts(
        self,
        conversations: Sequence[Sequence[Turn]],
        tools: Sequence[Mapping[str, Any]],
        *,
        opens_reply: bool,
    ) -> list[str]:
        """Render conversations that are told of the same tools.

        Args:
            conversations: messages.
            tools: that the model is told of.
            opens_reply: with what opens a reply.
        """
        texts: list[str] = self._tokenizer.apply_chat_template(
            [list(messages) for messages in conversations],
            tools=list(tools) or None,
            tokenize=False,
            add_generation_prompt=opens_reply,
        )
        return texts

    def marked(
        self, messages: Sequence[Turn], tools: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[Span]]:
        """Render a conversation; return it with what the template marks as the assistant's."""
        from transformers.utils import chat_template_utils

        render: Any = chat_template_utils.render_jinja_template
        (text,), (marks,) = render(
            conversations=[list(messages)],
            tools=list(tools) or None,
            chat_template=self._marked or self._tokenizer.chat_template,
            return_assistant_tokens_mask=True,
            **self._tokenizer.special_tokens_map,
        )
        return text, [(start, end) for start, end in marks]
