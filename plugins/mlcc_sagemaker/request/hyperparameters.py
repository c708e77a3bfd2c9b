"""Hyperparameters of a recipe: what may be set, within which range, and what is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlcc_core import MlccError, TrainingSpec

Spec = Mapping[str, Any]

SET_BY_REQUEST = frozenset(
    {
        *("data_path", "output_path", "data_s3_path", "output_s3_path", "validation_data_path"),
        *("training_data_name", "validation_data_name", "reward_lambda_arn"),
    }
)
"""Parameters of a recipe that the request says elsewhere; the SageMaker SDK leaves them out too."""

SINGLE = "dataset_max_len"
PROMPT, REPLY = "max_prompt_length", "max_response_length"


def wanted_length(spec: TrainingSpec, specs: Mapping[str, Spec] | None = None) -> int:
    """The tokens that the spec wants a sequence to have room for; 0 for no wish.

    Args:
        spec: the job that is asked for.
        specs: of a recipe, whose default counts for the one of prompt and reply that is not set.
    """
    given = _given(spec)
    if not {SINGLE, PROMPT, REPLY} & given.keys():
        return 0
    known = values(spec, specs) if specs else given
    return max(_number(known.get(SINGLE)), _number(known.get(PROMPT)) + _number(known.get(REPLY)))


def check(
    spec: TrainingSpec, model: str, specs: Mapping[str, Spec], length: int | None
) -> Iterator[MlccError]:
    """Every hyperparameter that the recipe does not take, or not with this value.

    Args:
        spec: the job that is asked for.
        model: for messages.
        specs: what the recipe takes.
        length: the longest sequence that it trains on.
    """
    about = f"{spec.trainer} on {model}"
    for name, value in spec.hyperparameters.items():
        flag = spec.hyperparameter_flags.get(name, name)
        bounds = specs.get(name)
        if bounds is None or name in SET_BY_REQUEST:
            settable = [f for n, f in _flags(spec) if n in specs]
            yield MlccError(
                f"{flag} cannot be set for {about}: its recipe has no {name!r}.",
                where=flag,
                hint=f"leave {flag} out",
                detail=(f"Set here and taken: {', '.join(settable)}",) if settable else (),
            )
        elif not fits(value, bounds):
            yield MlccError(
                f"{flag} {value} is out of range for {about}: expected {range_text(bounds)}.",
                where=flag,
                hint=f"pass {flag} {instead(value, bounds)}",
            )
    yield from _check_length(spec, specs, length, about)


def _flags(spec: TrainingSpec) -> Iterator[tuple[str, str]]:
    for name in spec.hyperparameters:
        yield name, spec.hyperparameter_flags.get(name, name)


def _check_length(
    spec: TrainingSpec, specs: Mapping[str, Spec], length: int | None, about: str
) -> Iterator[MlccError]:
    """Check the length of a sequence: an example, or a prompt and its reply together."""
    if length is None:
        return
    for names in ((SINGLE,), (PROMPT, REPLY)):
        given = [name for name in names if name in _given(spec) and name in specs]
        total = sum(_number(values(spec, specs).get(name)) for name in names)
        if given and total > length:
            flags = " and ".join(spec.hyperparameter_flags.get(name, name) for name in given)
            yield MlccError(
                f"{flags}: {total} tokens are more than the {length} that {about} trains on.",
                where=flags,
                hint=f"lower {flags}: at most {length} tokens in all",
            )


def values(spec: TrainingSpec, specs: Mapping[str, Spec]) -> dict[str, object]:
    """Every hyperparameter of the job: the recipe's own values under those that were given."""
    defaults = {n: s.get("default") for n, s in specs.items() if n not in SET_BY_REQUEST}
    given = {n: v for n, v in _given(spec).items() if n in defaults}
    merged = {**defaults, **given}
    return {name: value for name, value in merged.items() if value is not None}


def _given(spec: TrainingSpec) -> Mapping[str, object]:
    """Return everything that the user gave, by flag or with ``--set``."""
    return {**spec.hyperparameters, **spec.settings}


def as_sent(given: Mapping[str, object]) -> dict[str, str]:
    """Hyperparameters as the service takes them: strings, as the SageMaker SDK writes them."""
    return {name: str(value) for name, value in given.items()}


def types_of(given: Mapping[str, object]) -> dict[str, str]:
    """Return the types of those values that :func:`as_meant` would not tell from their text."""
    sent = as_sent(given)
    return {n: type(v).__name__ for n, v in given.items() if as_meant(sent[n]) != v}


def as_meant(text: str, kind: str | None = None) -> object:
    """Return the value that a sent hyperparameter stands for: ``"5e-05"`` is 0.00005.

    Args:
        text: as it was sent.
        kind: of the value, as :func:`types_of` names it; ``None``: a number where it is one.
    """
    if kind == bool.__name__:
        return text == str(True)
    for number in (int, float) if kind is None else ():
        try:
            return number(text)
        except ValueError:
            continue
    return text


def fits(value: object, spec: Spec) -> bool:
    """Return whether the recipe takes the value."""
    kind = spec.get("type")
    if kind == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        return False
    if kind == "float" and (isinstance(value, bool) or not isinstance(value, int | float)):
        return False
    if kind == "string" and not isinstance(value, str):
        return False
    if kind == "boolean" and not isinstance(value, bool):
        return False
    if not isinstance(value, str | int | float):
        return False
    if spec.get("enum") and value not in spec["enum"]:
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = spec.get("min"), spec.get("max")
        return (low is None or value >= low) and (high is None or value <= high)
    return True


def range_text(spec: Spec) -> str:
    """Return the values that the recipe takes, in words: ``an integer from 1 to 100``."""
    if spec.get("enum"):
        return f"one of {', '.join(str(value) for value in spec['enum'])}"
    noun = {"integer": "an integer", "float": "a number", "string": "a text"}.get(
        str(spec.get("type")), "a value"
    )
    low, high = spec.get("min"), spec.get("max")
    if low is not None and high is not None:
        return f"{noun} from {low:.10g} to {high:.10g}"
    if low is not None:
        return f"{noun} of at least {low:.10g}"
    if high is not None:
        return f"{noun} of at most {high:.10g}"
    return noun


def instead(value: object, spec: Spec) -> str:
    """Return a value that the recipe takes: of numbers, the nearest one."""
    if spec.get("enum"):
        return str(spec["enum"][0])
    bounds = [bound for bound in (spec.get("min"), spec.get("max")) if bound is not None]
    if not bounds:
        return "VALUE"
    above = isinstance(value, int | float) and value > bounds[-1]
    return f"{bounds[-1 if above else 0]:.10g}"


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
