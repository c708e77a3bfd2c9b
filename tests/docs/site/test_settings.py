"""The page of settings names every variable that the code reads, and no other."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from mlcc_core.loader.manager import build_manager

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "config.md"
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
WORD = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
CELL = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)`")

OF_A_JOB = ("SM_", "TRAINING_JOB_", "MASTER_", "SAGEMAKER_", "OPTION_", "SC_")
"""Variables of a job's own surroundings, which mlcc sets or SageMaker does."""

NOT_READ = {
    *("API_VERSION", "ERRORS_KEPT", "FORMAT_BY_SUFFIX", "KILLED_CODES", "LENGTHS_FOR"),
    *("SPLIT_NAME", "TABLE_NAME", "USUAL_SUFFIXES", "VLLM_RANKS", "UNSAFE_CODE"),
    *("CAPABILITY_IAM", "CAUSAL_LM", "CREATE_COMPLETE", "CREATE_IN_PROGRESS", "DELETE_COMPLETE"),
    *("DELETE_FAILED", "REVIEW_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS"),
    *("LEAST_OUTSTANDING_REQUESTS", "TERM_MATCH"),
}
"""Words that are written as variables are: exported names, and answers of services."""

SET_FOR_CHILDREN = {
    *("DISABLE_SAFETENSORS_CONVERSION", "GLOO_SOCKET_IFNAME", "GOMP_SPINCOUNT"),
    *("HF_DATASETS_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_PROGRESS_BARS"),
    *("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_VERBOSITY", "HF_MODEL_ID", "HF_REVISION", "LOCAL_RANK"),
    *("MLCC_CHECKPOINTS", "MLCC_HF_TOKEN_SECRET", "MLCC_OFFLINE", "MLCC_PROCESSES"),
    *("LOCAL_WORLD_SIZE", "RAY_CHDIR_TO_TRIAL_DIR", "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER"),
    *("RAY_TRAIN_ENABLE_PRINT_PATCH", "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S"),
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S",
    *("RAY_TRAIN_V2_ENABLED", "RAY_JOB_STOP_WAIT_TIME_S", "TORCHELASTIC_USE_AGENT_STORE"),
    *("MLFLOW_DISABLE_TELEMETRY", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "NCCL_SOCKET_IFNAME"),
    *("TENSOR_PARALLEL_DEGREE", "TOKENIZERS_PARALLELISM", "TORCH_CPP_LOG_LEVEL"),
    *("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", "TRANSFORMERS_VERBOSITY", "TRL_EXPERIMENTAL_SILENCE"),
    *("VLLM_API_KEY", "VLLM_NO_USAGE_STATS", "WANDB_SILENT", "WORLD_SIZE"),
}
"""Variables that mlcc sets for the programs that it starts."""


@cache
def in_code() -> frozenset[str]:
    """Texts of the sources that are written as variables are."""
    return frozenset(
        node.value
        for room in ("mlcc_core", "libs", "plugins")
        for path in (ROOT / room).rglob("*.py")
        if "testing" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and VARIABLE.fullmatch(node.value)
    )


def on_the_page() -> set[str]:
    return set(CELL.findall(PAGE.read_text()))


def declared() -> set[str]:
    """Variables that plugins declare: the page is made with them."""
    plugins = build_manager()
    owners = [*plugins.platforms.values(), *plugins.sources.values()]
    return {setting.variable for owner in owners for setting in owner.settings}


def test_every_variable_that_is_read_is_on_the_page() -> None:
    read = {name for name in in_code() if not name.startswith(OF_A_JOB)} - NOT_READ
    assert read - SET_FOR_CHILDREN - declared() - on_the_page() == set()


def test_every_variable_of_the_page_is_read() -> None:
    words = {
        word
        for room in ("mlcc_core", "libs", "plugins")
        for path in (ROOT / room).rglob("*.py")
        for word in WORD.findall(path.read_text())
    }
    assert on_the_page() - words == {"AWS_SECRET_ACCESS_KEY"}  # which boto3 reads alone


def test_lists_of_exceptions_are_not_longer_than_they_must_be() -> None:
    assert (NOT_READ | SET_FOR_CHILDREN) - in_code() == set()
