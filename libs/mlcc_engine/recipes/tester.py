"""The tester of the engine ``trl``: recipes against trainers, and one step of training."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from mlcc_core import EngineTester, MlccError, Recipe
from mlcc_core.helpers import close_matches
from mlcc_engine import job_result
from mlcc_engine.model import tiny
from mlcc_engine.process import quiet_libraries
from mlcc_engine.train.trainers import ENGINE_HYPERPARAMETERS, SAMPLES, Trainer

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets")

MODEL_HYPERPARAMETERS = ("lora_rank", "lora_alpha", "train_batch_size")
"""Names that recipes use for what is not the Config's: they are PEFT's and the engine's."""

ROWS = 4
"""Rows of the one step, at least; fewer are repeated."""

REPLY_TOKENS = 8
SECONDS = 600.0

REWARD = '''"""Scores replies by their letters, so that they differ."""

import json


def lambda_handler(events):
    scores = [
        {"id": e["id"], "aggregate_reward_score": sum(map(ord, e["messages"][-1]["content"])) % 7}
        for e in events
    ]
    return {"statusCode": 200, "body": json.dumps(scores)}
'''


class TrlTester(EngineTester):
    """Imports the trainer and its Config, and trains ``mlcc-tiny`` in a process of its own."""

    def absent(self) -> str | None:
        missing = [name for name in PACKAGES if find_spec(name) is None]
        return f"packages are missing: {', '.join(missing)}" if missing else None

    def faults(self, recipe: Recipe, names: Collection[str]) -> Sequence[str]:
        quiet_libraries()  # what they log is not of the recipe's author
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                trainer = Trainer(recipe.trainer)
                takes = inspect.signature(trainer.trainer).parameters
                fields = trainer.fields
            except MlccError as error:
                return [error.what]
        return list(_faults(recipe, names, fields, takes))

    def train_one_step(
        self, recipe: Recipe, rows: Sequence[Mapping[str, object]], folder: Path
    ) -> None:
        (folder / "request.json").write_text(json.dumps(_request(recipe, rows, folder)))
        ran = subprocess.run(  # noqa: S603 - our own engine
            [sys.executable, "-P", "-m", "mlcc_engine", str(folder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        log = tuple(ran.stdout.splitlines()[-20:])
        try:
            result = json.loads((folder / job_result.FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise MlccError(f"{recipe.trainer} ended without a result.", detail=log) from None
        if result["state"] != "completed":
            raise MlccError(f"{recipe.trainer}: {result.get('reason')}", detail=log)


def _faults(
    recipe: Recipe,
    names: Collection[str],
    fields: Mapping[str, object],
    takes: Mapping[str, inspect.Parameter],
) -> Iterator[str]:
    """Yield the faults of a recipe whose trainer is there.

    Args:
        recipe: of a technique.
        names: of hyperparameters that users can give.
        fields: the Config's arguments.
        takes: the trainer's arguments.
    """
    known = {*fields, *ENGINE_HYPERPARAMETERS}
    config = f"the Config of {recipe.trainer}"
    for name in sorted(recipe.settings.keys() - known):
        yield f"the setting {name!r} is unknown to {config}{_meant(name, known)}"
    for name in sorted(set(names) - known - set(MODEL_HYPERPARAMETERS)):
        yield f"the hyperparameter {name!r} is unknown to {config}{_meant(name, known)}"
    argument = recipe.evaluator_argument
    anything = any(taken.kind is inspect.Parameter.VAR_KEYWORD for taken in takes.values())
    if argument is not None and argument not in takes and not anything:
        yield f"{recipe.trainer} takes no argument {argument!r}{_meant(argument, takes)}"


def _meant(name: str, known: Collection[str]) -> str:
    close = close_matches(name, known)
    return f"; did you mean {close[0]!r}?" if close else ""


def _request(
    recipe: Recipe, rows: Sequence[Mapping[str, object]], folder: Path
) -> Mapping[str, object]:
    count = max(ROWS, len(rows))
    repeated = [rows[index % len(rows)] for index in range(count)]
    dataset = folder / "rows.jsonl"
    dataset.write_text("".join(json.dumps(row) + "\n" for row in repeated), encoding="utf-8")
    evaluator = None
    if recipe.evaluator_argument is not None:
        (folder / "reward.py").write_text(REWARD)
        function = f"{folder / 'reward.py'}:lambda_handler"
        evaluator = {"kind": "function", "value": function, "argument": recipe.evaluator_argument}
    fields = Trainer(recipe.trainer).fields
    short = {"max_completion_length": REPLY_TOKENS} if SAMPLES in fields else {}
    form = {} if recipe.rows == "conversation" else {"row_form": recipe.rows}
    return {
        "job": "one-step",
        "technique": "contract",
        "trainer": recipe.trainer,
        "model": tiny.NAME,
        "training_type": "lora",
        "dataset": str(dataset),
        "rows": count,
        "output": str(folder / "output"),
        "hyperparameters": {"num_train_epochs": 1, "global_batch_size": count, **short},
        "lora": {"r": 4},
        "settings": dict(recipe.settings),
        "evaluator": evaluator,
        **form,
    }


TESTER = TrlTester()
