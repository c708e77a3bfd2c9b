"""The documents of ``mlcc runs``."""

from __future__ import annotations

from typing_extensions import TypedDict

from mlcc_core.actions.evaluate.managed.job.unfinished import Unfinished
from mlcc_core.actions.money.standing import NotAsked, Stands
from mlcc_core.actions.runs.compare.compare import ComparedRun
from mlcc_core.actions.runs.compare.settings import Difference
from mlcc_core.actions.runs.remove import RemovedRun
from mlcc_core.actions.runs.rows import RunRow
from mlcc_core.cli.document import Document
from mlcc_core.contract.evaluation import MetricResult
from mlcc_core.project.records import RunRecord


class RunsDocument(Document):
    """``mlcc runs list``: runs, evaluations that go on, what is deployed and what it costs.

    Attributes:
        runs: the newest first.
        evaluation_jobs: evaluations by jobs of a platform whose end has not been seen yet.
        standing: what is deployed and costs while it stands.
        not_asked: platforms that could not be asked what stands there.
    """

    runs: list[RunRow]
    evaluation_jobs: list[Unfinished]
    standing: list[Stands]
    not_asked: list[NotAsked]


class EvaluationInShort(TypedDict):
    """An evaluation of a run, without its rows.

    Attributes:
        against: the model that it was compared with.
        dataset: the rows that both answered, in words.
        created: when it ended, in seconds since 1970 (UTC).
        metrics: what was measured; the one that decides says so.
    """

    against: str
    dataset: str
    created: float
    metrics: list[MetricResult]


class RunDocument(Document):
    """``mlcc runs show``; with ``--as-file``, the text of the run file too.

    Attributes:
        run: its record.
        file: the text of the run file; null without ``--as-file``.
        evaluations: of the run.
    """

    run: RunRecord
    file: str | None
    evaluations: list[EvaluationInShort]


class ComparisonDocument(Document):
    """``mlcc runs compare``.

    Attributes:
        runs: those that are compared, in the order of the command.
        differences: settings in which they differ.
        same_rows: their evaluations asked the same rows; null where fewer than two have one.
    """

    runs: list[ComparedRun]
    differences: list[Difference]
    same_rows: bool | None


class ReportDocument(Document):
    """``mlcc runs report``: the file that was written, and the verdict at its top.

    Attributes:
        job: the run's job.
        path: the HTML file.
        verdict: the line at its top.
    """

    job: str
    path: str
    verdict: str


class RemovedDocument(Document):
    """``mlcc runs remove``.

    Attributes:
        removed: a run each, with what became of its job and output.
    """

    removed: list[RemovedRun]
