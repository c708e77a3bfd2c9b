"""The tracker of a run: named by ``--tracker``, or MLflow where its variable is set."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType

from mlcc_core import Context, Option
from mlcc_core.helpers import install_command
from mlcc_trackers.mlflow import VARIABLE, MlflowTracker
from mlcc_trackers.tensorboard import TensorBoardTracker
from mlcc_trackers.tracker import Tracker
from mlcc_trackers.trackio import TrackioTracker
from mlcc_trackers.wandb import WandbTracker

TRACKERS: Mapping[str, type[Tracker]] = MappingProxyType(
    {
        tracker.name: tracker
        for tracker in (MlflowTracker, WandbTracker, TrackioTracker, TensorBoardTracker)
    }
)

NONE = "none"
"""The value of the flag that keeps a run from every tracker."""

OPTION = Option(
    "--tracker",
    str,
    f"Send progress, settings and evaluations to {', '.join(TRACKERS)}; "
    f"mlflow is the default where {VARIABLE} is set, none turns it off",
    metavar="NAME",
    choices=(*TRACKERS, NONE),
    also=("--report-to", "--logger", *(f"--{name}={name}" for name in TRACKERS)),
    decides=False,
)


def check(context: Context) -> None:
    """Refuse a named tracker that cannot work; say so of one that was not named.

    Raises:
        MlccError: a package or a setting is missing.
    """
    named = context.options.get(OPTION.key)
    if isinstance(named, str):
        if named in TRACKERS:
            TRACKERS[named].check(context.settings)
    elif context.settings.get(VARIABLE) and find_spec(MlflowTracker.module) is None:
        mend = install_command(MlflowTracker.requirement)
        context.say(f"⚠️  {VARIABLE} is set, and mlflow is not installed: {mend}")


def tracker_class(context: Context) -> type[Tracker] | None:
    """Return the tracker of a run; ``None`` where it has none, or its package is missing."""
    named = context.options.get(OPTION.key)
    if named is None:
        named = MlflowTracker.name if context.settings.get(VARIABLE) else NONE
    chosen = TRACKERS.get(str(named))
    return chosen if chosen is not None and find_spec(chosen.module) is not None else None


def tracks_itself(platform: str, chosen: type[Tracker], context: Context) -> bool:
    """Return whether jobs of a platform log to that tracker by themselves.

    SageMaker has its jobs log to its own MLflow, which an ARN names: a second run of the same job
    there would only be in the way.
    """
    arn = context.settings.get(VARIABLE, "").startswith("arn:")
    return platform == "sagemaker" and chosen is MlflowTracker and arn
