"""Heavy dependencies live in extras; say which one is missing, and how to install it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from mlcc_core.errors import MlccError


def require_package(module: str, *, purpose: str, install: str) -> None:
    """Check that ``module`` can be imported, without importing it; import it yourself after.

    Args:
        module: a top-level module name.
        purpose: what needs it, for the message ("training on this machine").
        install: the command that brings it; see :func:`mlcc_core.helpers.install_command`.

    Raises:
        MlccError: it is not installed.
    """
    if find_spec(module) is None:
        raise MlccError(f"{purpose} needs the Python package {module!r}.", hint=install)


def installed_versions(distributions: Iterable[str]) -> dict[str, str]:
    """Return the versions of those distributions that are installed, without importing them.

    Example:
        >>> installed_versions(["torch", "no-such-thing"])
        {'torch': '2.9.0'}
    """
    found: dict[str, str] = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
