"""Settings of a recipe that have no flag: listed, and checked where ``--set`` gives them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from mlcc_core import (
    Context,
    MlccError,
    Recipe,
    TrainerSetting,
    TrainingSpec,
    TrainingType,
)
from mlcc_core.helpers import close_matches
from mlcc_sagemaker.request.hub import LIST_MODELS, choose_recipe, read_model
from mlcc_sagemaker.request.hyperparameters import Spec, fits, range_text

DATASET, OUTPUT = "--dataset", "--output-bucket"
MLFLOW = "MLFLOW_RESOURCE_ARN in do/config"
REWARD = "--reward-function"

SAID_BY: Mapping[str, str] = {
    "data_path": DATASET,
    "data_s3_path": DATASET,
    "training_data_name": DATASET,
    "validation_data_path": "--validation",
    "validation_data_name": "--validation",
    "output_path": OUTPUT,
    "output_s3_path": OUTPUT,
    "results_directory": OUTPUT,
    "name": "the name of the job, which follows from the plan",
    "model_name_or_path": "--model",
    "resume_from_path": "--from-tune",
    "mlflow_tracking_uri": MLFLOW,
    "mlflow_experiment_name": MLFLOW,
    "mlflow_run_name": MLFLOW,
    "reward_lambda_arn": REWARD,
    "preset_reward_function": REWARD,
    "judge_model_id": "--judge-model",
    "judge_prompt_template": "--reward-prompt",
}
"""Parameters of recipes that the rest of a request says, and the place where a user says them."""

ALLOWED = re.compile(r"[a-zA-Z0-9/_.:,\-\s'\"\[\]]*\Z")
"""Characters of a text that the SageMaker SDK lets through."""

LONGEST = 2500
"""Characters of a value that the service takes."""

BY_NAME = "lora_"
"""The beginning of the names of the settings of LoRA."""


def list_settings(
    context: Context, recipe: Recipe, training_type: TrainingType, model: str | None
) -> Sequence[TrainerSetting]:
    """Return every hyperparameter of the recipe that a user may choose, as the hub publishes it.

    Raises:
        MlccError: no model is named, the hub does not have it, or it has no such recipe.
        PlatformError: the hub cannot be asked.
    """
    if not model:
        raise MlccError(
            "The settings differ by the model, and none is named.",
            where="--model",
            hint=f"{LIST_MODELS}   # for --model",
        )
    known = read_model(context, context.catalog_id(model))
    specs = choose_recipe(context, known, recipe.trainer, training_type, 0).specs
    return [
        TrainerSetting(
            name,
            in_words(spec),
            _typed(spec.get("default")),
            "lora" if name.startswith(BY_NAME) else "trainer",
        )
        for name, spec in specs.items()
        if name not in SAID_BY
    ]


def check(spec: TrainingSpec, model: str, specs: Mapping[str, Spec]) -> Iterator[MlccError]:
    """Yield an error for every setting that the recipe does not have, or not with this value.

    Args:
        spec: the job that is asked for.
        model: the hub's name of it.
        specs: the hyperparameters that the recipe takes.
    """
    for name, value in spec.settings.items():
        wrong = _wrong(name, value, f"{spec.trainer} on {model}", specs)
        if wrong is not None:
            yield MlccError(wrong, where=f"--set {name}", hint=listing(spec))


def listing(spec: TrainingSpec) -> str:
    """Return the command that lists the settings of a job like this."""
    model = f" --model {shlex.quote(spec.model)}"
    lora = "" if spec.training_type == "lora" else f" --training-type {spec.training_type}"
    return f"mlcc tune --technique {spec.technique}{model}{lora} --list-settings"


def in_words(spec: Spec) -> str:
    """Return the values that the recipe takes, in words: ``an integer from 1 to 100``."""
    return "true or false" if spec.get("type") == "boolean" else range_text(spec)


def _wrong(name: str, value: object, about: str, specs: Mapping[str, Spec]) -> str | None:
    """Return what is wrong with a setting, as one line; ``None`` where nothing is."""
    instead = SAID_BY.get(name)
    if instead is not None:
        return f"--set {name} is not for users to set for {about}: {instead} says it."
    spec = specs.get(name)
    if spec is None:
        close = close_matches(name, [known for known in specs if known not in SAID_BY])
        meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        return f"--set {name}: the recipe of {about} has no such setting.{meant}"
    given = f"--set {name}={_typed(value)}"
    if isinstance(value, str) and (len(value) > LONGEST or not ALLOWED.match(value)):
        return (
            f"{given} cannot be used: expected at most {LONGEST} letters, digits, spaces and "
            "any of /_.:,-'\"[]."
        )
    if not fits(value, spec):
        return f"{given} cannot be used for {about}: expected {in_words(spec)}."
    return None


def _typed(value: object) -> str:
    """Return a value as a user would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
