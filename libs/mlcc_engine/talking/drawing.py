"""The drawing of tokens, with a generator of random numbers for each reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError

COLDEST = 1e-4
"""The lowest temperature that numbers of 32 bits stand."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The way in which a reply is chosen, as the contract's ``Sampling`` has it."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse values that mean nothing.

        Raises:
            MlccError: it names the value.
        """
        if not 0 <= self.temperature < float("inf"):
            raise _refused("temperature", self.temperature, "0 or more")
        if not 0 < self.top_p <= 1:
            raise _refused("top_p", self.top_p, "more than 0, at most 1")
        if self.max_new_tokens is not None and self.max_new_tokens < 1:
            raise _refused("max_new_tokens", self.max_new_tokens, "1 or more")
        if "" in self.stop:
            raise _refused("stop", "''", "texts of at least one character")


def drawer(choice: Choice) -> Any:
    """Return a processor of logits that leaves one token, drawn as a choice says.

    The numbers come from a generator of its own rather than from the global one, which other
    replies use: the same seed draws the same reply, whatever else is asked meanwhile.
    """
    import torch
    from transformers import LogitsProcessor, TemperatureLogitsWarper, TopPLogitsWarper

    random = torch.Generator()
    if choice.seed is None:
        random.seed()
    else:
        random.manual_seed(choice.seed % 2**63)
    warm: Any = TemperatureLogitsWarper
    narrow: Any = TopPLogitsWarper
    steps = [warm(max(float(choice.temperature), COLDEST))]
    if choice.top_p < 1:
        steps.append(narrow(float(choice.top_p)))

    class Drawer(LogitsProcessor):
        def __call__(self, input_ids: Any, scores: Any) -> Any:
            for step in steps:
                scores = step(input_ids, scores)
            probabilities = scores.float().softmax(-1).cpu()
            token = torch.multinomial(probabilities, 1, generator=random)
            alone = torch.full_like(scores, float("-inf"))
            return alone.scatter_(1, token.to(scores.device), 0.0)

    return Drawer()


def _refused(name: str, value: object, expected: str) -> MlccError:
    return MlccError(f"{name} is {value}, expected {expected}.", where=name)
