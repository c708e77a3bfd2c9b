"""Heavy dependencies live in extras: the one that is missing, and the command that brings it."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import Distribution, PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mlcc_core.errors import MlccError

NAME = "mlcc"
ORIGIN = "direct_url.json"
"""The file of an installed distribution that says which folder or address it came from."""


def require_package(module: str, *, purpose: str, install: str | Callable[[], str]) -> None:
    """Check that ``module`` can be imported, without importing it; import it yourself after.

    Args:
        module: a top-level module name.
        purpose: what needs it, for the message ("training on this machine").
        install: the command that brings it, see :func:`mlcc_core.helpers.install_command`; or a
            function that makes it, where the check is made often.

    Raises:
        MlccError: it is not installed.
    """
    if find_spec(module) is None:
        hint = install if isinstance(install, str) else install()
        raise MlccError(f"{purpose} needs the Python package {module!r}.", hint=hint)


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


def install_command(*words: str) -> str:
    """Return the command that installs packages into the environment that runs mlcc.

    An extra of mlcc itself (``mlcc[local]``) is installed from where mlcc came from.

    Args:
        words: of the command after ``install``: requirements, ``-U``.

    Example:
        ``install_command("mlcc[local]")`` is ``pip install 'mlcc[local]'`` where mlcc is a package
        of an index, ``pip install -c /src/mlcc/constraints.txt -e '/src/mlcc[local]'`` where it is
        a checkout. Where ``pip`` on the PATH belongs to another environment, the command begins
        with ``/home/ada/.venv/bin/python -m pip``.
    """
    wanted = [part for word in words for part in _resolved(word)]
    return " ".join((*_installer(), *map(shlex.quote, wanted)))


def _resolved(word: str) -> tuple[str, ...]:
    """Return the words of a requirement; of an extra of mlcc, those that name its origin."""
    if not word.startswith(f"{NAME}["):
        return (word,)
    origin = _origin()
    url = origin.get("url")
    if not isinstance(url, str):
        return (word,)
    parts = urlsplit(url)
    place = Path(url2pathname(parts.path))
    if parts.scheme == "file" and not place.exists():  # moved since
        return (word,)
    if "dir_info" in origin:
        return _of_folder(word, place, origin)
    return (f"{word} @ {_address(url, origin)}",)


def _of_folder(word: str, folder: Path, origin: dict[str, object]) -> tuple[str, ...]:
    """Return the words that install an extra of the mlcc in a folder, with its pins."""
    pins = folder / "constraints.txt"
    kept = ("-c", str(pins)) if pins.is_file() else ()
    information = origin["dir_info"]
    editable = isinstance(information, dict) and information.get("editable") is True
    return (*kept, *(("-e",) if editable else ()), f"{folder}{word.removeprefix(NAME)}")


def _origin() -> dict[str, object]:
    """Return what the installer noted of where mlcc came from; empty for a package index."""
    try:
        document = json.loads(Distribution.from_name(NAME).read_text(ORIGIN) or "{}")
    except (PackageNotFoundError, OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _address(url: str, origin: dict[str, object]) -> str:
    """Return the address of an archive or of a repository, as a requirement has it."""
    source = origin.get("vcs_info")
    if not isinstance(source, dict):
        return url
    commit = source.get("requested_revision") or source.get("commit_id")
    return f"{source.get('vcs', 'git')}+{url}{f'@{commit}' if commit else ''}"


def _installer() -> tuple[str, ...]:
    """Return the first words: those of this environment, whichever is active."""
    if find_spec("pip") is None and shutil.which("uv"):
        return ("uv", "pip", "install", "--python", shlex.quote(sys.executable))
    found = shutil.which("pip")
    here = Path(sys.prefix).resolve()
    if found and Path(found).parent.parent.resolve() == here:
        return ("pip", "install")
    return (shlex.quote(sys.executable), "-m", "pip", "install")
