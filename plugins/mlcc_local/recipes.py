"""Recipes held against the trainer that they name, in a process that may import it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from mlcc_core import Recipe
from mlcc_core.helpers import first_line

SECONDS = 300.0
"""Importing a trainer takes seconds; on a machine that is busy, minutes."""

PROGRAM = """
import json, sys
from mlcc_core import MlccError
from mlcc_engine.train.trainers import ENGINE_HYPERPARAMETERS, Trainer
try:
    trainer = Trainer(sys.argv[1])
    trainer.trainer
    print(json.dumps([[*trainer.fields, *ENGINE_HYPERPARAMETERS], None]))
except MlccError as error:
    print(json.dumps([[], error.what]))
"""


def recipe_faults(recipe: Recipe, names: Mapping[str, str]) -> Sequence[str]:
    """List what the trainer of ``recipe`` would not take; empty where all is well.

    Args:
        recipe: of a technique.
        names: the trainer's names of the technique's own options, by key.
    """
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-P", "-c", PROGRAM, recipe.trainer],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["it ends the process"])[-1]
        return [f"{recipe.trainer} cannot be imported: {first_line(last)}"]
    fields, fault = json.loads(lines[-1])
    if fault is not None:
        return [str(fault)]
    unknown = [
        *(f"the setting {name!r}" for name in recipe.settings if name not in fields),
        *(
            f"{name!r} for --{key.replace('_', '-')}"
            for key, name in names.items()
            if name not in fields
        ),
    ]
    return [f"the Config of {recipe.trainer} does not know {what}" for what in unknown]
