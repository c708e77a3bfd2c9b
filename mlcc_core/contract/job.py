"""Jobs: the spec for a platform, the state that it reports, the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlcc_core.contract.options import Evaluator
from mlcc_core.contract.technique.recipe import RowForm

TrainingType = Literal["lora", "full-rank"]
"""An adapter on a frozen base, or every weight of the model."""

TRAINING_TYPES: tuple[TrainingType, ...] = ("lora", "full-rank")

JobStatus = Literal["pending", "running", "stopping", "completed", "failed", "stopped"]
"""States of a job; the last three are final."""

Fault = Literal["input", "job", "permission", "quota", "platform"]
"""The side whose fault a failed job is: the user's input, the training itself, a right or a limit
of the account, or the platform."""


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a finished job.

    Attributes:
        kind: ``adapter`` (deployed by ``adapter add``) or ``model`` (by ``add-ic``).
        path: where it is: a path or a URI that the job's platform understands.
    """

    kind: Literal["adapter", "model"]
    path: str


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A run whose output later runs went on from.

    Attributes:
        kind: of its output: ``adapter`` or ``model``.
        path: where that output was when it was gone on from.
        fingerprint: of its content.
        job, technique: of the run; ``None`` for weights that no run is known to have made.
    """

    kind: Literal["adapter", "model"]
    path: str
    fingerprint: str
    job: str | None = None
    technique: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """The output of an earlier run that a job goes on from.

    Attributes:
        output: an adapter is trained on; a whole model takes the place of the model.
        model: the model of the job, as ``--model`` would name it: the base of the adapter, or the
            whole model itself.
        fingerprint: changes with the content of the output, wherever it lies.
        lineage: the runs that led to it, oldest first; the last one made it.
    """

    output: Output
    model: str
    fingerprint: str
    lineage: tuple[Ancestor, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job as hooks and events see it.

    Attributes:
        name: its name on the platform.
        platform: the name of the platform that runs it.
        technique: the name of the technique.
        model: the model as asked for.
        training_type: ``lora`` or ``full-rank``.
        artifacts: where the platform left the result; ``None`` until it completed.
        hyperparameters: those that the recipe and the user set, under the engine's names.
        dataset: its URI, as it is shown: without a secret.
        started: seconds since 1970, UTC; ``None`` where the platform has not said it yet.
        asked: everything that decides the result, in the user's words (``--epochs``), with
            ``trainer settings`` for those of the recipe; empty in the process of the job.
    """

    name: str
    platform: str
    technique: str
    model: str
    training_type: TrainingType
    artifacts: str | None = None
    hyperparameters: Mapping[str, object] = field(default_factory=dict)
    dataset: str | None = None
    started: float | None = None
    asked: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetRef:
    """The dataset that a job trains on, where the platform reads it.

    Attributes:
        uri: path or URI of one JSONL file.
        fingerprint: of the source files and the conversion; equal fingerprints, equal rows.
        rows: how many; ``None`` when it was not counted (used in place, first lines checked).
        validation: path or URI of the rows that are held out, which must not be trained on;
            ``None`` where none are.
        take: in forecasts before the dataset is staged: only so many rows of the file count, the
            first ones; ``None`` for all.
    """

    uri: str
    fingerprint: str
    rows: int | None = None
    validation: str | None = None
    take: int | None = None


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """A job as it is asked of a platform: everything that decides its result.

    Attributes:
        project: the project's name; jobs and outputs are grouped by it.
        technique: the technique's name.
        trainer, trainer_settings, evaluator_argument: from the technique's recipe.
        model: as asked for; the platform resolves it.
        training_type: ``lora`` or ``full-rank``.
        hyperparameters: what the user set, under the **platform's** names (recipe applied).
        hyperparameter_flags: the platform's name to the flag it came from, for messages.
        dataset: ``None`` in a plan whose dataset waits for staging.
        holds_out: rows of it are to be held out: a dataset that waits will have that part, too.
        start: the earlier output that it goes on from; ``None``: it begins with the model as it is.
        evaluator: for techniques that take one.
        engine: the engine whose recipe this is.
        rows: the form in which rows reach the trainer, from the recipe.
        options: the platform's own flags that were given, by key.
        callbacks: import strings of the training call-backs of plugins; they change no result.
        settings: the trainer's own settings that the user gave with ``--set``, by name, as JSON
            has them; they beat ``trainer_settings``.
    """

    project: str
    technique: str
    trainer: str
    model: str
    training_type: TrainingType
    hyperparameters: Mapping[str, object]
    hyperparameter_flags: Mapping[str, str]
    trainer_settings: Mapping[str, object]
    dataset: DatasetRef | None
    evaluator: Evaluator | None = None
    evaluator_argument: str | None = None
    engine: str = ""
    rows: RowForm = "conversation"
    options: Mapping[str, object] = field(default_factory=dict)
    callbacks: tuple[str, ...] = ()
    holds_out: bool = False
    start: Start | None = None
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def trainer_arguments(self) -> Mapping[str, object]:
        """Return everything that the trainer is given by name: of recipe, flags and ``--set``."""
        return {**self.trainer_settings, **self.hyperparameters, **self.settings}


