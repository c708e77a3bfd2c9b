"""Signs that a training learns nothing: told while it runs, and as a verdict at its end."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlcc_core import JobError

LOSS, GRADIENT, REWARD = "loss", "grad_norm", "reward"
SAME_SCORE_SHARE = "frac_reward_zero_std"
"""The share of groups in which all replies scored alike, as TRL reports it."""
SPREAD = "reward_std"
ROUNDING = 1e-6
"""Equal scores have a spread of so much, as float32 computes it."""
CUT_SHARE = "completions/clipped_ratio"
"""The share of replies that were cut at the limit, as TRL reports it."""

PATIENCE = 5
"""Reports after which a sign is told."""

MAX_SAME_SCORE_SHARE = 0.8
MAX_CUT_SHARE = 0.5
"""Shares from which on they are told."""

TREND_REPORTS = 6
"""Reports that a trend takes, at least."""

EARLY_TREND_REPORTS = 40
"""Reports after which a trend is told while the training runs."""

STANDARD_ERRORS = 2.0
"""Standard errors by which a reward must rise, or a loss fall, to be called so."""

CLEAR = 1.25
"""The factor between losses that is a rise or a fall, however much the first ones vary."""


@dataclass(slots=True)
class Signs:
    """The numbers that a trainer reported, and the signs in them.

    Attributes:
        reply_limit: tokens at which replies are cut, for messages.
        seen: by name, the numbers of all reports so far.
        unusable: by name, how many reports in a row had a number that is not finite.
        warnings: so far.
    """

    reply_limit: int | None = None
    seen: dict[str, list[float]] = field(default_factory=dict)
    unusable: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, numbers: Mapping[str, float]) -> list[str]:
        """Take note of one report.

        Returns:
            Warnings that are new with it.
        """
        spread = numbers.get(SPREAD)
        if SAME_SCORE_SHARE in numbers and spread is not None and spread <= ROUNDING:
            numbers = {**numbers, SAME_SCORE_SHARE: 1.0}
        for name in (LOSS, GRADIENT, REWARD, SAME_SCORE_SHARE, CUT_SHARE):
            value = numbers.get(name)
            if value is None:
                continue
            if math.isfinite(value):
                self.seen.setdefault(name, []).append(value)
            self.unusable[name] = 0 if math.isfinite(value) else self.unusable.get(name, 0) + 1
        known = {warning.partition(":")[0] for warning in self.warnings}
        new = [warning for warning in self._warnings() if warning.partition(":")[0] not in known]
        self.warnings += new
        return new

    def memory(self) -> dict[str, Any]:
        """Return all that was reported so far, as JSON has it."""
        return {"seen": self.seen, "warnings": self.warnings}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take back what :meth:`memory` returned."""
        self.seen, self.warnings = dict(memory["seen"]), list(memory["warnings"])

    def nothing_learned(self, *, changed: bool) -> str | None:
        """Tell why nothing at all was learned; ``None`` where something was.

        Args:
            changed: some trained weight differs from before.
        """
        gradients, alike = self.seen.get(GRADIENT, []), self.seen.get(SAME_SCORE_SHARE, [])
        if alike and min(alike) == 1.0:
            # A gradient there comes from rounding alone, however much the optimizer makes of it.
            scores = self.seen.get(REWARD, [])
            same = f", always {scores[0]:g}" if scores and flat(scores) else ""
            return f"all replies to the same prompt scored alike in every step{same}"
        if gradients and not any(gradients):
            return "no step had a gradient"
        return None if changed else "no trained weight has changed"

    def verdict(self) -> list[str]:
        """Say at the end what people should know of what was learned."""
        lines = list(self._standstill())
        if trend := self._trend():
            lines.append(trend)
        if (share := self._share(SAME_SCORE_SHARE)) is not None and share >= MAX_SAME_SCORE_SHARE:
            lines.append(
                f"In {share:.0%} of the groups all replies scored alike: nothing was learned "
                "from them."
            )
        if (share := self._share(CUT_SHARE)) is not None and share >= MAX_CUT_SHARE:
            lines.append(f"{share:.0%} of the replies were cut{self._limit()} before they ended.")
        return lines

    def _warnings(self) -> list[str]:
        found = list(self._standstill())
        gradients = self.seen.get(GRADIENT, [])
        alike, cut = self._share(SAME_SCORE_SHARE), self._share(CUT_SHARE)
        reports = len(self.seen.get(SAME_SCORE_SHARE, []))
        if alike is not None and reports >= PATIENCE and alike >= MAX_SAME_SCORE_SHARE:
            found.append(
                f"Replies to the same prompt score alike: in {alike:.0%} of the groups so far. "
                "Nothing is learned from those."
            )
        elif len(gradients) >= PATIENCE and not any(gradients):
            found.append(f"No gradient: none of {len(gradients)} reports had one so far.")
        if cut is not None and reports >= PATIENCE and cut >= MAX_CUT_SHARE:
            found.append(
                f"Replies are cut{self._limit()}: {cut:.0%} so far, before they ended. "
                "Raise --max-response-length."
            )
        if len(self.seen.get(LOSS, [])) >= EARLY_TREND_REPORTS and (trend := self._trend()):
            found.append(trend)
        return found

    def _standstill(self) -> Iterator[str]:
        """Yield that the last reports had no usable number, or always the same loss or reward."""
        for name, reports in self.unusable.items():
            if reports >= PATIENCE:
                yield f"Not a finite number: {name} of the last {reports} reports."
        # Where replies are sampled and scored, a loss of about zero is the usual one.
        name = REWARD if REWARD in self.seen else LOSS
        last = self.seen.get(name, [])[-PATIENCE:]
        alike = self._share(SAME_SCORE_SHARE) or 0.0
        if len(last) < PATIENCE or not flat(last) or alike >= MAX_SAME_SCORE_SHARE:
            return
        if flat([*last, 0.0]):
            yield f"Zero {name}: in the last {PATIENCE} reports. Nothing more is learned from it."
        else:
            yield f"Flat {name}: {last[-1]:.4g} in the last {PATIENCE} reports."

    def _limit(self) -> str:
        return f" at {self.reply_limit} tokens" if self.reply_limit else ""

    def _share(self, name: str) -> float | None:
        values = self.seen.get(name)
        return statistics.fmean(values) if values else None

    def _trend(self) -> str | None:
        """Say that reward or loss did not change for the better; ``None`` where it did.

        Nothing is said, either, where too little is known.
        """
        scored = REWARD in self.seen
        values = self.seen.get(REWARD if scored else LOSS, [])
        if len(values) < TREND_REPORTS or (not scored and flat(values[-PATIENCE:])):
            return None
        third = len(values) // 3
        (first, spread), (last, other) = mean_of(values[:third]), mean_of(values[-third:])
        change = f"{last:.3g} ± {STANDARD_ERRORS * other:.2g} in the last {third} reports."
        if not scored and min(values[-third:]) > CLEAR * values[0]:
            return f"The loss rose: {values[0]:.3g} in the first report, {change}"
        better = last - first if scored else first - last
        fell = not scored and last * CLEAR < first  # so steeply that the first ones differ most
        if fell or better > STANDARD_ERRORS * math.hypot(spread, other):
            return None
        sign = "The reward shows no rise" if scored else "The loss shows no fall"
        start = f"{first:.3g} ± {STANDARD_ERRORS * spread:.2g} in the first {third} reports"
        return f"{sign}: {start}, {change}"


def flat(values: Sequence[float]) -> bool:
    """Return whether values differ by no more than rounding."""
    return math.isclose(min(values), max(values), rel_tol=1e-5, abs_tol=1e-9)


def mean_of(values: Sequence[float]) -> tuple[float, float]:
    """The mean of some values and its standard error."""
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return statistics.fmean(values), error


def refuse_nothing(reason: str | None) -> None:
    """Fail a job that learned nothing at all.

    Args:
        reason: why, in words that follow a colon; ``None`` where something was learned.

    Raises:
        JobError: nothing was.
    """
    if reason is None:
        return
    scored = "scored" in reason
    raise JobError(
        f"Nothing was learned: {reason}. No output is kept.",
        hint=(
            "let the evaluator tell replies apart, or start from a model that sometimes succeeds"
            if scored
            else "raise --learning-rate or --epochs, and look at the rows with: mlcc check"
        ),
    )


def weights_mark(model: Any) -> list[int]:
    """Sum up the bits of every trained weight: equal marks, equal weights."""
    import torch

    whole = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    with torch.no_grad():
        return [
            int(weight.detach().view(whole[weight.element_size()]).sum(dtype=torch.int64))
            for weight in model.parameters()
            if weight.requires_grad
        ]
