"""Settings and reward functions, looked at on this machine before a job is paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mlcc_core import Context, Request
from mlcc_engine.container.hyperparameters import Places, read_hyperparameters
from mlcc_folders.worker import trials
from mlcc_sagemaker.request.body import JOB


def check_settings(context: Context, request: Request) -> Sequence[str]:
    """Refuse settings that the trainer does not have, or not with this value.

    Raises:
        MlccError, Problems: everything that is wrong with them; or the engine's packages are not
            installed here.
    """
    job: Any = request.body[JOB]
    places = Places(dataset="", output="", files="")
    return trials.check_settings(
        context, asdict(read_hyperparameters(job["HyperParameters"], places))
    )
