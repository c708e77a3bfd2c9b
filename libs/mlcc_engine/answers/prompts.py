"""Prompts and passages of an evaluation as the tokens that a model is asked with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError, PromptTooLong
from mlcc_core.helpers import plural, reason_of
from mlcc_engine.generate import ChatModel
from mlcc_engine.model import contexts, vocabulary
from mlcc_tokens.conversation import PROMPT
from mlcc_tokens.messages import as_messages
from mlcc_tokens.rendered import Rendered, excerpt
from mlcc_tokens.rendering import render
from mlcc_tokens.turns.choice import Conversing, choose
from mlcc_tokens.turns.dialogue import Dialogue, Turn, dialogue_of_row
from mlcc_tokens.turns.encoding import encode, ids_of_all
from mlcc_tokens.turns.placing import as_taken, render_dialogue

COMPLETION = "completion"
PLAIN = {"role", "content"}
"""The keys of a message that every way of training reads alike."""

MOST_NAMED = 5
"""Further prompts that are named, where many are too long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, as it comes from the session.

    Attributes:
        messages: each with ``role`` and ``content``, and what else the row's have.
        tools: that the model is told of.
    """

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()

    @property
    def where(self) -> str:
        """Return its name for people: a session may be given some of a dataset's rows alone."""
        content = self.messages[-1].get("content") if self.messages else ""
        return f"the prompt {excerpt(' '.join(str(content).split()))}"

    @property
    def plain(self) -> bool:
        """Return whether it is text alone."""
        return not self.tools and all(
            {key for key, value in message.items() if value} <= PLAIN for message in self.messages
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """A passage in tokens.

    Attributes:
        ids: of prompt and reply.
        start, end: of the tokens that a training learns.
    """

    ids: list[int]
    start: int
    end: int


class Encoder:
    """Makes tokens of conversations as a training and ``test`` do.

    Args:
        chat_model: that is asked.

    Attributes:
        chat: of the model.
        context: tokens that it reads, where it is known.
    """

    def __init__(self, chat_model: ChatModel) -> None:
        self.chat = chat_model.chat
        self._known = chat_model.model.get_input_embeddings().weight.shape[0]
        self.context = contexts.of_config(chat_model.model.config)
        self._conversing: Conversing | None = None

    def prompts(self, asked: Sequence[Asked]) -> list[list[int]]:
        """Return the tokens of each prompt, with what opens a reply.

        Raises:
            MlccError: the chat template refuses a prompt, it fills the context, or it has a token
                that the model lacks; its first words are named.
        """
        found = ids_of_all(self.chat.tokenizer, list(map(self._opened, asked)))
        for prompt, ids in zip(asked, found, strict=True):
            self._check(prompt, ids)
        if self.context is not None:
            pairs = zip(asked, map(len, found), strict=True)
            self._check_room([(prompt, size) for prompt, size in pairs if size >= self.context])
        return found

    def passages(self, asked: Sequence[tuple[Asked, str]]) -> list[Learned]:
        """Return the tokens of each passage, cut at the model's context as a training cuts them.

        Raises:
            MlccError: the chat template refuses a passage, it has a token that the model lacks, or
                nothing of its reply is within the context; the first words are named.
        """
        found = [self._passage(*each) for each in asked]
        for (prompt, _), passage in zip(asked, found, strict=True):
            self._check(prompt, passage.ids)
        pairs = zip(asked, found, strict=True)
        self._check_room([(each[0], at.start) for each, at in pairs if at.start >= at.end])
        return found

    def _opened(self, prompt: Asked) -> str:
        """Return the text of a prompt."""
        try:
            return self._as_text(prompt) if prompt.plain else self._with_tools(prompt)
        except (MlccError, MemoryError):
            raise
        except Exception as error:  # templates raise what they like
            raise _refused(prompt, reason_of(error)) from None

    def _as_text(self, prompt: Asked) -> str:
        text: str = self.chat.tokenizer.apply_chat_template(
            as_messages(list(prompt.messages), "user", prompt.where),
            tokenize=False,
            add_generation_prompt=True,
        )
        return text

    def _with_tools(self, prompt: Asked) -> str:
        conversing = self._for_dialogues()
        turns = [as_taken(turn, conversing.turns) for turn in _turns(prompt)]
        (text,) = conversing.renderer.texts([turns], prompt.tools, opens_reply=True)
        if prompt.tools and [text] == conversing.renderer.texts([turns], (), opens_reply=True):
            raise ValueError("it drops the tools")
        return text

    def _passage(self, prompt: Asked, reply: str) -> Learned:
        if prompt.plain:
            messages = as_messages(list(prompt.messages), "user", prompt.where)
            said = as_messages(reply, "assistant", prompt.where)
            (row,) = render(self.chat.tokenizer, [{PROMPT: messages, COMPLETION: said}])
            _check_row(prompt, row)
            opened, whole = ids_of_all(
                self.chat.tokenizer, [row.prompt, row.prompt_with_each_reply[0]]
            )
            runs = [(len(opened), len(whole))]
        else:
            conversing = self._for_dialogues()
            turns = (*_turns(prompt), {"role": "assistant", "content": reply})
            dialogue = Dialogue(turns, (len(turns) - 1,), tuple(prompt.tools))
            row = render_dialogue(conversing.renderer, conversing.turns, dialogue)
            _check_row(prompt, row)
            (encoded,) = encode(self.chat.tokenizer, [row])
            whole, runs = encoded.ids, list(encoded.runs)
        ids = whole[: self.context]
        start, end = runs[0][0], runs[-1][1]
        return Learned(ids, max(start, 1), min(end, len(ids)))

    def _for_dialogues(self) -> Conversing:
        if self._conversing is None:
            self._conversing = choose(self.chat, "the model", "last")
        return self._conversing

    def _check(self, prompt: Asked, ids: list[int]) -> None:
        largest = max(ids, default=0)
        if largest >= self._known:
            raise vocabulary.beyond(
                self.chat.tokenizer, largest, self._known, "the model", "It holds", prompt.where
            )

    def _check_room(self, long: Sequence[tuple[Asked, int]]) -> None:
        """Refuse prompts that leave no room for a reply: all are named, to be mended at once.

        Args:
            long: these prompts, and how many tokens each has.
        """
        if not long:
            return
        (prompt, tokens), *others = long
        verb, them = ("are", "them") if len(others) > 1 else ("is", "them" if others else "it")
        more = f" {plural(len(others), 'more prompt')} {verb} too long." if others else ""
        raise PromptTooLong(
            f"It has {tokens} tokens and leaves no room for a reply: the model reads "
            f"{self.context} tokens.{more}",
            where=prompt.where,
            hint=f"take {them} out of the dataset, or shorten {them}",
            detail=[f"{each.where} has {size} tokens" for each, size in others[:MOST_NAMED]],
        )


def _turns(prompt: Asked) -> tuple[Turn, ...]:
    """Return the messages as a chat template takes them."""
    silent = {"role": "assistant", "content": "."}  # a conversation without a reply is none
    row = {"messages": [*prompt.messages, silent]}
    return dialogue_of_row(row, prompt.where).messages[:-1]


def _check_row(prompt: Asked, row: Rendered) -> None:
    if row.fault is not None:
        raise _refused(prompt, row.fault)


def _refused(prompt: Asked, reason: str) -> MlccError:
    return MlccError(
        f"The model's chat template cannot take it: {reason}.",
        where=prompt.where,
        hint="leave the row out, or mend it",
    )


def of_json(prompts: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    """Read prompts as they come from the session."""
    for prompt in prompts:
        yield Asked(prompt["messages"], prompt["tools"])
