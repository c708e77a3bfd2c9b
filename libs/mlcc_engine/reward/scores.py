"""Count the scores that a job asked for, and stop it when too many of them fail."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mlcc_core import JobError, MlccError, PlatformError
from mlcc_engine.reward.judge_error import JudgeError

WINDOW = 100
"""Scores that are looked back at."""

MOST_FAILED = 20
"""Percent of the window that may fail, unless the user says otherwise."""

MAX_FAILED = "max_failed_rewards"
"""The evaluator's setting that says otherwise."""

SHOWN_REASONS = 3
"""Distinct reasons that are told."""

LONGEST_REASON = 400
"""Characters of a reason."""


class Scores:
    """The scores of a job, and those that are missing.

    Args:
        most_failed: percent of the last 100 scores that may fail; 0 for none, 100 for all.
        say: takes the warnings; by default they are printed.

    Attributes:
        asked: replies that were to be scored.
        failed: those of them that got no score, and were left out.
        reasons: the first few distinct reasons, one line each.
    """

    def __init__(
        self, most_failed: int = MOST_FAILED, say: Callable[[str], None] | None = None
    ) -> None:
        self.asked = 0
        self.failed = 0
        self.reasons: Sequence[str] = ()
        self._most_failed = most_failed
        self._say = say or _print
        self._kinds: set[str] = set()
        self._window: deque[MlccError | None] = deque(maxlen=WINDOW)

    def keep(self, results: Iterable[float | MlccError]) -> list[float | None]:
        """Count results as they come.

        Args:
            results: scores, and errors in place of those that failed.

        Returns:
            The scores in order, ``None`` for those that failed.

        Raises:
            JobError: more failed than may.
            PlatformError: the same, and every one of them is the platform's fault.
        """
        return [self._count(result) for result in results]

    def memory(self) -> dict[str, Any]:
        """Return what was counted so far, as JSON has it."""
        return {"asked": self.asked, "failed": self.failed, "reasons": list(self.reasons)}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take back what :meth:`memory` returned; the window of the last scores begins anew."""
        self.asked, self.failed = memory["asked"], memory["failed"]
        self.reasons = tuple(memory["reasons"])
        self._kinds = {_kind_of(reason) for reason in self.reasons}

    def summary(self) -> str | None:
        """Return the failures in one line; ``None`` when there were none.

        Example:
            ``37 of 400 replies were left out, as they got no score: rewards.py:7: Reward …``
        """
        if not self.failed:
            return None
        were, they = ("was", "it") if self.failed == 1 else ("were", "they")
        replies = "reply" if self.asked == 1 else "replies"
        return (
            f"{self.failed} of {self.asked} {replies} {were} left out, as {they} got no score: "
            f"{'; '.join(self.reasons)}"
        )

    def _count(self, result: float | MlccError) -> float | None:
        self.asked += 1
        if not isinstance(result, MlccError):
            self._window.append(None)
            return result
        self.failed += 1
        self._window.append(result)
        self._remember(result)
        self._check()
        if self.failed.bit_count() == 1:
            self._say(str(self.summary()))
        return None

    def _remember(self, error: MlccError) -> None:
        """Keep a reason that is new; numbers alone (ids, lengths) make no new one."""
        reason = _in_one_line(error)
        kind = _kind_of(reason)
        if kind not in self._kinds and len(self.reasons) < SHOWN_REASONS:
            self._kinds.add(kind)
            self.reasons = (*self.reasons, reason)

    def _check(self) -> None:
        failures = [error for error in self._window if error is not None]
        if len(failures) * 100 <= self._most_failed * WINDOW:
            return
        recent = len(self._window)
        share = 100 * len(failures) / recent
        of = f"of the last {recent} replies" if recent > 1 else "reply"
        every = all(isinstance(error, PlatformError) for error in failures)
        raise (PlatformError if every else JobError)(
            f"{len(failures)} {of} got no score ({share:.0f} %), more than "
            f"--max-failed-rewards {self._most_failed} allows (of {WINDOW}): "
            f"{'; '.join(self.reasons)}",
            hint=_way_out(failures[0], share),
        )


def _kind_of(reason: str) -> str:
    return re.sub(r"\d+", "0", reason)


def _way_out(first: MlccError, share: float) -> str:
    """The hint of a failure that a flag or the platform can mend, else a limit that allows it."""
    if isinstance(first, (PlatformError, JudgeError)) and first.hint:
        return first.hint
    allowed = min(100, 10 * math.ceil(share / 10))
    return f"mend that, or allow more failures: --max-failed-rewards {allowed}"


def _in_one_line(error: MlccError) -> str:
    where = f"{error.where}: " if error.where and error.where not in error.what else ""
    text = " ".join(f"{where}{error.what}".split())
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def _print(line: str) -> None:
    print(f"⚠️  {line}", flush=True)
