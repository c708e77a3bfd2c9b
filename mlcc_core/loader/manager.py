"""Plugins found, checked and named. There is no global manager: :func:`build_manager` makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlcc_core.contract.metric import Metric, contract_of
from mlcc_core.contract.model_hub import ModelHub
from mlcc_core.contract.options import Option
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.source import Source
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.contract.version import stated_version
from mlcc_core.errors import MlccError
from mlcc_core.loader.bound_hooks import BoundTechnique, Callers
from mlcc_core.loader.callbacks import factories
from mlcc_core.loader.commands import command_records
from mlcc_core.loader.entry_points import (
    Disabled,
    Loaded,
    Origin,
    PluginRecord,
    load_entry_points,
)
from mlcc_core.loader.first_answers import ask_all
from mlcc_core.loader.flags import check_deploy_flags, check_flags, declared_flags
from mlcc_core.loader.guard.objects import guarded
from mlcc_core.loader.lookup.by_address import find_source
from mlcc_core.loader.lookup.by_name import find_plugin, names_of
from mlcc_core.loader.registration import Registry

if TYPE_CHECKING:
    from mlcc_core.contract.evaluation import Evaluation
    from mlcc_core.contract.job import Job, JobState, Output, Progress
    from mlcc_core.contract.platform.values import Context

N = TypeVar("N", Technique, Source, Platform, Metric)


class Plugins:
    """The plugins of one run: objects by name, hooks, and where each came from.

    Attributes:
        techniques, sources, platforms, metrics, model_hubs: by name, sorted; methods of all but
            techniques, and of their parts, are called with care: see :mod:`mlcc_core.loader.guard`.
        training_callbacks: import strings for the processes of jobs.
        records: every plugin that was found, in whatever state, by kind and name.
        evaluators: that each technique takes, by its name; none of one that fails to say.
        run_options: flags of ``tune`` and ``evaluate`` for events, by the name of the plugin.
        warnings: a line for each plugin that is broken or fails to answer, and for each name in
            ``MLCC_DISABLE_PLUGINS`` that no plugin has.
    """

    def __init__(
        self,
        loaded: Iterable[Loaded],
        disabled: Disabled,
        left_out: Iterable[PluginRecord] = (),
    ) -> None:
        registry = Registry(disabled)
        for item in loaded:
            registry.add(item)
        registry.finish()
        calls = Callers(registry.hooks, registry.origins, registry.blame)
        self.techniques = registry.techniques
        self.sources = {
            name: guarded(source, Source, calls.owner(f"source:{name}", source.credential))
            for name, source in registry.sources.items()
        }
        self.platforms = {
            name: guarded(platform, Platform, calls.owner(f"platform:{name}", needed=True))
            for name, platform in registry.platforms.items()
        }
        self.metrics = {
            name: guarded(metric, contract_of(metric), calls.owner(f"metric:{name}"))
            for name, metric in registry.metrics.items()
        }
        self.model_hubs = {
            name: guarded(hub, ModelHub, calls.owner(f"model_hub:{name}"))
            for name, hub in registry.model_hubs.items()
        }
        self.training_callbacks = factories(registry.hooks, registry.origins)
        self._stated = {name: stated_version(plugin) for name, plugin in registry.objects().items()}
        bound = {name: BoundTechnique(calls, plugin) for name, plugin in self.techniques.items()}
        answers = ask_all(calls, bound)
        self.evaluators = answers.evaluators
        self.run_options = {
            name.partition(":")[2]: options for name, options in answers.run_options.items()
        }
        self._calls, self._bound, self._catalog_files = calls, bound, answers.catalog_files
        check_flags(declared_flags(self._options(answers.run_options), registry.origins))
        check_deploy_flags(self.platforms, registry.origins)
        records = [*(_judged(r, answers.failures) for r in registry.records), *left_out]
        self.records = sorted(records, key=lambda r: (r.kind, r.name))
        self.warnings = [
            *(
                f"Plugin {record.name} ({record.origin}) is left out: {record.reason}"
                for record in self.records
                if record.state == "broken"
            ),
            *dict.fromkeys(error.what for error in answers.failures.values()),
            *registry.deprecations,
            *disabled.unknown(self.records),
        ]

    def _options(
        self, of_events: Mapping[str, Sequence[Option]]
    ) -> dict[str, list[tuple[str, Option]]]:
        """Return the role and the option of each flag, by the name of the plugin's registration."""
        found = {name: [("event", o) for o in options] for name, options in of_events.items()}
        for name, technique in self.techniques.items():
            own = [("hyperparameter", option) for option in technique.options]
            arguments = [("evaluator", given.option) for given in self.evaluators[name]]
            found.setdefault(f"technique:{name}", []).extend((*own, *arguments))
        for name, platform in self.platforms.items():
            options = [("platform", option) for option in platform.options]
            found.setdefault(f"platform:{name}", []).extend(options)
        return found

    # --- lookup ----------------------------------------------------------------------------

    def technique(self, name: str, mend: Callable[[str], str] | None = None) -> BoundTechnique:
        """Return the technique of that name, its hooks bound to it.

        Args:
            name: as it was given.
            mend: gives the command with the name that was meant, for the error.

        Raises:
            MlccError: there is none; what was meant and all names are listed.
        """
        meant = self.techniques_called(name)
        self._find("technique", self.techniques, name, "--technique", meant, mend)
        return self._bound[name]

    def techniques_called(self, name: str) -> list[str]:
        """Return the techniques that other programs call ``name``."""
        return names_of(name, {own: each.also for own, each in self.techniques.items()})

    def platform(self, name: str | None) -> Platform:
        """Return the platform of that name; without a name, the default one.

        Raises:
            MlccError: there is none of that name, or no single default.
        """
        if name is not None:
            return self._find("platform", self.platforms, name, "--platform")
        defaults = [platform for platform in self.platforms.values() if platform.default]
        if len(defaults) != 1:
            raise MlccError(
                f"No platform was named and {len(defaults)} installed platforms are defaults.",
                hint=f"pass --platform {next(iter(self.platforms), 'NAME')}"
                f"   # of: {', '.join(self.platforms)}",
            )
        return defaults[0]

    def metric(self, name: str) -> Metric:
        """Return the metric of that name.

        Raises:
            MlccError: there is none; close matches and all names are listed.
        """
        return self._find("metric", self.metrics, name, "--metric")

    def source_for(self, uri: str) -> Source:
        """Return the source that knows the beginning of ``uri``, else answers its scheme.

        Raises:
            MlccError: no installed source does; the forms of all of them are listed.
        """
        return find_source(self.sources, uri, self.records)

    def versions(self, *plugins: tuple[str, str]) -> dict[str, str]:
        """Return distribution and version of plugins, by kind and name.

        Args:
            plugins: kind and name of each.

        Example:
            >>> plugins.versions(("source", "file"))
            {'source file': 'mlcc 0.1.0'}
        """
        known = {(record.kind, record.name): str(record.origin) for record in self.records}
        return {" ".join(plugin): known[plugin] for plugin in plugins if plugin in known}

    def catalog_files(self) -> list[Path]:
        """Return the catalog files that plugins bring, in the order of the plugins' names."""
        return list(self._catalog_files)

    def stated_version(self, kind: str, name: str) -> object:
        """Return the version of the contract that a plugin states; ``None`` for none."""
        return self._stated.get(f"{kind}:{name}")

    # --- events ----------------------------------------------------------------------------

    def check_run(self, context: Context) -> None:
        """Have plugins refuse a run before anything is done for it.

        Raises:
            MlccError: one does.
            PluginError: one fails.
        """
        for name in self._calls.hooks.answering("mlcc_check_run"):
            self._calls.ask(name, "mlcc_check_run", context=context)

    def job_submitted(self, job: Job, context: Context, report: Callable[[str], None]) -> None:
        self._calls.send_event(report, "mlcc_job_submitted", job=job, context=context)

    def job_progress(
        self, job: Job, progress: Progress, context: Context, report: Callable[[str], None]
    ) -> None:
        values = {"job": job, "progress": progress, "context": context}
        self._calls.send_event(report, "mlcc_job_progress", **values)

    def job_finished(
        self,
        job: Job,
        output: Output | None,
        state: JobState,
        context: Context,
        report: Callable[[str], None],
    ) -> None:
        values = {"job": job, "output": output, "state": state, "context": context}
        self._calls.send_event(report, "mlcc_job_finished", **values)

    def run_evaluated(
        self, evaluation: Evaluation, report: Callable[[str], None], context: Context
    ) -> None:
        values = {"evaluation": evaluation, "context": context}
        self._calls.send_event(report, "mlcc_run_evaluated", **values)

    def _find(
        self,
        kind: str,
        plugins: Mapping[str, N],
        name: str,
        flag: str,
        meant: Sequence[str] = (),
        mend: Callable[[str], str] | None = None,
    ) -> N:
        return find_plugin(kind, plugins, name, flag, self.records, meant=meant, mend=mend)


def _judged(record: PluginRecord, failures: Mapping[str, MlccError]) -> PluginRecord:
    """Return the row of a plugin, which says so where it fails to answer."""
    error = failures.get(f"{record.kind}:{record.name}")
    return record if error is None else replace(record, state="faulty", reason=error.what)


def build_manager(
    plugins: Sequence[object] | None = None, *, disable: str | None = None
) -> Plugins:
    """Load the plugins.

    Args:
        plugins: objects to use in place of the installed entry points (tests pass fakes).
        disable: what to leave out; ``None`` reads ``MLCC_DISABLE_PLUGINS``.

    Raises:
        PluginError: a plugin breaks the contract (a broken import only leaves it out).
    """
    disabled = Disabled(disable)
    if plugins is None:
        loaded, found = load_entry_points(disabled)
        left_out = [*found, *command_records(disabled)]
    else:
        loaded = [
            Loaded(plugin, Origin("", type(plugin).__name__, "given in code", ""))
            for plugin in plugins
        ]
        left_out = []
    return Plugins(loaded, disabled, left_out)
