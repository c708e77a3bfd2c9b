"""Options of the platform that are neither a hyperparameter nor a judge's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlcc_core import MlccError, Option, TrainingSpec

THINKING, SAVE_DTYPE = "thinking", "save_dtype"

TRAINING_OPTIONS = (
    Option(
        "--thinking",
        str,
        "Replies with or without thoughts, for models whose chat template knows both",
        "on|off",
        choices=("on", "off"),
    ),
    Option(
        "--save-dtype",
        str,
        "Number format of a full model: the base's own (default), or float32",
        "base|float32",
        choices=("base", "float32"),
    ),
    Option(
        "--packing",
        bool,
        "Lay the rows of a batch end to end, without padding; none sees another (SFT)",
    ),
)


def training_settings(spec: TrainingSpec) -> Mapping[str, object]:
    """The settings that were given, by the names of the engine's request."""
    keys = [option.key for option in TRAINING_OPTIONS]
    return {key: spec.options[key] for key in keys if key in spec.options}


def check_settings(spec: TrainingSpec) -> Iterator[MlccError]:
    """Find every setting that means nothing for this spec."""
    if SAVE_DTYPE in spec.options and spec.training_type == "lora":
        yield MlccError(
            "--save-dtype needs --training-type full-rank: an adapter is always kept in float32.",
            where="--save-dtype",
            hint="leave --save-dtype out",
        )
