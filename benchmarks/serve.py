"""Compare conversations with a bare `model.generate` that streams, in turns, on the same prompts.

The bare model is in this process, the conversation's in a process of its own, as for `mlcc chat`
and `mlcc serve`; both compute in float32, on one thread, with the same settings of their libraries.
Each prompt is put to one and then to the other, so that a busy machine slows both alike. Compared
are the seconds to the first text, and the tokens a second of the whole reply.

    python benchmarks/serve.py [--model mlcc-tiny smollm2-135m] [--rounds 5] [--tokens 48]
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

PROMPTS = (
    "What is the capital of France?",
    "Write a short poem about the sea, and say why you chose its words.",
    "Explain to a child how bees make honey. " * 12,
)


@dataclass
class Taken:
    """Seconds to the first text of each reply, and its tokens a second."""

    first: list[float] = field(default_factory=list)
    speed: list[float] = field(default_factory=list)

    def take(self, reply: Bare | Ours) -> None:
        """Read a reply."""
        began = time.monotonic()
        texts = reply.texts()
        next(texts)
        self.first.append(time.monotonic() - began)
        for _ in texts:
            pass
        self.speed.append(reply.tokens / (time.monotonic() - began))


class Bare:
    """A reply of a bare model, streamed token by token.

    Args:
        model: of transformers.
        tokenizer: of the model.
        prompt: that it is asked.
        longest: of the reply, in tokens.
    """

    def __init__(self, model: Any, tokenizer: Any, prompt: str, longest: int) -> None:
        self.tokens = 0
        self._model, self._tokenizer, self._longest = model, tokenizer, longest
        self._prompt = [{"role": "user", "content": prompt}]
        self._queue: SimpleQueue[str | None] = SimpleQueue()

    def put(self, ids: Any) -> None:
        """Take the prompt, and then each token."""
        if ids.numel() == 1:
            self.tokens += 1
            self._queue.put(self._tokenizer.decode(ids.tolist()))

    def end(self) -> None:
        """End the reply."""
        self._queue.put(None)

    def texts(self) -> Iterator[str]:
        """Yield the reply."""
        Thread(target=self._generate).start()
        yield from iter(self._queue.get, None)

    def _generate(self) -> None:
        import torch

        asked = self._tokenizer.apply_chat_template(
            self._prompt, add_generation_prompt=True, return_dict=True, return_tensors="pt"
        )
        with torch.inference_mode():
            self._model.generate(
                **asked, max_new_tokens=self._longest, do_sample=False, streamer=self
            )


class Ours:
    """A reply of a conversation.

    Args:
        session: that is asked.
        subject: of the session.
        prompt: that it is asked.
        longest: of the reply, in tokens.
    """

    def __init__(self, session: Any, subject: Any, prompt: str, longest: int) -> None:
        from mlcc_core import Prompt, Sampling

        self.tokens = 0
        asked = Prompt(({"role": "user", "content": prompt},))
        self._parts = session.reply(subject, asked, Sampling(max_new_tokens=longest))

    def texts(self) -> Iterator[str]:
        """Yield the reply."""
        from mlcc_core import Piece

        for part in self._parts:
            if isinstance(part, Piece):
                yield part.text
            else:
                self.tokens = part.tokens


def compare(name: str, rounds: int, tokens: int, folder: Path) -> None:
    """Print a line of ratios."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from mlcc_core import Context
    from mlcc_engine.model import models
    from mlcc_local import plugin

    context, answering = Context(root=folder, project="bench"), plugin.answering
    base = answering.base_subject(context, name)
    source = models.locate(name)
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32).eval()
    gc.freeze()  # as the process that talks does
    bare, ours = Taken(), Taken()
    with answering.open_chat(context, [base]) as session:
        for again in range(rounds + 1):
            for prompt in PROMPTS:
                one, other = (Taken(), Taken()) if again == 0 else (bare, ours)  # both warm up
                one.take(Bare(model, tokenizer, prompt, tokens))
                other.take(Ours(session, base, prompt, tokens))
    first = [statistics.median(taken.first) for taken in (ours, bare)]
    speed = [statistics.median(taken.speed) for taken in (ours, bare)]
    print(
        f"| {name} | {1000 * first[0]:.0f} | {1000 * first[1]:.0f} | {first[0] / first[1]:.2f} "
        f"| {speed[0]:.1f} | {speed[1]:.1f} | {speed[0] / speed[1]:.2f} |"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", nargs="+", default=["mlcc-tiny", "smollm2-135m"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=48)
    asked = parser.parse_args()
    from mlcc_engine import process

    os.environ["OMP_NUM_THREADS"] = "1"
    process.quiet_libraries()  # or threads of the bare model spin, and those of ours do not
    print(
        "| model | first text ms | bare ms | ratio | tokens/s | bare tokens/s | ratio |\n"
        "|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.model:
            compare(name, asked.rounds, asked.tokens, Path(folder).resolve())


if __name__ == "__main__":
    main()
