"""The tokens of a model of the catalog: its Hub id names the tokenizer."""

from __future__ import annotations

from contextlib import AbstractContextManager

from mlcc_core import Context, MlccError, Recipe, TokenCounter
from mlcc_tokens import local_tokenizers
from mlcc_tokens.tokenizer_client import open_counter
from mlcc_tokens.turns.dialogue import train_on_of


def token_counter(
    context: Context, model: str, recipe: Recipe | None
) -> AbstractContextManager[TokenCounter]:
    """A counter of tokens by the model's own tokenizer and chat template.

    Where the service cuts rows by itself is a default of the model's recipe in the hub, which a
    check does not ask for.

    Raises:
        MlccError: the model's tokenizer is not public, or not on this machine.
    """
    hub_id = context.hub_id(model) or (model if "/" in model else None)
    if hub_id is None:
        raise MlccError(
            f"The catalog names no repository on the Hub with the tokenizer of {model!r}.",
            hint="mlcc catalog list",
        )
    mend = local_tokenizers.in_cache(hub_id)
    prompt_only = recipe is not None and recipe.evaluator_argument is not None
    train_on = train_on_of(recipe)
    return open_counter(hub_id, hub_id, mend, prompt_only=prompt_only, train_on=train_on)
