"""The process that counts tokens: ``python -m mlcc_tokens.tokenizer_process ANSWER_FD``.

It is told on its standard input whose tokens to count, then given rows; each message is its length
in bytes on a line, and so many bytes. Answers are JSON, one a line: ``{"plain": …}``, whether the
tokenizer came without a chat template, or ``{"error": …}``; then a list of ``[prompt, whole,
refusal]`` for each message of rows.

A process of its own, because a tokenizer takes a second and hundreds of megabytes to import that
nothing else of a check needs, and because a chat template is code of the model's author.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, BinaryIO

from mlcc_core import RowTokens
from mlcc_core.helpers import one_line
from mlcc_tokens.conversation import conversation_of_line
from mlcc_tokens.count_tokens import count

BATCH_ROWS = 256
"""Rows that are counted at once."""


def main(answers: int) -> None:
    """Answer until the input ends."""
    with os.fdopen(answers, "w", encoding="utf-8") as file:
        messages = _messages(sys.stdin.buffer)
        asked = json.loads(next(messages))
        try:
            tokenizer, plain = load(asked["source"])
        except MemoryError:
            raise  # the tokenizer is not to blame
        except Exception as error:  # whatever a broken tokenizer makes the library raise
            _say(file, {"error": one_line(error)})
            return
        _say(file, {"plain": plain})
        for lines in messages:
            _say(file, list(count_lines(tokenizer, lines, prompt_only=asked["prompt_only"])))


def load(source: str) -> tuple[Any, bool]:
    """The tokenizer at ``source``, and whether it needed a plain chat template.

    Args:
        source: a folder, or a Hub id in the local cache.
    """
    # transformers imports torch where it finds it, which no tokenizer needs.
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
    from transformers import AutoTokenizer

    from mlcc_tokens.templates.chat import prepare

    tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    plain = not tokenizer.chat_template
    prepare(tokenizer, source)
    return tokenizer, plain


def count_lines(tokenizer: Any, lines: bytes, *, prompt_only: bool) -> Iterator[RowTokens]:
    """The tokens of each of many JSON lines.

    Args:
        tokenizer: of the model.
        lines: JSON lines in UTF-8.
        prompt_only: as :func:`~mlcc_tokens.conversation.conversation_of_row` has it.
    """
    rows = iter(lines.splitlines())
    while batch := list(islice(rows, BATCH_ROWS)):
        found = [conversation_of_line(line, prompt_only=prompt_only) for line in batch]
        counted = iter(count(tokenizer, [row for row in found if not isinstance(row, str)]))
        for row in found:
            yield RowTokens(0, 0, row) if isinstance(row, str) else next(counted)


def _messages(file: BinaryIO) -> Iterator[bytes]:
    while size := file.readline():
        yield file.read(int(size))


def _say(file: IO[str], answer: object) -> None:
    json.dump(answer, file)
    file.write("\n")
    file.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
