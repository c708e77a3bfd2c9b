"""Questions that every plugin is asked once, when all are loaded.

A plugin that fails to answer stays in use, and is named in the warnings: one plugin's fault takes
down no command of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from mlcc_core.contract.options import EvaluatorArg
from mlcc_core.errors import MlccError
from mlcc_core.loader.bound_hooks import BoundTechnique, Callers
from mlcc_core.loader.guard.answers import wrong

CATALOG_HOOK = "mlcc_catalog_files"


@dataclass
class FirstAnswers:
    """The answers of the plugins.

    Attributes:
        evaluators: that each technique takes, by its name; none of one that failed to say.
        catalog_files: in the order of the plugins' names.
        failures: by the name that a plugin is registered under (``technique:kto``).
    """

    evaluators: dict[str, tuple[EvaluatorArg, ...]] = field(default_factory=dict)
    catalog_files: list[Path] = field(default_factory=list)
    failures: dict[str, MlccError] = field(default_factory=dict)


def ask_all(calls: Callers, techniques: Mapping[str, BoundTechnique]) -> FirstAnswers:
    """Ask every technique for its evaluators, and every plugin for its catalog files."""
    answers = FirstAnswers()
    for name, technique in techniques.items():
        try:
            answers.evaluators[name] = technique.evaluator_args()
        except MlccError as error:
            answers.evaluators[name] = ()
            answers.failures[f"technique:{name}"] = error
    for name in calls.hooks.answering(CATALOG_HOOK):
        try:
            answers.catalog_files += _catalog_files(calls, name)
        except MlccError as error:
            answers.failures[name] = error
    return answers


def _catalog_files(calls: Callers, name: str) -> Iterable[Path]:
    owner, given = calls.ask(name, CATALOG_HOOK)
    for answer in given:
        why = wrong(answer, Sequence[str | Path])
        if why is not None:
            raise owner.wrong_answer(CATALOG_HOOK, why)
        yield from (Path(path) for path in cast("Sequence[str | Path]", answer))
