"""A counter that takes words for tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mlcc_core.contract.tokens import RowTokens, TokenCounter


class Words(TokenCounter):
    """Counts the words of the column ``prompt``, and of the other texts beside it."""

    how = "in words"

    def __init__(self, name: str, row_limit: int | None = None) -> None:
        self.name = name
        self.row_limit = row_limit

    def count(self, lines: bytes) -> Sequence[RowTokens]:
        return [self._count(json.loads(line)) for line in lines.splitlines()]

    def _count(self, row: dict[str, object]) -> RowTokens:
        words = {name: len(text.split()) for name, text in row.items() if isinstance(text, str)}
        prompt = words.pop("prompt", 0)
        replies = [prompt + count for count in words.values()]
        longest = max(replies, default=0)
        return RowTokens(prompt, longest, further=sum(replies) - longest)
