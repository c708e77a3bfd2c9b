"""A question to a model, as a request."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core import Prompt, Sampling
from mlcc_sagemaker.answering.answers import chat_request
from mlcc_sagemaker.answering.asking import AnyPlace

USAGE = "stream_options"
"""The member that asks for numbers of tokens, which older containers do not know."""


@dataclass(frozen=True, slots=True)
class Question:
    """A conversation that waits for the reply of a model.

    Attributes:
        model: the fingerprint of the model's weights.
        place: where it is asked.
        prompt: the conversation.
        sampling: how the reply is chosen.
    """

    model: str
    place: AnyPlace
    prompt: Prompt
    sampling: Sampling

    def body(self, *, stream: bool = True, counted: bool = True) -> bytes:
        """Return the body of the request; members that say nothing new are left out."""
        sampling, prompt = self.sampling, self.prompt
        more: dict[str, object] = {"temperature": sampling.temperature}
        if sampling.top_p != 1:
            more["top_p"] = sampling.top_p
        if sampling.seed is not None:
            more["seed"] = sampling.seed
        if sampling.stop:
            more["stop"] = list(sampling.stop)
        if stream:
            more["stream"] = True
        if stream and counted:
            more[USAGE] = {"include_usage": True}
        return chat_request(prompt.messages, sampling.max_new_tokens, prompt.tools, more)
