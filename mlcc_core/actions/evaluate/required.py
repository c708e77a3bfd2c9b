"""The verdict that an evaluation is required to come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlcc_core.actions.evaluate.request import EvaluateRequest, Requirement
from mlcc_core.contract.evaluation import Evaluation, Verdict
from mlcc_core.errors import UnmetError

ENOUGH: Mapping[Requirement, tuple[Verdict, ...]] = {
    "better": ("better",),
    "not-worse": ("better", "no difference shown"),
}
"""Verdicts that meet a requirement; too few rows meet none."""


def unmet(request: EvaluateRequest, evaluations: Iterable[Evaluation]) -> list[UnmetError]:
    """Return an error for each evaluation that did not come to the required verdict."""
    if request.require is None:
        return []
    enough = ENOUGH[request.require]
    errors = []
    for evaluation in evaluations:
        decided = evaluation.deciding
        found = "no verdict" if decided is None or decided.verdict is None else decided.verdict
        if found not in enough:
            by = f" by {decided.title}" if decided is not None else ""
            unsure = decided is not None and decided.interval is None
            errors.append(
                UnmetError(
                    f"{evaluation.target} against {evaluation.against}{by}: {found}, "
                    f"expected {' or '.join(enough)}.",
                    where=f"--require {request.require}",
                    detail=("Nothing tells how sure the difference is.",) if unsure else (),
                )
            )
    return errors
