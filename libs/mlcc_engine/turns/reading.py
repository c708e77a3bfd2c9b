"""The form in which a job reads its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.request import Request
from mlcc_engine.train import rows
from mlcc_tokens.conversation import Conversation, conversation_of_row, is_dialogue, talk_of_row
from mlcc_tokens.templates.chat import Chat
from mlcc_tokens.turns.choice import Conversing, choose
from mlcc_tokens.turns.dialogue import Dialogue, TrainOn

TRAIN_ON = "train_on"
"""The hyperparameter that says which replies are trained."""

LABELS_KNOWN = "assistant_only_loss"
"""The argument by which a Config shows that its trainer takes tokens with labels."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The form in which a job reads its rows.

    Attributes:
        prompt_only: replies are sampled, not learned from the rows.
        whole: a row of messages is trained as a whole conversation; otherwise its last reply is
            the completion of all that comes before.
        train_on: the replies of a whole conversation that are trained.
    """

    prompt_only: bool = False
    whole: bool = False
    train_on: TrainOn = "all"

    def is_whole(self, values: Mapping[str, Any]) -> bool:
        """Return whether a row is read as a whole conversation."""
        return self.whole and not self.prompt_only and is_dialogue(values)

    def talk(self, values: Mapping[str, Any], where: str) -> Conversation | Dialogue:
        """Read a row.

        Args:
            values: of the row.
            where: it is, for the error.

        Raises:
            MlccError: it cannot be read as what it should be.
        """
        if self.whole:
            return talk_of_row(values, where, prompt_only=self.prompt_only, train_on=self.train_on)
        return conversation_of_row(values, where, prompt_only=self.prompt_only)


def reading_of(request: Request, fields: Mapping[str, Any]) -> Reading:
    """Return the form in which a job reads its rows.

    Args:
        request: of the job.
        fields: the arguments of the trainer's Config.

    Raises:
        MlccError: the replies to train are named by another word than ``all`` and ``last``.
    """
    asked = {**request.settings, **request.hyperparameters}.get(TRAIN_ON, "all")
    if asked not in ("all", "last"):
        raise MlccError(
            f"--train-on {asked} is not known, expected all or last.",
            where="--train-on",
            hint="--train-on all",
        )
    return Reading(
        prompt_only=request.evaluator is not None,
        whole=request.row_form == "conversation" and LABELS_KNOWN in fields,
        train_on=asked,
    )


def conversing_for(request: Request, chat: Chat, reading: Reading) -> Conversing | None:
    """Choose what renders the rows of a job; ``None`` where the rows are prompts with replies.

    Args:
        request: of the job.
        chat: of the model; its tokenizer is given the template that is chosen.
        reading: of the rows; the first one tells their form.

    Raises:
        MlccError: no template of the model can tell every reply apart.
    """
    first = next(islice(rows.read(Path(request.dataset)), 1), None)
    if first is None or not reading.is_whole(first.values):
        return None
    found = choose(chat, request.model, reading.train_on)
    if found.turns.fault is not None:
        raise MlccError(
            f"The chat template of {request.model_name} cannot be trained on every reply: "
            f"{found.turns.fault}.",
            where="--train-on",
            hint="--train-on last",
        )
    return found
