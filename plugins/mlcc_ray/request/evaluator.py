"""The evaluator of a job: a file that is sent along, with a judge that the cluster can ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from mlcc_core import Context, EvaluatorKind, MlccError, TrainingSpec
from mlcc_folders.evaluator.judges import MODEL, URL
from mlcc_folders.request.asked import evaluator_settings, find_asked_evaluator
from mlcc_folders.sending.modules import files_beside

JUDGE_FLAG = "--judge-model"
API_KEY = "MLCC_JUDGE_API_KEY"

FILES = "files"
"""The folder of a job with the files that its request names."""


@dataclass(frozen=True, slots=True)
class SentEvaluator:
    """An evaluator as a job has it.

    Attributes:
        value: as the request names it, from the job's folder: ``files/reward.py:score``.
        sha256: of its file.
        settings: of the judge, and the limits that hold for all.
        sources: paths of the files that are sent, by their names in the folder ``files``.
        warnings: lines for the user.
    """

    value: str
    sha256: str
    settings: Mapping[str, object]
    sources: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def send_evaluator(context: Context, spec: TrainingSpec) -> SentEvaluator | None:
    """Find the evaluator on this machine; nothing of it is run.

    Raises:
        MlccError: it is not there, is not what its kind needs, or names a judge that the cluster
            cannot ask.
    """
    found = find_asked_evaluator(spec, context.root)
    if spec.evaluator is None or found is None:
        return None
    settings = evaluator_settings(spec, context)
    if spec.evaluator.kind is EvaluatorKind.PROMPT:
        _check_judge(settings)
        path = Path(found.value)
        told = tuple(_told(context, settings))
        value = f"{FILES}/{path.name}"
        return SentEvaluator(value, found.sha256, settings, {path.name: str(path)}, told)
    text, _, name = found.value.rpartition(":")
    path = Path(text)
    sources = {path.name: str(path), **dict(files_beside(path))}
    return SentEvaluator(f"{FILES}/{path.name}:{name}", found.sha256, settings, sources)


def _check_judge(settings: Mapping[str, object]) -> None:
    """Refuse a judge of this very machine.

    Raises:
        MlccError: it is one.
    """
    model, url = settings.get(MODEL), settings.get(URL)
    if url is None and model is not None and Path(str(model)).is_absolute():
        raise MlccError(
            f"{JUDGE_FLAG} {model} is a folder of this machine, which the cluster does not see.",
            where=JUDGE_FLAG,
            hint=f"pass {JUDGE_FLAG} ORG/NAME, a model of the Hub",
        )
    host = urlsplit(str(url or "")).hostname or ""
    here = host == "localhost" or host.endswith(".localhost")
    with suppress(ValueError):  # the name of a host, not its number
        here = here or ip_address(host).is_loopback
    if here:
        raise MlccError(
            f"--judge-url {url} is an address of this machine, where the cluster's nodes would "
            "look on their own.",
            where="--judge-url",
            hint=f"pass the address of a server that they reach, or {JUDGE_FLAG} ORG/NAME",
        )


def _told(context: Context, settings: Mapping[str, object]) -> Iterator[str]:
    if settings.get(URL) and context.settings.get(API_KEY):
        yield (
            f"The job asks the judge with the {API_KEY} of the cluster's own environment: a "
            "request never holds a secret."
        )
