"""The names that plugin authors and notebooks use; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.actions.account.bootstrap import BootstrapRequest as BootstrapRequest
    from mlcc_core.actions.account.bootstrap import bootstrap as bootstrap
    from mlcc_core.actions.account.doctor import Section as Section
    from mlcc_core.actions.account.doctor import doctor as doctor
    from mlcc_core.actions.account.doctor import is_usable as is_usable
    from mlcc_core.actions.account.secrets import SecretsRequest as SecretsRequest
    from mlcc_core.actions.account.secrets import secrets as secrets
    from mlcc_core.actions.check import check as check
    from mlcc_core.actions.deploy.adapters import add_adapter as add_adapter
    from mlcc_core.actions.deploy.adapters import add_component as add_component
    from mlcc_core.actions.deploy.adapters import deployed as deployed
    from mlcc_core.actions.deploy.adapters import remove_adapter as remove_adapter
    from mlcc_core.actions.deploy.ask import AskRequest as AskRequest
    from mlcc_core.actions.deploy.ask import Reply as Reply
    from mlcc_core.actions.deploy.ask import ask as ask
    from mlcc_core.actions.deploy.base import Deployed as Deployed
    from mlcc_core.actions.deploy.base import DeployRequest as DeployRequest
    from mlcc_core.actions.deploy.base import UndeployRequest as UndeployRequest
    from mlcc_core.actions.deploy.base import deploy as deploy
    from mlcc_core.actions.deploy.base import undeploy as undeploy
    from mlcc_core.actions.deploy.weights import WeightsRequest as WeightsRequest
    from mlcc_core.actions.jobs import JobLog as JobLog
    from mlcc_core.actions.jobs import JobRequest as JobRequest
    from mlcc_core.actions.jobs import StopResult as StopResult
    from mlcc_core.actions.jobs import find_job as find_job
    from mlcc_core.actions.jobs import logs as logs
    from mlcc_core.actions.jobs import stop as stop
    from mlcc_core.actions.project.catalog import CatalogCheck as CatalogCheck
    from mlcc_core.actions.project.catalog import CatalogRequest as CatalogRequest
    from mlcc_core.actions.project.catalog import find_catalog as find_catalog
    from mlcc_core.actions.project.catalog import validate_catalog as validate_catalog
    from mlcc_core.actions.project.init import InitRequest as InitRequest
    from mlcc_core.actions.project.init import InitResult as InitResult
    from mlcc_core.actions.project.init import init_project as init_project
    from mlcc_core.actions.requests import CheckRequest as CheckRequest
    from mlcc_core.actions.session import Session as Session
    from mlcc_core.actions.session import Workspace as Workspace
    from mlcc_core.actions.session import open_session as open_session
    from mlcc_core.actions.session import open_workspace as open_workspace
    from mlcc_core.actions.tune.dry_run import DryRun as DryRun
    from mlcc_core.actions.tune.dry_run import dry_run as dry_run
    from mlcc_core.actions.tune.job.status import JobRow as JobRow
    from mlcc_core.actions.tune.job.status import job_rows as job_rows
    from mlcc_core.actions.tune.plan.plan import Plan as Plan
    from mlcc_core.actions.tune.plan.plan import build_plan as build_plan
    from mlcc_core.actions.tune.plan.request import TuneRequest as TuneRequest
    from mlcc_core.actions.tune.reporter import Reporter as Reporter
    from mlcc_core.actions.tune.run import TuneResult as TuneResult
    from mlcc_core.actions.tune.run import tune as tune
    from mlcc_core.contract.hookspecs import hookimpl as hookimpl
    from mlcc_core.contract.job import DatasetRef as DatasetRef
    from mlcc_core.contract.job import Fault as Fault
    from mlcc_core.contract.job import Job as Job
    from mlcc_core.contract.job import JobState as JobState
    from mlcc_core.contract.job import JobStatus as JobStatus
    from mlcc_core.contract.job import Output as Output
    from mlcc_core.contract.job import Progress as Progress
    from mlcc_core.contract.job import ReportedSpec as ReportedSpec
    from mlcc_core.contract.job import TrainingSpec as TrainingSpec
    from mlcc_core.contract.job import TrainingType as TrainingType
    from mlcc_core.contract.options import Evaluator as Evaluator
    from mlcc_core.contract.options import EvaluatorArg as EvaluatorArg
    from mlcc_core.contract.options import EvaluatorKind as EvaluatorKind
    from mlcc_core.contract.options import Option as Option
    from mlcc_core.contract.platform import Adapter as Adapter
    from mlcc_core.contract.platform import Check as Check
    from mlcc_core.contract.platform import Context as Context
    from mlcc_core.contract.platform import Demo as Demo
    from mlcc_core.contract.platform import InPlaceRead as InPlaceRead
    from mlcc_core.contract.platform import JobNotFound as JobNotFound
    from mlcc_core.contract.platform import Platform as Platform
    from mlcc_core.contract.platform import Request as Request
    from mlcc_core.contract.platform import Sink as Sink
    from mlcc_core.contract.platform import Staged as Staged
    from mlcc_core.contract.reward import DEFAULT_REWARD_FUNCTION as DEFAULT_REWARD_FUNCTION
    from mlcc_core.contract.reward import MAX_JUDGE_PROMPT as MAX_JUDGE_PROMPT
    from mlcc_core.contract.reward import RewardFunction as RewardFunction
    from mlcc_core.contract.reward import check_judge_prompt as check_judge_prompt
    from mlcc_core.contract.reward import try_reward_function as try_reward_function
    from mlcc_core.contract.source import Access as Access
    from mlcc_core.contract.source import Credential as Credential
    from mlcc_core.contract.source import DatasetFile as DatasetFile
    from mlcc_core.contract.source import Listing as Listing
    from mlcc_core.contract.source import OtherUri as OtherUri
    from mlcc_core.contract.source import Source as Source
    from mlcc_core.contract.technique import Column as Column
    from mlcc_core.contract.technique import DatasetSchema as DatasetSchema
    from mlcc_core.contract.technique import FlattenRules as FlattenRules
    from mlcc_core.contract.technique import Recipe as Recipe
    from mlcc_core.contract.technique import TargetModel as TargetModel
    from mlcc_core.contract.technique import Technique as Technique
    from mlcc_core.contract.technique import choose_format as choose_format
    from mlcc_core.contract.tokens import RowTokens as RowTokens
    from mlcc_core.contract.tokens import TokenCounter as TokenCounter
    from mlcc_core.contract.tokens import TokenLimits as TokenLimits
    from mlcc_core.errors import ExitCode as ExitCode
    from mlcc_core.errors import Interrupted as Interrupted
    from mlcc_core.errors import JobError as JobError
    from mlcc_core.errors import MlccError as MlccError
    from mlcc_core.errors import PlatformError as PlatformError
    from mlcc_core.errors import Problems as Problems
    from mlcc_core.errors import TransientError as TransientError
    from mlcc_core.errors import raise_all as raise_all
    from mlcc_core.loader.manager import build_manager as build_manager

_HOME = {
    "actions.account.bootstrap": ("BootstrapRequest", "bootstrap"),
    "actions.account.doctor": ("Section", "doctor", "is_usable"),
    "actions.account.secrets": ("SecretsRequest", "secrets"),
    "actions.check": ("check",),
    "actions.deploy.adapters": ("add_adapter", "add_component", "deployed", "remove_adapter"),
    "actions.deploy.ask": ("AskRequest", "Reply", "ask"),
    "actions.deploy.base": ("DeployRequest", "Deployed", "UndeployRequest", "deploy", "undeploy"),
    "actions.deploy.weights": ("WeightsRequest",),
    "actions.jobs": ("JobLog", "JobRequest", "StopResult", "find_job", "logs", "stop"),
    "actions.project.catalog": (
        "CatalogCheck",
        "CatalogRequest",
        "find_catalog",
        "validate_catalog",
    ),
    "actions.project.init": ("InitRequest", "InitResult", "init_project"),
    "actions.requests": ("CheckRequest",),
    "actions.session": ("Session", "Workspace", "open_session", "open_workspace"),
    "actions.tune.dry_run": ("DryRun", "dry_run"),
    "actions.tune.job.status": ("JobRow", "job_rows"),
    "actions.tune.plan.plan": ("Plan", "build_plan"),
    "actions.tune.plan.request": ("TuneRequest",),
    "actions.tune.reporter": ("Reporter",),
    "actions.tune.run": ("TuneResult", "tune"),
    "errors": (
        "ExitCode",
        "raise_all",
        "Interrupted",
        "JobError",
        "MlccError",
        "TransientError",
        "PlatformError",
        "Problems",
    ),
    "contract.hookspecs": ("hookimpl",),
    "contract.job": (
        "Fault",
        "JobStatus",
        "TrainingType",
        "ReportedSpec",
        "DatasetRef",
        "Job",
        "JobState",
        "TrainingSpec",
        "Output",
        "Progress",
    ),
    "loader.manager": ("build_manager",),
    "contract.options": ("Evaluator", "EvaluatorArg", "EvaluatorKind", "Option"),
    "contract.platform": (
        *("Adapter", "Check", "Context", "Demo", "JobNotFound"),
        *("InPlaceRead", "Platform", "Request", "Sink", "Staged"),
    ),
    "contract.reward": (
        "DEFAULT_REWARD_FUNCTION",
        "MAX_JUDGE_PROMPT",
        "RewardFunction",
        "check_judge_prompt",
        "try_reward_function",
    ),
    "contract.source": ("Access", "Credential", "DatasetFile", "Listing", "OtherUri", "Source"),
    "contract.technique": (
        *("Column", "DatasetSchema", "FlattenRules", "Recipe"),
        *("TargetModel", "Technique", "choose_format"),
    ),
    "contract.tokens": ("RowTokens", "TokenLimits", "TokenCounter"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - computed from the one list of homes
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mlcc_core' has no attribute {name!r}")
    return getattr(import_module(f"mlcc_core.{_MODULE_OF[name]}"), name)
