"""Checks of techniques, sources and platforms when they are loaded: what the framework relies on.

The contract suites of :mod:`mlcc_core.testing` check what the objects *do*; this is what can be
said of one without calling it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mlcc_core.contract.options import EvaluatorKind, Option
from mlcc_core.contract.platform import Platform
from mlcc_core.contract.source import Credential, Source
from mlcc_core.contract.technique import Technique
from mlcc_core.helpers.names import PLUGIN_NAME

AnyPlugin = Technique | Source | Platform
PLUGIN_TYPES: Mapping[str, type[Technique] | type[Source] | type[Platform]] = MappingProxyType(
    {"technique": Technique, "source": Source, "platform": Platform}
)


def kind_of(plugin: AnyPlugin) -> str:
    """Return ``technique``, ``source`` or ``platform``."""
    return next(kind for kind, base in PLUGIN_TYPES.items() if isinstance(plugin, base))


def validate_plugin(plugin: AnyPlugin) -> Iterator[str]:
    """List the faults in the names and settings of ``plugin``, each in a few words."""
    name = getattr(plugin, "name", None)
    if not isinstance(name, str) or not PLUGIN_NAME.match(name):
        yield f"the {kind_of(plugin)}'s name is {name!r}, expected [a-z][a-z0-9_]*"
    if type(plugin).__hash__ is None:
        yield "it is not hashable, as a dataclass with eq=True is not"
    if isinstance(plugin, Technique):
        yield from _texts(plugin, "title", "use_case")
        yield from _all(plugin, "options", Option)
        yield from _is(plugin, "refused_options", Mapping)
    elif isinstance(plugin, Source):
        yield from _texts(plugin, "uri_help")
        yield from _all(plugin, "schemes", str)
        if not getattr(plugin, "schemes", ()):
            yield "schemes is empty: no URI could be answered"
        if plugin.credential is not None:
            yield from _is(plugin, "credential", Credential)
    else:
        yield from _texts(plugin, "title")
        yield from _all(plugin, "options", Option)
        yield from _all(plugin, "evaluators", EvaluatorKind)


def _is(plugin: object, attribute: str, expected: type) -> Iterator[str]:
    value = getattr(plugin, attribute, None)
    if not isinstance(value, expected):
        yield f"{attribute} is {value!r}, expected a {expected.__name__}"


def _texts(plugin: object, *attributes: str) -> Iterator[str]:
    for attribute in attributes:
        value = getattr(plugin, attribute, None)
        if not isinstance(value, str) or not value.strip():
            yield f"{attribute} is {value!r}, expected a text"


def _all(plugin: object, attribute: str, expected: type) -> Iterator[str]:
    value = getattr(plugin, attribute, None)
    if not isinstance(value, tuple) or not all(isinstance(item, expected) for item in value):
        yield f"{attribute} is {value!r}, expected a tuple of {expected.__name__} objects"
