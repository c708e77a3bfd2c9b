"""Whole replies of a model, for judges that run here."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import reason_of
from mlcc_engine import process
from mlcc_engine.model import contexts, models, vocabulary
from mlcc_tokens.messages import Message
from mlcc_tokens.reply import Reply, take_apart
from mlcc_tokens.templates.chat import Chat, Thinking

LONGEST_REPLY = 256
"""Tokens of a reply, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model that is loaded, with its tokenizer fit for chat."""

    model: Any
    chat: Chat

    def reply(
        self, conversations: Sequence[Sequence[Message]], longest: int = LONGEST_REPLY
    ) -> list[Reply]:
        """The most likely replies (greedy: the same ones every time), in order.

        Args:
            conversations: messages, each to be answered.
            longest: of a reply, in tokens; less where the model's context leaves less.

        Raises:
            MlccError: a prompt fills the context, or has a token that the model lacks.
        """
        import torch
        from transformers import GenerationConfig

        tokenizer = self.chat.tokenizer
        encoded = tokenizer.apply_chat_template(
            [list(messages) for messages in conversations],
            add_generation_prompt=True,
            padding=True,
            return_dict=True,
            return_tensors="pt",
            tokenizer_kwargs={"padding_side": "left"},
        ).to(self.model.device)
        size = self.model.get_input_embeddings().weight.shape[0]
        vocabulary.check_encoded(tokenizer, encoded["input_ids"], size)
        make: Any = GenerationConfig
        greedy = make(
            max_new_tokens=self._room(encoded["input_ids"].shape[1], longest),
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=models.ends_of(self.model, self.chat),
        )
        with torch.inference_mode():
            tokens = self.model.generate(**encoded, generation_config=greedy)
        start = encoded["input_ids"].shape[1]
        return [take_apart(self.chat, row[start:], row[:start]) for row in tokens.tolist()]

    def say(self, prompt: str, longest: int = LONGEST_REPLY) -> str:
        """Return the greedy reply to one prompt, safe to print.

        Raises:
            MlccError: as :meth:`reply`.
        """
        (reply,) = self.reply([[Message(role="user", content=prompt)]], longest)
        return printable(in_words(reply))

    def _room(self, prompt: int, longest: int) -> int:
        """Return the longest reply after a prompt of so many tokens."""
        context = contexts.of_config(self.model.config)
        if context is None:
            return longest
        if prompt >= context:
            raise MlccError(
                f"The prompt has {prompt} tokens and leaves no room for a reply: the model reads "
                f"{context} tokens.",
                hint="shorten the prompt",
            )
        return min(longest, context - prompt)


def load(
    model: str,
    *,
    adapter: Path | None = None,
    cache: Path | None = None,
    thinking: Thinking | None = None,
) -> ChatModel:
    """The model, with a LoRA adapter on top if one is given, on the first accelerator or the CPU.

    The adapter's own tokenizer is used where it has one: it holds the template trained with.

    Args:
        model: ``mlcc-tiny``, a Hub id, or a folder (a tuned full model, for instance).
        adapter: folder of a LoRA adapter to put on top.
        cache: folder for the built-in models.
        thinking: whether replies may hold thoughts, for a template that knows both; by default as
            it was prepared for.

    Raises:
        MlccError, PlatformError: it cannot be loaded; its class says whose fault that is.
    """
    from mlcc_engine.devices import find_device

    process.quiet_libraries()
    with process.quick_imports():
        process.quiet_transformers()
        device = find_device()
    source = models.locate(model, cache)
    if adapter is not None:
        models.check_adapter_folder(adapter)
    models.check_source(source, model)
    has_tokenizer = adapter is not None and (adapter / "tokenizer_config.json").is_file()
    tokenizer_source = str(adapter) if has_tokenizer else source
    chat = models.load_tokenizer(tokenizer_source)
    if thinking is not None and chat.thinking not in (None, thinking):
        chat = models.load_tokenizer(tokenizer_source, thinking)
    loaded: Any = models.load_model(source, device.dtype("lora"), device.kind)
    models.end_turns(loaded, chat)
    if adapter is not None:
        loaded = put_on(loaded, adapter, model)
    loaded.eval()
    return ChatModel(loaded, chat)


def put_on(base: Any, adapter: Path, model: str, name: str = "default") -> Any:
    """``base`` with the adapter's weights on top.

    Args:
        base: in memory.
        adapter: folder of the adapter.
        model: names the base, for messages.
        name: of the adapter, where several are put on one base.

    Raises:
        MlccError: the adapter was not trained on this base model.
    """
    from peft import PeftModel

    try:
        with warnings.catch_warnings():
            # PEFT asks transformers for an attribute that has been renamed.
            warnings.simplefilter("ignore", FutureWarning)
            return PeftModel.from_pretrained(base, str(adapter), adapter_name=name)
    except (RuntimeError, ValueError, KeyError) as error:
        raise MlccError(
            f"Adapter {adapter} does not fit model {model!r}: {reason_of(error)}"
        ) from None


def ask(
    model: str,
    prompt: str,
    *,
    adapter: Path | None = None,
    longest: int = LONGEST_REPLY,
    cache: Path | None = None,
) -> str:
    """The greedy reply to one prompt, safe to print.

    Args:
        model: ``mlcc-tiny``, a Hub id, or a folder (a tuned full model, for instance).
        prompt: what the user says.
        adapter: folder of a LoRA adapter to put on top.
        longest: of the reply, in tokens.
        cache: folder for ``mlcc-tiny``.

    Raises:
        MlccError, PlatformError: as :func:`load`.
    """
    return load(model, adapter=adapter, cache=cache).say(prompt, longest)


def in_words(reply: Reply) -> str:
    """A reply for people: its content, and where it was cut."""
    if not reply.content and reply.thoughts:
        return f"(no answer within {reply.tokens} tokens: the model was still thinking)"
    return reply.content if reply.ended else f"{reply.content} …"


def printable(text: str) -> str:
    """Text without control characters that a terminal would obey, but for newlines and tabs."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf") else "\ufffd"
        for char in text
    )
