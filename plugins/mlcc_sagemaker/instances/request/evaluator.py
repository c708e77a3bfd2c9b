"""The evaluator of a job: a file that is sent along, with a judge that the container can ask."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from mlcc_core import Context, Evaluator, EvaluatorKind, MlccError, TrainingSpec
from mlcc_folders.evaluator.files import find_evaluator, limits
from mlcc_folders.evaluator.judges import MODEL, URL, find_judge
from mlcc_folders.sending.modules import files_beside, imported_by, modules_in
from mlcc_folders.sending.packages import makers_of
from mlcc_folders.sending.requirements import read_own
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.instances.code.requirements import OF_THE_IMAGE, pins
from mlcc_sagemaker.instances.code.wheel import OWN
from mlcc_sagemaker.instances.options.declared import PACKAGES
from mlcc_sagemaker.instances.request.model import find_model

JUDGE_FLAG = "--judge-model"
API_KEY = "MLCC_JUDGE_API_KEY"


@dataclass(frozen=True, slots=True)
class SentEvaluator:
    """An evaluator as a job has it.

    Attributes:
        value: as the engine takes it, by its path on this machine.
        sha256: of the file.
        settings: of the judge, and the limits that hold for all.
        sources: paths of the files that are sent, by their name among the job's files.
        secret: the name of the secret with the token that the judge takes; ``None`` for none.
        warnings: lines for the user.
    """

    value: str
    sha256: str
    settings: Mapping[str, object]
    sources: Mapping[str, str]
    secret: str | None = None
    warnings: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """Return it as the job's hyperparameters name it: ``reward.py:score``."""
        return Path(self.value).name


def send_evaluator(context: Context, spec: TrainingSpec, role: Role | None) -> SentEvaluator | None:
    """Find the evaluator on this machine; nothing of it is run.

    Raises:
        MlccError: it is not there, is not what its kind needs, or names a judge that no container
            can ask.
        PlatformError: the judge cannot be looked at.
    """
    evaluator = spec.evaluator
    if evaluator is None:
        return None
    if spec.evaluator_argument is None:
        raise MlccError(
            f"The recipe of technique {spec.technique!r} for this platform does not say which "
            "argument of the trainer takes the evaluator.",
            hint="mlcc plugins",
        )
    found = find_evaluator(evaluator, context.root)
    if evaluator.kind is EvaluatorKind.PROMPT:
        path = Path(found.value)
        settings, secret = _judge(context, evaluator, role)
        told = tuple(_told(context, settings))
        return SentEvaluator(
            *(found.value, found.sha256, {**settings, **limits(evaluator)}),
            *({path.name: str(path)}, secret, told),
        )
    path = Path(found.value.rpartition(":")[0])
    beside = dict(files_beside(path))
    own = spec.options.get(PACKAGES.key)
    unmet = tuple(_unmet([path, *map(Path, beside.values())], own))
    sources = {path.name: str(path), **beside}
    return SentEvaluator(found.value, found.sha256, limits(evaluator), sources, None, unmet)


def _judge(
    context: Context, evaluator: Evaluator, role: Role | None
) -> tuple[Mapping[str, object], str | None]:
    given = evaluator.settings
    if given.get(URL):
        settings = find_judge(given, context.root, context.hub_id)
        _check_reachable(str(given[URL]))
        return settings, None
    model = given.get(MODEL)
    if not model:
        return find_judge(given, context.root, context.hub_id), None
    if str(model).startswith("s3://"):
        raise MlccError(
            f"{JUDGE_FLAG} {model}: a job loads its judge from the Hub, not from S3.",
            where=JUDGE_FLAG,
            hint=f"pass {JUDGE_FLAG} ORG/NAME",
        )
    found = find_model(context, str(model), role, JUDGE_FLAG)
    return {MODEL: found.name}, found.secret


def _check_reachable(url: str) -> None:
    """Refuse an address of this very machine.

    Raises:
        MlccError: it is one.
    """
    host = urlsplit(url).hostname or ""
    here = host == "localhost" or host.endswith(".localhost")
    with suppress(ValueError):  # the name of a host, not its number
        here = here or ip_address(host).is_loopback
    if here:
        raise MlccError(
            f"--judge-url {url} is an address of this machine, which a training job cannot reach.",
            where="--judge-url",
            hint="pass the address of a server that the job's network reaches, or "
            f"{JUDGE_FLAG} ORG/NAME",
        )


def _told(context: Context, settings: Mapping[str, object]) -> Iterator[str]:
    if settings.get(URL) and context.settings.get(API_KEY):
        yield f"The job asks the judge without {API_KEY}: a request never holds a secret."


def _unmet(paths: Sequence[Path], own: object) -> Iterator[str]:
    """Yield a warning for every package that a reward function imports and no job gets.

    Args:
        paths: of the function's file, and of the modules beside it.
        own: the user's file of packages.

    Raises:
        MlccError: that file cannot be read.
    """
    first = paths[0]
    provided = {*pins(), *OF_THE_IMAGE}
    if own is not None:
        lines = read_own(Path(str(own)).expanduser(), PACKAGES.flag)
        provided |= {line.name for line in lines if line.name}
    for name in sorted(set().union(*map(imported_by, paths))):
        if name in sys.stdlib_module_names or name in OWN or modules_in(first.parent, name):
            continue
        makers = makers_of(name)
        if makers and not provided.intersection(makers):
            yield (
                f"{first.name} imports {name}, which jobs do not install by themselves: name "
                f"{makers[0]} in a file, and pass {PACKAGES.flag} FILE, unless the image "
                "brings it."
            )
