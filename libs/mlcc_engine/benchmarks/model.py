"""A model that is loaded already, as lm-eval asks it."""

from __future__ import annotations

from typing import Any

from lm_eval.models.huggingface import HFLM

from mlcc_engine.answers import log_probabilities, replies
from mlcc_engine.generate import ChatModel
from mlcc_engine.model import contexts


def wrap(chat_model: ChatModel) -> Any:
    """Return a model for lm-eval; its text is encoded as ours is, in its own chat template."""
    chat = chat_model.chat
    return BoundedModel(
        pretrained=chat_model.model,
        tokenizer=chat.tokenizer,
        max_length=contexts.of_config(chat_model.model.config),
        add_bos_token=False,  # the chat template writes it
        think_end_token=None if chat.thinking is None else f"</{chat.tag}>",
        batch_size=1,
    )


class BoundedModel(HFLM):  # type: ignore[misc]  # it has no types
    """A model whose batches are bounded by the tokens and logits that they take."""

    def _loglikelihood_tokens(self, requests: Any, *args: Any, **named: Any) -> Any:
        device = self.device.type
        width = max((len(context) + len(reply) for _, context, reply in requests), default=1)
        vocabulary = self.model.get_input_embeddings().weight.shape[0]
        budget = min(
            log_probabilities.TOKENS[device], log_probabilities.NUMBERS[device] // vocabulary
        )
        self._bound(budget // min(width, self.max_length), log_probabilities.ROWS[device])
        return super()._loglikelihood_tokens(requests, *args, **named)

    def generate_until(self, requests: Any, *args: Any, **named: Any) -> Any:
        device = self.device.type
        width = max(len(self.tok_encode(request.args[0])) for request in requests)
        size = min(width + self.max_gen_toks, self.max_length)
        self._bound(replies.TOKENS[device] // size, replies.ROWS[device])
        return super().generate_until(requests, *args, **named)

    def _bound(self, rows: int, most: int) -> None:
        self.batch_size_per_gpu = max(1, min(rows, most))
