"""Checks of plugin objects when they are loaded: what the framework relies on.

The contract suites of :mod:`mlcc_core.testing` check what the objects *do*; this is what can be
said of one without calling it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import get_args

from mlcc_core.contract import hookspecs
from mlcc_core.contract.metric import Metric, Need, RowPart
from mlcc_core.contract.model_hub import ModelHub
from mlcc_core.contract.options import EvaluatorKind, Option
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.script.spec import SCRIPT
from mlcc_core.contract.settings import Setting
from mlcc_core.contract.source import Credential, Source
from mlcc_core.contract.technique.schema import ANY_VALUE, Column
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.helpers.names import PLUGIN_NAME

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*\Z")
CORE_VARIABLES = frozenset(("PROJECT_NAME", "PLATFORM", "MODEL_ID", "FRAMEWORK"))

AnyPlugin = Technique | Source | Platform | Metric | ModelHub
PLUGIN_TYPES: Mapping[str, type[AnyPlugin]] = MappingProxyType(
    {
        "technique": Technique,
        "source": Source,
        "platform": Platform,
        "metric": Metric,
        "model_hub": ModelHub,
    }
)

OF_MODULES = tuple(
    name
    for name in sorted(vars(hookspecs))
    if name.startswith("mlcc_") and name not in hookspecs.TECHNIQUE_HOOKS
)
"""Hooks that are called for every run, or list objects."""


def kind_of(plugin: AnyPlugin) -> str:
    """Return ``technique``, ``source``, ``platform``, ``metric`` or ``model_hub``."""
    return next(kind for kind, base in PLUGIN_TYPES.items() if isinstance(plugin, base))


def validate_plugin(plugin: AnyPlugin) -> Iterator[str]:
    """List the faults in the names and settings of ``plugin``, each in a few words."""
    name = getattr(plugin, "name", None)
    if not isinstance(name, str) or not PLUGIN_NAME.match(name):
        yield f"the {kind_of(plugin)}'s name is {name!r}, expected [a-z][a-z0-9_]*"
    if type(plugin).__hash__ is None:
        yield "it is not hashable, as a dataclass with eq=True is not"
    yield from _foreign_hooks(plugin)
    if isinstance(plugin, Technique):
        yield from _technique(plugin)
    elif isinstance(plugin, Source):
        yield from _texts(plugin, "uri_help")
        yield from _all(plugin, "schemes", str)
        yield from _all(plugin, "addresses", str)
        if type(plugin).open is Source.open and type(plugin).rows is Source.rows:
            yield "it has neither open nor rows"
        if not getattr(plugin, "schemes", ()):
            yield "schemes is empty: no URI could be answered"
        yield from _credential(plugin)
        yield from _settings(plugin)
    elif isinstance(plugin, Metric):
        yield from _texts(plugin, "title")
        yield from _some_of(plugin, "needs", get_args(Need))
        yield from _some_of(plugin, "suits", get_args(RowPart))
        yield from _columns(plugin)
        yield from _is(plugin, "rank", int)
    elif isinstance(plugin, ModelHub):
        yield from _texts(plugin, "title")
        yield from _credential(plugin)
    else:
        yield from _platform(plugin)


def _columns(plugin: Metric) -> Iterator[str]:
    """List the faults of the columns that a metric reads: values are handed to it as they are."""
    faults = [*_all(plugin, "columns", Column)]
    yield from faults
    for column in () if faults else plugin.columns:
        strange = [kind for kind in column.types if kind not in ANY_VALUE]
        if strange:
            yield (
                f"column {column.name!r} has the type {strange[0]!r}, expected some of: "
                f"{', '.join(ANY_VALUE)}"
            )


def _foreign_hooks(plugin: AnyPlugin) -> Iterator[str]:
    """Name each hook of an object that mlcc does not call for this object alone.

    Its author would expect to hear of the runs of this object, and would hear of every run.
    """
    kind = kind_of(plugin).replace("_", " ")
    for name in OF_MODULES:
        if inspect.isroutine(getattr(plugin, name, None)):
            yield (
                f"{name} is not called for one {kind} alone, expected a function in a module that "
                "has an entry point of its own"
            )


def _technique(plugin: Technique) -> Iterator[str]:
    if getattr(plugin, "name", None) == SCRIPT:
        yield f"the technique's name is {SCRIPT!r}, which stands for scripts of users"
    yield from _texts(plugin, "title", "use_case")
    yield from _all(plugin, "also", str)
    yield from _all(plugin, "options", Option)
    yield from _is(plugin, "refused_options", Mapping)


def _platform(plugin: Platform) -> Iterator[str]:
    yield from _texts(plugin, "title")
    yield from _all(plugin, "options", Option)
    yield from _all(plugin, "deploy_options", Option)
    yield from _all(plugin, "evaluators", EvaluatorKind)
    yield from _all(plugin, "destinations", str)
    if plugin.trains_any is not None and not PLUGIN_NAME.match(str(plugin.trains_any)):
        yield f"trains_any is {plugin.trains_any!r}, expected the name of a platform"
    yield from _settings(plugin)


def _credential(plugin: Source | ModelHub) -> Iterator[str]:
    if plugin.credential is not None:
        yield from _is(plugin, "credential", Credential)


def _settings(plugin: object) -> Iterator[str]:
    yield from _all(plugin, "settings", Setting)
    declared: object = getattr(plugin, "settings", ())
    given: tuple[object, ...] = declared if isinstance(declared, tuple) else ()
    for setting in (setting for setting in given if isinstance(setting, Setting)):
        if not VARIABLE.match(str(setting.variable)):
            yield f"the setting {setting.variable!r} is not named as in [A-Z][A-Z0-9_]*"
        elif setting.variable in CORE_VARIABLES or setting.variable.startswith("TUNE_"):
            yield f"the setting {setting.variable} is one of mlcc's own variables"
        if not str(setting.help or "").strip() or "\n" in setting.help:
            yield f"the help of {setting.variable} is {setting.help!r}, expected one line"
        texts: dict[str, object] = {"default": setting.default, "example": setting.example}
        for name, text in texts.items():
            if not isinstance(text, str):
                yield f"the {name} of {setting.variable} is {text!r}, expected a text"


def _is(plugin: object, attribute: str, expected: type) -> Iterator[str]:
    value = getattr(plugin, attribute, None)
    if not isinstance(value, expected):
        yield f"{attribute} is {value!r}, expected a {expected.__name__}"


def _some_of(plugin: object, attribute: str, known: tuple[str, ...]) -> Iterator[str]:
    value = getattr(plugin, attribute, None)
    if not isinstance(value, tuple):
        yield f"{attribute} is {value!r}, expected a tuple of some of: {', '.join(known)}"
    elif strange := [item for item in value if item not in known]:
        yield f"{attribute} names {strange[0]!r}, expected some of: {', '.join(known)}"


def _texts(plugin: object, *attributes: str) -> Iterator[str]:
    for attribute in attributes:
        value = getattr(plugin, attribute, None)
        if not isinstance(value, str) or not value.strip():
            yield f"{attribute} is {value!r}, expected a text"


def _all(plugin: object, attribute: str, expected: type) -> Iterator[str]:
    value = getattr(plugin, attribute, None)
    if not isinstance(value, tuple) or not all(isinstance(item, expected) for item in value):
        yield f"{attribute} is {value!r}, expected a tuple of {expected.__name__} objects"