@dataclass(frozen=True, slots=True)
class ReportedSpec:
    """A job as a request or a running job describes itself, read from the platform's own document.

    The orchestrator compares it with the spec before and after submission, so that a job that
    would train something else than asked is never started, or is noticed at once.

    Attributes:
        technique: the trainer named in the document, as ``TrainingSpec.trainer`` has it.
        model, dataset, evaluator: as in the spec; ``None`` where the document has none.
        training_type: ``lora`` or ``full-rank``.
        hyperparameters: those that the document sets, under the platform's names.
        extra: anything else worth comparing before and after (EULA acceptance, fingerprints).
        validation: path or URI of the rows that are held out; ``None`` where it names none.
        start, start_fingerprint: path or URI of the output that it goes on from, and the
            fingerprint of its content; ``None`` where it goes on from none.
    """

    technique: str
    model: str
    training_type: TrainingType
    dataset: str | None
    evaluator: str | None
    hyperparameters: Mapping[str, object]
    extra: Mapping[str, object] = field(default_factory=dict)
    validation: str | None = None
    start: str | None = None
    start_fingerprint: str | None = None


SHOWN_METRICS = (
    *("reward", "margin", "accuracy"),
    *("held_out_loss", "held_out_reward", "held_out_margin", "held_out_accuracy"),
)
"""Metrics that people are shown beside the loss, in this order, where a platform reports them;
those that begin with ``held_out`` are measured on rows that are not trained on."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a job; ``None`` where the platform does not report it.

    Attributes:
        step, steps: optimizer steps done and in all.
        epoch, epochs: epochs begun (fractions allowed) and in all.
        loss: the latest training loss.
        rate: optimizer steps a second.
        seconds_left: the platform's or our estimate.
        metrics: other numbers of the latest step: those of ``SHOWN_METRICS``, and further ones by
            the trainer's names.
    """

    step: int | None = None
    steps: int | None = None
    epoch: float | None = None
    epochs: float | None = None
    loss: float | None = None
    rate: float | None = None
    seconds_left: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def shown(self) -> list[tuple[str, float]]:
        """Return the numbers that people are shown, each with its name: ``held-out loss``."""
        known = {} if self.loss is None else {"loss": self.loss}
        known |= {name: self.metrics[name] for name in SHOWN_METRICS if name in self.metrics}
        return [(metric_title(name), value) for name, value in known.items()]


def metric_title(name: str) -> str:
    """Return a metric's name as people read it: ``held-out loss`` for ``held_out_loss``."""
    return name.replace("held_out_", "held-out ").replace("_", " ")


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as the platform describes it now.

    Attributes:
        name: its name on the platform.
        status: where it stands; ``completed``, ``failed`` and ``stopped`` are final.
        phase: the platform's own word for the state ("Downloading", "Training").
        progress: how far; ``None`` before training starts.
        reported: what the job says about itself.
        artifacts: where the result lies, once completed.
        reason: for a failed or stopped job, the cause in the platform's words: a sentence, and
            further lines where they help.
        fault: for a failed job, whose it is.
        started, ended: seconds since 1970, UTC.
        details: further facts for people and ``--json`` (console link, billable tokens).
        warnings: one line each, that people should know while it runs (nothing is learned so
            far), or of its result.
        interrupted: a failed job that was cut off (killed, a reboot, a full disk) and can go on:
            :meth:`JobRunner.resume`. One that failed by its input or its training cannot.
        saved_step: the optimizer step that it goes on from; ``None`` for the beginning, 0 where it
            keeps checkpoints of which only a script of the user's knows the step.
        billable_tokens: that the platform charges for, by its own count; ``None`` where it does
            not tell.
    """

    name: str
    status: JobStatus
    phase: str = ""
    progress: Progress | None = None
    reported: ReportedSpec | None = None
    artifacts: str | None = None
    reason: str | None = None
    fault: Fault | None = None
    started: float | None = None
    ended: float | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    saved_step: int | None = None
    billable_tokens: int | None = None

    @property
    def final(self) -> bool:
        """Return whether the job is over."""
        return self.status in ("completed", "failed", "stopped")
