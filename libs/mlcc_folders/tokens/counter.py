"""The tokenizer that counts rows before any job: a built-in model's, a folder's, the Hub's."""

from __future__ import annotations

import shlex
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path

from mlcc_core import Context, MlccError, Recipe, TokenCounter
from mlcc_engine.hub import cache
from mlcc_engine.hub.names import HubName
from mlcc_engine.model import contexts, standins, tiny
from mlcc_engine.model.models import BUILT_IN, default_cache
from mlcc_engine.smollm2 import model as smollm2
from mlcc_engine.train import defaults
from mlcc_folders.model.models import find_path, hub_name
from mlcc_folders.tokens.tiny import TinyCounter
from mlcc_tokens import local_tokenizers
from mlcc_tokens.downloads import downloaded
from mlcc_tokens.local_tokenizers import PATTERNS
from mlcc_tokens.tokenizer_client import open_counter
from mlcc_tokens.turns.dialogue import train_on_of


def token_counter(
    context: Context, model: str, recipe: Recipe | None
) -> AbstractContextManager[TokenCounter]:
    """A counter of the tokens that training makes of rows.

    Raises:
        MlccError: the tokenizer is not on this machine, a file stands in for one of its files,
            ``model`` means no model, or the trainer renders rows itself.
    """
    if recipe is not None and recipe.rows == "as-is":
        raise MlccError(
            f"{recipe.trainer} is given rows as they are: it alone knows their tokens.",
            hint="mlcc plugins",
        )
    folder = None if model in BUILT_IN else find_path(model, context.root)
    if folder is not None and folder.is_dir():
        standins.check_files(folder)
    elif model not in BUILT_IN:
        model = hub_name(model, context.hub_id)
        if "@" in model:
            folder = cached_folder(model)
    limit = row_limit(recipe, context_of(model, folder))
    prompt_only = recipe is not None and recipe.evaluator_argument is not None
    train_on = train_on_of(recipe)
    if model == tiny.NAME:
        return nullcontext(TinyCounter(limit, prompt_only=prompt_only, train_on=train_on))
    counter = partial(open_counter, row_limit=limit, prompt_only=prompt_only, train_on=train_on)
    if model == smollm2.NAME:
        return counter(model, made_folder(), make_command())
    if folder is not None and folder.is_dir():
        return counter(model, folder, local_tokenizers.in_folder(folder))
    return counter(model, model, local_tokenizers.in_cache(model))


def cached_folder(model: str) -> Path:
    """Return the folder of one revision of a model of the Hub.

    Raises:
        MlccError: it is not on this machine; the hint downloads it.
    """
    hub_id, _, revision = model.partition("@")
    found = cache.find(HubName(hub_id, revision))
    if found is None:
        raise MlccError(
            f"The tokenizer of {model!r} is not on this machine, and a check downloads none.",
            hint=downloaded(hub_id, PATTERNS, revision=revision),
        )
    return found


def made_folder() -> Path:
    """Return the folder of ``smollm2-135m``, which is not made for a check.

    Raises:
        MlccError: it has not been made; the hint makes it.
    """
    local_tokenizers.require_library()
    home = default_cache()
    if not smollm2.is_ready(home):
        raise MlccError(
            f"{smollm2.NAME!r} is not on this machine, and a check downloads nothing.",
            hint=make_command(),
        )
    return smollm2.folder_in(home)


def make_command() -> str:
    """Return the command that fetches and converts ``smollm2-135m``."""
    return f"{shlex.quote(sys.executable)} -m mlcc_engine.smollm2"


def row_limit(recipe: Recipe | None, context: int | None) -> int | None:
    """Return the length at which training cuts a row that the user sets no limit for.

    Args:
        recipe: of the technique.
        context: of the model, if it is known.
    """
    if recipe is None:
        return None
    cuts = recipe.evaluator_argument is None and (
        recipe.hyperparameters.get("max_seq_length", "max_length") == "max_length"
    )
    own = defaults.lengths(recipe.trainer) if cuts else {}
    found = {**own, **recipe.settings}.get("max_length")
    if not isinstance(found, int):
        return None
    return found if context is None else min(found, context)


def context_of(model: str, folder: Path | None) -> int | None:
    """The context of a model, from files on this machine alone; ``None`` if they do not tell."""
    if model == smollm2.NAME:
        folder = smollm2.folder_in(default_cache())
    if folder is not None or model == tiny.NAME:
        return contexts.find_context(str(folder) if folder else model)
    with suppress(Exception):  # the library is missing, or the name can be no Hub id
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(model, "config.json")
        return contexts.find_context(str(Path(found).parent)) if isinstance(found, str) else None
    return None
