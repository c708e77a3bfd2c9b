"""The instances of a job, read from its flags and held to what the service and the engine take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mlcc_core import Context, MlccError, Option, attempt, raise_all
from mlcc_core.helpers import close_matches, duration_seconds, duration_text, install_command
from mlcc_engine.options.scale import PROCESSES_OPTION
from mlcc_sagemaker.aws.account import options_of
from mlcc_sagemaker.instances.options import declared
from mlcc_sagemaker.instances.options.accelerators import TYPE, accelerators, unfit

T = TypeVar("T")

DAY = 86_400
RUNTIME = DAY
"""Seconds that a job may run where no flag says it: the service's own default."""

VOLUME = 100
"""GiB of disk where no flag says it: for a model of some billion parameters and checkpoints of it.
Instances with disks of their own ignore it."""

LONGEST_WAIT = 28 * DAY + 28 * DAY

LIKELY = "ml.g5.2xlarge"
"""The type that hints name: the smallest with 24 GiB of GPU memory and 32 GiB of its own."""

LONGEST_IMAGE = 255


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances that a job runs on.

    Attributes:
        type: of each instance.
        count: of instances.
        processes: on each instance.
        spot: on capacity that AWS may take back.
        seconds: that the job may run, without waiting.
        wait: seconds that a spot job may take with its waits; ``None`` for any other.
        volume: GiB of disk of each instance.
        image: the user's own; ``None`` for AWS's.
    """

    type: str
    count: int
    processes: int
    spot: bool
    seconds: int
    wait: int | None
    volume: int
    image: str | None

    @property
    def all_processes(self) -> int:
        """Return the number of processes that share the rows of a step."""
        return self.count * self.processes

    @property
    def resources(self) -> dict[str, object]:
        """Return the ``ResourceConfig`` of a request."""
        return {
            "InstanceType": self.type,
            "InstanceCount": self.count,
            "VolumeSizeInGB": self.volume,
        }

    @property
    def stopping(self) -> dict[str, int]:
        """Return the ``StoppingCondition`` of a request."""
        wait = {} if self.wait is None else {"MaxWaitTimeInSeconds": self.wait}
        return {"MaxRuntimeInSeconds": self.seconds, **wait}


def read_instances(
    context: Context, options: Mapping[str, object], seconds: int | None
) -> Instances:
    """Read the flags of a job's instances.

    Args:
        context: the surroundings of the project.
        options: of the spec, by key.
        seconds: that the job may run, by ``--stop-after``; ``None`` for the default.

    Raises:
        MlccError, Problems: everything that is wrong with them.
    """
    given = options_of(context, options)
    problems: list[MlccError] = []

    def step(read: Callable[[], T]) -> T | None:
        return attempt(read, problems)

    runtime = RUNTIME if seconds is None else seconds
    image = step(lambda: _image(given))
    kind = step(lambda: type_of(context, options, own_image=image is not None))
    processes = step(lambda: _processes(given, kind)) if kind else None
    spot = bool(given.get(declared.SPOT.key))
    wait = step(lambda: _wait(given, spot, runtime))
    raise_all(problems)
    if kind is None or processes is None:
        raise AssertionError("instances without problems have a type and processes")
    return Instances(
        type=kind,
        count=_number(given, declared.INSTANCE_COUNT, 1),
        processes=processes,
        spot=spot,
        seconds=runtime,
        wait=wait,
        volume=_number(given, declared.VOLUME, VOLUME),
        image=image,
    )


def type_of(context: Context, options: Mapping[str, object], *, own_image: bool = False) -> str:
    """Return the type of a job's instances.

    Args:
        context: the surroundings of the project.
        options: of the spec, by key.
        own_image: the job runs in an image of the user's own, which may hold what AWS's does not.

    Raises:
        MlccError: none is named, or it is none on which the engine trains.
    """
    flag = options_of(context, options).get(declared.INSTANCE_TYPE.key)
    kind = str(flag or context.settings.get(declared.TYPE_SETTING) or "").strip()
    where = declared.INSTANCE_TYPE.flag if flag else declared.TYPE_SETTING
    if not kind:
        raise MlccError(
            "No instance type is named for the training job.",
            where=declared.INSTANCE_TYPE.flag,
            hint=f"pass {declared.INSTANCE_TYPE.flag} {LIKELY}   # or set {declared.TYPE_SETTING} "
            "in do/config",
        )
    if not TYPE.match(kind):
        whole = f"ml.{kind}"
        instead = whole if TYPE.match(whole) and not kind.startswith("ml.") else LIKELY
        raise MlccError(
            f"{kind!r} is not an instance type of SageMaker: expected one like {LIKELY}.",
            where=where,
            hint=f"pass {declared.INSTANCE_TYPE.flag} {instead}",
        )
    known = _known_types()
    if known and kind not in known:
        close = close_matches(kind, known)
        meant = f" Did you mean {close[0]}?" if close else ""
        raise MlccError(
            f"SageMaker has no training instances {kind}, by the list of this version of boto3."
            f"{meant}",
            where=where,
            hint=f"pass {declared.INSTANCE_TYPE.flag} {(close or [LIKELY])[0]}   # or: "
            + install_command("-U", "boto3"),
        )
    why = unfit(kind)
    if why is not None and not own_image:
        raise MlccError(
            f"The engine does not train on {kind} ({why}): expected NVIDIA GPUs, or CPUs.",
            where=where,
            hint=f"pass {declared.INSTANCE_TYPE.flag} {LIKELY}",
        )
    return kind


def _known_types() -> list[str]:
    """Return the types that ``CreateTrainingJob`` takes, by botocore's own description."""
    from mlcc_aws.shapes import members_of

    return members_of("sagemaker", "TrainingInstanceType")


