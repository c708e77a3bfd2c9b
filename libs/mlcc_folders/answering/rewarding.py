"""Rewards by a run's evaluator, in a process that its code may crash or hang."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_engine.child.child import Late, error_in
from mlcc_folders.answering.asking import Died, Process

AT_ONCE = 8
"""Replies that are scored at once; where that fails, each is scored alone."""

SECONDS: Mapping[str, float] = {"function": 60.0, "prompt": 900.0}
"""Seconds for so many, by kind of evaluator; a judge may have to load."""

MOST_DEATHS = 3
"""Replies at which the code may crash or hang."""


OTHER = "choose another metric: mlcc evaluate --help"


def evaluator_of(request: Mapping[str, Any], root: Path) -> Mapping[str, Any]:
    """Return the evaluator of a run's request, as the engine takes it: the one that trained.

    Args:
        request: the body of the run's request.
        root: the project's folder, which may have been moved since.

    Raises:
        MlccError: the run has none, or its file is gone or was changed since.
    """
    body = request.get("request", request)
    evaluator = body.get("evaluator") if isinstance(body, Mapping) else None
    if not isinstance(evaluator, Mapping):
        raise MlccError(
            "The run was trained without a reward function and without a reward prompt: its "
            "replies have no reward.",
            where="--metric",
            hint=OTHER,
        )
    typed = request.get("asked", {}).get(evaluator["value"], evaluator["value"])
    found = _moved(evaluator, root / typed)
    trained = request.get("fingerprints", {}).get("evaluator")
    if trained is not None and _checksum(found) != trained:
        raise MlccError(
            f"The evaluator {typed} was changed since the run was trained: its rewards would be "
            "those of other code.",
            where="--metric",
            hint=f"bring back the file as it was, or {OTHER}",
        )
    return found


def _moved(evaluator: Mapping[str, Any], typed: Path) -> Mapping[str, Any]:
    """Return an evaluator at the place where its file is now, as it was typed in the project."""
    if _file(evaluator).is_file():
        return evaluator
    name = str(evaluator["value"]).removeprefix(str(_file(evaluator)))
    moved = {**evaluator, "value": f"{str(typed).removesuffix(name)}{name}"}
    if not _file(moved).is_file():
        raise MlccError(
            f"The evaluator {_file(evaluator)} of the run is gone.", where="--metric", hint=OTHER
        )
    return moved


def _file(evaluator: Mapping[str, Any]) -> Path:
    """Return the file of an evaluator: ``rewards.py`` of ``rewards.py:score``."""
    path, _, name = str(evaluator["value"]).rpartition(":")
    return Path(path if path and name.isidentifier() else evaluator["value"])


def _checksum(evaluator: Mapping[str, Any]) -> str:
    return hashlib.sha256(_file(evaluator).read_bytes()).hexdigest()


def rewards(
    process: Process,
    evaluator: Mapping[str, Any],
    rows: Sequence[Mapping[str, object]],
    replies: Sequence[str],
    say: Callable[[str], None],
) -> Iterator[tuple[int, float | None]]:
    """Yield the reward of each reply; ``None`` for one that gets none, which is said at the end.

    Args:
        process: runs the evaluator.
        evaluator: of the run.
        rows: one for each reply.
        replies: that are scored.
        say: told of those without a reward.

    Raises:
        MlccError: the evaluator cannot be had, or its code crashed or hung too often.
        PlatformError: its judge is down, or crashed or hung too often.
    """
    reasons: list[str] = []
    deaths = 0
    left = [range(at, min(at + AT_ONCE, len(rows))) for at in range(0, len(rows), AT_ONCE)]
    while left:
        batch = left.pop(0)
        scores: list[float | MlccError]
        try:
            scores = _scores(process, evaluator, [(rows[at], replies[at]) for at in batch])
        except (Died, Late) as error:
            if len(batch) > 1:
                left[:0] = [range(at, at + 1) for at in batch]
                continue
            deaths += 1
            if deaths >= MOST_DEATHS:
                raise _broken(evaluator, deaths, error) from None
            scores = [MlccError(_reason(error))]
        _check_up(scores)
        for place, score in zip(batch, scores, strict=True):
            if isinstance(score, MlccError):
                reasons.append(" ".join(score.what.split()))
            yield place, None if isinstance(score, MlccError) else score
    if reasons:
        have = "has" if len(reasons) == 1 else "have"
        say(f"⚠️  {len(reasons)} of {len(rows)} replies {have} no reward: {reasons[0]}")


def _scores(
    process: Process,
    evaluator: Mapping[str, Any],
    replies: Sequence[tuple[Mapping[str, object], str]],
) -> list[float | MlccError]:
    """Return the score of each reply to its row, or the reason why it has none.

    Raises:
        MlccError: the evaluator cannot be had.
        PlatformError: its judge refuses the key.
        Died, Late: its code crashes or hangs.
    """
    arguments = {
        "evaluator": dict(evaluator),
        "rows": [dict(row) for row, _ in replies],
        "replies": [reply for _, reply in replies],
    }
    seconds = SECONDS.get(str(evaluator["kind"]), max(SECONDS.values()))
    found = [score for each in process.ask("rewards", arguments, seconds) for _, score in each]
    return [
        error_in(score["error"], []) if isinstance(score, Mapping) else float(score)
        for score in found
    ]


def _check_up(scores: Sequence[float | MlccError]) -> None:
    """Refuse a batch in which the judge failed at every reply: it is down, not the replies bad."""
    failed = [score for score in scores if isinstance(score, PlatformError)]
    if failed and len(failed) == len(scores):
        raise PlatformError(
            failed[0].what,
            hint="see that it answers, then run the same command: rewards are kept",
            detail=failed[0].detail,
        )


def _reason(error: Died | Late) -> str:
    return error.error.what if isinstance(error, Died) else "no answer came in time"


def _broken(evaluator: Mapping[str, Any], deaths: int, error: Died | Late) -> MlccError:
    """Return the error of a user's code, or of a judge, which is not the user's."""
    detail = error.error.detail if isinstance(error, Died) else ()
    what = f"crashed or hung on {deaths} replies: {_reason(error)}"
    if evaluator["kind"] == "function":
        return MlccError(
            f"The evaluator {evaluator['value']} {what}",
            hint="mend it, or choose another metric",
            detail=detail,
        )
    return PlatformError(
        f"The judge of {evaluator['value']} {what}", hint="choose another metric", detail=detail
    )
