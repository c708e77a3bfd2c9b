"""The documents of ``mlcc tune``, and of the commands that follow its jobs."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from mlcc_core.actions.tune.cost import PlannedCost
from mlcc_core.actions.tune.job.status import JobRow
from mlcc_core.actions.tune.trial import Tried
from mlcc_core.cli.document import Document, ErrorBody
from mlcc_core.contract.job import JobState, Output, Start
from mlcc_core.contract.technique.trainer_setting import TrainerSetting
from mlcc_core.project.records import RunRecord
from mlcc_core.staging.model.report import Ledger


class RunResult(TypedDict):
    """The end of a run, or how it stands.

    Attributes:
        job: the job's name.
        created: this command created the job; it was there already otherwise.
        state: of the job, as last seen.
        output: what the job left; null while it runs, and where it left nothing.
        next_steps: commands to go on with.
        loads: a line to paste, by the name of the program that loads the output with it.
        record: of the run; null where there is none.
    """

    job: str
    created: bool
    state: JobState
    output: Output | None
    next_steps: list[str]
    loads: dict[str, str]
    record: RunRecord | None


class TuneDocument(Document, RunResult):
    """``mlcc tune`` and ``mlcc train``: a job that was submitted, watched or found."""


class HeldOutRows(TypedDict):
    """The rows of a plan that are held out of training.

    Attributes:
        asked: as ``--validation`` says it, without secrets.
        by_content: a rule takes them from the training rows; the ledger has their number.
        dataset: the other dataset that they are; null where there is none.
    """

    asked: str
    by_content: bool
    dataset: str | None


class PlannedDataset(TypedDict):
    """The dataset of a plan.

    Attributes:
        uri: where it lies, without secrets.
        revision: what fixes its content there, as a commit; null where the place has none.
        files: names within the dataset, in the order in which they are read.
        form: of the rows, where the technique knows several; ``default`` else.
        in_place: jobs read it where it lies; a converted copy is made otherwise.
        key: the address of the staged copy, by content: equal keys, equal bytes.
        columns: that are written, in their order.
        dropped: columns that are not written.
        take: rows that are read at most (``--take``); null for all.
        strategies: how chat-format values are told apart, by column.
        notes: what is converted, in words.
        warnings: probable mistakes, each with what to do.
        held_out: the rows that are held out of training.
        ledger: what became of each row that was read; null where none was.
        all_rows_read: every row was read, and not the first of a large remote dataset alone.
        rejects: the file for rows that are left out; null where none is.
    """

    uri: str
    revision: str | None
    files: list[str]
    form: str
    in_place: bool
    key: str
    columns: list[str]
    dropped: list[str]
    take: int | None
    strategies: dict[str, str]
    notes: list[str]
    warnings: list[str]
    held_out: HeldOutRows
    ledger: Ledger | None
    all_rows_read: bool
    rejects: str | None


class PlanBody(TypedDict):
    """The plan of ``mlcc tune --dry-run``.

    Attributes:
        technique: the name of the technique.
        platform: the name of the platform that would run the job.
        model: the base model.
        training_type: LoRA, or every weight.
        start: the earlier output that the job goes on from; null for the base as it is.
        dataset: the rows to train on and those held out.
        evaluator: the function or prompt that scores replies; null where a column names them, or
            none is needed.
        hyperparameters: that the job is given, by the platform's names of them.
        settings: that ``--set`` gives, by the trainer's names.
        notes: of the platform, about the request.
        warnings: of the platform, to be read before the job.
        forecast: lines of the platform about steps, memory and time.
        trial: of the evaluator on a few rows, or why it was not tried.
        cost: null where nothing costs anything.
        job: the name of the job that would be created, watched or gone on with.
        job_exists: the platform has that job already.
        in_the_way: why the command would stop without ``--force``; null where it would not.
        hash: of all that decides the result; the same request has the same.
    """

    technique: str
    platform: str
    model: str
    training_type: Literal["lora", "full-rank"]
    start: Start | None
    dataset: PlannedDataset
    evaluator: str | None
    hyperparameters: dict[str, Any]
    settings: dict[str, Any]
    notes: list[str]
    warnings: list[str]
    forecast: list[str]
    trial: Tried
    cost: PlannedCost | None
    job: str
    job_exists: bool
    in_the_way: ErrorBody | None
    hash: str


class PlanDocument(Document):
    """``mlcc tune --dry-run``: the plan, and the request that would be sent.

    Attributes:
        plan: everything that is decided.
        request: as the platform would get it; each platform has its own form.
    """

    plan: PlanBody
    request: dict[str, Any]


class SettingsDocument(Document):
    """``mlcc tune --list-settings``.

    Attributes:
        technique: whose trainer it is.
        settings: that ``--set`` takes.
    """

    technique: str
    settings: list[TrainerSetting]


class StatusDocument(Document):
    """``mlcc tune --status``.

    Attributes:
        jobs: the latest of each technique, in the order of the techniques' names.
    """

    jobs: list[JobRow]


class StopDocument(Document):
    """``mlcc stop``.

    Attributes:
        job: the job's name.
        status: of the job, after it was asked to stop.
    """

    job: str
    status: str


class LogsDocument(Document):
    """``mlcc logs``.

    Attributes:
        job: the job's name.
        lines: of its log, the oldest first.
    """

    job: str
    lines: list[str]


class WaitDocument(Document):
    """``mlcc wait``.

    Attributes:
        runs: a result for each run that was waited for.
    """

    runs: list[RunResult]
