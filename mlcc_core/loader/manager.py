"""Plugins found, checked and named. There is no global manager: :func:`build_manager` makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlcc_core.contract.platform import Platform
from mlcc_core.contract.source import Source
from mlcc_core.contract.technique import Technique
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.loader.bound_hooks import BoundTechnique, each_answer, send_event
from mlcc_core.loader.entry_points import (
    Disabled,
    Loaded,
    Origin,
    PluginRecord,
    load_entry_points,
    refusal,
)
from mlcc_core.loader.registration import Registry

if TYPE_CHECKING:
    from mlcc_core.contract.job import Job, Output, Progress

N = TypeVar("N", Technique, Source, Platform)


class Plugins:
    """The plugins of one run: objects by name, hooks, and where each came from.

    Attributes:
        techniques, sources, platforms: by name, sorted.
        records: every plugin that was found, in whatever state, by kind and name.
        warnings: a line for each plugin that is broken, and for each name in
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
        self.techniques = registry.techniques
        self.sources = registry.sources
        self.platforms = registry.platforms
        self.records = sorted((*registry.records, *left_out), key=lambda r: (r.kind, r.name))
        self.warnings = [
            f"Plugin {record.name} ({record.origin}) is left out: {record.reason}"
            for record in self.records
            if record.state == "broken"
        ] + disabled.unknown(self.records)
        self._hooks = registry.hooks
        self._origins = registry.origins

    # --- lookup ----------------------------------------------------------------------------

    def technique(self, name: str) -> BoundTechnique:
        """Return the technique of that name, its hooks bound to it.

        Raises:
            MlccError: there is none; close matches and all names are listed.
        """
        technique = self._find("technique", self.techniques, name, "--technique")
        return BoundTechnique(self._hooks, technique, self._provenance("technique", name))

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
                hint=f"pass --platform with one of: {', '.join(self.platforms)}",
            )
        return defaults[0]

    def source_for(self, uri: str) -> Source:
        """Return the source that answers the scheme of ``uri``.

        Raises:
            MlccError: no installed source does; the forms of all of them are listed.
        """
        scheme = uri.partition("://")[0] if "://" in uri else ""
        for source in self.sources.values():
            if scheme.lower() in source.schemes:
                return source
        schemes = [s for source in self.sources.values() for s in source.schemes if s]
        error = unknown_name("dataset scheme", scheme, schemes, where="--dataset")
        forms = [f"  {source.uri_help}" for source in self.sources.values()]
        absent = [
            f"Plugin {r.name} is {r.state}: {r.reason}" for r in self.records if r.state != "ok"
        ]
        raise MlccError(
            error.what,
            where=error.where,
            detail=("Datasets come from:", *forms, *absent),
            hint="mlcc plugins",
        )

    def catalog_files(self) -> list[Path]:
        """Catalog files that plugins bring, in the order of the plugins' names.

        Raises:
            PluginError: a plugin fails to say, or answers with something else than paths.
        """
        files: list[Path] = []
        for name, answer in each_answer(self._hooks, "mlcc_catalog_files"):
            if isinstance(answer, str) or not isinstance(answer, Sequence):
                raise refusal(
                    self._origins[name],
                    f"mlcc_catalog_files returned {type(answer).__name__}, expected paths",
                )
            files.extend(Path(path) for path in answer)
        return files

    # --- events ----------------------------------------------------------------------------

    def job_submitted(self, job: Job, report: Callable[[str], None]) -> None:
        send_event(self._hooks, report, "mlcc_job_submitted", job=job)

    def job_progress(self, job: Job, progress: Progress, report: Callable[[str], None]) -> None:
        send_event(self._hooks, report, "mlcc_job_progress", job=job, progress=progress)

    def job_finished(self, job: Job, output: Output | None, report: Callable[[str], None]) -> None:
        send_event(self._hooks, report, "mlcc_job_finished", job=job, output=output)

    def _find(self, kind: str, plugins: Mapping[str, N], name: str, flag: str) -> N:
        if name in plugins:
            return plugins[name]
        kinds = (kind, "?")
        broken = next(
            (
                r
                for r in self.records
                if (r.name, r.state != "ok") == (name, True) and r.kind in kinds
            ),
            None,
        )
        if broken is not None:
            raise MlccError(
                f"The {kind} {name!r} is {broken.state}: {broken.reason}.",
                where=flag,
                hint="mlcc plugins",
            )
        raise unknown_name(kind, name, plugins, where=flag, hint="mlcc plugins")

    def _provenance(self, kind: str, name: str) -> str:
        return f"{kind} {name} ({self._origins[f'{kind}:{name}']})"


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
        loaded, left_out = load_entry_points(disabled)
    else:
        loaded = [
            Loaded(plugin, Origin("", type(plugin).__name__, "given in code", ""))
            for plugin in plugins
        ]
        left_out = []
    return Plugins(loaded, disabled, left_out)
