"""The identity of a plan, and the job's name that follows from it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mlcc_core.actions.requests import TAKE, flag_of
from mlcc_core.contract.job import Start, TrainingSpec

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob

HASH_LENGTH = 8
DATASET = "dataset content"
"""The key of the dataset's content address in what was asked."""


def content_of(job: DatasetJob, key: str) -> dict[str, object]:
    """Return all that decides the rows that are trained on.

    Args:
        job: the dataset.
        key: the content address of the converted dataset.
    """
    check = job.row_check
    version = {"row rules": check.version} if check is not None else {}
    take = job.conversion.take
    taken = {} if take is None else {TAKE.flag: take}
    return {DATASET: key, "dataset form": job.schema.format, **taken, **version}


def asked_of(
    spec: TrainingSpec, content: Mapping[str, object], extra: Mapping[str, object]
) -> dict[str, object]:
    """Everything that decides the result, in the user's words, for hashing and comparing.

    Args:
        spec: the spec; its dataset's place does not matter, its content does.
        content: all that decides the rows, as :func:`content_of` has it.
        extra: what the platform reports besides (a reward function's checksum).
    """
    flags = {
        spec.hyperparameter_flags.get(name, name): value
        for name, value in spec.hyperparameters.items()
    }
    evaluator = {spec.evaluator.origin: spec.evaluator.value} if spec.evaluator else {}
    return {
        "--technique": spec.technique,
        "trainer": spec.trainer,
        "trainer settings": json.loads(json.dumps(dict(spec.trainer_settings), default=str)),
        "rows": spec.rows,
        "--model": spec.model,
        "--training-type": spec.training_type,
        **_start(spec.start),
        **content,
        **dict(sorted(flags.items())),
        **evaluator,
        **{flag_of(key): value for key, value in sorted(spec.options.items())},
        **{name.replace("_", " "): value for name, value in sorted(extra.items())},
    }


def _start(start: Start | None) -> dict[str, object]:
    """Name the start by its run, and by its content: its place does not matter."""
    if start is None:
        return {}
    job = start.lineage[-1].job if start.lineage else None
    if job is None:
        return {"--from-weights": start.fingerprint}
    return {"--from-tune": job, "content of the start": start.fingerprint}


def plan_hash(asked: Mapping[str, object]) -> str:
    """Eight hexadecimal digits of the SHA-256 of ``asked``."""
    canonical = json.dumps(asked, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:HASH_LENGTH]


def job_prefix(project: str, technique: str, digest: str) -> str:
    """Return the beginning of the names of all attempts at one plan.

    Names stay within 63 letters, digits and single hyphens, the narrowest rule of the
    platforms we know: 32 of the project, 14 of the technique, 8 of the hash, the attempt.
    """
    cleaned = re.sub(r"_+", "-", technique).strip("-")[:14].strip("-")
    return f"{project}-{cleaned}-{digest}-"


def latest_attempt(names: Iterable[str], prefix: str) -> int:
    """Return the highest attempt among job names that begin with ``prefix``; 0 for none."""
    attempts = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return max((int(attempt) for attempt in attempts if attempt.isdecimal()), default=0)


def hash_in(job: str) -> str | None:
    """Return the plan's hash in a job's name; ``None`` for a name of another form."""
    match = re.search(rf"-([0-9a-f]{{{HASH_LENGTH}}})-\d+\Z", job)
    return match[1] if match else None


def changes(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """List the differences between two plans, one line each, in the user's words.

    A setting with a value in one of them only, and no flag of its own, follows from a flag.
    """
    lines = []
    for name in dict.fromkeys((*before, *now)):
        old, new = before.get(name), now.get(name)
        follows = None in (old, new) and not name.startswith("--")
        if old != new and not follows:
            lines.append(f"{name}: was {_text(old)}, is now {_text(new)}")
    return lines


def _text(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40,}", value):
        return value[:HASH_LENGTH]
    return "not set" if value is None else str(value)
