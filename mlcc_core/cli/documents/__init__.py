"""The documents that ``--json`` prints: their fields, and the JSON Schema of each.

Every document is one object with ``schema_version``. Within a version, fields are only added;
a field that goes or changes its meaning raises it. ``python -m mlcc_core.cli.documents FOLDER``
writes the schemas that are published in ``docs/schemas``.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core.cli.account.document import (
    BootstrapDocument,
    DoctorDocument,
    SecretsDocument,
)
from mlcc_core.cli.chat.documents import AskDocument, AskEachDocument, ChatDocument
from mlcc_core.cli.deploy.document import (
    AdaptersDocument,
    AddedAdapterDocument,
    AddedComponentDocument,
    DeployDocument,
    RemovedAdapterDocument,
    UndeployDocument,
)
from mlcc_core.cli.document import ErrorDocument
from mlcc_core.cli.documents.runs import (
    ComparisonDocument,
    RemovedDocument,
    ReportDocument,
    RunDocument,
    RunsDocument,
)
from mlcc_core.cli.documents.tune import (
    LogsDocument,
    PlanDocument,
    SettingsDocument,
    StatusDocument,
    StopDocument,
    TuneDocument,
    WaitDocument,
)
from mlcc_core.cli.evaluate.document import EvaluateDocument
from mlcc_core.cli.export.document import ExportDocument
from mlcc_core.cli.project.documents import (
    AddedScriptsDocument,
    DemoDocument,
    InitDocument,
    NewPluginDocument,
    PluginChecksDocument,
    PluginsDocument,
)
from mlcc_core.cli.project.model_documents import (
    AddedRowDocument,
    CatalogDiffDocument,
    CatalogFilesDocument,
    DiscoveredDocument,
    KnownModelsDocument,
    ModelDocument,
    ModelsDocument,
)
from mlcc_core.cli.push.document import PushDocument
from mlcc_core.cli.serve.serve import ServeDocument
from mlcc_core.cli.train.document import ScriptPlanDocument
from mlcc_core.staging.model.report import CheckReport

DOCUMENTS: Mapping[str, type] = {
    "adapter-add": AddedAdapterDocument,
    "adapter-list": AdaptersDocument,
    "adapter-remove": RemovedAdapterDocument,
    "add-ic": AddedComponentDocument,
    "bootstrap": BootstrapDocument,
    "catalog-add": AddedRowDocument,
    "catalog-diff": CatalogDiffDocument,
    "catalog-list": ModelsDocument,
    "catalog-list-discover": DiscoveredDocument,
    "catalog-show": ModelDocument,
    "catalog-validate": CatalogFilesDocument,
    "chat": ChatDocument,
    "check": CheckReport,
    "demo": DemoDocument,
    "deploy": DeployDocument,
    "doctor": DoctorDocument,
    "error": ErrorDocument,
    "evaluate": EvaluateDocument,
    "export": ExportDocument,
    "init": InitDocument,
    "init-update": AddedScriptsDocument,
    "logs": LogsDocument,
    "models": KnownModelsDocument,
    "plugins": PluginsDocument,
    "plugins-check": PluginChecksDocument,
    "plugins-new": NewPluginDocument,
    "push": PushDocument,
    "runs-compare": ComparisonDocument,
    "runs-list": RunsDocument,
    "runs-remove": RemovedDocument,
    "runs-report": ReportDocument,
    "runs-show": RunDocument,
    "secrets": SecretsDocument,
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
