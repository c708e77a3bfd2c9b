"""The counter of the tokens of rows, with the tokenizer that is on this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager

from mlcc_core import Context, MlccError, Recipe, TokenCounter
from mlcc_folders.tokens import counter
from mlcc_sagemaker.serving.weights import hints


def token_counter(
    context: Context, model: str, recipe: Recipe | None
) -> AbstractContextManager[TokenCounter]:
    """Return a counter of the tokens that training makes of rows.

    Raises:
        MlccError: the tokenizer is not on this machine, ``model`` means no model, or the trainer
            renders rows itself.
    """
    if model.startswith("s3://"):
        raise MlccError(
            f"The tokenizer of {model} is in S3, and a check downloads none.",
            hint=hints.stored(model),
        )
    return counter.token_counter(context, model, recipe)
