"""One reply: generated alone, in turns with others, and told piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import Any

from mlcc_engine.model import models
from mlcc_engine.talking.asked import Asked
from mlcc_engine.talking.drawing import drawer
from mlcc_engine.talking.turns import Turns
from mlcc_tokens.streaming.held import Until
from mlcc_tokens.streaming.reply_stream import Part, ReplyStream

Tell = Callable[[Sequence[Part]], None]


class Reply:
    """A reply while it is generated.

    Args:
        asked: decides it.
        turns: the turn, which is held.
        stopped: set when the reply is not wanted any more.
        tell: is given parts of the reply.
    """

    def __init__(self, asked: Asked, turns: Turns, stopped: Event, tell: Tell) -> None:
        self._asked, self._turns, self._stopped, self._tell = asked, turns, stopped, tell
        self._undivided = asked.undivided
        self._ends = models.ends_of(asked.model, asked.chat)
        self._stream = ReplyStream(asked.chat, asked.prompt)
        self._until = Until(asked.choice.stop)
        self._tokens = 0
        self._ended = False
        self._over = False

    def generate(self) -> Mapping[str, Any]:
        """Generate the reply, and return its end as the contract has it."""
        import torch
        from transformers import GenerationConfig

        asked, model = self._asked, self._asked.model
        make: Any = GenerationConfig
        greedy = make(
            max_new_tokens=asked.room,
            do_sample=False,
            pad_token_id=asked.chat.tokenizer.pad_token_id,
            eos_token_id=self._ends,
        )
        drawn = [drawer(asked.choice)] if asked.choice.temperature > 0 else []
        ids = torch.tensor([asked.prompt], device=model.device)
        with torch.inference_mode():
            model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                generation_config=greedy,
                logits_processor=drawn,
                stopping_criteria=[self._criterion()],
            )
        self._say(self._stream.finish())
        rest = self._until.finish()
        if rest:
            self._tell([Part(rest)])
        return {
            "ended": self._ended or self._until.ended,
            "tokens": self._tokens,
            "prompt_tokens": len(asked.prompt),
        }

    def take(self, token: int) -> bool:
        """Take the next token, tell what is sure now, and let others compute.

        Returns:
            Nothing follows.
        """
        if self._over:
            return True  # on some devices one token more is computed before the end is seen
        self._tokens += 1
        self._ended = token in self._ends
        self._say(self._stream.feed(token))
        self._over = self._ended or self._until.ended or self._stopped.is_set()
        if not self._over and not self._undivided and self._hand_on():
            self._asked.loaded.use(self._asked.weights)
            self._over = self._stopped.is_set()
        return self._over

    def _hand_on(self) -> bool:
        return self._turns.hand_on(begun=self._tokens == 1)

    def _say(self, parts: Iterable[Part]) -> None:
        told = [part if part.thought else Part(self._until.feed(part.text)) for part in parts]
        said = [part for part in told if part.text]
        if said:
            self._tell(said)

    def _criterion(self) -> Any:
        import torch
        from transformers import StoppingCriteria

        reply = self

        class Taking(StoppingCriteria):
            def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
                over = reply.take(int(input_ids[0, -1]))
                return torch.full((1,), over, dtype=torch.bool, device=input_ids.device)

        return Taking()
