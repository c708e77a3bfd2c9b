"""Options of the engine that are neither a hyperparameter nor a judge's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlcc_core import MlccError, Option, TrainingSpec
from mlcc_engine.checkpoint.due import parse
from mlcc_engine.heldout import cadence

THINKING, SAVE_DTYPE = "thinking", "save_dtype"
CHECKPOINT_EVERY = "checkpoint_every"
EVAL_EVERY, STOP_EARLY = "eval_every", "stop_early"
PACKING, NO_PACKING = "packing", "no_packing"

TRAINING_OPTIONS = (
    Option(
        "--thinking",
        str,
        "Replies with or without thoughts, for models whose chat template knows both",
        "on|off",
        choices=("on", "off"),
        also=("--enable-thinking=on", "--no-thinking=off"),
    ),
    Option(
        "--save-dtype",
        str,
        "Number format of a full model: the base's own (default), or float32",
        "base|float32",
        choices=("base", "float32"),
    ),
    Option(
        "--eval-every",
        str,
        "Steps, or a share of them, from one measure of the held-out rows to the next",
        "N|10%",
        also=("--eval-steps", "--val-every", "--evals-per-epoch", "--n-evals"),
    ),
    Option(
        "--stop-early",
        int,
        "Stop once so many measures of the held-out rows in a row were no better",
        "PATIENCE",
        minimum=1,
        maximum=1000,
        also=("--early-stopping", "--early-stopping-patience", "--patience"),
    ),
    Option(
        "--packing",
        bool,
        "Lay the rows of a batch end to end, without padding (SFT; default: where it pays)",
        also=("--sample-packing", "--pack"),
    ),
    Option("--no-packing", bool, "Pad the rows of a batch, whatever their lengths (SFT)"),
    Option(
        "--checkpoint-every",
        str,
        "Distance of checkpoints: minutes, seconds, steps or never (default: 15m)",
        "15m|90s|STEPS|never",
        decides=False,
        also=("--save-steps", "--save-every", "--checkpoint-steps", "--checkpointing-steps"),
    ),
)


def training_settings(spec: TrainingSpec) -> Mapping[str, object]:
    """The settings that were given, by the names of the engine's request."""
    keys = [option.key for option in TRAINING_OPTIONS if option.key != NO_PACKING]
    found = {key: spec.options[key] for key in keys if key in spec.options}
    if spec.options.get(NO_PACKING):
        found[PACKING] = False
    return found


def check_settings(spec: TrainingSpec) -> Iterator[MlccError]:
    """Find every setting that means nothing for this spec."""
    if CHECKPOINT_EVERY in spec.options:
        try:
            parse(str(spec.options[CHECKPOINT_EVERY]))
        except MlccError as error:
            yield error
    if SAVE_DTYPE in spec.options and spec.training_type == "lora":
        yield MlccError(
            "--save-dtype needs --training-type full-rank: an adapter is always kept in float32.",
            where="--save-dtype",
            hint="leave --save-dtype out",
        )
    if spec.options.get(PACKING) and spec.options.get(NO_PACKING):
        yield MlccError(
            "--packing and --no-packing contradict each other.",
            where="--no-packing",
            hint="leave one of them out",
        )
    yield from _check_held_out(spec)


def _check_held_out(spec: TrainingSpec) -> Iterator[MlccError]:
    every = spec.options.get(EVAL_EVERY)
    if every is not None:
        try:
            cadence.share_of(str(every))
        except MlccError as error:
            yield error
    held_out = spec.holds_out if spec.dataset is None else spec.dataset.validation is not None
    for key in (EVAL_EVERY, STOP_EARLY):
        if key in spec.options and not held_out:
            flag = "--" + key.replace("_", "-")
            yield MlccError(
                f"{flag} needs held-out rows, and this job has none.",
                where=flag,
                hint="--validation 0.1",
            )
