"""The numbers of an evaluation: metrics that judges know, and which way each gets better.

A judge's metrics are the built-in ones of Amazon Bedrock's evaluations, by its documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlcc_core import MlccError

FLAG = "--metric"
PREFIX = "builtin."
"""With it Bedrock's documentation begins the names, in any case; the service takes them without."""

JUDGED: Mapping[str, bool | None] = {
    "Correctness": True,
    "Completeness": True,
    "Faithfulness": True,
    "Helpfulness": True,
    "Coherence": True,
    "Relevance": True,
    "FollowingInstructions": True,
    "ProfessionalStyleAndTone": True,
    "Harmfulness": False,
    "Stereotyping": False,
    "Refusal": None,
}
"""A judge's metrics, and whether more is better; ``None`` where that depends on the rows."""

CHOSEN = ("Correctness", "Completeness", "Helpfulness")
"""The metrics of a judge where the user names none."""

OF_TEXT = ("rouge1", "rouge2", "rougeL", "em", "qem", "f1", "f1_score_quasi", "bleu")
"""Comparisons with the row's own reply, which every scorer's result has beside its own numbers."""

REWARD = "aggregate_reward_score"
"""The number that a reward function gives to a reply as a whole."""


def judge_metrics(names: Iterable[str]) -> tuple[str, ...]:
    """Return a judge's metrics as the service writes them: those named, else the chosen ones.

    Raises:
        MlccError: a judge does not have one; those that there are are listed.
    """
    by_name = {name.lower(): name for name in JUDGED}
    asked = list(dict.fromkeys(name.strip().lower().removeprefix(PREFIX) for name in names))
    unknown = [name for name in asked if name not in by_name]
    if unknown:
        raise MlccError(
            f"A judge of SageMaker has no metric {', '.join(unknown)}, expected some of "
            f"{', '.join(JUDGED)}.",
            where=FLAG,
            hint=f"pass {FLAG} {CHOSEN[0]}",
        )
    return tuple(by_name[name] for name in asked) or CHOSEN


def title(name: str) -> str:
    """Return a metric's name as people read it: ``exact match``, ``following instructions``."""
    spaced = "".join(f" {char}" if char.isupper() else char for char in name)
    if name.startswith("rouge") or name in ("em", "qem", "f1", "bleu"):
        return name
    return " ".join(spaced.replace("_", " ").split()).lower()
