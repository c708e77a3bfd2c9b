"""The question that a judge is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

TASK = """\
Compare two replies to the same conversation, A and B. Decide which one answers it better: by what \
it says, how correct and complete it is, and how well it keeps to what was asked. Where they stand \
and how long they are must not count."""

REFERENCE = "The reference is a good reply; another may be as good."

FORM = "Answer with one word: A, B, or tie if neither is better."


def prompt(
    conversation: Sequence[Mapping[str, object]],
    reply_a: str,
    reply_b: str,
    reference: str | None = None,
) -> str:
    """Return a question about two replies, in which nothing tells where they come from.

    Args:
        conversation: messages, each with a role and a content.
        reply_a: the first reply.
        reply_b: the second reply.
        reference: the reply that the dataset holds.
    """
    parts = [(str(message["role"]), _text(message.get("content"))) for message in conversation]
    replies = [("reply A", reply_a), ("reply B", reply_b)]
    known = [("reference", reference)] if reference is not None else []
    fence = _fence([text for _, text in (*parts, *known, *replies)])
    blocks = [f"{fence} {name}\n{text}" for name, text in (*parts, *known, *replies)]
    task = f"{TASK} {REFERENCE}" if known else TASK
    return "\n".join(
        [task, f"Each part begins with {fence} and its name.", "", *blocks, fence, FORM]
    )


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _fence(texts: Sequence[str]) -> str:
    """Return a mark that is in none of the texts, so that a reply cannot pose as another part."""
    fence = "###"
    while any(fence in text for text in texts):
        fence += "#"
    return fence
