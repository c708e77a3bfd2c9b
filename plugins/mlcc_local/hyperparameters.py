"""Hyperparameters that cannot work on this machine, found before anything is started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlcc_core.errors import MlccError
from mlcc_core.job import Order
from mlcc_local.engine import tiny

Bounds = tuple[float, float]

BOUNDS: Mapping[str, Bounds] = {
    "num_train_epochs": (1, 10_000),
    "learning_rate": (1e-9, 1.0),
    "max_length": (8, 10_000_000),
    "train_batch_size": (1, 65_536),
    "lora_rank": (1, 4096),
    "lora_alpha": (1, 65_536),
    "max_prompt_length": (8, 10_000_000),
    "max_completion_length": (1, 1_000_000),
}
"""Inclusive. Below 8 tokens a chat template alone leaves no room for a word."""

TINY_BOUNDS: Mapping[str, Bounds] = {
    "max_length": (8, tiny.CONTEXT),
    "lora_rank": (1, tiny.WIDTH),
    "max_prompt_length": (8, tiny.CONTEXT),
    "max_completion_length": (1, tiny.CONTEXT),
}
"""What the built-in model can take: its context in tokens, its width."""

LORA_ONLY = ("lora_rank", "lora_alpha")
SAMPLED = ("max_prompt_length", "max_completion_length")


def check_hyperparameters(order: Order) -> Iterator[MlccError]:
    """Every hyperparameter of ``order`` that cannot work; those not known here pass."""
    for name, value in order.hyperparameters.items():
        flag = order.hyperparameter_flags.get(name, name)
        if name in LORA_ONLY and order.training_type != "lora":
            yield MlccError(
                f"{flag} {value} needs --training-type lora, not {order.training_type}.",
                where=flag,
                hint=f"leave {flag} out",
            )
        elif (bounds := BOUNDS.get(name)) is not None:
            yield from _check(flag, value, bounds, "")
            if order.model == tiny.NAME and name in TINY_BOUNDS and _fits(value, bounds):
                yield from _check(flag, value, TINY_BOUNDS[name], f" for {tiny.NAME}")
    yield from _check_context(order)


def _check(flag: str, value: object, bounds: Bounds, of: str) -> Iterator[MlccError]:
    if not _fits(value, bounds):
        low, high = (f"{bound:.10g}" for bound in bounds)
        yield MlccError(
            f"{flag} {value} cannot be used{of}: expected {low} to {high}.",
            where=flag,
            hint=f"pass {flag} with {low} to {high}",
        )


def _fits(value: object, bounds: Bounds) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return bounds[0] <= value <= bounds[1]


def _check_context(order: Order) -> Iterator[MlccError]:
    """A prompt and its reply share the context of the model."""
    lengths = [order.hyperparameters.get(name) for name in SAMPLED]
    whole = sum(length for length in lengths if isinstance(length, int))
    if order.model == tiny.NAME and None not in lengths and whole > tiny.CONTEXT:
        flags = " and ".join(order.hyperparameter_flags.get(name, name) for name in SAMPLED)
        yield MlccError(
            f"{flags} make {whole} tokens, more than the {tiny.CONTEXT} that {tiny.NAME} reads.",
            where=flags,
            hint=f"keep their sum at {tiny.CONTEXT} at most",
        )
