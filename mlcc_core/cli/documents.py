"""The documents that ``--json`` prints: their fields, and the JSON Schema of each.

Every document is one object with ``schema_version``. Within a version, fields are only added;
a field that goes or changes its meaning raises it. ``python -m mlcc_core.cli.documents FOLDER``
writes the schemas that are published in ``docs/schemas``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from typing_extensions import TypedDict

from mlcc_core.actions.evaluate.managed.job.unfinished import Unfinished
from mlcc_core.actions.money.standing import NotAsked, Stands
from mlcc_core.actions.runs.compare.compare import ComparedRun
from mlcc_core.actions.runs.compare.settings import Difference
from mlcc_core.actions.runs.remove import RemovedRun
from mlcc_core.actions.runs.rows import RunRow
from mlcc_core.actions.tune.cost import PlannedCost
from mlcc_core.actions.tune.job.status import JobRow
from mlcc_core.actions.tune.trial import Tried
from mlcc_core.cli.chat.documents import AskDocument, AskEachDocument, ChatDocument
from mlcc_core.cli.deploy.document import AdaptersDocument, DeployDocument, UndeployDocument
from mlcc_core.cli.document import Document, ErrorBody
from mlcc_core.cli.evaluate.document import EvaluateDocument
from mlcc_core.cli.export.document import ExportDocument
from mlcc_core.cli.project.model_documents import (
    AddedRowDocument,
    CatalogDiffDocument,
    DiscoveredDocument,
    KnownModelsDocument,
    ModelsDocument,
)
from mlcc_core.cli.push.document import PushDocument
from mlcc_core.cli.serve.serve import ServeDocument
from mlcc_core.cli.train.document import ScriptPlanDocument
from mlcc_core.contract.evaluation import MetricResult
from mlcc_core.contract.job import JobState, Output, Start
from mlcc_core.contract.platform.values import Check
from mlcc_core.contract.technique.trainer_setting import TrainerSetting
from mlcc_core.project.records import RunRecord
from mlcc_core.staging.model.report import CheckReport, Ledger


class ErrorDocument(Document):
    """Any command that ends with an error before it has a result."""

    error: ErrorBody


class RunResult(TypedDict):
    """The end of a run, or how it stands."""

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
    """The rows of a plan that are held out of training."""

    asked: str
    by_content: bool
    dataset: str | None


class PlannedDataset(TypedDict):
    """The dataset of a plan."""

    uri: str
    revision: str | None
    files: list[str]
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
    """The plan of ``mlcc tune --dry-run``."""

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
    """``mlcc tune --dry-run``: the plan, and the request that would be sent."""

    plan: PlanBody
    request: dict[str, Any]


class SettingsDocument(Document):
    """``mlcc tune --list-settings``."""

    technique: str
    settings: list[TrainerSetting]


class StatusDocument(Document):
    """``mlcc tune --status``."""

    jobs: list[JobRow]


class StopDocument(Document):
    """``mlcc stop``."""

    job: str
    status: str


class LogsDocument(Document):
    """``mlcc logs``."""

    job: str
    lines: list[str]


class WaitDocument(Document):
    """``mlcc wait``."""

    runs: list[RunResult]


class RunsDocument(Document):
    """``mlcc runs list``: runs, evaluations that go on, what is deployed and what it costs."""

    runs: list[RunRow]
    evaluation_jobs: list[Unfinished]
    standing: list[Stands]
    not_asked: list[NotAsked]


class EvaluationInShort(TypedDict):
    """An evaluation of a run, without its rows."""

    against: str
    dataset: str
    created: float
    metrics: list[MetricResult]


class RunDocument(Document):
    """``mlcc runs show``; with ``--as-file``, the text of the run file too."""

    run: RunRecord
    file: str | None
    evaluations: list[EvaluationInShort]


class ComparisonDocument(Document):
    """``mlcc runs compare``."""

    runs: list[ComparedRun]
    differences: list[Difference]
    same_rows: bool | None


class ReportDocument(Document):
    """``mlcc runs report``: the file that was written, and the verdict at its top."""

    job: str
    path: str
    verdict: str


class RemovedDocument(Document):
    """``mlcc runs remove``."""

    removed: list[RemovedRun]


class DoctorSection(TypedDict):
    """Checks that belong together."""

    title: str
    usable: bool
    chosen: bool
    checks: list[Check]
    standing: list[Stands]
    not_asked: list[NotAsked]


class DoctorDocument(Document):
    """``mlcc doctor``."""

    sections: list[DoctorSection]


DOCUMENTS: Mapping[str, type] = {
    "adapter-list": AdaptersDocument,
    "catalog-add": AddedRowDocument,
    "catalog-diff": CatalogDiffDocument,
    "catalog-list": ModelsDocument,
    "catalog-list-discover": DiscoveredDocument,
    "chat": ChatDocument,
    "check": CheckReport,
    "deploy": DeployDocument,
    "doctor": DoctorDocument,
    "error": ErrorDocument,
    "evaluate": EvaluateDocument,
    "export": ExportDocument,
    "logs": LogsDocument,
    "models": KnownModelsDocument,
    "push": PushDocument,
    "runs-compare": ComparisonDocument,
    "runs-list": RunsDocument,
    "runs-remove": RemovedDocument,
    "runs-report": ReportDocument,
    "runs-show": RunDocument,
    "serve": ServeDocument,
    "stop": StopDocument,
    "test": AskDocument,
    "test-each": AskEachDocument,
    "train-script-dry-run": ScriptPlanDocument,
    "tune": TuneDocument,
    "tune-dry-run": PlanDocument,
    "tune-list-settings": SettingsDocument,
    "tune-status": StatusDocument,
    "undeploy": UndeployDocument,
    "wait": WaitDocument,
}
"""Documents by the name of their schema; that of ``check`` has ``ok`` beside the report."""


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document.

    Args:
        name: a key of :data:`DOCUMENTS`.
    """
    from pydantic import TypeAdapter

    schema = TypeAdapter(DOCUMENTS[name]).json_schema(mode="serialization")
    further = {"schema_version": {"type": "integer"}}
    if DOCUMENTS[name] is CheckReport:  # a dataclass, printed with its verdict
        further["ok"] = {"type": "boolean"}
    schema["properties"] = {**schema["properties"], **further}
    schema["required"] = sorted({*schema["required"], *further})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def write_schemas(folder: Path) -> None:
    """Write the schema of every document to ``folder``."""
    for name in DOCUMENTS:
        text = json.dumps(json_schema(name), indent=2, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
