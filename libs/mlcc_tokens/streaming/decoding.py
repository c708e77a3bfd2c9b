"""Tokens to text, one by one."""

from __future__ import annotations

from typing import Any

BROKEN = "\N{REPLACEMENT CHARACTER}"
"""Stands for bytes that make no character, or not yet."""


class Decoder:
    """Decodes tokens as they come; the texts joined are the text of all tokens.

    Only the last tokens are decoded each time. A token is read together with those before it: the
    first one of a text may lose its blank, and a character may be made of several tokens.

    Args:
        tokenizer: of the model.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._start = 0
        self._told = 0

    def feed(self, token: int) -> str:
        """Return the text that is sure now."""
        self._ids.append(token)
        before = self._decode(self._ids[self._start : self._told])
        now = self._decode(self._ids[self._start :])
        if len(now) <= len(before) or now.endswith(BROKEN) or not now.startswith(before):
            return ""
        self._start, self._told = self._told, len(self._ids)
        return now[len(before) :]

    def _decode(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(ids, skip_special_tokens=False)
        return text
