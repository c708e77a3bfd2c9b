"""Hyperparameters that cannot work, found before anything is started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlcc_core import MlccError, TrainingSpec
from mlcc_engine.model import contexts, tiny

Bounds = tuple[float, float]

BOUNDS_BY_HYPERPARAMETER: Mapping[str, Bounds] = {
    "num_train_epochs": (1, 10_000),
    "max_length": (8, 10_000_000),
    "train_batch_size": (1, 65_536),
    "lora_rank": (1, 4096),
    "lora_alpha": (1, 65_536),
    "max_prompt_length": (8, 10_000_000),
    "max_completion_length": (1, 1_000_000),
}
"""Inclusive. Below 8 tokens a chat template alone leaves no room for a word."""

LENGTH_HYPERPARAMETERS = ("max_length", "max_prompt_length", "max_completion_length")
"""Bounded by the model's context."""

LORA_ONLY = ("lora_rank", "lora_alpha")
SAMPLED_LENGTHS = ("max_prompt_length", "max_completion_length")


def check_hyperparameters(
    spec: TrainingSpec, model: str | None = None, context: int | None = None
) -> Iterator[MlccError]:
    """Yield an error for every hyperparameter of ``spec`` that cannot work; unknown ones pass.

    Args:
        spec: the job that is asked for.
        model: as the engine calls it; a folder tells its context.
        context: of the model in tokens, where it is known besides.
    """
    context = context or contexts.find_context(model or spec.model)
    for name, value in spec.hyperparameters.items():
        flag = spec.hyperparameter_flags.get(name, name)
        if name in LORA_ONLY and spec.training_type != "lora":
            yield MlccError(
                f"{flag} {value} needs --training-type lora, not {spec.training_type}.",
                where=flag,
                hint=f"leave {flag} out",
            )
        elif (bounds := BOUNDS_BY_HYPERPARAMETER.get(name)) is not None:
            yield from _check(flag, value, bounds, "")
            own = _own_bounds(spec.model, name, bounds, context)
            why = ", its context in tokens" if name in LENGTH_HYPERPARAMETERS else ""
            if own is not None and _fits(value, bounds):
                yield from _check(flag, value, own, f" for {spec.model}", why)
    if context is not None:
        yield from _check_context(spec, context)


def _own_bounds(model: str, name: str, bounds: Bounds, context: int | None) -> Bounds | None:
    """The bounds that the model sets: its context in tokens; the built-in model's width."""
    if name in LENGTH_HYPERPARAMETERS and context is not None:
        return min(bounds[0], context), context
    return (1, tiny.WIDTH) if model == tiny.NAME and name == "lora_rank" else None


def _check(flag: str, value: object, bounds: Bounds, of: str, why: str = "") -> Iterator[MlccError]:
    if not _fits(value, bounds):
        low, high = (f"{bound:.10g}" for bound in bounds)
        nearest = high if isinstance(value, (int, float)) and value > bounds[1] else low
        yield MlccError(
            f"{flag} {value} cannot be used{of}: expected {low} to {high}{why}.",
            where=flag,
            hint=f"{flag} {nearest}",
        )


def _fits(value: object, bounds: Bounds) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return bounds[0] <= value <= bounds[1]


def _check_context(spec: TrainingSpec, context: int) -> Iterator[MlccError]:
    """A prompt and its reply share the context of the model."""
    lengths = [spec.hyperparameters.get(name) for name in SAMPLED_LENGTHS]
    prompt, reply = lengths
    if not isinstance(prompt, int) or not isinstance(reply, int) or max(prompt, reply) > context:
        return
    if prompt + reply > context:
        flags = [spec.hyperparameter_flags.get(name, name) for name in SAMPLED_LENGTHS]
        yield MlccError(
            f"{' and '.join(flags)} make {prompt + reply} tokens, more than the {context} that "
            f"{spec.model} reads (its context).",
            where=" and ".join(flags),
            hint=f"keep their sum at {context} at most: "
            f"{flags[0]} {prompt} {flags[1]} {max(1, context - prompt)}",
        )
