"""Typed calls of hooks: one technique's, and events. Hook calls return ``Any``; these do not.

A hook that fails or answers with the wrong type is the plugin's fault and is reported with its
name, its distribution and its version.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pluggy

from mlcc_core.contract import hookspecs
from mlcc_core.contract.job import Job, Output
from mlcc_core.contract.options import EvaluatorArg
from mlcc_core.contract.technique import DatasetSchema, FlattenRules, Recipe, TargetModel, Technique
from mlcc_core.errors import MlccError, PluginError
from mlcc_core.helpers.text import one_line
from mlcc_core.loader.entry_points import disable_hint

T = TypeVar("T")


class HookManager(pluggy.PluginManager):
    """A pluggy manager that takes every routine named ``mlcc_…`` as an implementation."""

    def __init__(self) -> None:
        super().__init__(hookspecs.PROJECT)
        self.add_hookspecs(hookspecs)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        if not name.startswith("mlcc_") or not inspect.isroutine(getattr(plugin, name, None)):
            return None
        opts = super().parse_hookimpl_opts(plugin, name)
        if opts is None:
            opts = pluggy.HookimplOpts(
                wrapper=False,
                hookwrapper=False,
                optionalhook=False,
                tryfirst=False,
                trylast=False,
                specname=None,
            )
        return opts

    def bound_call(self, hook: str, technique: Technique, **arguments: object) -> Any:
        """Call ``hook`` for ``technique`` alone: its own method, inside everybody's wrappers."""
        others = [
            plugin
            for plugin in self.get_plugins()
            if isinstance(plugin, Technique) and plugin is not technique
        ]
        call = self.subset_hook_caller(hook, remove_plugins=others)
        return call(technique=technique, **arguments)

    def one_by_one(self, hook: str) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Return ``hook`` of each plugin that has it, to be called alone, by plugin."""
        plugins = {
            impl.plugin_name: impl.plugin for impl in getattr(self.hook, hook).get_hookimpls()
        }
        for name, plugin in sorted(plugins.items()):
            others = [other for other in plugins.values() if other is not plugin]
            yield name, self.subset_hook_caller(hook, remove_plugins=others)


class BoundTechnique:
    """One technique's hooks, typed, wrappers included.

    Attributes:
        technique: the plugin object, for its names and options.
        provenance: who ships it ("technique sft (mlcc 0.1.0)"), for messages.
    """

    def __init__(self, hooks: HookManager, technique: Technique, provenance: str) -> None:
        self._hooks = hooks
        self.technique = technique
        self.provenance = provenance

    @property
    def name(self) -> str:
        return self.technique.name

    def dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return self._ask("mlcc_dataset_schema", DatasetSchema, model=model)

    def flatten_rules(self, schema: DatasetSchema) -> FlattenRules:
        return self._ask("mlcc_flatten_rules", FlattenRules, schema=schema)

    def evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        answer = self._ask("mlcc_evaluator_args", tuple)
        for argument in answer:
            self._expect("mlcc_evaluator_args", EvaluatorArg, argument)
        return answer

    def trainer(self, platform: str) -> Recipe | None:
        answer = self._call("mlcc_trainer", platform=platform)
        return None if answer is None else self._expect("mlcc_trainer", Recipe, answer)

    def output(self, job: Job) -> Output:
        return self._ask("mlcc_output", Output, job=job)

    def _ask(self, hook: str, expected: type[T], **arguments: object) -> T:
        return self._expect(hook, expected, self._call(hook, **arguments))

    def _call(self, hook: str, **arguments: object) -> object:
        try:
            answer: object = self._hooks.bound_call(hook, self.technique, **arguments)
        except (MlccError, MemoryError):
            raise  # memory that ran out is not the plugin's fault
        except Exception as error:
            raise PluginError(
                f"{self.provenance} failed in {hook}: {one_line(error)}",
                detail=self._wrappers(hook),
                hint=disable_hint(self.name),
            ) from error
        return answer

    def _expect(self, hook: str, expected: type[T], answer: object) -> T:
        if not isinstance(answer, expected):
            raise PluginError(
                f"{self.provenance}: {hook} returned {type(answer).__name__}, "
                f"expected {expected.__name__}.",
                detail=self._wrappers(hook),
                hint=disable_hint(self.name),
            )
        return answer

    def _wrappers(self, hook: str) -> list[str]:
        """Return lines that name the plugins that wrap ``hook``: the fault may be theirs."""
        impls = getattr(self._hooks.hook, hook).get_hookimpls()
        return [
            f"It is wrapped by plugin {i.plugin_name}." for i in impls if i.wrapper or i.hookwrapper
        ]


def each_answer(hooks: HookManager, hook: str, **arguments: object) -> Iterator[tuple[str, object]]:
    """Yield each plugin's answer to ``hook``, with the name of the plugin.

    Raises:
        PluginError: a plugin fails.
    """
    for name, call in hooks.one_by_one(hook):
        try:
            answers: list[object] = call(**arguments)
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            entry = name.partition(":")[2]
            raise PluginError(
                f"Plugin {entry} failed in {hook}: {one_line(error)}", hint=disable_hint(entry)
            ) from error
        for answer in answers:
            yield name, answer


def send_event(
    hooks: HookManager, report: Callable[[str], None], event: str, **arguments: object
) -> None:
    """Send ``event`` to every plugin; one that raises is reported, and does not stop the others.

    Args:
        hooks: of all plugins.
        report: takes one line about a plugin that raised.
        event: the hook's name.
        **arguments: of the hook.
    """
    for name, call in hooks.one_by_one(event):
        try:
            call(**arguments)
        except (Exception, SystemExit) as error:
            report(f"⚠️  Plugin {name} failed in {event}: {one_line(error)}")
