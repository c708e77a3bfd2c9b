"""The process that counts tokens: ``python -m mlcc_tokens.tokenizer_process ANSWER_FD``.

It is told on its standard input whose tokens to count, then given rows; each message is a word
(``ask``, ``count`` or ``show``) with a length in bytes on a line, and so many bytes. Answers are
JSON, one a line: ``{"plain": …}``, whether the tokenizer came without a chat template, or
``{"error": …}``; then for each message of rows a list, of ``[prompt, whole, refusal, trained]``, or
of ``[texts by column, refusal]`` with each text as ``[piece, trained]`` pairs.

A process of its own, because a tokenizer takes a second and hundreds of megabytes to import that
nothing else of a check needs, and because a chat template is code of the model's author.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import IO, BinaryIO

from mlcc_core import RowText, RowTokens
from mlcc_core.helpers import one_line
from mlcc_tokens.conversation import Conversation, talk_of_line
from mlcc_tokens.count_tokens import lengths
from mlcc_tokens.rendered import Rendered
from mlcc_tokens.rendering import render_rows
from mlcc_tokens.shown import shown
from mlcc_tokens.templates.chat import Chat, prepare
from mlcc_tokens.turns.choice import Conversing, choose
from mlcc_tokens.turns.dialogue import Dialogue, TrainOn

BATCH_ROWS = 256
"""Rows that are counted at once."""


def main(answers: int) -> None:
    """Answer until the input ends."""
    with os.fdopen(answers, "w", encoding="utf-8") as file:
        messages = _messages(sys.stdin.buffer)
        _, text = next(messages)
        asked = json.loads(text)
        try:
            rows, plain = load(**asked)
        except MemoryError:
            raise  # the tokenizer is not to blame
        except Exception as error:  # whatever a broken tokenizer makes the library raise
            _say(file, {"error": one_line(error)})
            return
        _say(file, {"plain": plain})
        for word, lines in messages:
            _say(file, list(rows.count(lines) if word == b"count" else rows.show(lines)))


def load(source: str, *, prompt_only: bool = False, train_on: TrainOn = "all") -> tuple[Rows, bool]:
    """Load what reads rows with a tokenizer; tell whether that needed a plain chat template.

    Args:
        source: a folder, or a Hub id in the local cache.
        prompt_only: replies are sampled, not learned from the rows.
        train_on: the replies of whole conversations that are trained.
    """
    # transformers imports torch where it finds it, which no tokenizer needs.
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    plain = not tokenizer.chat_template
    chat = prepare(tokenizer, source)
    return Rows(chat, source, prompt_only=prompt_only, train_on=train_on), plain


@dataclass
class Rows:
    """Reads rows with a tokenizer.

    Attributes:
        chat: the tokenizer, with a chat template that is fit for training.
        source: the model's name.
        prompt_only, train_on: as :func:`~mlcc_tokens.conversation.talk_of_row` has them.
    """

    chat: Chat
    source: str
    prompt_only: bool
    train_on: TrainOn

    @cached_property
    def conversing(self) -> Conversing:
        """Return what renders whole conversations, chosen when there is one."""
        return choose(self.chat, self.source, self.train_on)

    def count(self, lines: bytes) -> Iterator[RowTokens]:
        """Count the tokens of each of many JSON lines."""
        for found, rendered in self._rendered(lines):
            counted = iter(lengths(self.chat.tokenizer, rendered))
            for row in found:
                yield RowTokens(0, 0, row) if isinstance(row, str) else next(counted)

    def show(self, lines: bytes) -> Iterator[tuple[Mapping[str, object], str | None]]:
        """Yield the texts of each of many JSON lines by column, and why it is refused."""
        for found, rendered in self._rendered(lines):
            texts = iter(rendered)
            for row in found:
                text = RowText({}, row) if isinstance(row, str) else shown(row, next(texts))
                by_column = {
                    column: [(part.text, part.trained) for part in parts]
                    for column, parts in text.texts.items()
                }
                yield by_column, text.refusal

    def _rendered(
        self, lines: bytes
    ) -> Iterator[tuple[list[Conversation | Dialogue | str], list[Rendered]]]:
        """Yield rows in batches: each row or why it is none, and the rendered ones."""
        unread = iter(lines.splitlines())
        while batch := list(islice(unread, BATCH_ROWS)):
            found = [
                talk_of_line(line, prompt_only=self.prompt_only, train_on=self.train_on)
                for line in batch
            ]
            rows = [row for row in found if not isinstance(row, str)]
            whole = any(isinstance(row, Dialogue) for row in rows)
            conversing = self.conversing if whole else None
            yield found, render_rows(self.chat.tokenizer, rows, conversing)


def _messages(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    while heading := file.readline():
        word, size = heading.split()
        yield word, file.read(int(size))


def _say(file: IO[str], answer: object) -> None:
    json.dump(answer, file)
    file.write("\n")
    file.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
