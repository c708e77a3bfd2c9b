"""Plugins taken in one by one: recognised, checked, named, and refused with their provenance."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import NoReturn

import pluggy

from mlcc_core.contract import hookspecs
from mlcc_core.contract.metric import Metric
from mlcc_core.contract.model_hub import ModelHub
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.source import Source
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.errors import PluginError, VersionMismatch
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.text import one_line
from mlcc_core.loader.entry_points import (
    DISABLE_VARIABLE,
    OWN_DISTRIBUTION,
    Disabled,
    Loaded,
    Origin,
    PluginRecord,
    disable_hint,
    refusal,
)
from mlcc_core.loader.guard.blame import Blame
from mlcc_core.loader.guard.stdout import stdout_to_stderr
from mlcc_core.loader.hook_manager import HookManager
from mlcc_core.loader.plugin_checks import PLUGIN_TYPES, AnyPlugin, kind_of, validate_plugin
from mlcc_core.loader.versions import mismatch

PLUGIN_BASES = tuple(PLUGIN_TYPES.values())
COLLECTED = {f"mlcc_{kind}s": base for kind, base in PLUGIN_TYPES.items()}
HOOK_NAMES = tuple(sorted(name for name in vars(hookspecs) if name.startswith("mlcc_")))


class Registry:
    """The plugins that have been registered so far.

    Attributes:
        techniques, sources, platforms, metrics, model_hubs: by name.
        records: a row for each plugin, in whatever state.
        hooks: the hooks of all of them.
        origins: where each came from, by the name it is registered under (``technique:x``).
        blame: where the code of each lies.
        deprecations: a line for each use of a hook, or of its argument, that will go.
    """

    def __init__(self, disabled: Disabled, hooks: HookManager | None = None) -> None:
        self.techniques: dict[str, Technique] = {}
        self.sources: dict[str, Source] = {}
        self.platforms: dict[str, Platform] = {}
        self.metrics: dict[str, Metric] = {}
        self.model_hubs: dict[str, ModelHub] = {}
        self.records: list[PluginRecord] = []
        self.hooks = hooks or HookManager()
        self.origins: dict[str, Origin] = {}
        self.blame = Blame()
        self.deprecations: list[str] = []
        self._disabled = disabled

    def add(self, item: Loaded) -> None:
        """Take in what one entry point gave: a plugin object, or a module or object with hooks.

        A plugin whose code fails is recorded as broken and left out.

        Raises:
            PluginError: it breaks the contract.
        """
        if inspect.isclass(item.plugin):
            _refuse(item.origin, f"{item.origin.value} is a class, expected an object")
        if why := mismatch(item.plugin):
            self._leave_out(item, why)
            return
        if isinstance(item.plugin, PLUGIN_BASES):
            self._add_plugin(item.plugin, item.origin)
            return
        answers = self._collected(item)
        if answers is None:
            return
        self._add_hooks(item, record=not answers)
        for hook, answer in answers.items():
            for plugin in _checked(item.origin, hook, answer):
                if why := mismatch(plugin):
                    record = PluginRecord(kind_of(plugin), plugin.name, item.origin, "broken", why)
                    self.records.append(record)
                else:
                    self._add_plugin(plugin, item.origin)

    def _collected(self, item: Loaded) -> dict[str, object] | None:
        """Return the answers of a plugin that hands in several, by hook; ``None``: it is left out.

        Raises:
            PluginError: it breaks the contract.
        """
        collectors = _collectors(item.plugin)
        try:
            with stdout_to_stderr():
                return {hook: collect() for hook, collect in collectors.items()}
        except VersionMismatch as error:
            self._leave_out(item, error.what)
        except PluginError as error:
            _refuse(item.origin, error.what)
        except MemoryError:
            raise  # the plugin is not to blame
        except (Exception, SystemExit) as error:
            self._leave_out(item, one_line(error))
        return None

    def _leave_out(self, item: Loaded, why: str) -> None:
        entry = item.origin.entry_point or item.origin.value
        self.records.append(PluginRecord("?", entry, item.origin, "broken", why))

    def finish(self) -> None:
        """Check what can only be checked when all are known, and sort.

        Raises:
            PluginError: a plugin has a hook that does not exist (a typo).
        """
        try:
            self.hooks.check_pending()
        except pluggy.PluginValidationError as error:
            origin = self.origins[self.hooks.get_name(error.plugin) or ""]
            wrong = next((n for n in _routines(error.plugin) if n not in HOOK_NAMES), "?")
            bare = {name.removeprefix("mlcc_"): name for name in HOOK_NAMES}
            close = close_matches(wrong.removeprefix("mlcc_"), bare)
            meant = f"; did you mean {bare[close[0]]}?" if close else ""
            hooks = f"Hooks: {', '.join(HOOK_NAMES)}"
            _refuse(origin, f"there is no hook {wrong}{meant}", detail=(hooks,))
        self.techniques = dict(sorted(self.techniques.items()))
        self.sources = dict(sorted(self.sources.items()))
        self.platforms = dict(sorted(self.platforms.items()))
        self.metrics = dict(sorted(self.metrics.items()))
        self.model_hubs = dict(sorted(self.model_hubs.items()))

    def objects(self) -> dict[str, AnyPlugin]:
        """Return the plugin objects by kind and name: ``technique:x``."""
        kinds: tuple[Mapping[str, AnyPlugin], ...] = (
            *(self.techniques, self.sources, self.platforms, self.metrics, self.model_hubs),
        )
        return {f"{kind_of(p)}:{name}": p for found in kinds for name, p in found.items()}

    def _add_plugin(self, plugin: AnyPlugin, origin: Origin) -> None:
        for breach in validate_plugin(plugin):
            _refuse(origin, breach)
        kind, name = kind_of(plugin), plugin.name
        if self._disabled.plugin(kind, name):
            self.records.append(
                PluginRecord(kind, name, origin, "disabled", f"by {DISABLE_VARIABLE}")
            )
            return
        first = self.origins.get(f"{kind}:{name}")
        self._refuse_duplicate(f"{kind} {name!r}", first, origin, name)
        if isinstance(plugin, Source):
            for other in self.sources.values():
                for scheme in set(other.schemes) & set(plugin.schemes):
                    rival = self.origins[f"source:{other.name}"]
                    self._refuse_duplicate(f"the source of {scheme!r} URIs", rival, origin)
        self._register(plugin, f"{kind}:{name}", origin)
        self.records.append(PluginRecord(kind, name, origin))
        if isinstance(plugin, Technique):
            self.techniques[name] = plugin
        elif isinstance(plugin, Source):
            self.sources[name] = plugin
        elif isinstance(plugin, Metric):
            self.metrics[name] = plugin
        elif isinstance(plugin, ModelHub):
            self.model_hubs[name] = plugin
        else:
            self.platforms[name] = plugin

    def _add_hooks(self, item: Loaded, *, record: bool) -> None:
        origin, plugin = item.origin, item.plugin
        if type(plugin).__hash__ is None:
            _refuse(origin, f"{origin.value} is not hashable, as a dataclass with eq=True is not")
        if not _routines(plugin):
            _refuse(
                origin,
                f"{origin.value} is not a technique, source, platform, metric or model hub "
                f"and has no mlcc_ hook{_hint_at_type(plugin)}",
            )
        name = f"hooks:{origin.entry_point or origin.value}"
        while name in self.origins:
            name += "'"
        if self.hooks.is_registered(plugin):
            _refuse(origin, f"{origin.value} is registered already, under another entry point")
        self._register(plugin, name, origin)
        if record:
            entry = origin.entry_point or origin.value
            self.records.append(PluginRecord("hooks", entry, origin))

    def _register(self, plugin: object, name: str, origin: Origin) -> None:
        self.origins[name] = origin
        self.blame.learn(plugin, origin)
        try:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                self.hooks.register(plugin, name)
        except pluggy.PluginValidationError as error:
            _refuse(origin, " ".join(str(error).split()))
        who = f"Plugin {origin.entry_point or origin.value} ({origin})"
        self.deprecations += [f"{who}: {warning.message}." for warning in told]
        if isinstance(plugin, Technique):
            return
        for hook in hookspecs.TECHNIQUE_HOOKS:
            own = [i for i in getattr(self.hooks.hook, hook).get_hookimpls() if i.plugin is plugin]
            if any(not (impl.wrapper or impl.hookwrapper) for impl in own):
                _refuse(
                    origin,
                    f"{hook} would answer for every technique; "
                    "only @hookimpl(wrapper=True) is allowed outside a technique",
                )

    @staticmethod
    def _refuse_duplicate(
        what: str, first: Origin | None, second: Origin, shared: str | None = None
    ) -> None:
        """Refuse a second provider; the hint leaves out one of both that is not mlcc's own.

        Args:
            what: that both provide.
            first: the provider that is there already.
            second: another one.
            shared: the name of their objects, where it is the same; by it both are left out.
        """
        if first is None:
            return
        guests = [each for each in (second, first) if each.distribution != OWN_DISTRIBUTION]
        both = {shared} | ({first.entry_point} & {second.entry_point})
        alone = [each for each in guests if each.entry_point not in both]
        if alone:
            leave_out = disable_hint(alone[0].entry_point) if alone[0].entry_point else ""
        else:
            leave_out = f"pip uninstall {guests[0].distribution}" if guests else ""
        raise PluginError(
            f"Two plugins provide {what}: {first} ({first.value}) and {second} ({second.value}).",
            hint=leave_out or None,
        )


def _collectors(plugin: object) -> dict[str, Callable[[], object]]:
    """Return the functions of a plugin that return plugin objects, by the hook's name."""
    functions = {hook: getattr(plugin, hook, None) for hook in COLLECTED}
    return {hook: f for hook, f in functions.items() if f is not None and inspect.isroutine(f)}


def _checked(origin: Origin, hook: str, answer: object) -> Sequence[AnyPlugin]:
    base = COLLECTED[hook]
    if not isinstance(answer, (list, tuple)):
        _refuse(origin, f"{hook} returned {type(answer).__name__}, expected a list")
    for plugin in answer:
        if not isinstance(plugin, base):
            found = (
                f"the class {plugin.__name__}" if inspect.isclass(plugin) else type(plugin).__name__
            )
            _refuse(origin, f"{hook} returned {found}, expected {base.__name__} objects")
    return answer


def _routines(plugin: object) -> list[str]:
    return [
        name
        for name in dir(plugin)
        if name.startswith("mlcc_") and inspect.isroutine(getattr(plugin, name, None))
    ]


def _hint_at_type(plugin: object) -> str:
    if not isinstance(plugin, ModuleType):
        return ""
    objects = (n for n, value in vars(plugin).items() if isinstance(value, PLUGIN_BASES))
    found = next(objects, None)
    return f"; did you mean {plugin.__name__}:{found}?" if found else ""


def _refuse(origin: Origin, why: str, detail: Sequence[str] = ()) -> NoReturn:
    raise refusal(origin, why, detail)
