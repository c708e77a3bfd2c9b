"""``python -m mlcc_engine.container ROOT``: the work of a training container, from start to end.

``ROOT`` is laid out as :mod:`mlcc_engine.container.layout` says. SIGTERM is handed on to the
processes that work, which save a checkpoint. It ends with the documented exit codes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_engine import job_result
from mlcc_engine.container import ending, hosts, layout, token, work
from mlcc_engine.container.running.child import Child
from mlcc_engine.container.running.relay import Relay, show
from mlcc_engine.container.running.worker import GO_ON, TOLD_TO_END
from mlcc_engine.job_result import JobResult

HYPERPARAMETERS = "input/config/hyperparameters.json"

JOB_NAME = "TRAINING_JOB_NAME"
"""The environment variable with the job's name, which SageMaker sets."""

HUB_HOME = "HF_HOME"


def main(root: Path) -> int:
    """Do the work of a container.

    Args:
        root: of the container.

    Returns:
        Its exit code.
    """
    folder = Path(tempfile.mkdtemp(prefix="mlcc-"))
    leads = True
    child = Child()
    child.listen()
    try:
        values = _strings(root / HYPERPARAMETERS)
        found = hosts.read(root, _document(root / hosts.FILE), os.environ)
        leads = found.leads
        job = values.get("job") or os.environ.get(JOB_NAME) or "job"
        asked = work.prepare(root, folder, values, found, job)
        if len(found.names) > 1:
            hosts.wait_for(found.names[0])
        variables, warning = token.token_for(os.environ)
        if warning is not None and leads:
            show(f"⚠️  {warning}")
            show(layout.WARNING + json.dumps({"warning": warning}, ensure_ascii=False))
        # Models are large, and scratch space is on the volume whose size the user chose.
        home = {} if HUB_HOME in os.environ else {HUB_HOME: str(folder / "hub")}
        environment = {**os.environ, **home, **asked.environment, **variables}
        relay = Relay(folder, leads=leads)
        code = child.run(asked.command, environment, relay, several=asked.several)
        result = ending.found(asked.result, code)
    except MlccError as error:
        result = job_result.failure(error)
    except Exception as error:
        traceback.print_exc()
        result = job_result.failure(error)
    if child.told and (result.state == "stopped" or result.interrupted):
        result = JobResult("failed", fault="platform", reason=TOLD_TO_END, hint=GO_ON)
    code = ending.tell(root, result, folder, leads=leads)
    ending.remove(folder)
    return code


def _document(path: Path) -> Any:
    """Read a JSON file of the container.

    Raises:
        PlatformError: it is missing or damaged.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PlatformError(f"Cannot read {path}: {error}.") from None


def _strings(path: Path) -> Mapping[str, str]:
    """Read the hyperparameters of a job.

    Raises:
        PlatformError: the file is missing or damaged.
    """
    document = _document(path)
    if not isinstance(document, dict) or not all(
        isinstance(text, str) for text in document.values()
    ):
        raise PlatformError(f"{path} does not hold one JSON object of strings.")
    return document


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
