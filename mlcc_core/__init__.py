"""The names that plugin authors and notebooks use; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module

_HOME = {
    "actions.account.bootstrap": "BootstrapRequest bootstrap",
    "actions.account.doctor": "Section doctor is_usable",
    "actions.account.secrets": "SecretsRequest secrets",
    "actions.chat.chat": "Chat open_chat",
    "actions.chat.conversation": "Conversation Turn",
    "actions.chat.listening": "Spoken",
    "actions.chat.request": "ChatRequest",
    "actions.check": "check",
    "actions.deploy.adapters": (
        "Added add_adapter add_component deployed remove_adapter update_adapter update_component"
    ),
    "actions.deploy.ask": "AskRequest Asking Reply ask open_asking",
    "actions.deploy.base": "DeployRequest Deployed deploy",
    "actions.deploy.destinations": "DeployToRequest deploy_to",
    "actions.deploy.questions": "Question read_questions",
    "actions.deploy.undeploy": "UndeployRequest undeploy",
    "actions.deploy.weights": "WeightsRequest",
    "actions.evaluate.evaluate": "evaluate",
    "actions.evaluate.managed.outcome": "ManagedJob ManagedResult",
    "actions.evaluate.managed.run": "evaluate_managed",
    "actions.evaluate.request": "EvaluateRequest",
    "actions.export.export": "ExportResult export",
    "actions.export.request": "ExportRequest",
    "actions.guess.fit": "Fit Misfit",
    "actions.guess.guess": "Guess guess",
    "actions.jobs": "JobLog JobRequest StopResult find_job logs stop",
    "actions.models": "ModelsRequest known_models",
    "actions.money.bill": "Bill",
    "actions.money.standing": "AllStanding NotAsked Stands standing",
    "actions.project.catalog": "CatalogCheck CatalogRequest find_catalog validate_catalog",
    "actions.project.catalog_add": "AddedRow AddRowRequest add_to_catalog",
    "actions.project.catalog_diff": "CatalogDiff CatalogDifference diff_catalog",
    "actions.project.init": "InitRequest InitResult init_project",
    "actions.project.live_models": "discover_models",
    "actions.requests": "CheckRequest",
    "actions.runs.compare.compare": "CompareRequest ComparedRun RunComparison compare_runs",
    "actions.runs.find": "find_run",
    "actions.runs.remove": "RemovedRun RemoveRunsRequest remove_runs",
    "actions.runs.report.report": "ReportRequest WrittenReport write_report",
    "actions.runs.rows": "RunRow RunsRequest list_runs",
    "actions.runs.run_file.reading": "read_run_file run_file_request",
    "actions.runs.run_file.writing": "run_file_text",
    "actions.runs.show": "RunRequest show_run",
    "actions.runs.wait": "WaitRequest wait",
    "actions.serve.request": "ReadyServer ServeRequest",
    "actions.serve.serve": "serve",
    "actions.session": "Session Workspace open_session open_workspace",
    "actions.train.dry_run": "ScriptDryRun dry_run_script",
    "actions.train.request": "ScriptRequest",
    "actions.train.run": "train_script",
    "actions.tune.dry_run": "DryRun dry_run",
    "actions.tune.job.status": "JobRow job_rows",
    "actions.tune.plan.plan": "Plan build_plan",
    "actions.tune.plan.request": "TuneRequest",
    "actions.tune.reporter": "Reporter",
    "actions.tune.run": "TuneResult tune",
    "actions.tune.settings": "list_settings",
    "cli.plugins.pass_session": "pass_session",
    "contract.evaluation": "Evaluation MetricResult RowResult Verdict",
    "contract.hookspecs": "hookimpl",
    "contract.job": (
        "Ancestor DatasetRef Fault Job JobState JobStatus "
        "Output Progress ReportedSpec SHOWN_METRICS Start TrainingSpec TrainingType metric_title"
    ),
    "contract.managed.evaluating": "ManagedEvaluating",
    "contract.managed.spec": (
        "ManagedKind ManagedRow ManagedScore ManagedScores ManagedSpec ReportedEvaluation"
    ),
    "contract.metric": "Comparison Metric Need PairMetric RowPart Sample",
    "contract.model_hub": "HubModel ModelHub Upload Uploaded",
    "contract.money.charge": "Charge TokenAmount",
    "contract.money.pricing": "Pricing",
    "contract.money.standing": "Standing",
    "contract.options": (
        "Evaluator EvaluatorArg EvaluatorKind MAX_JUDGE_PROMPT Option check_judge_prompt"
    ),
    "contract.platform.account": "Account",
    "contract.platform.answering": (
        "Answer AnswerSession Answering AskingPlan Passage Prompt Subject"
    ),
    "contract.platform.benchmark": "Benchmark BenchmarkAnswer",
    "contract.platform.chatting": (
        "ChatSession GREEDY Piece PromptTooLong ReplyEnd Sampling ServerCommand ServerPlan"
    ),
    "contract.platform.exporting": (
        "EXPORT_FORMATS EXPORT_FORMS ExportForm ExportFormat ExportPlan Exported Exporting"
    ),
    "contract.platform.known_model": "KnownModel KnownModels LiveModel",
    "contract.platform.platform": "Platform",
    "contract.platform.runner": "JobNotFound JobRunner",
    "contract.platform.serving": "Serving",
    "contract.platform.store": "DataStore Parts",
    "contract.platform.values": "Adapter Check Context Demo InPlaceRead Request Sink Staged",
    "contract.rewards.reward": "DEFAULT_REWARD_FUNCTION RewardFunction try_reward_function",
    "contract.rewards.reward_answer": "MissingKey",
    "contract.script.files": "files_checksum script_files",
    "contract.script.running": "ScriptRunner",
    "contract.script.spec": "ReportedScript ScriptSpec",
    "contract.script.variables": "script_variable",
    "contract.settings": "Setting",
    "contract.source": "Access Credential DatasetFile Listing OtherUri Source",
    "contract.technique.recipe": "Engine Recipe Refusal RowForm",
    "contract.technique.row_rules": "KEEP ROLES MessageRules RowVerdict change drop refuse",
    "contract.technique.schema": "Column DatasetSchema FlattenRules TargetModel choose_format",
    "contract.technique.technique": "Technique",
    "contract.technique.tester": "EngineTester",
    "contract.technique.trainer_setting": "TrainerSetting",
    "contract.tokens": "RowText RowTokens TextPart TokenCounter TokenLimits",
    "contract.version": "API_VERSION",
    "errors": (
        "ExitCode Interrupted JobError MlccError NotTrainedHere PlatformError Problems "
        "TransientError attempt raise_all"
    ),
    "loader.manager": "build_manager",
}
"""Names by the module that has them; ``__init__.pyi`` tells type checkers the same."""

_MODULE_OF = {name: module for module, names in _HOME.items() for name in names.split()}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - computed from the one list of homes
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mlcc_core' has no attribute {name!r}")
    return getattr(import_module(f"mlcc_core.{_MODULE_OF[name]}"), name)
