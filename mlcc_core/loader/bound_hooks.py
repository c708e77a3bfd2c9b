"""Typed calls of hooks: one technique's, and events. Hook calls return ``Any``; these do not.

A hook that fails or answers with the wrong type is the plugin's fault and is reported with its
name, its distribution and its version; a wrapper's fault is told as the wrapper's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlcc_core.contract.job import Job, Output
from mlcc_core.contract.options import EvaluatorArg
from mlcc_core.contract.source import Credential
from mlcc_core.contract.technique.recipe import Recipe, Refusal
from mlcc_core.contract.technique.row_rules import KEEP, RowVerdict
from mlcc_core.contract.technique.schema import (
    ANY_FORMAT,
    DatasetSchema,
    FlattenRules,
    TargetModel,
    choose_format,
)
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.errors import MlccError, PluginError
from mlcc_core.loader.entry_points import Origin, disable_hint
from mlcc_core.loader.guard.answers import wrong
from mlcc_core.loader.guard.blame import Blame
from mlcc_core.loader.guard.owner import Owner, is_plugins_fault, watched
from mlcc_core.loader.guard.stdout import stdout_to_stderr
from mlcc_core.loader.hook_manager import HookManager


class Callers:
    """Calls of hooks, each with the plugin that is called.

    Args:
        hooks: of all plugins.
        origins: of each plugin, by the name that it is registered under.
        blame: finds the guilty one.
    """

    def __init__(self, hooks: HookManager, origins: Mapping[str, Origin], blame: Blame) -> None:
        self.hooks = hooks
        self._origins = origins
        self._blame = blame

    def owner(
        self, name: str, credential: Credential | None = None, *, needed: bool = False
    ) -> Owner:
        """Return the plugin that is registered under ``name`` (``technique:kto``)."""
        kind, _, own = name.partition(":")
        label = f"plugin {own}" if kind == "hooks" else f"{kind} {own}"
        return Owner(label, self._origins[name], self._blame, credential, needed=needed)

    def ask(self, name: str, hook: str, **arguments: object) -> tuple[Owner, list[object]]:
        """Ask the plugin that is registered as ``name`` alone; return it with its answers.

        Raises:
            PluginError: it fails.
        """
        owner = self.owner(name)
        with watched(owner, hook):
            answers: list[object] = self.hooks.alone(name, hook)(**arguments)
        return owner, answers

    def send_event(self, report: Callable[[str], None], event: str, **arguments: object) -> None:
        """Send ``event`` to every plugin; one that raises is reported, and stops no other.

        Args:
            report: takes one line about a plugin that raised.
            event: the hook's name.
            **arguments: of the hook.
        """
        for name in self.hooks.answering(event):
            owner = self.owner(name)
            try:
                with stdout_to_stderr():
                    self.hooks.alone(name, event)(**arguments)
            except (Exception, SystemExit) as error:
                report(f"⚠️  {owner.failure(event, error).what}")


class BoundTechnique:
    """One technique's hooks, typed, wrappers included.

    Attributes:
        technique: the plugin object, for its names and options.
        provenance: the technique with the distribution that ships it: "technique sft (mlcc 0.1.0)".
    """

    def __init__(self, callers: Callers, technique: Technique) -> None:
        self._callers = callers
        self._owner = callers.owner(f"technique:{technique.name}")
        self.technique = technique
        self.provenance = f"{self._owner.label} ({self._owner.origin})"

    @property
    def name(self) -> str:
        return self.technique.name

    def dataset_schema(self, model: TargetModel) -> DatasetSchema:
        """Return the schema of the format that the catalog names; of several forms, the first.

        Raises:
            MlccError: the catalog names a format that the technique does not know.
        """
        forms = self.dataset_forms(model)
        named = [form for form in forms if form.format == model.dataset_format]
        if len(forms) > 1 and not named and model.dataset_format != ANY_FORMAT:
            return choose_format(model, *forms)
        return (*named, *forms)[0]

    def dataset_forms(self, model: TargetModel) -> tuple[DatasetSchema, ...]:
        """Return all forms that a dataset may have, the preferred one first."""
        hook = "mlcc_dataset_schema"
        answer = self._ask(hook, DatasetSchema | Sequence[DatasetSchema], model=model)
        if isinstance(answer, DatasetSchema):
            return (answer,)
        if not answer:
            raise self.fault(f"{hook} returned no form")
        forms = tuple(answer)
        names = [form.format for form in forms]
        if len(set(names)) < len(names):
            raise self.fault(f"{hook} returned two forms of one name: {', '.join(names)}")
        return forms

    @property
    def checks_rows(self) -> bool:
        """The technique has a check of rows, so that every row is shown to it."""
        return callable(getattr(self.technique, "mlcc_check_row", None))

    def check_row(self, row: Mapping[str, object], model: TargetModel) -> RowVerdict:
        """Return the technique's verdict on a row; see :attr:`checks_rows`."""
        answer: RowVerdict | None = self._ask(
            "mlcc_check_row", RowVerdict | None, row=row, model=model
        )
        return KEEP if answer is None else answer

    def fault(self, why: str) -> PluginError:
        """Return the error for a breach of the contract: ``mlcc_check_row returned …``."""
        return PluginError(f"{self.provenance}: {why}.", hint=disable_hint(self.name))

    def flatten_rules(self, schema: DatasetSchema) -> FlattenRules:
        answer: FlattenRules = self._ask("mlcc_flatten_rules", FlattenRules, schema=schema)
        return answer

    def evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        answer: tuple[EvaluatorArg, ...] = self._ask(
            "mlcc_evaluator_args", tuple[EvaluatorArg, ...]
        )
        return answer

    def trainer(self, engine: str) -> Recipe | Refusal | None:
        answer: Recipe | Refusal | None = self._ask(
            "mlcc_trainer", Recipe | Refusal | None, engine=engine
        )
        return answer

    def output(self, job: Job) -> Output:
        answer: Output = self._ask("mlcc_output", Output, job=job)
        return answer

    def _ask(self, hook: str, expected: Any, **arguments: Any) -> Any:
        """Call a hook and check its answer.

        Raises:
            PluginError: the technique fails, or a plugin that wraps the hook.
        """
        manager = self._callers.hooks
        try:
            with watched(self._owner, hook):
                answer: object = manager.bound_call(hook, self.technique, **arguments)
        except MlccError as error:
            cause = error.__cause__
            wronged = cause is not None and is_plugins_fault(cause)
            if cause is not None and wronged and self._owner.blame.guilty(cause) is None:
                self._accuse_wrapper(hook, expected, arguments)
            raise
        why = wrong(answer, expected)
        if why is not None:
            self._accuse_wrapper(hook, expected, arguments)
            raise self._owner.wrong_answer(hook, why)
        return answer

    def _accuse_wrapper(self, hook: str, expected: Any, arguments: Mapping[str, Any]) -> None:
        """Raise the error of the wrapper that spoils the hook; nothing where none does.

        pluggy does not say which wrapper returned nothing or yielded twice: the hook is called
        without any, then with one more of them each time, from the innermost.

        Raises:
            PluginError: it names the wrapper's plugin.
        """
        manager = self._callers.hooks
        wrappers = manager.wrappers(hook)
        guilty = self._owner
        for count in range(len(wrappers) + 1 if wrappers else 0):
            if count:
                guilty = self._callers.owner(manager.registered_name(wrappers[count - 1]))
            without = wrappers[count:]
            with watched(guilty, hook):
                answer: object = manager.bound_call(
                    hook, self.technique, without=without, **arguments
                )
            why = wrong(answer, expected)
            if why is not None:
                method = f"its wrapper of {hook}" if count else hook
                raise guilty.wrong_answer(method, why)