def _processes(given: Mapping[str, object], kind: str) -> int:
    asked = given.get(PROCESSES_OPTION.key)
    if asked is not None:
        return _number(given, PROCESSES_OPTION, 1)
    found = accelerators(kind)
    if found is None:
        raise MlccError(
            f"The number of GPUs of {kind} is not known here, and a process is due for each.",
            where=declared.INSTANCE_TYPE.flag,
            hint=f"pass {PROCESSES_OPTION.flag} N",
        )
    return max(1, found)


def _wait(given: Mapping[str, object], spot: bool, runtime: int) -> int | None:
    option = declared.MAX_WAIT
    text = given.get(option.key)
    if not spot:
        if text is not None:
            raise MlccError(
                f"{option.flag} {text} is for jobs with {declared.SPOT.flag}: no other waits.",
                where=option.flag,
                hint=f"pass {declared.SPOT.flag}   # or leave {option.flag} out",
            )
        return None
    if text is None:
        return runtime + DAY
    seconds = None if "." in str(text) else duration_seconds(str(text).strip())
    if seconds is None or not 1 <= seconds <= LONGEST_WAIT:
        raise _refusal(
            option,
            f"{option.flag} {text!r} is not a duration from 1s to 56d: expected one like 12h.",
            f"{-(-(runtime + DAY) // 3600)}h",
        )
    if seconds < runtime:
        raise _refusal(
            option,
            f"{option.flag} {text} is shorter than the {duration_text(runtime)} that the job may "
            "run (--stop-after), which it includes.",
            f"{-(-(runtime + DAY) // 3600)}h",
        )
    return int(seconds)


def _image(given: Mapping[str, object]) -> str | None:
    option = declared.IMAGE
    text = given.get(option.key)
    if text is None:
        return None
    uri = str(text).strip()
    if not uri or len(uri) > LONGEST_IMAGE or any(char.isspace() for char in uri):
        form = "123456789012.dkr.ecr.us-east-1.amazonaws.com/NAME:TAG"
        what = f"{option.flag} {text!r} is not the URI of an image: expected one like {form}."
        raise _refusal(option, what, form)
    return uri


def _number(given: Mapping[str, object], option: Option, default: int) -> int:
    value = given.get(option.key)
    return int(value) if isinstance(value, int) else default


def _refusal(option: Option, what: str, better: str) -> MlccError:
    return MlccError(what, where=option.flag, hint=f"pass {option.flag} {better}")
