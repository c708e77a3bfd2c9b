"""Options for models and datasets that one device alone is too small or too slow for."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import MlccError, Option, TrainingSpec

PROCESSES, QUANTIZE = "processes", "quantize"
FOUR_BIT = "4bit"
MOST_PROCESSES = 64

PROCESSES_OPTION = Option(
    "--processes",
    int,
    "Processes that share each step's rows (data-parallel); the batch stays as asked",
    "N",
    minimum=1,
    maximum=MOST_PROCESSES,
)
QUANTIZE_OPTION = Option(
    "--quantize",
    str,
    "Hold the frozen base model in 4 bits (NF4) while its adapter is trained",
    FOUR_BIT,
    choices=(FOUR_BIT,),
)


def check_quantize(spec: TrainingSpec) -> Iterator[MlccError]:
    """Yield an error where weights of 4 bits mean nothing for a spec: they are frozen."""
    if spec.options.get(QUANTIZE) is not None and spec.training_type != "lora":
        yield MlccError(
            f"--quantize {FOUR_BIT} needs --training-type lora, not {spec.training_type}: "
            "weights of 4 bits are frozen.",
            where="--quantize",
            hint="leave --quantize out, or pass --training-type lora",
        )
