"""Plugins found, checked and named. There is no global manager: :func:`build_manager` makes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import pluggy

from mlcc_core import hookspecs
from mlcc_core.errors import MlccError, PluginError
from mlcc_core.hooks import BoundTechnique, HookManager, disable_hint, send_event
from mlcc_core.loading import Disabled, Loaded, Origin, PluginRecord, load_entry_points
from mlcc_core.names import PLUGIN_NAME, unknown_name
from mlcc_core.platform import Platform
from mlcc_core.source import Source
from mlcc_core.technique import Technique

if TYPE_CHECKING:
    from mlcc_core.job import Job, Output, Progress

N = TypeVar("N", Technique, Source, Platform)
NOUNS: Mapping[str, type[Technique] | type[Source] | type[Platform]] = MappingProxyType(
    {"technique": Technique, "source": Source, "platform": Platform}
)


class Plugins:
    """The plugins of one run: nouns by name, hooks, and where each came from.

    Attributes:
        techniques, sources, platforms: by name, sorted.
        records: every plugin that was found, in whatever state.
    """

    def __init__(self, loaded: Iterable[Loaded], disabled: Disabled) -> None:
        self.techniques: dict[str, Technique] = {}
        self.sources: dict[str, Source] = {}
        self.platforms: dict[str, Platform] = {}
        self.records: list[PluginRecord] = []
        self._hooks = HookManager()
        self._origins: dict[str, Origin] = {}
        for item in loaded:
            self._add(item, disabled)
        self._refuse_unknown_hooks()
        self._sort()

    # --- lookup ----------------------------------------------------------------------------

    def technique(self, name: str) -> BoundTechnique:
        """The technique of that name, its hooks bound to it.

        Raises:
            MlccError: there is none; close matches and all names are listed.
        """
        technique = self._find("technique", self.techniques, name, "--technique")
        return BoundTechnique(self._hooks, technique, self._provenance("technique", name))

    def platform(self, name: str | None) -> Platform:
        """The platform of that name; without a name, the one that says it is the default.

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
        """The source that answers the scheme of ``uri``.

        Raises:
            MlccError: no installed source does; the forms of all of them are listed.
        """
        scheme = uri.partition("://")[0] if "://" in uri else ""
        for source in self.sources.values():
            if scheme.lower() in source.schemes:
                return source
        schemes = [s for source in self.sources.values() for s in source.schemes if s]
        error = unknown_name("dataset scheme", scheme, schemes, where="--dataset")
        forms = (f"  {source.uri_help}" for source in self.sources.values())
        raise MlccError(error.what, where=error.where, detail=("Datasets come from:", *forms))

    def catalog_files(self) -> list[Path]:
        """Catalog files that plugins bring, in the order of their names."""
        files: list[Path] = []
        for answer in reversed(self._hooks.hook.mlcc_catalog_files()):
            files.extend(Path(path) for path in answer)
        return files

    # --- events ----------------------------------------------------------------------------

    def job_submitted(self, job: Job, report: Callable[[str], None]) -> None:
        send_event(self._hooks, report, "mlcc_job_submitted", job=job)

    def job_progress(self, job: Job, progress: Progress, report: Callable[[str], None]) -> None:
        send_event(self._hooks, report, "mlcc_job_progress", job=job, progress=progress)

    def job_finished(self, job: Job, output: Output | None, report: Callable[[str], None]) -> None:
        send_event(self._hooks, report, "mlcc_job_finished", job=job, output=output)

    # --- registration ----------------------------------------------------------------------

    def _add(self, item: Loaded, disabled: Disabled) -> None:
        if inspect.isclass(item.plugin) and issubclass(item.plugin, tuple(NOUNS.values())):
            raise self._broken(item.origin, f"{item.origin.value} is a class, expected an object")
        if isinstance(item.plugin, (Technique, Source, Platform)):
            self._add_noun(item.plugin, item.origin, disabled)
            return
        nouns = self._several(item)
        if not nouns and not any(name.startswith("mlcc_") for name in dir(item.plugin)):
            raise self._broken(
                item.origin,
                f"{item.origin.value} is no technique, source or platform and has no mlcc_ hook",
            )
        name = f"hooks:{item.origin.entry_point or item.origin.value}"
        self._register(item.plugin, name, item.origin)
        if not nouns:
            self.records.append(PluginRecord("hooks", name.partition(":")[2], item.origin))
        for noun in nouns:
            self._add_noun(noun, item.origin, disabled)

    def _several(self, item: Loaded) -> list[Technique | Source | Platform]:
        nouns: list[Technique | Source | Platform] = []
        for kind, base in NOUNS.items():
            hook = f"mlcc_{kind}s"
            collect = getattr(item.plugin, hook, None)
            if collect is None:
                continue
            answer = collect()
            wrong = [noun for noun in answer if not isinstance(noun, base)]
            if wrong:
                raise self._broken(
                    item.origin,
                    f"{hook} returned {type(wrong[0]).__name__}, expected {base.__name__} objects",
                )
            nouns.extend(answer)
        return nouns

    def _add_noun(
        self, noun: Technique | Source | Platform, origin: Origin, disabled: Disabled
    ) -> None:
        kind = next(kind for kind, base in NOUNS.items() if isinstance(noun, base))
        name = getattr(noun, "name", None)
        if not isinstance(name, str) or not PLUGIN_NAME.match(name):
            raise self._broken(origin, f"the {kind}'s name is {name!r}, expected [a-z][a-z0-9_]*")
        if disabled.noun(kind, name):
            self.records.append(PluginRecord(kind, name, origin, "disabled", "by request"))
            return
        first = self._origins.get(f"{kind}:{name}")
        if first is not None:
            raise PluginError(
                f"Two plugins are called {kind} {name!r}: {first} ({first.value}) and "
                f"{origin} ({origin.value}).",
                hint=f"pip uninstall {origin.distribution}",
            )
        self._register(noun, f"{kind}:{name}", origin)
        self._origins[f"{kind}:{name}"] = origin
        self.records.append(PluginRecord(kind, name, origin))
        if isinstance(noun, Technique):
            self.techniques[name] = noun
        elif isinstance(noun, Source):
            self.sources[name] = noun
        else:
            self.platforms[name] = noun

    def _register(self, plugin: object, name: str, origin: Origin) -> None:
        try:
            self._hooks.register(plugin, name)
        except pluggy.PluginValidationError as error:
            raise self._broken(origin, str(error).replace("\n", " ")) from error
        if isinstance(plugin, Technique):
            return
        for caller in self._hooks.get_hookcallers(plugin) or ():
            if caller.name in hookspecs.TECHNIQUE_HOOKS and any(
                impl.plugin is plugin and not (impl.wrapper or impl.hookwrapper)
                for impl in caller.get_hookimpls()
            ):
                raise self._broken(
                    origin,
                    f"{caller.name} would answer for every technique; "
                    "only @hookimpl(wrapper=True) is allowed outside a technique",
                )

    def _refuse_unknown_hooks(self) -> None:
        try:
            self._hooks.check_pending()
        except pluggy.PluginValidationError as error:
            name = self._hooks.get_name(error.plugin) or "?"
            origin = self._origins.get(name)
            known = [n for n in dir(hookspecs) if n.startswith("mlcc_")]
            wrong = [n for n in dir(error.plugin) if n.startswith("mlcc_") and n not in known]
            meant = unknown_name("hook", wrong[0] if wrong else "?", known)
            raise PluginError(
                f"Plugin {name} ({origin or 'unknown origin'}): {meant.what}",
                detail=meant.detail,
                hint=disable_hint(name.partition(":")[2]),
            ) from error

    def _sort(self) -> None:
        self.techniques = dict(sorted(self.techniques.items()))
        self.sources = dict(sorted(self.sources.items()))
        self.platforms = dict(sorted(self.platforms.items()))

    def _find(self, kind: str, nouns: Mapping[str, N], name: str, flag: str) -> N:
        if name in nouns:
            return nouns[name]
        broken = next((r for r in self.records if r.name == name and r.state != "ok"), None)
        if broken is not None:
            raise MlccError(
                f"The {kind} {name!r} is {broken.state}: {broken.reason}",
                where=flag,
                hint="mlcc plugins",
            )
        raise unknown_name(kind, name, nouns, where=flag, hint="mlcc plugins")

    def _provenance(self, kind: str, name: str) -> str:
        return f"{kind} {name} ({self._origins[f'{kind}:{name}']})"

    @staticmethod
    def _broken(origin: Origin, why: str) -> PluginError:
        return PluginError(
            f"Plugin {origin.entry_point or origin.value} ({origin}): {why}.",
            hint=disable_hint(origin.entry_point),
        )


def build_manager(
    plugins: Sequence[object] | None = None, *, disable: str | None = None
) -> Plugins:
    """A fresh set of plugins.

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
    built = Plugins(loaded, disabled)
    built.records.extend(left_out)
    built.records.sort(key=lambda record: (record.kind, record.name))
    return built
