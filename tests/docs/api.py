"""``docs/api.md``: every public name with its members. ``python -m tests.docs.api`` writes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
MODULES = (
    "mlcc_core",
    "mlcc_core.helpers",
    "mlcc_core.helpers.http",
    "mlcc_core.helpers.splits",
    "mlcc_core.testing.contracts",
)
BEGIN = """# Public names

Everything that plugins, notebooks and scripts may rely on. Within a major version of the plugin
contract (`mlcc_core.API_VERSION`), names and members on this page stay; new ones have defaults.
Anything else may change at any time. The documents that `--json` prints have JSON Schemas in
[schemas/](schemas); within a `schema_version`, fields are only added. A test compares this page
with the code; `python -m tests.docs.api` writes it anew.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([BEGIN, *(line for module in MODULES for line in section(module))])


def section(module: str) -> Iterator[str]:
    """Yield the lines about one module."""
    yield f"## `{module}`"
    yield ""
    found = import_module(module)
    for name in found.__all__:
        yield from entry(name, getattr(found, name))
    yield ""


def entry(name: str, value: Any) -> Iterator[str]:
    """Yield the lines about one name: its signature, its purpose, its members."""
    if inspect.isclass(value):
        yield f"- **`{name}`** (class): {purpose(value)}"
        yield from (f"  - `{member}`" for member in sorted(members(value)))
    elif get_origin(value) is Literal:
        yield f"- **`{name}`**: one of {', '.join(f'`{choice}`' for choice in get_args(value))}"
    elif callable(value):
        yield f"- **`{name}{signature(value)}`**: {purpose(value)}"
    else:
        yield f"- **`{name}`** (value of type `{type(value).__name__}`)"


def purpose(value: Any) -> str:
    """Return the first paragraph of a docstring."""
    return " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())


def members(value: type) -> Iterator[str]:
    """Yield the public members that a class of ours has, inherited ones included."""
    homes = [cls for cls in value.__mro__ if cls.__module__.startswith("mlcc_core")]
    seen: set[str] = set()
    for cls in homes:
        for name in (*vars(cls), *inspect.get_annotations(cls)):
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            member = inspect.getattr_static(value, name, None)
            if isinstance(member, (staticmethod, classmethod)):
                member = member.__func__
            yield f"{name}{signature(member)}" if inspect.isroutine(member) else name


def signature(value: Any) -> str:
    """Return the parameters and the answer of a callable."""
    try:
        shown = str(inspect.signature(value)).replace("'", "")
    except (TypeError, ValueError):
        return "(...)"
    return re.sub(r"<function .*? at 0x[0-9a-f]+>", "...", shown)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
