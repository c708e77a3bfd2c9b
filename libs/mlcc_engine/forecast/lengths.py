"""Rows, prompts and replies within the context of the model: limits that are capped or refused."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.model import contexts, models, tiny
from mlcc_engine.request import Request
from mlcc_engine.train import rows
from mlcc_tokens.conversation import conversation_of_row
from mlcc_tokens.count_tokens import count

ROW, PROMPT, REPLY = "max_length", "max_prompt_length", "max_completion_length"

FLAG_BY_LENGTH: Mapping[str, str] = {
    ROW: "--max-seq-length",
    PROMPT: "--max-prompt-length",
    REPLY: "--max-response-length",
}

BATCH_ROWS = 256
TEMPLATE = 2048
"""Tokens that no chat template adds to a prompt."""


def context_of(request: Request) -> int | None:
    """Return the context of the model that a job trains, in tokens.

    Raises:
        MlccError, PlatformError: the model's config cannot be had.
    """
    if request.model == tiny.NAME:
        return tiny.CONTEXT
    return contexts.of_config(models.load_config(_source(request)))


def fit(
    values: Mapping[str, Any], fields: Mapping[str, Any], request: Request, *, sampled: bool
) -> tuple[dict[str, Any], list[str]]:
    """Cap what the user left open so that it fits into the context; refuse what does not fit.

    Args:
        values: hyperparameters by the Config's names.
        fields: the Config's arguments and their defaults.
        request: of the job.
        sampled: the trainer samples replies.

    Returns:
        The values, and notes for the user.

    Raises:
        MlccError: a limit that the user set is above the context, or a prompt leaves no room.
    """
    fitted = dict(values)
    context = context_of(request)
    if context is None:
        return fitted, []
    for name, flag in FLAG_BY_LENGTH.items():
        asked = request.hyperparameters.get(name)
        if isinstance(asked, int) and asked > context:
            raise MlccError(
                f"{flag} {asked} is more than the context of {request.model_name}: "
                f"{context} tokens.",
                where=flag,
                hint=f"{flag} {context}",
            )
    if ROW in fields:
        limit = fitted.get(ROW, fields[ROW])
        fitted[ROW] = min(limit, context) if isinstance(limit, int) else context
    notes = []
    if sampled and REPLY in fields and request.row_form == "conversation":
        notes = _fit_reply(fitted, fields[REPLY], request, context)
    return fitted, notes


def _fit_reply(values: dict[str, Any], default: Any, request: Request, context: int) -> list[str]:
    """Cap the length of replies so that the longest prompt and its reply fit."""
    chosen = values.get(REPLY, default)
    reply = chosen if isinstance(chosen, int) else context
    if _surely_short(Path(request.dataset), context - reply):
        return []
    longest, where = longest_prompt(request)
    if isinstance(allowed := values.get(PROMPT), int):
        longest = min(longest, allowed)  # a longer one is refused as such
    room = context - longest
    if room < 1:
        raise MlccError(
            f"The prompt has {longest} tokens and leaves no room for a reply in the context of "
            f"{request.model_name}: {context} tokens.",
            where=where,
            hint="shorten the prompt, or choose a model with a longer context",
        )
    if reply <= room:
        return []
    if isinstance(request.hyperparameters.get(REPLY), int):
        flag = FLAG_BY_LENGTH[REPLY]
        raise MlccError(
            f"{flag} {reply} and the longest prompt ({longest} tokens, {where}) make "
            f"{longest + reply}, more than the context of {request.model_name}: {context} tokens.",
            where=flag,
            hint=f"{flag} {room}",
        )
    values[REPLY] = room
    note = (
        f"Replies end after {room} tokens: the longest prompt has {longest} of the {context} "
        f"that {request.model_name} reads."
    )
    return [note]


def longest_prompt(request: Request) -> tuple[int, str]:
    """Return the tokens of the longest prompt of all rows, and where it is.

    Raises:
        MlccError, PlatformError: the tokenizer cannot be had, or a row holds no prompt.
    """
    tokenizer = models.load_tokenizer(_source(request), request.thinking).tokenizer
    longest, where = 0, Path(request.dataset).name
    unread = rows.read(Path(request.dataset))
    while batch := list(islice(unread, BATCH_ROWS)):
        conversations = [
            conversation_of_row(row.values, row.where, prompt_only=True) for row in batch
        ]
        for row, tokens in zip(batch, count(tokenizer, conversations), strict=True):
            if tokens.prompt > longest:
                longest, where = tokens.prompt, row.where
    return longest, where


def _source(request: Request) -> str:
    """Return the folder or id of config and tokenizer.

    The weights beside them are judged elsewhere.
    """
    folder = Path(request.model).expanduser()
    if request.model != tiny.NAME and folder.is_dir():
        return str(folder.resolve())
    return models.locate(
        request.model, Path(request.cache) if request.cache else None, weights=False
    )


def _surely_short(dataset: Path, room: int) -> bool:
    """True where no prompt can fill ``room``: a token is a byte at least, nearly always."""
    try:
        with dataset.open("rb") as lines:
            return all(2 * len(line) + TEMPLATE <= room for line in lines)
    except OSError as error:
        raise MlccError(f"Cannot read the dataset {dataset}: {error.strerror}.") from None
