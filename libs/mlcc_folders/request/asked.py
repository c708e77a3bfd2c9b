"""The evaluator and the model that a spec asks for, found on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mlcc_core import Context, EvaluatorKind, MlccError, TrainingSpec
from mlcc_engine.hub.names import SHOWN_DIGITS
from mlcc_engine.model import tiny
from mlcc_folders.evaluator.files import FoundEvaluator, find_evaluator, limits
from mlcc_folders.evaluator.judges import find_judge
from mlcc_folders.model.pinning import commit_in


def model_notes(asked: str, model: str) -> Iterator[str]:
    """Yield what a user should know of the model that is trained."""
    if model == tiny.NAME:
        yield tiny.NOTE
    commit = commit_in(model)
    if commit is not None and commit not in asked:
        yield f"{asked} is taken as it is now on the Hub: commit {commit[:SHOWN_DIGITS]}."


def find_asked_evaluator(spec: TrainingSpec, root: Path) -> FoundEvaluator | None:
    """Find the evaluator of a spec on this machine; nothing of it is run.

    Raises:
        MlccError: it is not there, is not what its kind needs, or no argument takes it.
    """
    if spec.evaluator is None:
        return None
    if spec.evaluator_argument is None:
        raise MlccError(
            f"The recipe of technique {spec.technique!r} for this platform does not say which "
            "argument of the trainer takes the evaluator.",
            hint="mlcc plugins",
        )
    return find_evaluator(spec.evaluator, root)


def evaluator_settings(spec: TrainingSpec, context: Context) -> Mapping[str, object]:
    """Return the settings of the evaluator as the engine takes them: its judge, its limits.

    Raises:
        MlccError: no judge is named, or one that cannot be.
    """
    if spec.evaluator is None:
        return {}
    is_judge = spec.evaluator.kind is EvaluatorKind.PROMPT
    given = spec.evaluator.settings
    judge = find_judge(given, context.root, context.hub_id) if is_judge else {}
    return {**judge, **limits(spec.evaluator)}
