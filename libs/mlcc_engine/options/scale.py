"""Options for models and datasets that one device alone is too small or too slow for."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import MlccError, Option, TrainingSpec
from mlcc_engine.model.tiny import NAME
from mlcc_engine.ranks.world import share
from mlcc_engine.train.defaults import TINY_BATCH

PROCESSES, QUANTIZE = "processes", "quantize"
FOUR_BIT = "4bit"
MOST_PROCESSES = 64

OF_TRL = "trl:"
"""Begins the names of trainers whose defaults are known without importing them."""
BATCH, SAMPLES = 8, 8
"""Rows of a step and replies to each, where nothing was asked: of the Configs of TRL 1.x."""

PROCESSES_OPTION = Option(
    "--processes",
    int,
    "Processes that share each step's rows (data-parallel); the batch stays as asked",
    "N",
    minimum=1,
    maximum=MOST_PROCESSES,
    also=("--num-processes", "--nproc", "--nproc-per-node", "--world-size"),
)
QUANTIZE_OPTION = Option(
    "--quantize",
    str,
    "Hold the frozen base model in 4 bits (NF4) while its adapter is trained",
    FOUR_BIT,
    choices=(FOUR_BIT,),
    also=(
        *(f"--load-in-4bit={FOUR_BIT}", f"--use-4bit={FOUR_BIT}", f"--qlora={FOUR_BIT}"),
        *("--quantization", "--quantization-bit"),
    ),
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


def check_shares(spec: TrainingSpec, processes: int) -> Iterator[MlccError]:
    """Yield an error where processes cannot share the rows of a step, as the job would find out.

    Nothing is imported for it; trainers of others, whose defaults are not known, are passed over.

    Args:
        spec: of the job; its dataset may wait.
        processes: that train, on all machines.
    """
    given = spec.trainer_arguments
    known = spec.trainer.startswith(OF_TRL)
    usual = TINY_BATCH if spec.model == NAME else BATCH
    batch = given.get("train_batch_size") or (usual if known else None)
    samples: object = 1
    if spec.evaluator is not None:
        samples = given.get("num_generations") or (SAMPLES if known else None)
    if processes == 1 or not isinstance(batch, int) or not isinstance(samples, int):
        return
    rows = spec.dataset.rows if spec.dataset is not None else None
    if rows is not None and samples > 1:
        batch = min(batch, max(1, rows))
    try:
        share(batch * samples, processes if rows is None else rows, processes)
    except MlccError as error:
        yield error
