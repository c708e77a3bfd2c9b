"""A project whose trainings run on instances."""

from __future__ import annotations

from importlib import import_module

import pytest

from mlcc_core.contract.job import DatasetRef, TrainingSpec
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.contract.script.files import files_checksum, script_files
from mlcc_core.contract.script.spec import ScriptSpec
from mlcc_core.errors import MlccError
from mlcc_engine.engine import TRL
from mlcc_sagemaker import SageMakerJobs
from tests.plugins.mlcc_sagemaker.conftest import DATA, make_context

CPU, GPU = "ml.m5.xlarge", "ml.g5.12xlarge"
FLAGS = {"rlvr": "--reward-function", "rlaif": "--reward-prompt"}
KINDS = {"rlvr": EvaluatorKind.FUNCTION, "rlaif": EvaluatorKind.PROMPT}

REWARD = """
import json


def score(events):
    scores = [{"id": event["id"], "aggregate_reward_score": 0.5} for event in events]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""
PROMPT = "Score the reply from 0 to 1: {reply}"


@pytest.fixture
def jobs():
    return SageMakerJobs(look_seconds=0.01)


@pytest.fixture
def place(account, tmp_path):
    """The surroundings of a project with an instance type in ``do/config``."""
    said = []
    made = make_context(tmp_path, account, {"TRAIN_INSTANCE_TYPE": CPU}, say=said.append)
    object.__setattr__(made, "said", said)
    return made


@pytest.fixture
def training(tmp_path):
    """Makes specs as the orchestrator makes them, with the technique's own recipe."""

    def of(technique="sft", **changes):
        plugin = import_module(f"mlcc_{technique}").plugin
        recipe = plugin.mlcc_trainer("trl")
        names = recipe.names(TRL, (option.key for option in plugin.options))
        given = {"num_train_epochs": 3, "learning_rate": 5e-05}
        return TrainingSpec(
            **{
                "project": "demo",
                "technique": technique,
                "trainer": recipe.trainer,
                "model": "mlcc-tiny",
                "training_type": "lora",
                "hyperparameters": given,
                "hyperparameter_flags": {
                    name: "--" + key.replace("_", "-") for key, name in names.items()
                },
                "trainer_settings": recipe.settings,
                "dataset": DatasetRef(DATA, "f1", 12),
                "evaluator": evaluator(tmp_path, technique) if technique in KINDS else None,
                "evaluator_argument": recipe.evaluator_argument,
                "engine": "trl",
                "rows": recipe.rows,
                **changes,
            }
        )

    return of


def evaluator(folder, technique, value=None, **settings):
    """A reward function or a judge's prompt in a file of this machine."""
    if technique == "rlvr":
        (folder / "reward.py").write_text(REWARD)
        value = value or "reward.py:score"
    else:
        (folder / "judge.txt").write_text(PROMPT)
        value = value or "judge.txt"
        settings = settings or {"judge_model": "mlcc-tiny"}
    return Evaluator(KINDS[technique], value, FLAGS[technique], settings, FLAGS[technique])


@pytest.fixture
def script(tmp_path):
    """Makes specs of scripts as the orchestrator makes them."""

    def of(source="print('hello')\n", **changes):
        path = tmp_path / "train.py"
        path.write_text(source)
        whole = changes.get("folder", False)
        return ScriptSpec(
            **{
                "project": "demo",
                "script": str(path),
                "checksum": files_checksum(script_files(path, folder=whole)),
                "hyperparameters": {"epochs": "3"},
                **changes,
            }
        )

    return of


@pytest.fixture
def refusal():
    """The one error of a call; it and its hint are lines."""

    def of(call, *arguments, **options):
        with pytest.raises(MlccError) as caught:
            call(*arguments, **options)
        assert "\n" not in caught.value.what + (caught.value.hint or "")
        return caught.value

    return of
