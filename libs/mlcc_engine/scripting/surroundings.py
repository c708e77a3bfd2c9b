"""The environment variables of a script, by the names that SageMaker's containers give them.

The values are those of the SDK's own container driver: what is not a string is written as JSON,
and a hyperparameter counts as the JSON value that its text is, if it is one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from mlcc_core import script_variable
from mlcc_engine.devices import usable_cores
from mlcc_engine.scripting.request import ScriptRequest


def environment(request: ScriptRequest) -> dict[str, str]:
    """Return the environment of the script: this process's own, with what is the job's.

    Args:
        request: of the job.
    """
    found = {**os.environ, **dict(_variables(request))}
    paths = [request.packages, request.folder, os.environ.get("PYTHONPATH")]
    found["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    found["PYTHONUNBUFFERED"] = "1"  # lines are seen when they are printed
    return found


def _variables(request: ScriptRequest) -> Iterator[tuple[str, str]]:
    yield "TRAINING_JOB_NAME", request.job
    yield "SM_MODEL_DIR", request.model_dir
    yield "SM_OUTPUT_DATA_DIR", request.output_data_dir
    yield "SM_OUTPUT_DIR", str(Path(request.output_data_dir).parent)
    if request.checkpoint_dir is not None:
        yield "SM_CHECKPOINT_DIR", request.checkpoint_dir
    yield "SM_ENTRY_SCRIPT", Path(request.script).name
    yield "SM_SOURCE_DIR", str(Path(request.script).parent)
    yield "SM_CHANNELS", json.dumps(list(request.inputs))
    for channel, folder in request.inputs.items():
        yield f"SM_CHANNEL_{script_variable(channel)}", folder
    values = {name: _value(text) for name, text in request.hyperparameters.items()}
    yield "SM_HPS", json.dumps(values)
    yield "SM_USER_ARGS", json.dumps(request.words()[len(request.launcher) + 1 :])
    for name, text in request.hyperparameters.items():
        yield f"SM_HP_{script_variable(name)}", text
    yield from _hosts(request)


def _hosts(request: ScriptRequest) -> Iterator[tuple[str, str]]:
    hosts = sorted(request.hosts)
    yield "SM_HOSTS", json.dumps(hosts)
    yield "SM_HOST_COUNT", str(len(hosts))
    yield "SM_CURRENT_HOST", request.current_host
    yield "SM_CURRENT_HOST_RANK", str(hosts.index(request.current_host))
    yield "SM_MASTER_ADDR", hosts[0]
    yield "SM_NUM_GPUS", str(request.num_gpus)
    yield "SM_NUM_CPUS", str(usable_cores())


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value
