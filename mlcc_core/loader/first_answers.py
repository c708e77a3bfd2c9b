"""Questions that every plugin is asked once, when all are loaded.

A plugin that fails to answer stays in use, and is named in the warnings: one plugin's fault takes
down no command of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from mlcc_core.contract.options import EvaluatorArg, Option
from mlcc_core.errors import MlccError
from mlcc_core.loader.bound_hooks import BoundTechnique, Callers
from mlcc_core.loader.guard.answers import wrong

CATALOG_HOOK = "mlcc_catalog_files"
OPTIONS_HOOK = "mlcc_run_options"


@dataclass
class FirstAnswers:
    """The answers of the plugins.

    Attributes:
        evaluators: that each technique takes, by its name; none of one that failed to say.
        catalog_files: in the order of the plugins' names.
        run_options: flags of plugins that listen to events, by the name that each is registered
            under (``hooks:tracker``).
        failures: by the name that a plugin is registered under (``technique:kto``).
    """

    evaluators: dict[str, tuple[EvaluatorArg, ...]] = field(default_factory=dict)
    catalog_files: list[Path] = field(default_factory=list)
    run_options: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    failures: dict[str, MlccError] = field(default_factory=dict)


def ask_all(calls: Callers, techniques: Mapping[str, BoundTechnique]) -> FirstAnswers:
    """Ask every technique for its evaluators, every plugin for its catalog files and flags."""
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
    for name in calls.hooks.answering(OPTIONS_HOOK):
        try:
            answers.run_options[name] = tuple(_run_options(calls, name))
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


def _run_options(calls: Callers, name: str) -> Iterable[Option]:
    owner, given = calls.ask(name, OPTIONS_HOOK)
    for answer in given:
        if not isinstance(answer, (list, tuple)):
            raise owner.wrong_answer(OPTIONS_HOOK, f"{type(answer).__name__}, expected a list")
        for option in answer:
            if not isinstance(option, Option):
                found = f"a list that holds {type(option).__name__}, expected Option objects"
                raise owner.wrong_answer(OPTIONS_HOOK, found)
            yield option
