"""A counter whose tokenizer lives in a process of its own, with all the cores there are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from mlcc_core import MlccError, RowText, RowTokens, TextPart, TokenCounter
from mlcc_core.helpers import killed_process
from mlcc_tokens.turns.dialogue import TrainOn

QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "true",
    "TRANSFORMERS_VERBOSITY": "error",
}
"""The child's surroundings: it works with what is on this machine, and says nothing."""

PRINTED_BYTES = 64 * 1024
PRINTED_LINES = 5
"""Of what the child said last, so much is read when it died, and so many lines are shown."""


class ProcessCounter(TokenCounter):
    """Counts in a child process; make one with :func:`counting`."""

    def __init__(
        self,
        name: str,
        mend: str,
        row_limit: int | None,
        child: subprocess.Popen[bytes],
        answers: IO[str],
        said: IO[bytes],
    ) -> None:
        self.name = name
        self.row_limit = row_limit
        self._mend = mend
        self._child = child
        self._answers = answers
        self._printed = said
        self._ready = False

    def count(self, lines: bytes) -> Sequence[RowTokens]:
        return [RowTokens(*row) for row in self._asked(b"count", lines)]

    def show(self, lines: bytes) -> Sequence[RowText]:
        return [
            RowText(
                {
                    column: tuple(TextPart(*part) for part in parts)
                    for column, parts in texts.items()
                },
                refusal,
            )
            for texts, refusal in self._asked(b"show", lines)
        ]

    def _asked(self, word: bytes, lines: bytes) -> Any:
        self.send(word, lines)
        if not self._ready:
            self._hear_of_tokenizer()
        return self._answer()

    def send(self, word: bytes, message: bytes) -> None:
        """Give the child something to do; if it died, that is noticed when it is to answer.

        Args:
            word: the task.
            message: what to do it with.
        """
        assert self._child.stdin is not None  # noqa: S101 - it was opened with a pipe
        with suppress(BrokenPipeError):
            self._child.stdin.write(b"%s %d\n" % (word, len(message)))
            self._child.stdin.write(message)
            self._child.stdin.flush()

    def _hear_of_tokenizer(self) -> None:
        first = self._answer()
        if "error" in first:
            raise MlccError(
                f"The tokenizer of {self.name!r} cannot be used: {first['error']}",
                where="--model",
                hint=self._mend,
            )
        if first["plain"]:
            self.how = "which has no chat template: a plain one included"
        self._ready = True

    def _answer(self) -> Any:
        line = self._answers.readline()
        if line:
            return json.loads(line)
        code = self._child.wait()
        self._printed.seek(max(0, self._printed.seek(0, os.SEEK_END) - PRINTED_BYTES))
        words = self._printed.read().decode("utf-8", "replace").splitlines()
        detail = [line for line in words if line.strip()][-PRINTED_LINES:]
        raise killed_process(f"The process that counts tokens of {self.name!r}", code, detail)


@contextmanager
def open_counter(
    name: str,
    source: Path | str,
    mend: str,
    *,
    row_limit: int | None = None,
    prompt_only: bool = False,
    train_on: TrainOn = "all",
) -> Iterator[ProcessCounter]:
    """A counter of a model's tokens, as long as the context lasts.

    Args:
        name: what the user calls the model.
        source: a folder with a tokenizer, or a Hub id whose tokenizer is in the local cache.
        mend: how to get a tokenizer that works.
        row_limit: where jobs cut rows by themselves.
        prompt_only: replies are sampled, not learned from the rows.
        train_on: the replies of whole conversations that are trained.

    Raises:
        MlccError: by the counter: the tokenizer cannot be used.
        PlatformError: by the counter: its process died.
    """
    with TemporaryFile() as said:
        reader, writer = os.pipe()
        try:
            child = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "mlcc_tokens.tokenizer_process", str(writer)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                env=os.environ | QUIET,
                pass_fds=(writer,),
                start_new_session=True,
            )
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as answers:
            try:
                counter = ProcessCounter(name, mend, row_limit, child, answers, said)
                asked = {
                    "source": str(source),
                    "prompt_only": prompt_only,
                    "train_on": train_on,
                }
                counter.send(b"ask", json.dumps(asked).encode())
                yield counter
            finally:
                _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    child.wait()
