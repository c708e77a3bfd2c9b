"""Whose tokens a row is counted in, before any job: a built-in model's, a folder's, the Hub's."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.technique import Recipe
from mlcc_core.tokens import RowTokens, TokenCounter
from mlcc_local.engine import defaults, tiny
from mlcc_local.engine.models import default_cache
from mlcc_local.models import find_path, hub_name
from mlcc_local.smollm2 import model as smollm2
from mlcc_tokens import at_hand
from mlcc_tokens.conversation import PROMPT, Talk, talk_of
from mlcc_tokens.counter import counting
from mlcc_tokens.counting import wholes


class TinyCounter(TokenCounter):
    """Counts the tokens of ``mlcc-tiny``, which are bytes, without its tokenizer."""

    name = tiny.NAME

    def __init__(self, row_limit: int | None, *, prompt_only: bool) -> None:
        self.row_limit = row_limit
        self._prompt_only = prompt_only

    def count(self, lines: bytes) -> Sequence[RowTokens]:
        talks = (talk_of(line, prompt_only=self._prompt_only) for line in lines.splitlines())
        return [RowTokens(0, 0, talk) if isinstance(talk, str) else _count(talk) for talk in talks]


def token_counter(
    root: Path, model: str, recipe: Recipe | None
) -> AbstractContextManager[TokenCounter]:
    """A counter of the tokens that training makes of rows.

    Raises:
        MlccError: the tokenizer is not on this machine, or ``model`` means no model.
    """
    limit = row_limit(recipe)
    prompt_only = recipe is not None and recipe.evaluator_argument is not None
    if model == tiny.NAME:
        return nullcontext(TinyCounter(limit, prompt_only=prompt_only))
    if model == smollm2.NAME:
        made, mend = made_folder(), make_command()
        return counting(model, made, mend, row_limit=limit, prompt_only=prompt_only)
    folder = find_path(model, root)
    if folder is not None and folder.is_dir():
        mend = at_hand.in_folder(folder)
        return counting(model, folder, mend, row_limit=limit, prompt_only=prompt_only)
    hub_id = hub_name(model, root)
    mend = at_hand.in_cache(hub_id)
    return counting(hub_id, hub_id, mend, row_limit=limit, prompt_only=prompt_only)


def made_folder() -> Path:
    """Return the folder of ``smollm2-135m``, which is not made for a check.

    Raises:
        MlccError: it has not been made; the hint makes it.
    """
    at_hand.require_library()
    cache = default_cache()
    if not smollm2.is_ready(cache):
        raise MlccError(
            f"{smollm2.NAME!r} is not on this machine, and a check downloads nothing.",
            hint=make_command(),
        )
    return smollm2.folder_in(cache)


def make_command() -> str:
    """Return the command that fetches and converts ``smollm2-135m``."""
    return f"{shlex.quote(sys.executable)} -m mlcc_local.smollm2"


def row_limit(recipe: Recipe | None) -> int | None:
    """Where training cuts a row that the user sets no limit for."""
    if recipe is None:
        return None
    settable = "max_length" in recipe.hyperparameters.values()
    own = defaults.lengths(recipe.trainer) if settable else {}
    found = {**own, **recipe.settings}.get("max_length")
    return found if isinstance(found, int) else None


def _count(talk: Talk) -> RowTokens:
    prompt = talk.get(PROMPT)
    return RowTokens(
        prompt=tiny.count(prompt, reply_follows=True) if prompt else 0,
        whole=max(map(tiny.count, wholes(talk)), default=0),
    )
