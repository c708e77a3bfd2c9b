"""Imports of plugins, which every command pays for."""

from __future__ import annotations

import inspect

import pytest

from mlcc_core.testing.imports import heavy_imports, measure_import

SECONDS = 1.0
"""Seconds that importing a plugin may take beyond mlcc itself; most take a hundredth of that."""

TRIES = 3
"""Imports that are measured where the first one is slow: the machine may be busy."""


def check_import(plugin: object) -> None:
    """Check that the module of a plugin is imported quickly and in silence."""
    module = type(plugin).__module__
    if inspect.getmodule(type(plugin)) is None or module.startswith(("test", "__main__")):
        pytest.skip("the plugin is defined in a test")
    assert not heavy_imports(f"import {module}")
    for _ in range(TRIES):
        measured = measure_import(module)
        assert not measured.printed, f"importing {module} prints: {measured.printed!r}"
        if measured.seconds < SECONDS:
            return
    assert measured.seconds < SECONDS, f"importing {module} takes {measured.seconds:.1f} seconds"
