"""Managed evaluations as they are asked of a platform, and their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlcc_core.contract.job import DatasetRef, Output
from mlcc_core.contract.options import Evaluator

ManagedKind = Literal["benchmark", "scorer", "judge", "replies"]
"""Its measure: a benchmark, a function that scores, a judge that scores, or the replies alone."""


@dataclass(frozen=True, slots=True)
class ManagedSpec:
    """An evaluation of one model that a platform is to run as a job.

    Attributes:
        project: the project's name; jobs and outputs are grouped by it.
        kind: ``benchmark``, which brings rows and metric; ``scorer``, by code that scores replies;
            ``judge``, by a model that does; ``replies``, which measures nothing: a job that only
            asks the rows, before the one that judges.
        model: the base model, as asked for.
        job: the run whose output is measured; ``None`` for the base model as it is.
        output: of that run; ``None`` for the base model.
        benchmark: its name, and of its parts one or all: ``mmlu``, ``mmlu:anatomy``.
        evaluator: the reward function of a ``scorer``, as the run had it, or one that the platform
            has built in.
        judge: the model that judges, as the user named it.
        metrics: names of what a judge is to score; none for what the platform chooses.
        dataset: the rows of a ``scorer`` or ``judge``; ``None`` in a plan that waits for staging.
        replies: the job that asked the rows, by :meth:`ManagedEvaluating.before`; ``None`` where
            there is none, or in a plan that waits for it.
        options: the platform's own flags that were given, by key.
    """

    project: str
    kind: ManagedKind
    model: str
    job: str | None = None
    output: Output | None = None
    benchmark: str | None = None
    evaluator: Evaluator | None = None
    judge: str | None = None
    metrics: tuple[str, ...] = ()
    dataset: DatasetRef | None = None
    replies: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportedEvaluation:
    """A managed evaluation as a request or a job describes itself, from that document alone.

    The core compares it with the spec before and after the job is created. An attribute is as in
    :class:`ManagedSpec`; ``None`` where the document has none.

    Attributes:
        kind, model, benchmark, judge, metrics: as in the spec.
        job: the run whose output is measured.
        evaluator: its value.
        dataset: path or URI of the rows.
        replies: the job whose replies are judged; such a document need not name the rows again.
        extra: what else decides the numbers, a checksum of the code that scores for instance: it
            is part of the job's name, and must not change while the spec waits for rows or replies.
    """

    kind: ManagedKind
    model: str
    job: str | None = None
    benchmark: str | None = None
    evaluator: str | None = None
    judge: str | None = None
    metrics: tuple[str, ...] = ()
    dataset: str | None = None
    replies: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ManagedScore:
    """One number of a managed evaluation.

    Attributes:
        name: of the metric: ``mmlu_acc``.
        title: for people.
        value: the mean over all rows, as the platform gives it.
        rows: how many; ``None`` where the platform does not tell.
        error: its standard error, as the platform gives it; ``None`` where it gives none.
        higher_is_better: the direction of an improvement; ``None`` for a number without one.
        decides: it is the one by which the evaluation is judged.
    """

    name: str
    title: str
    value: float
    rows: int | None = None
    error: float | None = None
    higher_is_better: bool | None = True
    decides: bool = False


@dataclass(frozen=True, slots=True)
class ManagedRow:
    """One row of a managed evaluation.

    Attributes:
        row: hash of its content, the same for every model that is asked it.
        prompt: messages, each with ``role`` and ``content``.
        expected: the reply that the row holds.
        reply: the model's.
        values: by the name of the metric.
    """

    row: str
    prompt: tuple[Mapping[str, object], ...] = ()
    expected: str | None = None
    reply: str | None = None
    values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ManagedScores:
    """The result of a managed evaluation.

    Attributes:
        scores: the one that decides first.
        rows: every row, where the platform keeps them; none otherwise.
        notes: lines for people.
    """

    scores: tuple[ManagedScore, ...]
    rows: tuple[ManagedRow, ...] = ()
    notes: tuple[str, ...] = ()
