"""Settings and reward functions, looked at on this machine before a job elsewhere begins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from mlcc_core import Context, EvaluatorKind, Recipe, TrainerSetting, TrainingSpec, TrainingType
from mlcc_engine.engine import request_of
from mlcc_folders import checks
from mlcc_folders.evaluator.files import find_evaluator
from mlcc_folders.worker.worker import run_worker

SETTINGS_SECONDS = 120.0
"""Libraries are imported for it, and nothing else."""

TRIAL_SECONDS = 60.0
"""A function that needs a minute for a few replies would take days."""


def list_settings(
    context: Context, recipe: Recipe, training_type: TrainingType
) -> Sequence[TrainerSetting]:
    """Return everything that ``--set`` takes, as the trainer's Config of this machine has it.

    Raises:
        MlccError: the engine's packages are not installed here.
    """
    checks.require_packages("A list of settings")
    asked = {
        "trainer": recipe.trainer,
        "fixed": dict(recipe.settings),
        "training_type": training_type,
    }
    lines = run_worker("list of settings", asked, context.root.resolve(), SETTINGS_SECONDS)
    return [TrainerSetting(**json.loads(line)) for line in lines]


def check_settings(context: Context, asked: Mapping[str, object]) -> Sequence[str]:
    """Refuse settings that the trainer does not have, or not with this value.

    Args:
        context: the surroundings of the project.
        asked: the engine's request, of which the name of the job does not count.

    Raises:
        MlccError, Problems: everything that is wrong with them; or the engine's packages are not
            installed here.
    """
    checks.require_packages("A check of --set")
    # The packages are those of the other place, which nobody can ask yet.
    arguments = {"request": {**asked, "job": "forecast", "output": ""}, "elsewhere": True}
    return run_worker("check of settings", arguments, context.root.resolve(), SETTINGS_SECONDS)


def try_function(
    context: Context, spec: TrainingSpec, rows: Sequence[Mapping[str, object]]
) -> Sequence[str]:
    """Run a reward function on a few rows, on this machine; a judge is tried by the job alone.

    Raises:
        MlccError: it raises, or breaks the reward contract.
    """
    evaluator = spec.evaluator
    if evaluator is None or not rows or evaluator.kind is not EvaluatorKind.FUNCTION:
        return ()
    found = find_evaluator(evaluator, context.root)
    asked = {**request_of(spec)["evaluator"], "value": found.value}
    arguments = {"evaluator": asked, "rows": list(rows)}
    return run_worker("trial", arguments, context.root.resolve(), TRIAL_SECONDS)


def why_untried(spec: TrainingSpec) -> str | None:
    """Return why :func:`try_function` tries nothing; ``None`` for a reward function."""
    evaluator = spec.evaluator
    if evaluator is None or evaluator.kind is EvaluatorKind.FUNCTION:
        return None
    return "the job alone asks its judge"
